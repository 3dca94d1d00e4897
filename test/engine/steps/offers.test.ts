// Goal: a lead is offered as the policy says, and every answer, or none, leads on: accepted, to the next
// in rank, over the overflow, to waiting. Method: a sales floor that is told what happens, step by step.
import assert from 'node:assert/strict'
import type { Policy } from '../../../engine/policy/policy'
import { policy } from '../support/artefacts'
import { at, HOUR, lead, MINUTE, NOW } from '../support/leads'
import { OfferDesk } from './offer-desk'

const rep = (id: string, more: object = {}) => ({
  id,
  name: id[0]!.toUpperCase() + id.slice(1),
  capacity: 2,
  ...more,
})
const TIER = { id: 'routine', respond: '1h', clock: 'always' }
const offering = (offer: object, more: Record<string, unknown> = {}): Policy =>
  policy({
    reps: [rep('ana'), rep('ben'), rep('kim')],
    pools: [{ id: 'all', members: ['ana', 'ben', 'kim'] }],
    tiers: [{ ...TIER, offer }],
    ...more,
  })
const ONE = offering({ within: '2m' })
const THREE = offering({ within: '1m', to: 3 })
const one = (id: string) => lead({ id, event: { id: `web:${id}`, receivedAt: at(NOW) } })

async function offered(rules: Policy, id = 'L1'): Promise<OfferDesk> {
  const desk = new OfferDesk(rules)
  assert.equal((await desk.route(one(id))).outcome, 'offered')
  return desk
}
const why = ({ because }: { because: readonly { why: string }[] }) => because[0]!.why

describe('a lead that is offered', () => {
  it('to the first in rank: with token and time, its units kept, and a timer for its end', async () => {
    const desk = await offered(ONE)
    const { assignment } = desk.lead('L1')
    assert.deepEqual(
      [assignment!.status, assignment!.rep, assignment!.pool, assignment!.route],
      ['offered', undefined, 'all', 'route.all'],
    )
    assert.deepEqual(assignment!.offers, [
      { rep: { id: 'ana', name: 'Ana' }, token: 1, expiresAt: at(NOW + 2 * MINUTE) },
    ])
    assert.deepEqual(
      [desk.state('L1'), desk.owner('L1'), desk.load('ana')],
      ['offered', undefined, 1],
    )
    assert.deepEqual(
      [...desk.timers.values()].map(({ kind, dueMs, nodeId, policy: name }) => [
        kind,
        dueMs,
        nodeId,
        name,
      ]),
      [['offer', NOW + 2 * MINUTE, 'route-1', 'test']],
    )
  })

  it('to the first n at once, and to fewer when no more can take it', async () => {
    const desk = await offered(THREE)
    assert.deepEqual(
      desk.lead('L1').assignment!.offers!.map(({ rep: { id }, token }) => [id, token]),
      [
        ['ana', 1],
        ['ben', 2],
        ['kim', 3],
      ],
    )
    const few = offering(
      { within: '1m', to: 3 },
      { reps: [rep('ana'), rep('ben', { capacity: 0 }), rep('kim')] },
    )
    assert.deepEqual(
      (await offered(few)).openOffers().map(({ repId }) => repId),
      ['ana', 'kim'],
    )
  })

  it('is not offered again, however often it comes', async () => {
    const desk = await offered(THREE)
    const again = await desk.route(one('L1'))
    assert.deepEqual([again.outcome, desk.offers.length], ['offered', 3])
    assert.match(why(again), /offered to Ana, Ben, Kim already/)
  })

  it('costs the share, so that the next lead is offered to the next', async () => {
    const desk = await offered(ONE)
    await desk.route(one('L2'))
    assert.deepEqual(
      desk.openOffers().map(({ repId }) => repId),
      ['ana', 'ben'],
    )
  })

  it('to nobody without room for it, though nobody has accepted anything yet', async () => {
    const desk = new OfferDesk(ONE)
    const outcomes: string[] = []
    for (let n = 0; n < 7; n++) outcomes.push((await desk.route(one(`L${n}`))).outcome)
    assert.deepEqual(outcomes, [...Array(6).fill('offered'), 'waiting'])
  })
})

describe('who has room for one lead only', () => {
  const pools = [{ id: 'all', members: ['ana'] }]
  const small = offering({ within: '2m' }, { reps: [rep('ana', { capacity: 1 })], pools })
  it('is offered the same lead again, as the offer before kept the room for it', async () => {
    const desk = await offered(small)
    await desk.forward(2 * MINUTE)
    assert.deepEqual(
      desk.offers.map(({ repId, end }) => [repId, end]),
      [
        ['ana', 'expired'],
        ['ana', undefined],
      ],
    )
  })
  it('gets it by an escalation that takes the own offer back', async () => {
    const desk = await offered(small)
    const routing = { id: 't1', exclude: [], why: 'no response' }
    assert.equal((await desk.route({ ...one('L1'), routing })).outcome, 'assigned')
    assert.equal(desk.owner('L1'), 'ana')
  })
  it('as a cap allows it, is offered no second one, for the first may be accepted', async () => {
    const capped = offering({ within: '2m' }, { reps: [rep('ana', { caps: { day: 1 } })], pools })
    const desk = await offered(capped)
    assert.equal((await desk.route(one('L2'))).outcome, 'waiting')
    assert.match(desk.lead('L2').assignment!.why, /1 at the cap/)
    await desk.report('L1', { kind: 'declined', token: 1 })
    assert.equal(desk.state('L2'), 'offered', 'who declines has not had it')
    await desk.report('L2', { kind: 'accepted', token: 1 })
    assert.equal((await desk.route(one('L3'))).outcome, 'waiting')
  })
})

describe('how a lead is handed over', () => {
  const routes = (more: object) => ({ routes: [{ id: 'route.all', pool: 'all', ...more }] })
  const OUTRIGHT = { tiers: [TIER] }
  for (const [name, rules, outcome] of [
    ['outright when nothing is said', offering({}, OUTRIGHT), 'assigned'],
    [
      'outright when the tier says so',
      offering({}, { tiers: [{ ...TIER, assign: 'outright' }] }),
      'assigned',
    ],
    ['as the tier says', ONE, 'offered'],
    [
      'as the route says, where the tier does not',
      offering({}, { ...OUTRIGHT, ...routes({ offer: { within: '1m' } }) }),
      'offered',
    ],
    [
      'outright when the route says so',
      offering({ within: '1m' }, routes({ assign: 'outright' })),
      'assigned',
    ],
  ] as const) {
    it(`is ${name}`, async () => {
      assert.equal((await new OfferDesk(rules).route(one('L1'))).outcome, outcome)
    })
  }
  it('to the account’s owner alone, whatever the tier says of several', async () => {
    const rules = offering(
      { within: '1m', to: 3 },
      {
        routes: [
          { id: 'owner', to: 'account-owner' },
          { id: 'route.all', pool: 'all' },
        ],
      },
    )
    const desk = new OfferDesk(rules)
    await desk.route({ ...one('L1'), crm: { owner: 'kim' } })
    assert.deepEqual(
      desk.openOffers().map(({ repId, poolId }) => [repId, poolId]),
      [['kim', '']],
    )
    await desk.report('L1', { kind: 'declined', token: 1 })
    assert.deepEqual(
      desk.openOffers().map(({ repId }) => repId),
      ['ana', 'ben'],
    )
  })
})

describe('an offer that is accepted', () => {
  it('is an assignment from then on, and the lead goes on its way', async () => {
    const desk = await offered(THREE)
    await desk.forward(30_000)
    const decision = await desk.report('L1', { kind: 'accepted', token: 2 })
    assert.equal(decision.outcome, 'recorded')
    const { assignment } = desk.lead('L1')
    assert.deepEqual(
      [assignment!.status, assignment!.rep, assignment!.at, assignment!.accepted],
      [
        'assigned',
        { id: 'ben', name: 'Ben' },
        at(NOW + 30_000),
        { at: at(NOW + 30_000), by: 'Ben' },
      ],
    )
    assert.equal(assignment!.offers, undefined)
    assert.deepEqual([desk.state('L1'), desk.owner('L1')], ['assigned', 'ben'])
    assert.deepEqual(
      desk.offers.map(({ end }) => end),
      ['withdrawn', 'accepted', 'withdrawn'],
    )
    assert.deepEqual(
      ['ana', 'ben', 'kim'].map((id) => desk.load(id)),
      [0, 1, 0],
    )
    assert.deepEqual([desk.sent, desk.timers.size], [['assigned L1'], 0])
  })

  it('costs those who came too late no share', async () => {
    const desk = await offered(THREE)
    await desk.report('L1', { kind: 'accepted', token: 2 })
    const records = desk.fairness.get('all')!
    const [ana, ben, kim] = ['ana', 'ben', 'kim'].map((id) => records.get(id)!.virtualTime)
    assert.deepEqual([kim! - ana!, ben! - ana!], [0, 1])
  })

  const refused = async (desk: OfferDesk, event: object, reason: RegExp) => {
    const decision = await desk.report('L1', { kind: 'accepted', ...event })
    assert.deepEqual([decision.outcome, decision.changes], ['ignored', []])
    assert.match(why(decision), reason)
    assert.deepEqual(decision.patch, {})
  }
  it('only with the token of an offer that stands open', async () => {
    const desk = await offered(THREE)
    await refused(desk, {}, /must say which offer/)
    await refused(desk, { token: 9 }, /has no offer 9/)
    await desk.report('L1', { kind: 'declined', token: 1 })
    await refused(desk, { token: 1 }, /Offer 1 to Ana is over: it was declined before/)
    await desk.report('L1', { kind: 'accepted', token: 3 })
    await refused(desk, { token: 2 }, /Offer 2 to Ben is over: somebody else has the lead/)
    await refused(desk, { token: 3 }, /Offer 3 to Kim is over: it was accepted before/)
  })
  it('not after its time, though its timer has not rung yet', async () => {
    const desk = await offered(ONE)
    desk.nowMs += 2 * MINUTE
    await refused(desk, { token: 1 }, /Offer 1 to Ana is over: it expired at 2026-03-02T10:02:00/)
  })
  it('not when the person asked not to be contacted meanwhile', async () => {
    const desk = await offered(ONE)
    const row = desk.rows.get('L1')!
    row.lead = { ...row.lead, consent: { optOut: true } }
    await refused(desk, { token: 1 }, /asked not to be contacted/)
    await desk.forward(2 * MINUTE)
    assert.deepEqual(
      [desk.state('L1'), desk.load('ana'), desk.openOffers().length],
      ['suppressed', 0, 0],
    )
  })
})

describe('an offer that is declined', () => {
  it('goes to the next in rank at once, with the reason, and never back', async () => {
    const desk = await offered(ONE)
    await desk.report('L1', { kind: 'declined', token: 1, why: 'on a plane' })
    assert.deepEqual(
      desk.openOffers().map(({ repId, token }) => [repId, token]),
      [['ben', 2]],
    )
    assert.deepEqual(desk.lead('L1').assignment!.passed, [{ rep: 'ana', how: 'declined' }])
    assert.deepEqual(desk.sent, ['offered L1'])
    await desk.report('L1', { kind: 'declined', token: 2 })
    await desk.report('L1', { kind: 'declined', token: 3 })
    const { assignment } = desk.lead('L1')
    assert.equal(assignment!.status, 'waiting')
    assert.match(assignment!.why, /3 passed on it/)
    assert.deepEqual(assignment!.candidates, [
      { verdict: 'declined this lead', reps: ['ana', 'ben', 'kim'] },
    ])
    assert.deepEqual([desk.state('L1'), desk.sent.at(-1)], ['waiting', 'waiting L1'])
    await desk.forward(HOUR)
    assert.equal(desk.offers.length, 3, 'nobody is asked again who said no')
  })

  it('leaves the others’ standing', async () => {
    const desk = await offered(THREE)
    await desk.report('L1', { kind: 'declined', token: 2 })
    assert.deepEqual(
      desk.openOffers().map(({ token }) => token),
      [1, 3],
    )
    assert.equal(desk.state('L1'), 'offered')
    assert.deepEqual(desk.sent, [])
  })

  it('over the overflow ladder, when the whole pool has', async () => {
    const rules = offering(
      { within: '2m' },
      {
        pools: [
          { id: 'all', members: ['ana'], overflow: 'more' },
          { id: 'more', members: ['kim'] },
        ],
      },
    )
    const desk = await offered(rules)
    await desk.report('L1', { kind: 'declined', token: 1 })
    const { offers, why: words } = desk.lead('L1').assignment!
    assert.deepEqual(
      [offers![0]!.rep.id, words],
      ['kim', 'Kim is next in more (overflow from all)'],
    )
  })

  const shares = async (credit: readonly string[]) => {
    const pools = [{ id: 'all', members: ['ana', 'ben'], credit }]
    const desk = new OfferDesk(offering({ within: '2m' }, { pools }))
    for (const id of ['L1', 'L2', 'L3']) {
      await desk.route(one(id))
      if (id !== 'L3') await desk.report(id, { kind: 'accepted', token: 1 })
    }
    const before = desk.fairness.get('all')!.get('ana')!.virtualTime
    await desk.report('L3', { kind: 'declined', token: 1 })
    return before - desk.fairness.get('all')!.get('ana')!.virtualTime
  }
  it('gives the share back where the pool’s credits say so', async () => {
    assert.deepEqual([await shares(['declined']), await shares(['expired'])], [1, 0])
  })
})

describe('an offer that expires', () => {
  it('goes to the next in rank, and comes back only when nobody else is left', async () => {
    const desk = await offered(ONE)
    await desk.forward(2 * MINUTE - 1)
    assert.equal(desk.openOffers()[0]!.repId, 'ana')
    await desk.forward(1)
    assert.equal(desk.openOffers()[0]!.repId, 'ben')
    await desk.forward(2 * MINUTE)
    await desk.report('L1', { kind: 'declined', token: 3 })
    assert.deepEqual(
      desk.offers.map(({ repId, token, end }) => [repId, token, end]),
      [
        ['ana', 1, 'expired'],
        ['ben', 2, 'expired'],
        ['kim', 3, 'declined'],
        ['ana', 4, undefined],
      ],
    )
    assert.deepEqual(desk.lead('L1').assignment!.passed, [{ rep: 'kim', how: 'declined' }])
  })

  it('one after the other, when several expire together', async () => {
    const desk = await offered(THREE)
    await desk.forward(MINUTE)
    assert.deepEqual(
      desk.offers.slice(0, 3).map(({ end }) => end),
      ['expired', 'expired', 'expired'],
    )
    assert.equal(desk.openOffers().length, 3, 'a new round')
  })

  it('of a lead that was decided otherwise meanwhile ends there', async () => {
    const desk = await offered(ONE)
    const row = desk.rows.get('L1')!
    const decision = { outcome: 'nurture' as const } as NonNullable<typeof row.lead.decision>
    Object.assign(row, { lead: { ...row.lead, decision }, state: 'offered' })
    await desk.forward(2 * MINUTE)
    assert.deepEqual(
      [desk.state('L1'), desk.openOffers().length, desk.load('ana')],
      ['unroutable', 0, 0],
    )
  })
})

describe('who misses offers', () => {
  const missing = (more: object = {}) =>
    offering(
      { within: '2m' },
      {
        misses: 2,
        reps: [rep('ana'), rep('ben')],
        pools: [{ id: 'all', members: ['ana', 'ben'] }],
        ...more,
      },
    )
  const goneOffline = async (rules: Policy) => {
    const desk = await offered(rules)
    await desk.forward(8 * MINUTE)
    return desk
  }

  it('goes offline after so many in a row, and is told so', async () => {
    const desk = await goneOffline(missing())
    assert.deepEqual(
      desk.offers.map(({ repId }) => repId),
      ['ana', 'ben', 'ana', 'ben'],
    )
    const { assignment } = desk.lead('L1')
    assert.equal(assignment!.status, 'waiting')
    assert.deepEqual(
      assignment!.candidates.map(({ verdict, reps }) => [reps[0], verdict]),
      [
        ['ana', 'offline since 2026-03-02T10:06:00.000Z after 2 missed offers'],
        ['ben', 'offline since 2026-03-02T10:08:00.000Z after 2 missed offers'],
      ],
    )
  })

  it('is back on the own word, and is offered what waits', async () => {
    const desk = await goneOffline(missing())
    assert.equal((await desk.available('ben')).outcome, 'recorded')
    assert.deepEqual(
      desk.openOffers().map(({ repId }) => repId),
      ['ben'],
    )
    assert.equal(why(await desk.available('ben')), 'Ben is not offline')
  })

  it('is back when the stated time is over, and counts from nothing', async () => {
    const desk = await goneOffline(missing({ offlineFor: '30m' }))
    assert.equal(desk.lead('L1').assignment!.retryAt, at(NOW + 36 * MINUTE))
    await desk.forward(28 * MINUTE)
    assert.deepEqual(
      desk.openOffers().map(({ repId }) => repId),
      ['ana'],
    )
    await desk.forward(2 * MINUTE)
    assert.deepEqual(desk.presences.get('ana'), { misses: 1 })
  })

  for (const kind of ['accepted', 'declined'] as const) {
    it(`an answer (${kind}) in between breaks the row`, async () => {
      const desk = await offered(missing())
      await desk.forward(4 * MINUTE)
      assert.deepEqual(desk.presences.get('ana'), { misses: 1 })
      await desk.report('L1', { kind, token: 3 })
      assert.deepEqual(desk.presences.get('ana'), { misses: 0 })
    })
  }
})

describe('an escalation of a lead that is offered', () => {
  const request = { id: 't1', exclude: [], why: 'no response', cause: 'sla-lost' as const }
  it('gives it to somebody outright, and takes the offers back', async () => {
    const desk = await offered(THREE)
    const decision = await desk.route({ ...one('L1'), routing: request })
    assert.deepEqual([decision.outcome, desk.owner('L1')], ['assigned', 'ana'])
    assert.deepEqual(
      desk.offers.map(({ end }) => end),
      ['withdrawn', 'withdrawn', 'withdrawn'],
    )
    assert.equal(desk.timers.size, 0)
  })
  it('leaves it as it is when nobody can take it', async () => {
    const desk = await offered(ONE)
    const everybody = { ...request, exclude: ['ana', 'ben', 'kim'] }
    const decision = await desk.route({ ...one('L1'), routing: everybody })
    assert.deepEqual([decision.outcome, desk.openOffers().length], ['offered', 1])
    assert.equal(desk.lead('L1').routing, undefined)
  })
})

describe('other reports about a lead that is offered', () => {
  it('an override that it is not for sales takes the offers back', async () => {
    const desk = new OfferDesk(THREE)
    const decision = { outcome: 'sql' as const } as NonNullable<ReturnType<typeof lead>['decision']>
    await desk.route({ ...one('L1'), decision })
    await desk.report('L1', {
      kind: 'overridden',
      decision: 'disqualified',
      reason: 'x',
      by: 'Dana',
    })
    assert.deepEqual(
      [desk.state('L1'), desk.openOffers().length, desk.timers.size],
      ['disqualified', 0, 0],
    )
    assert.equal(desk.lead('L1').assignment!.status, 'closed')
  })
  it('reopening it changes nothing', async () => {
    const desk = await offered(ONE)
    assert.equal(why(await desk.report('L1', { kind: 'reopened' })), 'The lead is offered already')
  })
  it('declining one that was never offered changes nothing', async () => {
    const desk = new OfferDesk(offering({}, { tiers: [TIER] }))
    await desk.route(one('L1'))
    assert.equal(
      why(await desk.report('L1', { kind: 'declined', token: 1 })),
      'The lead has no offer 1',
    )
    assert.equal((await desk.report('L1', { kind: 'accepted' })).outcome, 'recorded')
  })
})
