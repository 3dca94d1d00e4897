/**
 * The exact keys by which a person and an account are recognised.
 *
 * A strong key names one person by itself (e-mail, id of an outside system). A weak key (phone)
 * may be shared by colleagues and needs the name to agree. Role mailboxes such as info@ are no key.
 */
import type { Lead } from '../lead/lead'
import { normaliseEmail } from '../lead/normalise'

export interface IdentityKey {
  readonly key: string
  readonly strong: boolean
}

/** Keys in the order in which they are believed. */
export function personKeys({ contact, externalIds = {} }: Lead): IdentityKey[] {
  const keys: IdentityKey[] = []
  const mailbox = ownMailbox(contact)
  if (mailbox !== undefined) keys.push({ key: `email:${mailbox}`, strong: true })
  for (const [system, id] of Object.entries(externalIds))
    keys.push({ key: `id:${withoutColon(system)}:${id}`, strong: true })
  if (contact.phone !== undefined) keys.push({ key: `phone:${contact.phone}`, strong: false })
  return keys
}

/** Of an address that a flow put in by itself, without its key, the role is found out here. */
function ownMailbox({ email, emailKey, emailRole }: Lead['contact']): string | undefined {
  if (email === undefined || emailRole === true) return undefined
  if (emailKey !== undefined) return emailKey
  const read = normaliseEmail(email)
  if (!read.ok) return email
  return read.value.role ? undefined : read.value.key
}

/** A shared mailbox is nobody's key, but whoever writes from it can refuse what is sent to it. */
export function roleMailboxKey({ contact }: Lead): string | undefined {
  if (contact.email === undefined || ownMailbox(contact) !== undefined) return undefined
  return `email:${contact.emailKey ?? contact.email}`
}

export function isStrongKey(key: string): boolean {
  return !key.startsWith('phone:')
}

/** A colon in a system's name would let two systems share a key. */
function withoutColon(system: string): string {
  return system.replaceAll('%', '%25').replaceAll(':', '%3A')
}

/** The account's id: from the CRM when it has one, else from the company's own domain. */
export function accountId({ crm, company }: Lead): string | undefined {
  if (crm?.accountId !== undefined) return `crm:${crm.accountId}`
  return company.domain === undefined ? undefined : `domain:${company.domain}`
}
