// Goal: whatever comes in whatever order, one accept wins, nobody is over capacity or a cap, every offer
// ends exactly once, an old token changes nothing, nobody offline is asked, and no lead starves.
// Method: anything happens on a sales floor that checks itself after every step (./offer-desk).
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { policy } from '../support/artefacts'
import { HOUR, lead, MINUTE } from '../support/leads'
import { OfferDesk } from './offer-desk'

const reps = [
  { id: 'ana', name: 'Ana', capacity: 3, caps: { day: 3 } },
  { id: 'ben', name: 'Ben', capacity: 1 },
  { id: 'kim', name: 'Kim', capacity: 3, weight: 2 },
  { id: 'olga', name: 'Olga', capacity: 2 },
]
const REPS = reps.map(({ id }) => id)
const pools = [
  { id: 'front', members: ['ana', 'ben', 'kim'], overflow: 'back' },
  { id: 'back', members: ['olga', 'kim'] },
]
const tier = { id: 'routine', respond: '1h', clock: 'always' }
const anyPolicy = fc
  .record({
    to: fc.integer({ min: 1, max: 4 }),
    misses: fc.constantFrom({}, { misses: 1 }, { misses: 2, offlineFor: '7m' }, { misses: 3 }),
    units: fc.integer({ min: 1, max: 2 }),
    credit: fc.subarray(['declined', 'expired']),
  })
  .map(({ to, misses, units, credit }) =>
    policy({
      reps,
      pools: pools.map((pool) => ({ ...pool, credit })),
      routes: [
        { id: 'owner', to: 'account-owner' },
        { id: 'plain', when: { 'company.country': 'FR' }, pool: 'back', assign: 'outright' },
        { id: 'rest', pool: 'front' },
      ],
      tiers: [{ ...tier, units, offer: { within: '2m', to } }],
      ...misses,
    }),
  )

const leadId = fc.integer({ min: 0, max: 5 }).map((n) => `L${n}`)
const anyCommand = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('arrive' as const), id: leadId, french: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      id: leadId,
      kind: fc.constantFrom('accepted' as const, 'declined' as const),
      token: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('answerOpen' as const),
      pick: fc.nat(),
      kind: fc.constantFrom('accepted' as const, 'declined' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 5 * MINUTE }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      id: leadId,
      kind: fc.constantFrom('closed' as const, 'rejected' as const, 'reopened' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('escalate' as const), id: leadId, n: fc.nat() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('available' as const), rep: fc.constantFrom(...REPS) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('optOut' as const), id: leadId }) },
)
type Command = typeof anyCommand extends fc.Arbitrary<infer T> ? T : never

const newLead = (id: string, french = false) =>
  lead({ id, ...(french ? { company: { country: 'FR' } } : {}) })

async function run(desk: OfferDesk, command: Command): Promise<void> {
  const row = 'id' in command ? desk.rows.get(command.id) : undefined
  switch (command.do) {
    case 'arrive':
      await desk.route(row?.lead ?? newLead(command.id, command.french))
      return
    case 'answer':
      if (row !== undefined) await answered(desk, command.id, command.kind, command.token)
      return
    case 'answerOpen': {
      const open = desk.openOffers()
      const offer = open[command.pick % Math.max(1, open.length)]
      if (offer !== undefined) await answered(desk, offer.leadId, command.kind, offer.token)
      return
    }
    case 'wait':
      await desk.forward(command.ms)
      return
    case 'report':
      if (row !== undefined) await desk.report(command.id, { kind: command.kind })
      return
    case 'escalate': {
      if (row === undefined) return
      const exclude = desk.owner(command.id) ?? []
      const routing = { id: `t${command.n}`, exclude: [exclude].flat(), why: 'late' }
      await desk.route({ ...row.lead, routing })
      return
    }
    case 'available':
      await desk.available(command.rep)
      return
    case 'optOut':
      if (row !== undefined) row.lead = { ...row.lead, consent: { optOut: true } }
  }
}

/** An answer counts for exactly one open offer, or for nothing at all. */
async function answered(
  desk: OfferDesk,
  id: string,
  kind: 'accepted' | 'declined',
  token: number,
): Promise<void> {
  const offer = desk.openOffers(id).find((one) => one.token === token)
  const optedOut = desk.lead(id).consent.optOut === true
  const counts =
    offer !== undefined && offer.expiresMs > desk.nowMs && !(optedOut && kind === 'accepted')
  const before = desk.owner(id)
  const decision = await desk.report(id, { kind, token })
  assert.equal(decision.outcome, counts ? 'recorded' : 'ignored')
  if (!counts) assert.deepEqual([decision.changes, desk.owner(id)], [[], before])
  else if (kind === 'accepted') assert.equal(desk.owner(id), offer.repId)
  else assert.notEqual(desk.owner(id), offer.repId)
}

describe('offers, whatever happens', () => {
  it('the laws hold at every moment', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPolicy,
        fc.array(anyCommand, { maxLength: 40 }),
        async (rules, commands) => {
          const desk = new OfferDesk(rules)
          for (const command of commands) await run(desk, command)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('of several who accept at once exactly one has the lead', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 8 }),
        async (to, tokens) => {
          const members = REPS.map((id) => id)
          const rules = policy({
            reps,
            pools: [{ id: 'all', members }],
            tiers: [{ ...tier, offer: { within: '1m', to } }],
          })
          const desk = new OfferDesk(rules)
          await desk.route(newLead('L1'))
          const outcomes: string[] = []
          for (const token of tokens)
            outcomes.push((await desk.report('L1', { kind: 'accepted', token })).outcome)
          const first = tokens.findIndex((token) => token <= to)
          assert.deepEqual(
            outcomes,
            tokens.map((_, index) => (index === first ? 'recorded' : 'ignored')),
          )
          assert.equal(desk.assignments.length, first === -1 ? 0 : 1)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('no lead starves while somebody would take it', async () => {
    const willing = fc.record({
      declines: fc.array(fc.tuple(leadId, fc.constantFrom('ana', 'ben')), { maxLength: 8 }),
      slow: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(anyPolicy, willing, async (rules, { declines, slow }) => {
        const desk = new OfferDesk(rules)
        for (let n = 0; n < 6; n++) await desk.route(newLead(`L${n}`))
        const done = new Set<string>()
        for (let round = 0; round < 80 && done.size < 6; round++) {
          // The first rounds some let everything expire; who went offline for it reports back.
          if (slow.includes(round)) await desk.forward(3 * MINUTE)
          for (const id of REPS) await desk.available(id)
          for (const { leadId: id, token, repId } of desk.openOffers()) {
            const refuses = declines.some(([one, who]) => one === id && who === repId)
            await desk.report(id, { kind: refuses ? 'declined' : 'accepted', token })
          }
          for (const { leadId: id, open } of [...desk.assignments]) {
            if (!open) continue
            done.add(id)
            await desk.report(id, { kind: 'closed' })
          }
          await desk.drain()
        }
        assert.equal(done.size, 6, 'everybody’s turn came')
      }),
      { numRuns: 60 },
    )
  })

  it('when the day is over, nothing stands open that nobody made anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCommand, { maxLength: 30 }), async (commands) => {
        const rules = policy({
          reps,
          pools,
          routes: [{ id: 'rest', pool: 'front' }],
          tiers: [{ ...tier, offer: { within: '2m', to: 2 } }],
          misses: 1,
        })
        const desk = new OfferDesk(rules)
        for (const command of commands) await run(desk, command)
        await desk.forward(HOUR)
        assert.deepEqual([desk.openOffers().length, desk.timers.size], [0, 0])
        for (const [id, { state }] of desk.rows) assert.notEqual(state, 'offered', id)
      }),
      { numRuns: 150 },
    )
  })
})
