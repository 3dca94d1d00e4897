/**
 * Consent that several say something about: the strictest holds, kind by kind, and an opt-out is
 * never lost. Date and basis are evidence: they stay together, and belong to what holds.
 *
 * One thing lifts a refusal: that the person granted it again later, reported as such with its evidence
 * (engine/steps/opt-in), never a record that says yes. Refusals therefore count from when they were heard of
 * (`refusedAt`), which nobody can date back, and a grant from when it was given (`regranted`). Of both only
 * the later is kept, a tie refuses, and a refusal without a time is one from before times were kept.
 */
import { copyDefined } from '../defined'
import { instantMs } from '../instant'
import { CONSENT_KINDS, type ConsentKind } from './consent-times'
import type { Lead } from './lead'

export { CONSENT_KINDS, type ConsentKind }

export type Consent = Lead['consent']
/** The person's later word on what was refused. */
export type Regrant = NonNullable<NonNullable<Consent['regranted']>[ConsentKind]>

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

export function isRefused(consent: Consent, kind: ConsentKind): boolean {
  return strictness(consent[kind]) === REFUSAL
}

/** Since when it is known that this is refused, epoch ms; -Infinity when it has no time. */
export function refusedMs({ refusedAt }: Consent, kind: ConsentKind): number {
  const at = refusedAt?.[kind]
  return at === undefined ? Number.NEGATIVE_INFINITY : instantMs(at)
}

/** The most restrictive of each kind, whichever came first, but for what was granted again later. */
export function mergeConsent(a: Consent, b: Consent): Consent {
  const {
    at: _at,
    basis: _basis,
    refusedAt: _refused,
    regranted: _regranted,
    ...said
  } = {
    ...a,
    ...b,
  }
  const merged: Consent = said
  for (const kind of CONSENT_KINDS) {
    const value = stricter(a[kind], b[kind])
    if (value !== undefined) Object.assign(merged, { [kind]: value })
  }
  if (hasTimes(a) || hasTimes(b)) for (const kind of CONSENT_KINDS) inTime(merged, a, b, kind)
  const { at, basis } = proofOf(a, b, merged)
  return copyDefined<Consent>({ at, basis }, merged)
}

const hasTimes = ({ refusedAt, regranted }: Consent) =>
  refusedAt !== undefined || regranted !== undefined

/** Of refusal and grant the later; sets it on `merged`, where the stricter of both sides stands. */
function inTime(merged: Consent, a: Consent, b: Consent, kind: ConsentKind): void {
  const sinceMs = Math.max(refusalMs(a, kind), refusalMs(b, kind))
  const grant = laterGrant(grantOf(a, kind), grantOf(b, kind))
  if (grant !== undefined && !(isRefused(merged, kind) && sinceMs >= instantMs(grant.at))) {
    Object.assign(merged, GRANTED[kind])
    merged.regranted = { ...merged.regranted, [kind]: grant }
  } else if (isRefused(merged, kind) && sinceMs > Number.NEGATIVE_INFINITY) {
    const at = refusalMs(a, kind) === sinceMs ? a.refusedAt![kind]! : b.refusedAt![kind]!
    merged.refusedAt = { ...merged.refusedAt, [kind]: at }
  }
}

const refusalMs = (consent: Consent, kind: ConsentKind) =>
  isRefused(consent, kind) ? refusedMs(consent, kind) : Number.NEGATIVE_INFINITY

/** Where a refusal stands beside a grant, somebody who knows no times put it there afterwards. */
const grantOf = (consent: Consent, kind: ConsentKind) =>
  isRefused(consent, kind) ? undefined : consent.regranted?.[kind]

/** A total order, so that it does not matter who comes first. */
function laterGrant(a: Regrant | undefined, b: Regrant | undefined): Regrant | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const byTime = instantMs(a.at) - instantMs(b.at)
  if (byTime !== 0) return byTime > 0 ? a : b
  return JSON.stringify([a.evidence, a.by]) >= JSON.stringify([b.evidence, b.by]) ? a : b
}

const GRANTED: Readonly<Record<ConsentKind, Consent>> = {
  optOut: { optOut: false },
  marketing: { marketing: 'granted' },
  email: { email: 'granted' },
  phone: { phone: 'granted' },
}

/** What is granted again of these, as one side of a merge. */
export function regrants(kinds: readonly ConsentKind[], grant: Regrant): Consent {
  const granted: Consent = { at: grant.at, basis: grant.evidence }
  for (const kind of kinds) {
    Object.assign(granted, GRANTED[kind])
    granted.regranted = { ...granted.regranted, [kind]: grant }
  }
  return granted
}

/**
 * What a record or a message says, as it is to be taken: a refusal without a time counts from `at`, and that
 * a refusal was granted again is believed of nobody. `known` is what is kept already; a refusal that has
 * no time there keeps none.
 */
export function asHeard(said: Consent, at: string, known: Consent = {}): Consent {
  const undated = CONSENT_KINDS.filter(
    (kind) =>
      isRefused(said, kind) &&
      said.refusedAt?.[kind] === undefined &&
      (!isRefused(known, kind) || known.refusedAt?.[kind] !== undefined),
  )
  if (undated.length === 0 && said.regranted === undefined) return said
  const { regranted: _regranted, ...heard } = said
  return undated.length === 0 ? heard : { ...heard, refusedAt: refusalTimes(heard, undated, at) }
}

/**
 * With a time for each refusal: one that has none, from before times were kept, was there when the event of
 * `receivedAt` came, or is as old as it says. A message on its way then does not refuse anew what was granted.
 */
export function withTimes(consent: Consent, receivedAt: string): Consent {
  const undated = CONSENT_KINDS.filter(
    (kind) => isRefused(consent, kind) && consent.refusedAt?.[kind] === undefined,
  )
  if (undated.length === 0) return consent
  const { at = receivedAt } = consent
  const last = instantMs(at) > instantMs(receivedAt) ? at : receivedAt
  return { ...consent, refusedAt: refusalTimes(consent, undated, last) }
}

function refusalTimes({ refusedAt }: Consent, kinds: readonly ConsentKind[], at: string) {
  return { ...refusedAt, ...Object.fromEntries(kinds.map((kind) => [kind, at])) }
}

/**
 * The side that refuses, or else the one that grants: nobody refused with the date of a consent. Of two
 * refusals it is the earlier one, from which on it was known; of two grants the later.
 */
function proofOf(a: Consent, b: Consent, merged: Consent): Consent {
  const [ours, theirs] = [strictest(a, merged), strictest(b, merged)]
  const isOurs = ours === theirs ? isBetter(a, b, ours === REFUSAL) : ours > theirs
  return isOurs ? a : b
}

/** A refusal that was granted again proves nothing any more. */
function strictest(consent: Consent, merged: Consent): number {
  const held = CONSENT_KINDS.filter((kind) => !isRefused(consent, kind) || isRefused(merged, kind))
  return Math.max(0, ...held.map((kind) => strictness(consent[kind])))
}

/** A total order, so that it does not matter who comes first. What has a date beats what has none. */
function isBetter(a: Consent, b: Consent, earlier: boolean): boolean {
  if (a.at === b.at) return b.basis === undefined || (a.basis ?? LAST) <= b.basis
  if (a.at === undefined || b.at === undefined) return b.at === undefined
  return a.at < b.at === earlier
}

const LAST = '\uffff'
