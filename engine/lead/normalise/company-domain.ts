/**
 * Reads the domain that a company is known by: its own, or the one that a platform gives it alone.
 *
 * Forms really hold "gmail.com" or a page on a social network in their field for a website. Both
 * are shared by strangers and would make one account of them; they say nothing about a company.
 */
import { normaliseDomain } from './domain'
import { isDisposableDomain, isFreeDomain } from './mail-providers'
import { EMPTY, type Normalised } from './result'

/** Sites on which a company has a page behind the slash, and sites that shorten such addresses. */
const PAGES_OF_OTHERS = new Set(
  `facebook.com fb.com fb.me linkedin.com lnkd.in instagram.com twitter.com x.com t.co youtube.com
  youtu.be tiktok.com pinterest.com xing.com vk.com ok.ru t.me wa.me whatsapp.com threads.net
  snapchat.com reddit.com medium.com github.com linktr.ee bit.ly tinyurl.com goo.gl g.page
  yelp.com etsy.com`.split(/\s+/),
)

/** The registrable domain; nothing stated where it is no company's own. */
export function normaliseCompanyDomain(input: unknown): Normalised<string> {
  const domain = normaliseDomain(input)
  return domain.ok && isShared(domain.value) ? EMPTY : domain
}

function isShared(domain: string): boolean {
  return PAGES_OF_OTHERS.has(domain) || isFreeDomain(domain) || isDisposableDomain(domain)
}
