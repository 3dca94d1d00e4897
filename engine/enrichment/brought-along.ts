/**
 * What a value brings along: an e-mail address its mailbox, kind and domain, a name its key.
 *
 * The fields' own fills say so, as at intake: without its role, info@ would name one person.
 */
import { emptyDraft, fillField, fillName } from '../lead/intake/fields'
import type { Lead } from '../lead/lead'

/** The fields beside `path` that its value fills, by path. */
export function broughtAlong(path: string, value: unknown): Record<string, unknown> {
  const { [path]: _own, ...beside } = filledBy(path, value)
  return beside
}

/** The parts of a name and its key, out of those parts that the contact has. */
export function nameBroughtAlong({ name, firstName, lastName }: Lead['contact']) {
  const draft = emptyDraft()
  fillName(draft, { name, firstName, lastName })
  return byPath('contact', draft.contact)
}

const KEYS: Readonly<Record<string, string>> = {
  'contact.email': 'contact.emailKey',
  'contact.name': 'contact.nameKey',
  'company.name': 'company.nameKey',
}

/** The text on which two values of one field meet: Acme GmbH and ACME are one name. */
export function meetingKey(path: string, value: unknown): string {
  const key = KEYS[path]
  const beside = key === undefined ? undefined : filledBy(path, value)[key]
  return String(beside ?? value).toLowerCase()
}

function filledBy(path: string, value: unknown): Record<string, unknown> {
  const draft = emptyDraft()
  fillField(draft, path, value)
  return { ...byPath('contact', draft.contact), ...byPath('company', draft.company) }
}

function byPath(section: string, fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [`${section}.${key}`, value]),
  )
}
