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
  const mailbox = mailboxOf(contact)
  if (mailbox?.isShared === false) keys.push({ key: `email:${mailbox.address}`, strong: true })
  for (const [system, id] of Object.entries(externalIds))
    keys.push({ key: `id:${withoutColon(system)}:${id}`, strong: true })
  if (contact.phone !== undefined) keys.push({ key: `phone:${contact.phone}`, strong: false })
  return keys
}

interface Mailbox {
  readonly address: string
  readonly isShared: boolean
}

/** Of an address that a flow put in by itself, without its key, key and role are found out here. */
function mailboxOf({ email, emailKey, emailRole }: Lead['contact']): Mailbox | undefined {
  if (email === undefined) return undefined
  if (emailKey !== undefined) return { address: emailKey, isShared: emailRole === true }
  const read = normaliseEmail(email)
  if (!read.ok) return { address: email, isShared: emailRole === true }
  return { address: read.value.key, isShared: emailRole === true || read.value.role }
}

/** A shared mailbox is nobody's key, but whoever writes from it can refuse what is sent to it. */
export function roleMailboxKey({ contact }: Lead): string | undefined {
  const mailbox = mailboxOf(contact)
  return mailbox?.isShared ? `email:${mailbox.address}` : undefined
}

export function isStrongKey(key: string): boolean {
  return !key.startsWith('phone:')
}

/** A colon in a system's name would let two systems share a key. */
function withoutColon(system: string): string {
  return system.replaceAll('%', '%25').replaceAll(':', '%3A')
}

/** What a step locks that finds the person, or reads or changes what was refused: a shared mailbox as well. */
export function lockedKeys(lead: Lead): string[] {
  const keys = personKeys(lead).map(({ key }) => key)
  const mailbox = roleMailboxKey(lead)
  return mailbox === undefined ? keys : [...keys, mailbox]
}

/**
 * The key by which a person belongs to an account: the CRM's id of it, else the company's own domain.
 * Which keys are one account: ./accounts.
 */
export function accountKey({ crm, company }: Lead): string | undefined {
  if (crm?.accountId !== undefined) return `crm:${crm.accountId}`
  return company.domain === undefined ? undefined : domainKey(company.domain)
}

export function domainKey(domain: string): string {
  return `domain:${domain}`
}

export function isDomainKey(key: string): boolean {
  return key.startsWith('domain:')
}
