// Goal: the first route that fits and can place the lead wins, every candidate hears why not, and
// nobody gets a lead whom a gate holds back. Method: tables; random policies for the last law.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ALWAYS, isOpen } from '../../../engine/calendar'
import type { Assignment } from '../../../engine/lead/lead'
import type { Policy } from '../../../engine/policy/policy'
import { type Request, type RoutingState, route } from '../../../engine/routing/route'
import { verdictOf } from '../../../engine/routing/verdicts'
import type { FairnessRecord } from '../../../engine/step'
import { policy } from '../support/artefacts'
import { at, DAY, deepFreeze, HOUR, lead, NOW } from '../support/leads'

const REPS = [
  { id: 'ana', name: 'Ana', capacity: 2, skills: ['de'] },
  { id: 'ben', name: 'Ben', capacity: 2 },
  { id: 'kim', name: 'Kim', capacity: 2, skills: ['de'] },
]
const state = (more: Partial<RoutingState> = {}): RoutingState => ({
  loads: new Map(),
  fairness: new Map(),
  ...more,
})
const loads = (all: Record<string, number>) => ({ loads: new Map(Object.entries(all)) })
const request = (more: Partial<Request> = {}): Request => ({
  units: 1,
  exclude: new Set(),
  ...more,
})
const go = (changes: object, known: RoutingState = state(), asked = request(), one = lead()) =>
  route(policy({ reps: REPS, ...changes }), deepFreeze(one), known, asked, NOW)

const ASSIGNED = {
  cycle: 1,
  attempt: 1,
  at: at(NOW),
  status: 'assigned',
  units: 1,
  why: 'w',
  candidates: [],
}

const POOLS = [
  { id: 'first', members: ['ana', 'ben'], overflow: 'second' },
  { id: 'second', members: ['kim'] },
]
const TO = (...routes: object[]) => ({
  pools: POOLS,
  routes: routes.map((one, index) => ({ id: `r${index}`, ...one })),
})

describe('route: the first route that matches', () => {
  const rows: ReadonlyArray<
    readonly [
      string,
      object,
      RoutingState,
      kind: string,
      rep: string | undefined,
      route: string | undefined,
    ]
  > = [
    ['takes the lead', TO({ pool: 'first' }), state(), 'assigned', 'ana', 'r0'],
    [
      'is the one whose condition holds',
      TO({ when: { 'company.country': 'FR' }, pool: 'first' }, { pool: 'second' }),
      state(),
      'assigned',
      'kim',
      'r1',
    ],
    [
      'is not one that is unknown',
      TO({ when: { 'attributes.x': 1 }, pool: 'first' }, { pool: 'second' }),
      state(),
      'assigned',
      'kim',
      'r1',
    ],
    ['may name a rep', TO({ rep: 'ben' }, { pool: 'second' }), state(), 'assigned', 'ben', 'r0'],
    [
      'a named rep who is full is passed over',
      TO({ rep: 'ben' }, { pool: 'second' }),
      state(loads({ ben: 2 })),
      'assigned',
      'kim',
      'r1',
    ],
    [
      'unless the route waits',
      TO({ rep: 'ben', wait: true }),
      state(loads({ ben: 2 })),
      'waiting',
      undefined,
      'r0',
    ],
    [
      'nor is one waited for who lacks the skill',
      TO({ to: 'account-owner', wait: true, skills: ['fr'] }, { pool: 'second' }),
      state({ accountOwner: 'ben' }),
      'assigned',
      'kim',
      'r1',
    ],
    [
      'the account’s owner',
      TO({ to: 'account-owner' }, { pool: 'second' }),
      state({ accountOwner: 'ben' }),
      'assigned',
      'ben',
      'r0',
    ],
    [
      'an account without an owner',
      TO({ to: 'account-owner' }, { pool: 'second' }),
      state(),
      'assigned',
      'kim',
      'r1',
    ],
    [
      'an owner who left the policy',
      TO({ to: 'account-owner' }, { pool: 'second' }),
      state({ accountOwner: 'gone' }),
      'assigned',
      'kim',
      'r1',
    ],
    [
      'the rep who had it before',
      TO({ to: 'previous-owner' }, { pool: 'second' }),
      state({ previousOwner: 'ana' }),
      'assigned',
      'ana',
      'r0',
    ],
    [
      'no route matches',
      TO({ when: { 'company.country': 'FR' }, pool: 'first' }),
      state(),
      'unroutable',
      undefined,
      undefined,
    ],
  ]
  for (const [name, changes, known, kind, rep, id] of rows) {
    it(name, () => {
      const routing = go(changes, known)
      assert.deepEqual(
        [routing.kind, routing.kind === 'assigned' ? routing.rep.id : undefined, routing.route?.id],
        [kind, rep, id],
      )
    })
  }

  it('says by which rule, with the values that it read', () => {
    const routing = go(TO({ when: { 'company.country': 'DE' }, pool: 'first', why: 'Home market' }))
    assert.deepEqual(routing.because, [
      { rule: 'r0', why: 'Home market', inputs: [{ path: 'company.country', value: 'DE' }] },
    ])
  })
})

describe('route: a pool and its overflow', () => {
  const full = { ana: 2, ben: 2 }
  it('goes on to the overflow when nobody can take it', () => {
    const routing = go(TO({ pool: 'first' }), state(loads(full)))
    assert.ok(routing.kind === 'assigned')
    assert.deepEqual([routing.rep.id, routing.poolId], ['kim', 'second'])
    assert.equal(routing.why, 'Kim is next in second (overflow from first)')
  })
  it('waits for the first pool when nobody in the chain can take it', () => {
    const routing = go(TO({ pool: 'first' }), state(loads({ ...full, kim: 2 })))
    assert.ok(routing.kind === 'waiting')
    assert.deepEqual([routing.poolId, routing.retryAtMs], ['first', undefined])
    assert.equal(routing.why, 'nobody in first → second can take it now: 3 full')
  })
  it('a route behind a pool that cannot take it is not tried: first route wins', () => {
    const pools = [
      { id: 'first', members: ['ana'] },
      { id: 'second', members: ['kim'] },
    ]
    const routes = [
      { id: 'r0', pool: 'first', when: { 'company.country': 'DE' } },
      { id: 'r1', pool: 'second' },
    ]
    assert.equal(go({ pools, routes }, state(loads({ ana: 2 }))).kind, 'waiting')
  })
  it('is unroutable when nobody in the chain ever may', () => {
    const routing = go(TO({ pool: 'first', skills: ['fr'] }))
    assert.equal(routing.kind, 'unroutable')
    assert.equal(routing.why, 'nobody in first → second may take it: 3 without the skill')
  })
  it('waits when somebody with the skill is only busy', () => {
    assert.equal(
      go(TO({ pool: 'first', skills: ['de'] }), state(loads({ ana: 2, kim: 2 }))).kind,
      'waiting',
    )
  })
  it('says when the first of them comes on shift or back', () => {
    const reps = [
      {
        id: 'ana',
        name: 'Ana',
        capacity: 2,
        away: [{ from: at(NOW - DAY), to: at(NOW + 3 * HOUR) }],
      },
      {
        id: 'ben',
        name: 'Ben',
        capacity: 2,
        away: [{ from: at(NOW - DAY), to: at(NOW + 2 * HOUR) }],
      },
      { id: 'kim', name: 'Kim', capacity: 2, paused: true },
    ]
    const routing = go({ ...TO({ pool: 'first' }), reps })
    assert.ok(routing.kind === 'waiting')
    assert.equal(routing.retryAtMs, NOW + 2 * HOUR)
    assert.equal(routing.why, 'nobody in first → second can take it now: 1 paused, 2 away')
  })
  it('an owner who is away may be waited for, or passed over with a chance noted', () => {
    const reps = [
      { ...REPS[0], away: [{ from: at(NOW - DAY), to: at(NOW + HOUR) }] },
      ...REPS.slice(1),
    ]
    const routes = { pools: POOLS, routes: [{ id: 'r0', to: 'account-owner' }] }
    const routing = go({ ...routes, reps }, state({ accountOwner: 'ana' }))
    assert.ok(routing.kind === 'waiting')
    assert.equal(routing.retryAtMs, NOW + HOUR)
    assert.match(routing.why, /no route could place it: ana away until/)
  })
})

describe('route: a ladder of pools', () => {
  const reps = [...REPS, { id: 'lee', name: 'Lee', capacity: 2 }]
  const pools = [
    { id: 'first', members: ['ana'], overflow: ['second', 'on-call'] },
    { id: 'second', members: ['ben'], overflow: 'third' },
    { id: 'third', members: ['kim'] },
    { id: 'on-call', members: ['lee'], overflow: 'third' },
  ]
  const routes = [{ id: 'r', pool: 'first' }]
  const asked = (full: Record<string, number>) => go({ reps, pools, routes }, state(loads(full)))
  it('is asked in its order, each pool with its own overflow, none twice', () => {
    const compiled = policy({ reps, pools, routes })
    assert.deepEqual(compiled.pools.get('first')!.ladder, ['first', 'second', 'third', 'on-call'])
    for (const [full, want] of [
      [{}, 'ana'],
      [{ ana: 2 }, 'ben'],
      [{ ana: 2, ben: 2 }, 'kim'],
      [{ ana: 2, ben: 2, kim: 2 }, 'lee'],
    ] as const) {
      const routing = asked(full)
      assert.equal(routing.kind === 'assigned' && routing.rep.id, want)
    }
  })
  describe('that a lead has begun', () => {
    const german = [{ id: 'r', pool: 'first', skills: ['de'] }]
    const came = (route: string) =>
      lead({ assignment: { ...ASSIGNED, route, policy: policy().ref } as Assignment })
    const sent = (poolId: string, full: Record<string, number>, by = 'r', rules = routes) =>
      go({ reps, pools, routes: rules }, state(loads(full)), request({ poolId }), came(by))

    it('is asked from the demanded pool on, to its end', () => {
      for (const [poolId, full, want] of [
        ['second', {}, 'ben'],
        ['second', { ben: 2 }, 'kim'],
        ['second', { ben: 2, kim: 2 }, 'lee'],
        ['third', { kim: 2 }, 'lee'],
        ['on-call', {}, 'lee'],
      ] as const) {
        const routing = sent(poolId, full)
        assert.ok(routing.kind === 'assigned')
        assert.deepEqual([routing.rep.id, routing.route.id], [want, 'r'])
      }
    })
    it('is not, when the lead came another way: then the pool’s own is', () => {
      for (const by of ['gone', 'pool.second']) {
        const routing = sent('second', { ben: 2, kim: 2 }, by)
        assert.equal(routing.why, 'nobody in second → third can take it now: 2 full')
      }
    })
    it('keeps the skills of its route', () => {
      const routing = sent('second', {}, 'r', german)
      assert.ok(routing.kind === 'assigned')
      assert.equal(routing.rep.id, 'kim')
      assert.equal(verdictOf(routing.candidates, 'ben'), 'lacks the skill de')
    })
  })
  it('whoever is in several of its pools is told and counted once', () => {
    const twice = [
      { id: 'first', members: ['ana', 'ben'], overflow: 'second' },
      { id: 'second', members: ['ana', 'ben', 'kim'] },
    ]
    const routing = go({ pools: twice, routes }, state(loads({ ana: 2, ben: 2, kim: 2 })))
    assert.equal(routing.why, 'nobody in first → second can take it now: 3 full')
    assert.deepEqual(routing.candidates, [{ verdict: 'full: 2 of 2', reps: ['ana', 'ben', 'kim'] }])
  })
  it('a pool with hours of its own asks its members in those', () => {
    const calendars = {
      day: { timezone: 'Etc/UTC', hours: { daily: ['08:00-20:00'] } },
      night: { timezone: 'Etc/UTC', hours: { daily: ['20:00-08:00'] } },
    }
    const staff = [{ ...REPS[0], calendar: 'day' }, { ...REPS[1], calendar: 'night' }, REPS[2]]
    const shifts = [
      { id: 'first', members: ['ben'], overflow: 'on-call' },
      { id: 'on-call', members: ['ben', 'ana'], calendar: 'day' },
    ]
    const routing = go({ calendars, reps: staff, pools: shifts, routes })
    assert.ok(routing.kind === 'assigned')
    assert.deepEqual([routing.rep.id, routing.poolId], ['ana', 'on-call'])
    assert.equal(
      verdictOf(routing.candidates, 'ben'),
      'ranked 2: tie, more open work or later name',
    )
  })
})

describe('route: who can still meet the deadline', () => {
  const calendars = {
    early: { timezone: 'Etc/UTC', hours: { daily: ['08:00-10:05'] } },
    late: { timezone: 'Etc/UTC', hours: { daily: ['08:00-20:00'] } },
  }
  const reps = [
    { id: 'ana', name: 'Ana', capacity: 9, calendar: 'early' },
    { id: 'ben', name: 'Ben', capacity: 9, calendar: 'late' },
    { id: 'kim', name: 'Kim', capacity: 9, calendar: 'early' },
  ]
  const budget = { startMs: NOW, respondMs: HOUR, handleMs: HOUR / 4, clock: ALWAYS }
  const behind = {
    fairness: new Map([
      [
        'all',
        new Map([
          ['ben', { virtualTime: 9 }],
          ['ana', { virtualTime: 1 }],
        ]),
      ],
    ]),
  }
  const TOO_LATE = 'too few of the own hours are left before the deadline'
  it('comes before who cannot, whatever the share', () => {
    const pools = [{ id: 'all', members: ['ana', 'ben', 'kim'] }]
    const routing = go({ calendars, reps, pools }, state(behind), request({ budget }))
    assert.ok(routing.kind === 'assigned')
    assert.equal(routing.rep.id, 'ben')
    assert.deepEqual(routing.candidates, [
      { verdict: 'chosen', reps: ['ben'] },
      { rank: 2, verdict: TOO_LATE, reps: ['ana', 'kim'] },
    ])
  })
  it('also in the overflow, before somebody of the pool who comes too late', () => {
    const pools = [
      { id: 'all', members: ['ana', 'kim'], overflow: 'help' },
      { id: 'help', members: ['ben'] },
    ]
    const routing = go({ calendars, reps, pools }, state(behind), request({ budget }))
    assert.ok(routing.kind === 'assigned')
    assert.deepEqual([routing.rep.id, routing.poolId], ['ben', 'help'])
    assert.equal(verdictOf(routing.candidates, 'ana'), TOO_LATE)
    assert.deepEqual(
      routing.standings.map(({ poolId, repId }) => [poolId, repId]),
      [
        ['help', 'ben'],
        // Who has a record of the pool and is no member is away from it.
        ['all', 'ben'],
        ['all', 'kim'],
      ],
    )
  })
  it('when nobody can, it goes by the share, and says so', () => {
    const pools = [
      { id: 'all', members: ['ana', 'kim'], overflow: 'help' },
      { id: 'help', members: ['ben'] },
    ]
    const missed = { ...budget, startMs: NOW - 2 * HOUR }
    const routing = go({ calendars, reps, pools }, state(behind), request({ budget: missed }))
    assert.ok(routing.kind === 'assigned')
    assert.deepEqual([routing.rep.id, routing.poolId], ['ana', 'all'])
    assert.match(routing.why, /too late for the deadline, as everybody would be$/)
  })
})

describe('route: territory', () => {
  const company = (changes: object, contact: object = {}) =>
    lead({ company: changes as never, contact: contact as never })
  const rows: ReadonlyArray<readonly [string, object, ReturnType<typeof lead>, boolean]> = [
    ['a country', { countries: ['DE', 'Austria'] }, company({ country: 'AT' }), true],
    ['another country', { countries: ['DE'] }, company({ country: 'FR' }), false],
    ['no country at all', { countries: ['DE'] }, company({}), false],
    [
      'the contact’s country, the company’s unknown',
      { countries: ['DE'] },
      company({}, { country: 'DE' }),
      true,
    ],
    [
      'the contact’s country against the company’s',
      { countries: ['DE'] },
      company({ country: 'FR' }, { country: 'DE' }),
      false,
    ],
    ['a region', { regions: ['Bavaria'] }, company({ region: 'bavaria' }), true],
    [
      'postcodes',
      { countries: ['DE'], postcodes: ['80-87'] },
      company({ country: 'DE', postcode: '80331' }),
      true,
    ],
    [
      'the postcode of another country',
      { countries: ['DE'], postcodes: ['80-87'] },
      company({ country: 'FR', postcode: '80331' }),
      false,
    ],
    ['a size', { employees: { from: 50, to: 500 } }, company({ employees: 500 }), true],
    ['too large', { employees: { from: 50, to: 500 } }, company({ employees: 501 }), false],
    ['no upper end', { employees: { from: 50 } }, company({ employees: 1e6 }), true],
    [
      'an industry, as it is typed',
      { industries: ['Financial Services'] },
      company({ industry: 'financial-services' }),
      true,
    ],
    ['a named account', { accounts: ['acme.example'] }, company({ domain: 'acme.example' }), true],
    [
      'all keys of an area',
      { countries: ['DE'], industries: ['software'] },
      company({ country: 'DE' }),
      false,
    ],
    [
      'one of several areas',
      [{ countries: ['FR'] }, { regions: ['Bavaria'] }],
      company({ region: 'Bavaria' }),
      true,
    ],
  ]
  for (const [name, territory, one, want] of rows) {
    it(`${name}: ${want ? 'in' : 'out'}`, () => {
      const routing = go(
        TO({ territory, pool: 'first' }, { pool: 'second' }),
        state(),
        request(),
        one,
      )
      assert.equal(routing.route?.id, want ? 'r0' : 'r1')
    })
  }
  it('where territories overlap, the first route wins', () => {
    const changes = TO(
      { territory: { countries: ['DE'] }, pool: 'first' },
      { territory: { accounts: ['acme.example'] }, pool: 'second' },
    )
    assert.equal(go(changes).route?.id, 'r0')
  })
  it('stands beside `when`: both must hold', () => {
    const when = { 'source.trigger': 'chat' }
    const changes = TO(
      { territory: { countries: ['DE'] }, when, pool: 'first' },
      { pool: 'second' },
    )
    assert.equal(go(changes).route?.id, 'r1')
    const chat = lead({ source: { trigger: 'chat' } })
    assert.equal(go(changes, state(), request(), chat).route?.id, 'r0')
  })
  it('is the reason in words, with the values that it read', () => {
    const routing = go(
      TO(
        { territory: { countries: ['DE'], postcodes: ['80'] }, pool: 'first' },
        { pool: 'second' },
      ),
      state(),
      request(),
      company({ country: 'DE', postcode: '80331' }),
    )
    assert.equal(routing.because[0]!.why, 'DE; postcodes 80')
    assert.deepEqual(
      routing.because[0]!.inputs.map(({ path, value }) => [path, value]),
      [
        ['company.country', 'DE'],
        ['contact.country', null],
        ['company.postcode', '80331'],
      ],
    )
  })
})

describe('route: the rep who had it before', () => {
  const changes = TO({ to: 'previous-owner', within: '30d' }, { pool: 'second' })
  for (const [days, want] of [
    [30, 'ana'],
    [31, 'kim'],
  ] as const) {
    it(`${days} days ago, within 30: ${want}`, () => {
      const routing = go(changes, state({ previousOwner: 'ana', previousAtMs: NOW - days * DAY }))
      assert.equal(routing.kind === 'assigned' && routing.rep.id, want)
    })
  }
  it('nobody knows when: not within', () => {
    const routing = go(changes, state({ previousOwner: 'ana' }))
    assert.equal(routing.kind === 'assigned' && routing.rep.id, 'kim')
  })
})

describe('route: a clock that jumps back', () => {
  it('finds everybody as they were left', () => {
    const known = state({
      fairness: new Map([
        [
          'first',
          new Map([
            ['ana', { virtualTime: 3, awaySinceMs: NOW + DAY }],
            ['ben', { virtualTime: 4 }],
          ]),
        ],
      ]),
    })
    const routing = go(TO({ pool: 'first' }), known)
    assert.equal(routing.kind === 'assigned' && routing.rep.id, 'ana')
  })
})

describe('route: why not', () => {
  it('every member of every pool that was asked has a verdict, the chosen one too', () => {
    const reps = [{ ...REPS[0], paused: true }, REPS[1], REPS[2]]
    const pools = [{ id: 'first', members: ['ana', 'ben', 'kim'] }]
    const fairness = new Map([
      [
        'first',
        new Map([
          ['kim', { virtualTime: 1.5 }],
          ['ben', { virtualTime: 0 }],
        ]),
      ],
    ])
    const routing = go({ reps, pools, routes: [{ id: 'r', pool: 'first' }] }, state({ fairness }))
    assert.deepEqual(routing.candidates, [
      { verdict: 'chosen', reps: ['ben'] },
      { rank: 2, verdict: 'had 1.50 leads per weight more', reps: ['kim'] },
      { verdict: 'paused', reps: ['ana'] },
    ])
  })
  it('a tie says so', () => {
    const { candidates } = go(TO({ pool: 'first' }))
    assert.deepEqual(candidates, [
      { verdict: 'chosen', reps: ['ana'] },
      { rank: 2, verdict: 'tie, more open work or later name', reps: ['ben'] },
    ])
  })
  it('a heavier colleague’s turn says so', () => {
    const reps = [{ ...REPS[0], weight: 2 }, REPS[1], REPS[2]]
    const { candidates } = go({ ...TO({ pool: 'first' }), reps })
    assert.equal(verdictOf(candidates, 'ben'), 'ranked 2: the turn comes later, by weight')
  })
  it('a named rep has a verdict as well', () => {
    const { candidates } = go(TO({ rep: 'ben' }, { rep: 'ana' }), state(loads({ ben: 2 })))
    assert.deepEqual(candidates, [
      { verdict: 'chosen', reps: ['ana'] },
      { verdict: 'full: 2 of 2', reps: ['ben'] },
    ])
  })
})

describe('route: a request', () => {
  it('for a pool goes there, whatever the routes say', () => {
    const routing = go(TO({ pool: 'first' }), state(), request({ poolId: 'second' }))
    assert.ok(routing.kind === 'assigned')
    assert.deepEqual([routing.rep.id, routing.route.id], ['kim', 'pool.second'])
  })
  it('for a pool that is gone is unroutable', () => {
    const routing = go(TO({ pool: 'first' }), state(), request({ poolId: 'gone' }))
    assert.equal(routing.kind, 'unroutable')
    assert.equal(routing.why, 'there is no pool gone')
  })
  it('waits for no named rep who had the lead before', () => {
    const routes = TO({ to: 'account-owner', wait: true }, { pool: 'second' })
    const had = request({ exclude: new Set(['ben']) })
    const routing = go(routes, state({ accountOwner: 'ben' }), had)
    assert.ok(routing.kind === 'assigned')
    assert.equal(routing.rep.id, 'kim')
  })
  it('excludes reps', () => {
    const routing = go(TO({ pool: 'first' }), state(), request({ exclude: new Set(['ana']) }))
    assert.ok(routing.kind === 'assigned')
    assert.equal(routing.rep.id, 'ben')
  })
  it('needs its units free', () => {
    const routing = go(TO({ pool: 'first' }), state(loads({ ana: 1 })), request({ units: 2 }))
    assert.ok(routing.kind === 'assigned')
    assert.equal(routing.rep.id, 'ben')
  })
})

describe('route: what it notes for fairness', () => {
  const records = (all: Record<string, FairnessRecord>) => ({
    fairness: new Map([['first', new Map(Object.entries(all))]]),
  })
  it('the chosen one is charged, a new one starts level, the others are left alone', () => {
    const pools = [{ id: 'first', members: ['ana', 'ben', 'kim'] }]
    const routing = go(
      { pools, routes: [{ id: 'r', pool: 'first' }] },
      state(records({ ana: { virtualTime: 4 }, ben: { virtualTime: 5 } })),
      request({ units: 2 }),
    )
    assert.deepEqual(routing.standings, [
      { poolId: 'first', repId: 'ana', virtualTime: 6 },
      { poolId: 'first', repId: 'kim', virtualTime: 4 },
    ])
  })
  it('who cannot take a lead any more is away from now on, and only noted once', () => {
    const known = {
      ...loads({ ana: 2 }),
      ...records({ ana: { virtualTime: 4 }, ben: { virtualTime: 5 } }),
    }
    const first = go(TO({ pool: 'first' }), state(known))
    assert.deepEqual(first.standings[0], {
      poolId: 'first',
      repId: 'ana',
      virtualTime: 4,
      awaySinceMs: NOW,
    })
    const gone = {
      ...loads({ ana: 2 }),
      ...records({ ana: { virtualTime: 4, awaySinceMs: NOW - HOUR }, ben: { virtualTime: 5 } }),
    }
    const again = go(TO({ pool: 'first' }), state(gone))
    assert.deepEqual(
      again.standings.map(({ repId }) => repId),
      ['ben'],
    )
  })
  it('lacking a skill or being excluded for one lead is no absence', () => {
    const known = state(records({ ana: { virtualTime: 4 }, ben: { virtualTime: 5 } }))
    const skills = go(TO({ pool: 'first', skills: ['de'] }), known)
    const excluded = go(TO({ pool: 'first' }), known, request({ exclude: new Set(['ben']) }))
    for (const { standings } of [skills, excluded])
      assert.deepEqual(
        standings.map(({ repId }) => repId),
        ['ana'],
      )
  })
  it('a named rep is charged nothing', () => {
    assert.deepEqual(go(TO({ rep: 'ana' })).standings, [])
  })
  it('who has left the pool counts for nothing', () => {
    const known = state(
      records({ gone: { virtualTime: 0 }, ana: { virtualTime: 50, awaySinceMs: NOW - HOUR } }),
    )
    const { standings } = go(TO({ pool: 'first' }), known)
    const [gone] = standings.filter(({ repId }) => repId === 'gone')
    assert.deepEqual([gone!.virtualTime, gone!.awaySinceMs], [0, NOW], 'but is known to be away')
    assert.ok(standings.every((one) => one === gone || one.virtualTime >= 50))
  })
})

describe('route: an edit of the pool', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const team = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom(1, 2, 5)), {
      selector: ([id]) => id,
      minLength: 1,
    })
    .map((list) => list.map(([rep, weight]) => ({ rep, weight })))
  const pool = (members: object[]) =>
    policy({
      reps: names.map((id) => ({ id, name: id, capacity: 999 })),
      pools: [{ id: 'all', members }],
    })

  it('resets nobody: only the chosen one moves, and who is new starts', () => {
    fc.assert(
      fc.property(team, team, fc.nat(40), (before, after, leads) => {
        const fairness = new Map<string, FairnessRecord>()
        const known = state({ fairness: new Map([['all', fairness]]) })
        const play = (compiled: Policy) => {
          const routing = route(compiled, lead(), known, request(), NOW)
          for (const { repId, poolId: _, ...record } of routing.standings)
            fairness.set(repId, record)
          return routing
        }
        const first = pool(before)
        for (let n = 0; n <= leads; n++) play(first)
        const kept = new Map(fairness)
        const routing = play(pool(after))
        assert.ok(routing.kind === 'assigned')
        // Who is taken out is away from then on.
        const isMember = (id: string) => after.some(({ rep }) => rep === id)
        const away = { awaySinceMs: NOW }
        for (const [id, record] of kept)
          if (id !== routing.rep.id)
            assert.deepEqual(fairness.get(id), isMember(id) ? record : { ...record, ...away })
        for (const { repId } of routing.standings)
          assert.ok(repId === routing.rep.id || !kept.has(repId) || !isMember(repId))
      }),
    )
  })
})

describe('route: laws over random policies', () => {
  const ids = ['a', 'b', 'c', 'd', 'e']
  const anyRep = (id: string) =>
    fc.record({
      id: fc.constant(id),
      name: fc.constant(id.toUpperCase()),
      capacity: fc.integer({ min: 0, max: 4 }),
      weight: fc.constantFrom(0.5, 1, 2),
      paused: fc.constantFrom(true, false, false),
      skills: fc.subarray(['x', 'y']),
      calendar: fc.constantFrom('office', 'office', 'night'),
      away: fc.constantFrom(
        [],
        [],
        [{ from: at(NOW - HOUR), to: at(NOW + HOUR) }],
        [{ from: at(NOW + HOUR), to: at(NOW + DAY) }],
      ),
    })
  const members = fc.subarray(ids, { minLength: 1 })
  const world = fc.record({
    reps: fc.tuple(...ids.map(anyRep)),
    pools: fc.tuple(members, members),
    overflow: fc.boolean(),
    skills: fc.subarray(['x', 'y']),
    named: fc.constantFrom(...ids),
    loads: fc.dictionary(fc.constantFrom(...ids), fc.integer({ min: 0, max: 4 })),
    fairness: fc.dictionary(
      fc.constantFrom(...ids),
      fc.record(
        {
          virtualTime: fc.double({ min: 0, max: 50, noNaN: true }),
          awaySinceMs: fc.nat(DAY).map((ms) => NOW - ms),
        },
        { requiredKeys: ['virtualTime'] },
      ),
    ),
    units: fc.integer({ min: 1, max: 3 }),
    exclude: fc.subarray(ids),
    demand: fc.constantFrom(undefined, 'p0', 'p1'),
    nowMs: fc.constantFrom(NOW, NOW + 10 * HOUR, NOW + 5 * DAY),
  })
  type World = typeof world extends fc.Arbitrary<infer T> ? T : never

  const build = (
    { reps, pools, overflow, skills, named }: World,
    turn = (list: string[]) => list,
  ): Policy =>
    policy({
      calendars: {
        office: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-17:00'] } },
        night: { timezone: 'Etc/UTC', hours: { daily: ['18:00-02:00'] } },
      },
      reps,
      pools: pools.map((list, index) => ({
        id: `p${index}`,
        members: turn(list),
        ...(index === 0 && overflow ? { overflow: 'p1' } : {}),
      })),
      routes: [
        { id: 'owner', rep: named, when: { 'company.country': 'DE' } },
        { id: 'rest', pool: 'p0', skills },
      ],
    })
  const run = (one: World, compiled: Policy) =>
    route(
      compiled,
      lead(),
      {
        loads: new Map(Object.entries(one.loads)),
        fairness: new Map(['p0', 'p1'].map((id) => [id, new Map(Object.entries(one.fairness))])),
      },
      {
        units: one.units,
        exclude: new Set(one.exclude),
        ...(one.demand ? { poolId: one.demand } : {}),
      },
      one.nowMs,
    )

  it('never picks who is paused, away, off shift, full, excluded or unskilled', () => {
    let assigned = 0
    fc.assert(
      fc.property(world, (one) => {
        const routing = run(one, build(one))
        if (routing.kind !== 'assigned') return
        assigned += 1
        const { rep, route: by } = routing
        assert.ok(!rep.paused)
        assert.ok(!one.exclude.includes(rep.id))
        assert.ok(!rep.away.some(({ fromMs, toMs }) => fromMs <= one.nowMs && one.nowMs < toMs))
        assert.ok(isOpen(rep.calendar!, one.nowMs))
        assert.ok((one.loads[rep.id] ?? 0) + one.units <= rep.capacity)
        for (const skill of by.skills ?? []) assert.ok(rep.skills.has(skill))
      }),
      { numRuns: 500 },
    )
    assert.ok(assigned > 15, `only ${assigned} leads were assigned`)
  })

  it('the order of the member lists never decides, nor any list’s order anything', () => {
    fc.assert(
      fc.property(world, (one) => {
        const there = run(one, build(one))
        const back = run(
          one,
          build(one, (list) => [...list].reverse()),
        )
        assert.equal(there.kind, back.kind)
        if (there.kind === 'assigned' && back.kind === 'assigned')
          assert.equal(there.rep.id, back.rep.id)
        const sorted = (list: readonly { repId: string; poolId: string }[]) =>
          [...list].sort((a, b) => (a.poolId + a.repId < b.poolId + b.repId ? -1 : 1))
        assert.deepEqual(sorted(there.standings), sorted(back.standings))
      }),
      { numRuns: 120 },
    )
  })

  it('waits or gives up only when nobody of the chain can take it now', () => {
    fc.assert(
      fc.property(world, (one) => {
        const compiled = build(one)
        const routing = run(one, compiled)
        if (routing.kind === 'assigned') return
        assert.ok(routing.candidates.every(({ rank, verdict }) => !rank && verdict !== 'chosen'))
        const first = one.demand ?? 'p0'
        const asked = new Set(routing.candidates.flatMap(({ reps }) => reps))
        for (const { rep } of compiled.pools.get(first)!.members) assert.ok(asked.has(rep.id))
        if (first === 'p0' && one.overflow)
          for (const { rep } of compiled.pools.get('p1')!.members) assert.ok(asked.has(rep.id))
      }),
      { numRuns: 120 },
    )
  })
})
