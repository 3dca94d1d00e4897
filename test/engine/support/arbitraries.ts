// Shared by the step and store tests: leads of every form that the schema allows, and junk beside it.
import fc from 'fast-check'
import { LEAD_STATES } from '../../../engine/decision'
import { CLOCK_STATUSES, CONSENT_STATES, type Lead, OUTCOMES } from '../../../engine/lead/lead'
import { at, DAY, NOW } from './leads'

const text = fc.constantFrom(
  'a',
  'b',
  'acme.example',
  'ana@acme.example',
  '+4930901820',
  '',
  'İ',
  '🚀',
)
const instant = fc.integer({ min: -400 * DAY, max: 400 * DAY }).map((ms) => at(NOW + ms))
const number = fc.constantFrom(0, 1, 50, 1e9, 0.5)
const unit = fc.constantFrom(0, 0.3, 0.5, 1)
const consent = fc.constantFrom(...CONSENT_STATES)
const reference = fc.constant({ name: 'test', version: '1.0.0', hash: '0123456789abcdef' })
const some = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>

const reason = fc.record({
  rule: text,
  why: text,
  points: fc.integer({ min: -50, max: 50 }),
  inputs: fc.array(fc.record({ path: text, value: fc.oneof(text, number, fc.constant(null)) }), {
    maxLength: 2,
  }),
})
const reasons = fc.array(reason, { maxLength: 3 })
const score = { points: number, because: reasons, contract: reference }
const repId = fc.constantFrom('ana', 'ben', 'gone')

const otherClock = fc.record(
  {
    id: fc.constantFrom('follow-up', 'resolution', 'gone'),
    kind: fc.constantFrom('follow-up' as const, 'resolution' as const),
    status: fc.constantFrom(...CLOCK_STATUSES),
    startedAt: instant,
    dueAt: instant,
    clock: text,
    sinceAt: instant,
    consumedMs: fc.nat(2 * DAY),
  },
  { requiredKeys: ['id', 'kind', 'status', 'startedAt', 'dueAt', 'clock'] },
)

const sections = {
  contact: some({
    email: text,
    emailKey: text,
    emailRole: fc.boolean(),
    phone: text,
    name: text,
    nameKey: text,
    country: text,
  }),
  company: some({
    name: text,
    domain: text,
    country: fc.constantFrom('DE', 'FR'),
    industry: text,
    employees: number,
  }),
  source: some({ system: text, trigger: fc.constantFrom('demo_request', 'chat'), campaign: text }),
  consent: some({
    optOut: fc.boolean(),
    marketing: consent,
    email: consent,
    phone: consent,
    at: instant,
  }),
  attributes: fc.dictionary(
    fc.constantFrom('x', 'tags'),
    fc.oneof(text, number, fc.array(text, { maxLength: 2 }), fc.constant(null)),
  ),
  provenance: fc.dictionary(
    fc.constantFrom('company.employees', 'contact.email', 'attributes.x', 'model.score'),
    fc.record({
      source: text,
      method: fc.constantFrom('stated', 'enriched', 'manual', 'conflict'),
      confidence: unit,
      observedAt: instant,
    }),
  ),
  signals: fc.array(
    fc.record({
      id: fc.constantFrom('1', '2', '3'),
      type: fc.constantFrom('demo_request', 'page_view', 'unsubscribe'),
      at: instant,
      seconds: number,
    }),
    { maxLength: 4 },
  ),
}
const optional = {
  crm: some({ owner: repId, accountId: text, openDeal: fc.boolean(), stage: text }),
  externalIds: fc.dictionary(fc.constantFrom('sf', 'hubspot'), text),
  model: fc.record({ score: unit, confidence: unit }),
  account: fc.record({ id: text, owner: repId }, { requiredKeys: ['id'] }),
  fit: fc.record({ ...score, possible: number, unknown: reasons, unknownCount: fc.nat(3) }),
  intent: fc.record({ ...score, signals: fc.nat(3) }),
  decision: fc.record({
    outcome: fc.constantFrom(...OUTCOMES),
    rule: text,
    why: text,
    factors: fc.array(text, { maxLength: 2 }),
    at: instant,
    contract: reference,
  }),
  assignment: fc.record(
    {
      status: fc.constantFrom(
        'assigned' as const,
        'offered' as const,
        'waiting' as const,
        'unroutable' as const,
        'closed' as const,
      ),
      rep: fc.record({ id: repId, name: text }),
      pool: fc.constantFrom('all', 'gone'),
      units: fc.integer({ min: 1, max: 3 }),
      cycle: fc.integer({ min: 1, max: 2 }),
      attempt: fc.nat(3),
      at: instant,
      why: text,
      offers: fc.array(
        fc.record({
          rep: fc.record({ id: repId, name: text }),
          token: fc.integer({ min: 1, max: 4 }),
          expiresAt: instant,
        }),
        { maxLength: 3 },
      ),
      passed: fc.array(
        fc.record({
          rep: repId,
          how: fc.constantFrom('declined' as const, 'expired' as const),
        }),
        { maxLength: 3 },
      ),
      retryAt: instant,
      waitingSince: instant,
      candidates: fc.constant([]),
      had: fc.subarray(['ana', 'ben']),
      recycled: fc.nat(3),
      locked: fc.boolean(),
      previousAt: instant,
      openedAt: instant,
      policy: reference,
    },
    { requiredKeys: ['status', 'units', 'cycle', 'attempt', 'at', 'why', 'candidates', 'policy'] },
  ),
  sla: fc.record(
    {
      tier: fc.constantFrom('routine', 'gone'),
      status: fc.constantFrom(...CLOCK_STATUSES),
      startedAt: instant,
      dueAt: instant,
      clock: text,
      cycle: fc.integer({ min: 1, max: 2 }),
      metAt: instant,
      sinceAt: instant,
      consumedMs: fc.nat(2 * DAY),
      fired: fc.subarray(['reminder#0', 'breach#0', 'escalation#0', 'reminder@60000']),
      node: fc.constant('n'),
      policy: reference,
      rep: repId,
      pool: fc.constantFrom('all', 'gone'),
      assignedAt: instant,
      moves: fc.nat(4),
      clocks: fc.uniqueArray(otherClock, { selector: ({ id }) => id, maxLength: 2 }),
      pauses: fc.array(
        fc.record(
          {
            state: fc.constantFrom('waiting-for-customer', 'legal-hold'),
            from: instant,
            to: instant,
          },
          { requiredKeys: ['state', 'from'] },
        ),
        { maxLength: 3 },
      ),
      delays: fc.record(
        { systemMs: fc.nat(DAY), prospectMs: fc.nat(DAY) },
        { requiredKeys: ['prospectMs'] },
      ),
    },
    { requiredKeys: ['tier', 'status', 'startedAt', 'dueAt', 'clock', 'cycle'] },
  ),
  routing: fc.record(
    {
      id: text,
      pool: fc.constantFrom('all', 'gone'),
      exclude: fc.subarray(['ana', 'ben']),
      why: text,
      cycle: fc.integer({ min: 1, max: 2 }),
      clock: fc.constantFrom('first-touch', 'follow-up'),
    },
    { requiredKeys: ['id', 'exclude', 'why'] },
  ),
}

/** Any lead that the schema allows. */
export const anyLead: fc.Arbitrary<Lead> = fc
  .record(
    {
      id: fc.constantFrom('L1', 'L2'),
      cycle: fc.integer({ min: 1, max: 2 }),
      event: fc.record(
        { id: fc.constantFrom('e1', 'e2'), receivedAt: instant, occurredAt: instant },
        { requiredKeys: ['id', 'receivedAt'] },
      ),
      ...sections,
      ...optional,
    },
    {
      requiredKeys: [
        'id',
        'cycle',
        'event',
        ...(Object.keys(sections) as (keyof typeof sections)[]),
      ],
    },
  )
  .map((one) => one as unknown as Lead)

/** A lead into whose sections somebody wrote anything. */
export const junkLead: fc.Arbitrary<Lead> = fc
  .tuple(
    anyLead,
    fc.dictionary(
      fc.constantFrom(
        ...Object.keys(sections),
        ...Object.keys(optional),
        'problems',
        'enrichment',
        'identity',
        'extra',
      ),
      fc.anything(),
      { minKeys: 1 },
    ),
    fc.dictionary(
      fc.constantFrom(
        ...['optOut', 'email', 'owner', 'exclude', 'because', 'at', 'startedAt', 'name'],
        ...['had', 'recycled', 'previousAt', 'locked'],
        ...['sinceAt', 'clocks', 'pauses', 'fired', 'accepted'],
      ),
      fc.anything(),
    ),
    fc.constantFrom(...Object.keys(sections), ...Object.keys(optional)),
  )
  .map(([one, junk, inner, section]) => {
    const bag = (one as unknown as Record<string, object | undefined>)[section]
    const within = Array.isArray(bag) ? [...bag, inner] : { ...bag, ...inner }
    return { ...one, [section]: within, ...junk } as Lead
  })

export const anyState = fc.constantFrom(...LEAD_STATES)
