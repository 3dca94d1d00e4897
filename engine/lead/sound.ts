/**
 * A lead as a message carries it, made fit for the steps, which trust its form.
 *
 * A flow's own nodes may write anything into a message. A section or field that does not fit the
 * lead's schema counts as absent, so that one bad value does not cost the lead; what guards a person
 * errs on the safe side: consent that cannot be read counts as refused, provenance as no certainty
 * at all, and of a decision its outcome holds, or else a person decides.
 */
import type { ErrorObject } from 'ajv'
import { compileSchema } from '../artefact'
import { LeadFault } from '../faults'
import { iso } from '../instant'
import { shownScalar } from './intake/problems'
import {
  CLOCK_KINDS,
  CLOCK_STATUSES,
  CONSENT_STATES,
  LEAD_ID_PATTERN,
  type Lead,
  LeadSchema,
  OUTCOMES,
  type Outcome,
} from './lead'
import { isInstantMs, TIME_EXPECTED } from './normalise'

const validate = compileSchema(LeadSchema)
const LEAD_ID = new RegExp(LEAD_ID_PATTERN)
/** Sections that a lead always has; of these only the bad field goes. */
const LASTING = new Set(['contact', 'company', 'source', 'consent', 'attributes', 'provenance'])
const REFUSED = { optOut: true, marketing: 'denied', email: 'denied', phone: 'denied' } as const
const EPOCH = '1970-01-01T00:00:00.000Z'
const NO_CERTAINTY = { source: 'unknown', method: 'derived', confidence: 0, observedAt: EPOCH }
const NO_REASONS = {
  rule: 'unknown',
  why: 'The decision cannot be read',
  factors: [],
  at: EPOCH,
  contract: { name: 'unknown', version: '0.0.0', hash: '' },
}
/** A round mends every problem that is found; what was behind them takes another. */
const ROUNDS_MAX = 3

/** The same lead when nothing is wrong with it. Throws LEAD_MESSAGE_NOT_A_LEAD, with the field, when it is beyond mending. */
export function soundLead(lead: Lead): Lead {
  // Every step asks, so the whole schema is only held against a lead that a glance finds fault with.
  if (looksSound(lead)) return lead
  const problem = identityProblem(lead)
  if (problem !== undefined) throw notALead(problem)
  if (validate(lead)) return lead
  let mended = withEverySection(lead)
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (validate(mended)) return mended as Lead
    mended = withoutProblems(mended, validate.errors ?? [])
  }
  if (validate(mended)) return mended as Lead
  throw notALead('its sections are not usable')
}

/** What is wrong with the parts without which a lead is none: which it is, and when it came. */
export function identityProblem({ id, cycle, event }: Partial<Lead>): string | undefined {
  if (typeof id !== 'string' || !LEAD_ID.test(id))
    return isNot('id', id, 'a text of 1 to 200 characters without # and control characters')
  if (!Number.isInteger(cycle) || cycle! < 1) return isNot('cycle', cycle, 'a whole number from 1')
  if (!isBag(event))
    return isNot('event', event, 'its id and receivedAt, as lead-ingest gives them')
  if (typeof event.id !== 'string' || event.id === '') return isNot('event.id', event.id, EVENT_ID)
  const { receivedAt } = event
  if (typeof receivedAt === 'string' && isInstantMs(Date.parse(receivedAt))) return undefined
  return isNot('event.receivedAt', receivedAt, TIME_EXPECTED)
}

const EVENT_ID = 'a text of 1 to 300 characters'

function isNot(field: string, value: unknown, expected: string): string {
  return `${field} is ${shownScalar(value)}, expected ${expected}`
}

type Bag = Record<string, unknown>

const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The types of everything that a step reads, without the schema's finer points. */
function looksSound(lead: Lead): boolean {
  return (
    identityProblem(lead) === undefined &&
    orNone(isTime)(lead.event.occurredAt) &&
    plainValues(lead.contact) &&
    plainValues(lead.company) &&
    plainValues(lead.source) &&
    readableConsent(lead.consent) &&
    isBag(lead.attributes) &&
    readableProvenance(lead.provenance) &&
    readableSignals(lead.signals) &&
    SECTIONS.every(([section, readable]) => lead[section] === undefined || readable(lead[section]))
  )
}

const isText = (value: unknown) => typeof value === 'string'
/** What lies beyond may be a time all the same, which the schema is asked then. */
const isTime = (value: unknown) => typeof value === 'string' && isInstantMs(Date.parse(value))
const orNone = (test: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || test(value)
const listOf = (test: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(test)
const bagOf = (fields: Readonly<Record<string, (value: unknown) => boolean>>) => {
  const tests = Object.entries(fields)
  return (value: unknown) => isBag(value) && tests.every(([key, test]) => test(value[key]))
}

const isReason = bagOf({
  rule: isText,
  why: isText,
  points: orNone(Number.isFinite),
  inputs: listOf(isBag),
})
const isRep = bagOf({ id: isText, name: isText })
const STATUSES: readonly unknown[] = ['assigned', 'offered', 'waiting', 'unroutable', 'closed']
const isClockStatus = (value: unknown) => CLOCK_STATUSES.some((one) => one === value)
const isClockKind = (value: unknown) => CLOCK_KINDS.some((one) => one === value)
const isOutcome = (value: unknown) => OUTCOMES.some((one) => one === value)

const CLOCK = {
  status: isClockStatus,
  startedAt: isTime,
  dueAt: isTime,
  metAt: orNone(isTime),
  sinceAt: orNone(isTime),
  consumedMs: orNone(Number.isFinite),
  fired: orNone(listOf(isText)),
}

/** The parts of each later section that some step reads. */
const SECTIONS: readonly (readonly [keyof Lead & string, (value: unknown) => boolean])[] = [
  ['crm', plainValues],
  ['externalIds', plainValues],
  [
    'model',
    bagOf({
      score: Number.isFinite,
      confidence: Number.isFinite,
      version: orNone(isText),
      features: orNone(listOf(bagOf({ name: isText, weight: Number.isFinite }))),
    }),
  ],
  ['enrichment', isBag],
  ['identity', isBag],
  ['account', bagOf({ id: isText, key: orNone(isText), owner: orNone(isText) })],
  ['fit', bagOf({ points: Number.isFinite, because: listOf(isReason), unknown: listOf(isReason) })],
  [
    'intent',
    bagOf({
      points: Number.isFinite,
      because: listOf(isReason),
      unscored: orNone(listOf(isText)),
    }),
  ],
  ['decision', bagOf({ outcome: isOutcome })],
  [
    'assignment',
    bagOf({
      status: (value) => STATUSES.includes(value),
      cycle: Number.isInteger,
      attempt: Number.isInteger,
      at: isTime,
      why: isText,
      rep: orNone(isRep),
      pool: orNone(isText),
      previous: orNone(isText),
      previousAt: orNone(isTime),
      openedAt: orNone(isTime),
      had: orNone(listOf(isText)),
      recycled: orNone(Number.isInteger),
      locked: orNone((value) => typeof value === 'boolean'),
      retryAt: orNone(isTime),
      waitingSince: orNone(isTime),
      accepted: orNone(bagOf({ at: isTime, by: isText })),
      offers: orNone(listOf(bagOf({ rep: isRep, token: Number.isInteger, expiresAt: isTime }))),
      passed: orNone(listOf(bagOf({ rep: isText, how: isText }))),
      node: orNone(isText),
    }),
  ],
  [
    'sla',
    bagOf({
      ...CLOCK,
      tier: isText,
      cycle: Number.isInteger,
      node: orNone(isText),
      policy: orNone(bagOf({ name: isText, version: isText, hash: isText })),
      rep: orNone(isText),
      pool: orNone(isText),
      assignedAt: orNone(isTime),
      moves: orNone(Number.isInteger),
      clocks: orNone(listOf(bagOf({ ...CLOCK, id: isText, kind: isClockKind }))),
      pauses: orNone(listOf(bagOf({ state: isText, from: isTime, to: orNone(isTime) }))),
      delays: orNone(isBag),
    }),
  ],
  [
    'routing',
    bagOf({
      id: isText,
      pool: orNone(isText),
      exclude: listOf(isText),
      why: isText,
      cause: orNone(isText),
      cycle: orNone(Number.isInteger),
      clock: orNone(isText),
    }),
  ],
]

function plainValues(section: unknown): boolean {
  if (!isBag(section)) return false
  for (const key in section) {
    const value = section[key]
    if (
      NUMBERS.has(key)
        ? typeof value !== 'number'
        : FLAGS.has(key)
          ? typeof value !== 'boolean'
          : typeof value !== 'string'
    )
      return false
  }
  return true
}

const NUMBERS = new Set(['employees', 'revenue'])
const FLAGS = new Set(['emailRole', 'openDeal'])

function readableConsent(consent: unknown): boolean {
  if (!isBag(consent)) return false
  for (const key in consent) {
    const value = consent[key]
    if (Object.hasOwn(CONSENT_TIMES, key)) {
      if (!CONSENT_TIMES[key]!(value)) return false
      continue
    }
    if (key === 'optOut' ? typeof value !== 'boolean' : typeof value !== 'string') return false
    if (key === 'at' && !isTime(value)) return false
    if (CONSENT_KINDS.has(key) && !CONSENT_VALUES.has(value as string)) return false
  }
  return true
}

const everyOf = (test: (value: unknown) => boolean) => (value: unknown) =>
  isBag(value) && Object.values(value).every(test)
/** Without the times of its refusals a consent is only stricter; see engine/lead/consent. */
const CONSENT_TIMES: Readonly<Record<string, (value: unknown) => boolean>> = {
  refusedAt: everyOf(isTime),
  regranted: everyOf(bagOf({ at: isTime, evidence: isText, by: isText })),
}
const CONSENT_KINDS = new Set(['marketing', 'email', 'phone'])
const CONSENT_VALUES: ReadonlySet<string> = new Set(CONSENT_STATES)

function readableProvenance(provenance: unknown): boolean {
  if (!isBag(provenance)) return false
  for (const path in provenance) {
    const entry = provenance[path]
    if (!isBag(entry) || typeof entry.source !== 'string' || typeof entry.confidence !== 'number')
      return false
    if (typeof entry.method !== 'string' || typeof entry.observedAt !== 'string') return false
  }
  return true
}

function readableSignals(signals: unknown): boolean {
  if (!Array.isArray(signals)) return false
  for (const signal of signals) {
    if (!isBag(signal) || typeof signal.id !== 'string' || typeof signal.type !== 'string')
      return false
    if (!isTime(signal.at)) return false
  }
  return true
}

/** A copy that may be written to, two levels deep. */
function withEverySection(lead: Lead): Bag {
  const receivedAt = iso(Date.parse(lead.event.receivedAt))
  const signals = Array.isArray(lead.signals) ? lead.signals : []
  const copy: Bag = { ...lead, event: { ...lead.event, receivedAt }, signals }
  for (const section of LASTING) copy[section] = isBag(copy[section]) ? { ...copy[section] } : {}
  if (!isBag(lead.consent)) copy.consent = REFUSED
  return copy
}

function withoutProblems(lead: Bag, problems: readonly ErrorObject[]): Bag {
  const badSignals = new Set<number>()
  for (const { instancePath, params } of problems) {
    const [section = params.missingProperty, key = params.additionalProperty] = instancePath
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    if (section === 'event') mendEvent(lead.event as Bag, key)
    else if (section === 'signals') badSignals.add(Number(key))
    else if (section === 'decision')
      lead.decision = { ...NO_REASONS, outcome: outcomeOf(lead.decision) }
    else if (LASTING.has(section)) mendField(lead[section] as Bag, section, key)
    else delete lead[section]
  }
  const signals = lead.signals as readonly unknown[]
  return { ...lead, signals: signals.filter((_, index) => !badSignals.has(index)) }
}

/** When it happened may be left open; which event it is may not. */
function mendEvent(event: Bag, key: string): void {
  if (key === 'id') throw notALead(isNot('event.id', event.id, EVENT_ID))
  delete event[key]
}

function mendField(fields: Bag, section: string, key: string): void {
  if (section === 'consent' && Object.hasOwn(REFUSED, key)) fields[key] = REFUSED[key as 'optOut']
  else if (section === 'provenance') fields[key] = NO_CERTAINTY
  else delete fields[key]
}

function outcomeOf(decision: unknown): Outcome {
  const outcome = isBag(decision) ? decision.outcome : undefined
  return OUTCOMES.find((one) => one === outcome) ?? 'review'
}

function notALead(why: string): LeadFault {
  return new LeadFault('LEAD_MESSAGE_NOT_A_LEAD', 'payload', why)
}
