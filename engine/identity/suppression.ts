/**
 * The suppression list: what was refused and no lead bears, under the keys by which it is to be found
 * again. The lead was erased; or a shared mailbox refused, which is nobody's key; or the keys belong
 * to several people, and it holds for all of them. The store keeps the keys as salted hashes only.
 *
 * A strong key stands alone. A phone number is believed together with the name, as in ./match; where a
 * name is missing on either side the refusal holds, since consent wins.
 */
import { CONSENT_KINDS, type Consent, isRefused, mergeConsent } from '../lead/consent'
import type { Lead } from '../lead/lead'
import { type IdentityKey, isStrongKey, personKeys, roleMailboxKey } from './keys'

/** Under what a lead's refusals are kept; `keys` are all that lead to it. */
export function suppressionKeys({ contact }: Lead, keys: readonly string[]): string[] {
  const name = contact.nameKey
  return keys.flatMap((key) =>
    isStrongKey(key) ? [key] : [`${key} ${name ?? NAMELESS}`, `${key} ${ANYBODY}`],
  )
}

/**
 * Under what there is to be found what this lead's own person refused, and nobody else: a number without
 * the name is no one's alone. `keys` are those that lead to it. Only here a refusal is lifted.
 */
export function ownSuppressionKeys({ contact }: Lead, keys: readonly string[]): string[] {
  const name = contact.nameKey
  return keys.flatMap((key) =>
    isStrongKey(key) ? [key] : name === undefined ? [] : [`${key} ${name}`],
  )
}

/** What goes to the list at once. For a shared mailbox, what is about mail: a number has its own key. */
export function suppressionsOf(lead: Lead, isShared: boolean): Suppression[] {
  const refused = refusalsOf(lead.consent)
  if (refused === undefined) return []
  const keys = isShared ? personKeys(lead).map(({ key }) => key) : []
  const own = suppressionKeys(lead, keys).map((key) => ({ key, consent: refused }))
  const mailbox = roleMailboxKey(lead)
  const { phone: _phone, ...mail } = refused
  const about = mailbox === undefined ? undefined : refusalsOf(mail)
  return about === undefined ? own : [...own, { key: mailbox!, consent: about }]
}

export interface Suppression {
  readonly key: string
  readonly consent: Consent
}

/** Under what the refusals of the person behind a new event are looked for. */
export function soughtSuppressions(lead: Lead, keys: readonly IdentityKey[]): string[] {
  const name = lead.contact.nameKey
  const sought = keys.flatMap(({ key, strong }) => {
    if (strong) return [key]
    return name === undefined ? [`${key} ${ANYBODY}`] : [`${key} ${name}`, `${key} ${NAMELESS}`]
  })
  const mailbox = roleMailboxKey(lead)
  return mailbox === undefined ? sought : [...sought, mailbox]
}

/** No name key has two colons. */
const NAMELESS = '::nameless'
const ANYBODY = '::anybody'

/** Only what was refused, and when: what was granted ends with the lead. Undefined: nothing was. */
export function refusalsOf(consent: Consent): Consent | undefined {
  const kinds = CONSENT_KINDS.filter((kind) => isRefused(consent, kind))
  if (kinds.length === 0) return undefined
  const { at, refusedAt } = consent
  const refused: Consent = Object.fromEntries(kinds.map((kind) => [kind, consent[kind]]))
  if (at !== undefined) refused.at = at
  const dated = kinds.filter((kind) => refusedAt?.[kind] !== undefined)
  if (dated.length > 0)
    refused.refusedAt = Object.fromEntries(dated.map((kind) => [kind, refusedAt![kind]]))
  return refused
}

/** What holds with all of them. */
export function withRefusals(consent: Consent, refused: readonly Consent[]): Consent {
  return refused.reduce((merged, one) => mergeConsent(one, merged), consent)
}
