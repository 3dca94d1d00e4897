/**
 * What a record says about consent, in the words that forms and mail systems have for it.
 *
 * What is stated and cannot be read counts as refused, with a problem for a person: a column
 * `unsubscribed` may hold the date. A stand-in such as "n/a" states nothing.
 */
import type { Lead } from '../lead'
import {
  clean,
  EMPTY,
  type Normalised,
  normaliseBoolean,
  normalised,
  normaliseTimestamp,
  refused,
} from '../normalise'

type Consent = Lead['consent']
type State = NonNullable<Consent['email']>

const IN: ReadonlySet<string> = new Set(['opted in', 'opt in', 'optin', 'subscribed', 'allow'])
const OUT: ReadonlySet<string> = new Set([
  'opted out',
  'opt out',
  'optout',
  'unsubscribed',
  'unsubscribe',
  'do not contact',
  'dnc',
  'do not email',
  'do not call',
  'do not allow',
])
const WORDS_CHARS_MAX = 40

/** `Opted-Out` and `opted_out` are the same words. */
function wordsOf(value: unknown): string {
  const text = clean(value, WORDS_CHARS_MAX)
  return text.ok ? text.value.toLowerCase().replace(/[\s_-]+/g, ' ') : ''
}

/** True where the person may be contacted. */
function readWords(value: unknown): Normalised<boolean> {
  const words = wordsOf(value)
  if (OUT.has(words)) return normalised(false)
  return IN.has(words) ? normalised(true) : normaliseBoolean(value)
}

/** Yes and no, as well as the words themselves. */
export function readConsent(value: unknown): Normalised<State> {
  const words = wordsOf(value)
  if (words === 'granted' || words === 'denied' || words === 'unknown') return normalised(words)
  const result = readWords(value)
  if (result.ok) return normalised(result.value ? 'granted' : 'denied')
  return result.empty ? result : refused('granted, denied, unknown, yes or no; it counts as denied')
}

/** Yes is an opt-out; so is "opted out", and "granted" is neither. */
export function readOptOut(value: unknown): Normalised<boolean> {
  const answer = normaliseBoolean(value)
  if (answer.ok || answer.empty) return answer
  const mayContact = readWords(value)
  return mayContact.ok ? normalised(!mayContact.value) : refused('yes or no; it counts as yes')
}

/** Of a column that is named after a refusal: yes refuses, and no grants nothing. */
export function readRefusal(value: unknown): Normalised<'denied'> {
  return deniedIf(true, readOptOut(value))
}

/** What a consent refuses; what it grants is not heard. */
export function readDenial(value: unknown): Normalised<'denied'> {
  const said = readConsent(value)
  if (!said.ok) return said
  return said.value === 'denied' ? normalised('denied') : EMPTY
}

/** Dynamics answers so; in a form's consent it would be the label of the button, and no consent. */
const SENDS: ReadonlyMap<string, boolean> = new Map([
  ['send', true],
  ['do not send', false],
])

/** Of a column that says whether something may be sent: no refuses, and yes grants nothing. */
export function readAllowance(value: unknown): Normalised<'denied'> {
  const sends = SENDS.get(wordsOf(value))
  if (sends !== undefined) return deniedIf(false, normalised(sends))
  return deniedIf(false, readWords(value))
}

/** Of a column that holds since when something is refused, or nothing. */
export function readRefusedSince(value: unknown): Normalised<'denied'> {
  return normaliseTimestamp(value).ok ? normalised('denied') : readRefusal(value)
}

function deniedIf(refusal: boolean, answer: Normalised<boolean>): Normalised<'denied'> {
  if (answer.ok) return answer.value === refusal ? normalised('denied') : EMPTY
  return answer.empty ? answer : refused('yes or no; it counts as denied')
}

/** Who leaves a list wants no marketing, and may still ask for a demo, and be answered. */
const NO_MARKETING: Consent = { marketing: 'denied' }
const WITHDRAWN: ReadonlyMap<string, Consent> = new Map([
  ...['unsubscribe', 'unsubscribed'].map((type) => [type, NO_MARKETING] as const),
  ...['opt_out', 'optout', 'opted_out', 'do_not_contact'].map(
    (type) => [type, { optOut: true }] as const,
  ),
])

/** What a signal of this type withdraws; undefined: nothing. */
export function withdrawnBy(type: string): Consent | undefined {
  return WITHDRAWN.get(type)
}
