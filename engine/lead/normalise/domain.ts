/**
 * Finds the registrable domain (acme.co.uk) in a URL, a host or an e-mail address: the name under
 * which a company is one company, whatever host it uses.
 *
 * Public suffixes decide, private ones included: two shops on myshopify.com are two companies. So do
 * platforms that the list of suffixes does not know, and the reserved names of RFC 2606 (.example,
 * .test, .invalid), so that demo data works. IP addresses and single-label hosts are refused. It looks
 * nothing up on the network.
 */
import { domainToASCII } from 'node:url'
import { parse } from 'tldts'
import { type Normalised, normalised, refused } from './result'
import { cleanStated } from './text'

const LENGTH_MAX = 2048
const EXPECTED = 'a web address or domain such as acme.example'

const HOST_LENGTH_MAX = 253
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const NEEDS_PUNYCODE = /\P{ASCII}|xn--/u
const RESERVED = /(?:^|\.)([^.]+\.(?:example|test|invalid))$/
/** Each customer has a name of their own under these; www is the platform itself. */
const UNDER_PLATFORM =
  /(?:^|\.)((?!www\.)[^.]+\.(?:(?:(?:mail\.)?onmicrosoft|wordpress|weebly|squarespace|tumblr|jimdofree|jimdosite|godaddysites|mystrikingly)\.com|business\.site))$/

const PARSE = {
  allowPrivateDomains: true,
  extractHostname: false,
  mixedInputs: false,
  validateHostname: false,
} as const

/** The registrable domain in lower-case ASCII. */
export function normaliseDomain(input: unknown): Normalised<string> {
  const text = cleanStated(input, LENGTH_MAX, EXPECTED)
  if (!text.ok) return text
  const host = asciiHost(hostOf(text.value))
  const domain = host === undefined ? undefined : registrableDomain(host)
  return domain === undefined ? refused(EXPECTED) : normalised(domain)
}

/** The host in lower-case ASCII without its final dot; undefined when it cannot be a host name. */
export function asciiHost(host: string): string | undefined {
  const bare = host.toLowerCase().replace(/\.$/, '')
  // "%" would be decoded on the way, which no host name needs.
  const ascii = NEEDS_PUNYCODE.test(bare) && !bare.includes('%') ? domainToASCII(bare) : bare
  return ascii.length <= HOST_LENGTH_MAX && HOST.test(ascii) ? ascii : undefined
}

/** The registrable part of an ASCII host; undefined for a bare suffix (co.uk) or an unknown one. */
export function registrableDomain(host: string): string | undefined {
  const named = RESERVED.exec(host) ?? UNDER_PLATFORM.exec(host)
  if (named !== null) return named[1]
  const { domain, publicSuffix, isIcann, isPrivate } = parse(host, PARSE)
  if (isIcann === true) return domain ?? undefined
  if (isPrivate !== true) return undefined
  if (domain !== null && domain !== `www.${publicSuffix}`) return domain
  // The owner of a private suffix is a company too: (www.)github.io is the site of github.io.
  return parse(host, { ...PARSE, allowPrivateDomains: false }).domain ?? undefined
}

/** The usual address of a site: nothing but a host, perhaps with its scheme. */
const SITE = /^(?:https?:\/\/)?([a-z0-9.-]+)\/?$/i

function hostOf(text: string): string {
  const site = SITE.exec(text)
  if (site !== null) return site[1]!
  const bracketed = /<([^<>]*)>$/.exec(text)?.[1] ?? text
  const authority = bracketed
    .replace(/^(?:[a-z][a-z0-9+.-]{0,30}:)?[/\\]{2,}|^mailto:/i, '')
    .split(/[/?#\\]/, 1)[0]!
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  return host.replace(/:\d{0,5}$/, '')
}
