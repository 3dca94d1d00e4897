/**
 * Consent that several say something about: the strictest holds, kind by kind, and an opt-out is
 * never lost. Date and basis are evidence: they stay together, and belong to what holds.
 */
import { copyDefined } from '../defined'
import type { Lead } from './lead'

type Consent = Lead['consent']

/** What a person may refuse. */
export const CONSENT_KINDS = ['optOut', 'marketing', 'email', 'phone'] as const

const REFUSAL = 3
const STRICTNESS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  [true, REFUSAL],
  ['denied', REFUSAL],
  [false, 2],
  ['granted', 2],
  ['unknown', 1],
])
const strictness = (value: unknown) => STRICTNESS.get(value) ?? 0

/** The stricter of two statements about one kind of consent; undefined says nothing. */
export function stricter<T>(a: T, b: T): T {
  return strictness(b) > strictness(a) ? b : a
}

/** The most restrictive of each kind, whichever came first. */
export function mergeConsent(a: Consent, b: Consent): Consent {
  const { at: _at, basis: _basis, ...merged }: Consent = { ...a, ...b }
  for (const kind of CONSENT_KINDS) {
    const value = stricter(a[kind], b[kind])
    if (value !== undefined) Object.assign(merged, { [kind]: value })
  }
  const { at, basis } = proofOf(a, b)
  return copyDefined<Consent>({ at, basis }, merged)
}

/**
 * The side that refuses, or else the one that grants: nobody refused with the date of a consent. Of two
 * refusals it is the earlier one, from which on it was known; of two grants the later.
 */
function proofOf(a: Consent, b: Consent): Consent {
  const [ours, theirs] = [strictest(a), strictest(b)]
  const isOurs = ours === theirs ? isBetter(a, b, ours === REFUSAL) : ours > theirs
  return isOurs ? a : b
}

const strictest = (consent: Consent) =>
  Math.max(...CONSENT_KINDS.map((kind) => strictness(consent[kind])))

/** A total order, so that it does not matter who comes first. What has a date beats what has none. */
function isBetter(a: Consent, b: Consent, earlier: boolean): boolean {
  if (a.at === b.at) return b.basis === undefined || (a.basis ?? LAST) <= b.basis
  if (a.at === undefined || b.at === undefined) return b.at === undefined
  return a.at < b.at === earlier
}

const LAST = '\uffff'
