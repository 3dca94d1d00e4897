/**
 * Is this a person we know? Exact keys only: the strong ones decide, a shared phone number needs the
 * same full name, where both have one or both have an address, and keys that point to two different people ask a person.
 */
import type { Lead } from '../lead/lead'
import type { IdentityKey } from './keys'
import { isFullName } from './name-parts'

export type Match =
  | { readonly kind: 'new'; readonly ignored: readonly string[] }
  | {
      readonly kind: 'known'
      readonly leadId: string
      readonly by: readonly string[]
      readonly ignored: readonly string[]
    }
  | {
      readonly kind: 'review'
      readonly candidates: readonly string[]
      readonly by: readonly string[]
    }

/** `linked`: the lead id that each key is linked to; `weakCandidate`: the lead a phone number leads to. */
export function matchPerson(
  lead: Lead,
  keys: readonly IdentityKey[],
  linked: ReadonlyMap<string, string>,
  weakCandidate: Lead | undefined,
): Match {
  if (linked.size === 0) return { kind: 'new', ignored: [] }
  const strong = keys.filter(({ key, strong: isStrong }) => isStrong && linked.has(key))
  const people = [...new Set(strong.map(({ key }) => linked.get(key)!))]
  const weak = keys.find(({ key, strong: isStrong }) => !isStrong && linked.has(key))
  if (people.length > 1)
    return { kind: 'review', candidates: people.sort(), by: strong.map(({ key }) => key) }
  if (people.length === 1) {
    const leadId = people[0]!
    const disagrees = weak !== undefined && linked.get(weak.key) !== leadId
    return {
      kind: 'known',
      leadId,
      by: strong.map(({ key }) => key),
      ignored: disagrees ? [weak.key] : [],
    }
  }
  if (weak === undefined) return { kind: 'new', ignored: [] }
  if (weakCandidate !== undefined && samePerson(lead, weakCandidate)) {
    return { kind: 'known', leadId: linked.get(weak.key)!, by: [weak.key], ignored: [] }
  }
  return { kind: 'new', ignored: [weak.key] }
}

/**
 * One phone number: the same person when the full names agree. A given name alone is no agreement,
 * as a switchboard has many a John behind it; then nothing but a missing address lets them be one.
 */
function samePerson(lead: Lead, other: Lead): boolean {
  const [mine, theirs] = [lead.contact.nameKey, other.contact.nameKey]
  if (mine !== undefined && theirs !== undefined) {
    if (mine !== theirs) return false
    if (isFullName(mine)) return !areTwoColleagues(lead, other)
  }
  return lead.contact.email === undefined || other.contact.email === undefined
}

/** Two business addresses of different people, as far as what stands before the @ tells. */
function areTwoColleagues({ contact: one }: Lead, { contact: other }: Lead): boolean {
  const mine = personalLocalPart(one)
  const theirs = personalLocalPart(other)
  return mine !== undefined && theirs !== undefined && mine !== theirs
}

/** Undefined where the address tells nothing: a private or a shared one may be a second one. */
function personalLocalPart({ email, emailKind, emailRole }: Lead['contact']): string | undefined {
  if (email === undefined || emailKind !== 'business' || emailRole === true) return undefined
  return email.slice(0, email.lastIndexOf('@')).split('+', 1)[0]
}
