/**
 * Reads an e-mail address and says what kind of mailbox it is and which key identifies its owner.
 *
 * The syntax is the common part of RFC 5321 and WHATWG: a dot-atom of at most 64 characters at a
 * host whose suffix is public (or reserved for examples). Quoted and non-ASCII local parts are
 * refused: what forms send in that shape are typing errors. Case never counts, not even in the
 * local part, where the RFC would let it. It does not ask whether the mailbox exists, and guesses
 * no typo ("gmial.com") away.
 */
import { asciiHost, registrableDomain } from './domain'
import { isDisposableDomain, isFreeDomain, isPlusDomain } from './mail-providers'
import { type Normalised, normalised, refused } from './result'
import { isRoleMailbox } from './role-mailboxes'
import { cleanStated } from './text'

/** What kind of provider the mailbox is at; `free` includes access providers and relays. */
export type EmailKind = 'business' | 'free' | 'disposable'

export interface Email {
  /** Lower case, host in punycode. */
  readonly address: string
  /** Equal for two spellings of one mailbox, as far as its provider documents them. */
  readonly key: string
  /** Registrable domain of the host: acme.co.uk for ana@mail.acme.co.uk. */
  readonly domain: string
  readonly kind: EmailKind
  /** A shared mailbox such as info@ or sales@. */
  readonly role: boolean
}

const EXPECTED = 'one e-mail address such as ana@example.com'
/** Leaves room for a display name around the address. */
const INPUT_LENGTH_MAX = 512
const ADDRESS_LENGTH_MAX = 254
const LOCAL_LENGTH_MAX = 64

/** An address as most are written: nothing around it, nothing to clean. */
const BARE = /^[a-z0-9](?:[a-z0-9._+-]*[a-z0-9])?@[a-z0-9.-]*[a-z0-9]$/i

const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/

/** The mailbox; also out of `mailto:` links and `Name <address>`, but only when it is the only one. */
export function normaliseEmail(input: unknown): Normalised<Email> {
  if (typeof input === 'string' && input.length <= ADDRESS_LENGTH_MAX && BARE.test(input))
    return readAddress(input.toLowerCase())
  const text = cleanStated(input, INPUT_LENGTH_MAX, EXPECTED)
  if (!text.ok) return text
  // NFKC, because a Japanese keyboard types ＠ and ．; no ASCII text changes by it.
  return readAddress(unwrap(text.value).normalize('NFKC').toLowerCase())
}

/** Requires lower case. */
function readAddress(bare: string): Normalised<Email> {
  const at = bare.lastIndexOf('@')
  const local = bare.slice(0, Math.max(at, 0))
  const host = asciiHost(bare.slice(at + 1))
  const domain = host === undefined ? undefined : registrableDomain(host)
  if (host === undefined || domain === undefined || !isLocalPart(local)) return refused(EXPECTED)
  if (local.length + 1 + host.length > ADDRESS_LENGTH_MAX) return refused(EXPECTED)

  const address = `${local}@${host}`
  return normalised({
    address,
    key: mailboxKey(address, local, host),
    domain,
    kind: kindOf(host, domain),
    role: isRoleMailbox(withoutTag(local)),
  })
}

function isLocalPart(local: string): boolean {
  return local.length <= LOCAL_LENGTH_MAX && LOCAL.test(local)
}

function unwrap(text: string): string {
  const bracketed = /^[^<>]*<([^<>]*)>[,;.]?$/.exec(text)?.[1] ?? text
  const link = /^ ?mailto:([^?]*)/i.exec(bracketed)
  return (link?.[1] ?? bracketed).trim().replace(/^["'([]+|["')\].,;:]+$/g, '')
}

/** Only spellings that the provider delivers to one mailbox; elsewhere two addresses stay two. */
function mailboxKey(address: string, local: string, host: string): string {
  if (host === 'gmail.com' || host === 'googlemail.com') {
    return `${withoutTag(local).replaceAll('.', '')}@gmail.com`
  }
  return isPlusDomain(host) ? `${withoutTag(local)}@${host}` : address
}

/** "ana+news" is tagged; "+ana" is not, it has nothing before the tag. */
function withoutTag(local: string): string {
  const plus = local.startsWith('+') ? -1 : local.indexOf('+')
  // What stands before "+" must be a local part again, and none ends in a dot.
  return plus === -1 ? local : local.slice(0, plus).replace(/\.$/, '')
}

function kindOf(host: string, domain: string): EmailKind {
  if (isDisposableDomain(host) || isDisposableDomain(domain)) return 'disposable'
  return isFreeDomain(host) || isFreeDomain(domain) ? 'free' : 'business'
}
