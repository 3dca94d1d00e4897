// Goal: every step's decide is total and pure: any lead gets a decision with a reason, the same
// input the same decision byte for byte, and nothing that goes in is written to.
// Method: any lead of the schema, and any junk that soundLead has made fit, under any knowledge.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Change, type Decision, LEAD_STATES, patched } from '../../../engine/decision'
import { normaliseValue } from '../../../engine/enrichment/provider'
import { personKeys } from '../../../engine/identity/keys'
import { CONSENT_KINDS, stricter } from '../../../engine/lead/consent'
import type { Lead } from '../../../engine/lead/lead'
import { OUTCOMES } from '../../../engine/lead/lead'
import { soundLead } from '../../../engine/lead/sound'
import { isOptedOut } from '../../../engine/scoring/decide'
import type { PersonSignal } from '../../../engine/scoring/intent'
import { EVIDENCE } from '../../../engine/sla/evidence'
import { OFFER_ENDS } from '../../../engine/step'
import { availableStep } from '../../../engine/steps/available'
import { dedupeStep } from '../../../engine/steps/dedupe'
import { enrichStep } from '../../../engine/steps/enrich'
import { ingestStep } from '../../../engine/steps/ingest'
import { offerFireStep } from '../../../engine/steps/offer-fire'
import { outcomeStep } from '../../../engine/steps/outcome'
import { qualifyStep } from '../../../engine/steps/qualify'
import { routeStep } from '../../../engine/steps/route'
import { OUTCOME_KINDS } from '../../../engine/steps/sales-event'
import { decideFit } from '../../../engine/steps/score-fit'
import { decideIntent } from '../../../engine/steps/score-intent'
import { slaFireStep } from '../../../engine/steps/sla-fire'
import { slaStartStep } from '../../../engine/steps/sla-start'
import { anyLead, anyState, junkLead } from '../support/arbitraries'
import { contract, policy } from '../support/artefacts'
import { at, DAY, deepFreeze, HOUR, NOW } from '../support/leads'

const CONTRACT = contract({
  suppress: [
    { id: 'staff', when: { 'contact.domain': 'acme.example' }, why: 'Staff' },
    { id: 'deal', when: { 'crm.openDeal': true }, why: 'Deal', unknown: 'review' },
  ],
  model: { cutOff: 0.5 },
  grades: { fit: { A: 50, B: 0 }, intent: { 1: 50, 2: 0 } },
  intent: {
    rules: [
      { id: 'intent.demo', on: 'demo_request', points: 60, why: 'Demo' },
      {
        id: 'intent.page',
        on: 'page_view',
        points: 5,
        why: 'Page',
        when: { seconds: { $gte: 5 } },
      },
    ],
    account: {},
  },
})
const POLICY = policy({
  calendars: { office: { timezone: 'Europe/Berlin', hours: { 'mon-fri': ['09:00-17:00'] } } },
  reps: [
    {
      id: 'ana',
      name: 'Ana',
      capacity: 2,
      calendar: 'office',
      skills: ['x'],
      caps: { hour: 1, week: 3 },
    },
    { id: 'ben', name: 'Ben', capacity: 2 },
  ],
  pools: [{ id: 'all', members: ['ana', 'ben'] }],
  routes: [
    { id: 'previous', to: 'previous-owner', wait: true, when: { 'company.country': 'FR' } },
    { id: 'owner', to: 'account-owner' },
    { id: 'near', territory: { countries: ['DE'], postcodes: ['1'] }, pool: 'all', lock: true },
    { id: 'rest', pool: 'all' },
  ],
  reassign: { max: 1 },
  recycle: { max: 1, to: 'all' },
  tiers: [
    {
      id: 'chat',
      when: { 'source.trigger': 'chat' },
      respond: '5m',
      clock: 'business',
      from: 'assigned',
      remind: ['3m'],
      escalate: [{ after: '5m', to: 'all', action: 'reassign' }],
    },
    {
      id: 'routine',
      respond: '24h',
      clock: 'business',
      calendar: 'office',
      pauseOn: ['waiting-for-customer'],
      clocks: [
        { kind: 'follow-up', within: '8h', stopOn: ['call', 'meeting'] },
        {
          kind: 'resolution',
          within: '5d',
          clock: 'always',
          pauseOn: ['waiting-for-customer', 'legal-hold'],
          escalate: [{ after: '1d', action: 'auto-accept' }],
        },
      ],
    },
  ],
  pauses: { 'waiting-for-customer': 'prospect', 'legal-hold': 'other' },
})
const OFFERING = policy({
  tiers: [{ id: 'fast', respond: '1h', clock: 'always', offer: { within: '2m', to: 2 } }],
  misses: 2,
  offlineFor: '1h',
})
/** The policy by which the clocks were started; none was kept of some. */
const former = fc.constantFrom(
  {},
  { former: POLICY },
  { former: policy({ tiers: [{ id: 'routine', respond: '2h', clock: 'always' }] }) },
)

const ends = fc
  .subarray([
    'lead',
    'repeated',
    'enriched',
    'new',
    'known',
    'review',
    'sales',
    'closed',
    'assigned',
    'waiting',
    'unroutable',
    'started',
  ])
  .map((list) => new Set(list))
const repId = fc.constantFrom('ana', 'ben', 'gone')
const stored = fc.record({ lead: anyLead, state: anyState })
const fairness = fc
  .dictionary(
    repId,
    fc.record(
      { virtualTime: fc.nat(9), awaySinceMs: fc.nat(DAY).map((ms) => NOW - ms) },
      { requiredKeys: ['virtualTime'] },
    ),
  )
  .map((records) => new Map([['all', new Map(Object.entries(records))]]))
const anyOffers = fc
  .array(
    fc.record(
      {
        repId,
        poolId: fc.constantFrom('all', ''),
        units: fc.integer({ min: 1, max: 2 }),
        expiresMs: fc.integer({ min: NOW - DAY, max: NOW + DAY }),
        end: fc.constantFrom(...OFFER_ENDS),
      },
      { requiredKeys: ['repId', 'poolId', 'units', 'expiresMs'] },
    ),
    { maxLength: 4 },
  )
  .map((offers) => offers.map((offer, index) => ({ ...offer, token: index + 1 })))
const anyPresences = fc
  .dictionary(
    repId,
    fc.record(
      { misses: fc.nat(3), offlineSinceMs: fc.nat(DAY).map((ms) => NOW - ms) },
      { requiredKeys: ['misses'] },
    ),
  )
  .map((records) => new Map(Object.entries(records)))
const timer = fc.record({
  id: fc.constantFrom('t1', 't2'),
  leadId: fc.constant('L1'),
  cycle: fc.integer({ min: 1, max: 2 }),
  kind: fc.constantFrom('reminder' as const, 'escalation' as const, 'breach' as const),
  dueMs: fc.integer({ min: NOW - DAY, max: NOW }),
  nodeId: fc.constant('n'),
  detail: fc.constantFrom<Record<string, unknown>>(
    {},
    { action: 'reassign', to: 'all', movesMax: 1 },
    { action: 'overflow' },
    { action: 'auto-accept', clock: 'resolution', index: 1 },
    { clock: 'follow-up' },
    { action: 'notify' },
  ),
})
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

type Run = (lead: Lead, nowMs: number) => Decision
/** Per step, a decision that is ready but for the lead and the time. */
const RUNS: Readonly<Record<string, fc.Arbitrary<Run>>> = {
  ingest: fc.tuple(ends, maybe(fc.record({ leadId: fc.constant('L9'), done: fc.boolean() }))).map(
    ([set, known]) =>
      (lead, nowMs) =>
        ingestStep.decide(lead, { ends: set, rememberMs: HOUR, nodeId: 'n' }, known, nowMs),
  ),
  enrich: fc
    .tuple(
      ends,
      fc.array(
        fc.record({
          name: fc.constantFrom('p', 'q'),
          result: fc.constantFrom('found' as const, 'failed' as const, 'timeout' as const),
          values: fc
            .dictionary(
              fc.constantFrom('company.name', 'company.employees', 'attributes.x', 'crm.owner'),
              fc.oneof(fc.string(), fc.nat(), fc.constant(null)),
            )
            .map(normalisedValues),
          confidence: fc.constantFrom(0.2, 1),
          observedAt: fc.constant(at(NOW)),
        }),
        { maxLength: 3 },
      ),
    )
    .map(
      ([set, answers]) =>
        (lead, nowMs) =>
          enrichStep.decide(
            lead,
            { ends: set, critical: new Set(['company.name']), answers },
            undefined,
            nowMs,
          ),
    ),
  dedupe: fc
    .tuple(
      ends,
      fc.array(fc.tuple(fc.nat(4), stored), { maxLength: 3 }),
      fc.dictionary(fc.string(), fc.tuple(fc.array(fc.string(), { maxLength: 2 }), repId)),
    )
    .map(([set, linked, accounts]) => (lead, nowMs) => {
      const keys = personKeys(lead)
      const pairs = linked.flatMap(([index, one]) =>
        keys[index] ? [[keys[index].key, one] as const] : [],
      )
      const known = {
        linked: new Map(pairs.map(([key, one]) => [key, one.lead.id])),
        leads: new Map(pairs.map(([, one]) => [one.lead.id, one])),
        accounts: new Map(
          Object.entries(accounts).map(([id, [crm, rep]]) => [
            id,
            { id: crm[0] ?? id, crm, owner: { repId: rep, sinceMs: 0 } },
          ]),
        ),
      }
      return dedupeStep.decide(lead, { ends: set }, known, nowMs)
    }),
  'score-fit': fc.constant<Run>((lead) => decideFit(CONTRACT, lead)),
  'score-intent': fc
    .array(
      fc.record({
        id: fc.string(),
        type: fc.constantFrom('demo_request', 'x'),
        at: fc.constant(at(NOW)),
        person: fc.constantFrom('P', 'Q'),
      }),
      { maxLength: 3 },
    )
    .map((others: PersonSignal[]) => (lead, nowMs) => decideIntent(CONTRACT, lead, others, nowMs)),
  qualify: fc.tuple(ends, fc.boolean()).map(
    ([set, inSales]) =>
      (lead, nowMs) =>
        qualifyStep.decide(lead, { ends: set, contract: CONTRACT }, { inSales }, nowMs),
  ),
  route: fc
    .record({
      set: ends,
      loads: fc.dictionary(repId, fc.nat(3)),
      tallies: fc.dictionary(fc.constantFrom('ana hour', 'ana week'), fc.nat(3)),
      fairness,
      open: maybe(
        fc.record({ repId, poolId: fc.constant('all'), units: fc.integer({ min: 1, max: 3 }) }),
      ),
      accountOwner: maybe(repId),
      previousOwner: maybe(repId),
      parkedAs: maybe(anyState),
    })
    .map(({ set, loads, tallies, ...known }) => (lead, nowMs) => {
      const given = Object.fromEntries(
        Object.entries(known).filter(([, value]) => value !== undefined),
      )
      const facts = {
        ...given,
        loads: new Map(Object.entries(loads)),
        tallies: new Map(Object.entries(tallies)),
        fairness: known.fairness,
      }
      return routeStep.decide(lead, { ends: set, policy: POLICY }, facts, nowMs)
    }),
  'sla-start': fc.tuple(ends, anyState, former).map(
    ([set, state, before]) =>
      (lead, nowMs) =>
        slaStartStep.decide(
          lead,
          { ends: set, policy: POLICY, nodeId: 'n' },
          { state, ...before },
          nowMs,
        ),
  ),
  'sla-fire': fc.tuple(timer, fc.boolean(), anyState).map(
    ([one, pending, state]) =>
      (lead, nowMs) =>
        slaFireStep.decide(lead, { timer: one }, { pending, state }, nowMs),
  ),
  offer: fc
    .record({
      token: fc.integer({ min: 1, max: 4 }),
      answer: maybe(fc.constantFrom('accepted', 'declined')),
      pending: fc.boolean(),
      offers: anyOffers,
      fairness,
      loads: fc.dictionary(repId, fc.nat(3)),
      open: maybe(fc.record({ repId, poolId: fc.constant('all'), units: fc.constant(1) })),
      presences: anyPresences,
    })
    .map(({ token, answer, loads, open, ...known }) => (lead, nowMs) => {
      const timer = {
        id: `L1#0#offer#${token}`,
        leadId: 'L1',
        cycle: 0,
        kind: 'offer' as const,
        dueMs: nowMs,
        nodeId: 'n',
        detail: { token, cycle: 1, ...(answer === undefined ? {} : { answer }) },
      }
      const facts = {
        ...known,
        loads: new Map(Object.entries(loads)),
        ...(open === undefined ? {} : { open }),
      }
      return offerFireStep.decide(lead, { ends: new Set(), policy: OFFERING, timer }, facts, nowMs)
    }),
  presence: fc.tuple(repId, anyPresences).map(([id, presences]) => (lead) => {
    const presence = presences.get(id)
    const known = presence === undefined ? {} : { presence }
    return availableStep.decide(lead, { policy: OFFERING, repId: id, eventId: 'e' }, known, NOW)
  }),
  outcome: fc
    .tuple(
      fc.record(
        {
          id: fc.string(),
          kind: fc.constantFrom(...OUTCOME_KINDS),
          evidence: fc.constantFrom(...EVIDENCE, 'status_edit', 'x'),
          state: fc.constantFrom('waiting-for-customer', 'legal-hold', 'unknown'),
          token: fc.integer({ min: 1, max: 4 }),
          reason: fc.string(),
          decision: fc.constantFrom(...OUTCOMES),
          atMs: fc.integer({ min: NOW - DAY, max: NOW + DAY }),
          by: fc.string(),
          why: fc.string(),
        },
        { requiredKeys: ['id', 'kind', 'atMs'] },
      ),
      fc
        .tuple(
          fc.constantFrom(
            { open: true, waits: false },
            { open: false, waits: true },
            { open: false, waits: false },
          ),
          former,
          maybe(fc.record({ offers: anyOffers, fairness, presences: anyPresences })),
        )
        .map(([known, before, offered]) => ({
          ...known,
          ...before,
          ...(offered === undefined ? {} : { offered }),
        })),
    )
    .map(
      ([event, known]) =>
        (lead, nowMs) =>
          outcomeStep.decide(lead, { policy: POLICY, event }, known, nowMs),
    ),
}

/** As providers give them: in the form that the lead keeps. */
function normalisedValues(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([path, value]) => [path, normaliseValue(path, value)]),
  )
}

const anyTime = fc.integer({ min: NOW - 400 * DAY, max: NOW + 400 * DAY })
const someLead = fc.oneof(anyLead, junkLead.map(soundLead))

for (const [name, runs] of Object.entries(RUNS)) {
  describe(`${name}: decide`, () => {
    it('is total: any lead gets a decision with an outcome, and a reason in words', () => {
      fc.assert(
        fc.property(someLead, runs, anyTime, (lead, run, nowMs) => {
          const decision = run(lead, nowMs)
          assert.equal(decision.step, name)
          assert.ok(decision.outcome.length > 0)
          if (!name.startsWith('score')) assert.ok(decision.because.length > 0)
          for (const { rule, why, inputs } of decision.because)
            assert.ok(typeof rule === 'string' && typeof why === 'string' && Array.isArray(inputs))
          for (const change of decision.changes) assertChange(change)
        }),
        { numRuns: 300 },
      )
    })

    it('is pure: frozen input, twice the same decision byte for byte', () => {
      fc.assert(
        fc.property(someLead, runs, anyTime, (lead, run, nowMs) => {
          const frozen = deepFreeze(structuredClone(lead))
          const first = run(frozen, nowMs)
          const again = run(structuredClone(lead), nowMs)
          // As the trail keeps it: what JSON has no word for, such as Infinity, no message can carry.
          assert.equal(JSON.stringify(first), JSON.stringify(again))
        }),
        { numRuns: 150 },
      )
    })

    it('leaves a lead that fits the schema', () => {
      fc.assert(
        fc.property(someLead, runs, anyTime, (lead, run, nowMs) => {
          const after = patched(lead, run(lead, nowMs).patch)
          assert.equal(soundLead(after), after)
        }),
        { numRuns: 150 },
      )
    })
  })
}

describe('steps: a person who opted out', () => {
  it('is never assigned, nor put on a clock, whatever else is known', () => {
    const optedOut = someLead.map((lead): Lead => ({ ...lead, consent: { optOut: true } }))
    fc.assert(
      fc.property(
        optedOut,
        RUNS.route!,
        RUNS['sla-start']!,
        RUNS.qualify!,
        (lead, route, start, qualify) => {
          for (const { changes } of [route(lead, NOW), start(lead, NOW), qualify(lead, NOW)]) {
            for (const { kind } of changes)
              assert.ok(kind !== 'assignment.open' && kind !== 'timer.set')
          }
          assert.equal(qualify(lead, NOW).outcome, 'closed')
          assert.equal(route(lead, NOW).outcome, 'unroutable')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('whose assignment is open gives it back', () => {
    fc.assert(
      fc.property(anyLead, (one) => {
        const lead = { ...one, consent: { optOut: true } }
        const known = {
          loads: new Map(),
          fairness: new Map(),
          open: { repId: 'ana', poolId: 'all', units: 1 },
        }
        const { changes } = routeStep.decide(lead, { ends: new Set(), policy: POLICY }, known, NOW)
        assert.ok(changes.some(({ kind }) => kind === 'assignment.close'))
        assert.ok(
          changes.some((change) => change.kind === 'lead.save' && change.state === 'suppressed'),
        )
      }),
    )
  })

  it('is dedupe’s too: consent only ever gets stricter', () => {
    fc.assert(
      fc.property(someLead, RUNS.dedupe!, (lead, dedupe) => {
        const after = patched(lead, dedupe(lead, NOW).patch)
        for (const kind of CONSENT_KINDS)
          assert.equal(stricter(after.consent[kind], lead.consent[kind]), after.consent[kind])
        if (lead.consent.optOut) assert.ok(isOptedOut(after))
      }),
      { numRuns: 300 },
    )
  })
})

function assertChange(change: Change): void {
  if (change.kind === 'lead.save') assert.ok(LEAD_STATES.includes(change.state))
  if (change.kind === 'assignment.open')
    assert.ok(Number.isInteger(change.units) && change.units > 0)
  if (change.kind === 'timer.set') assert.ok(Number.isFinite(change.timer.dueMs))
  if (change.kind === 'fairness.save') assert.ok(Number.isFinite(change.virtualTime))
}
