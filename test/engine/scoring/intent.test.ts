// Goal: intent is exactly what the header of engine/scoring/intent says, for one moment.
// Method: a table of exact values; laws over random signals; the account's roll-up by hand.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Signal } from '../../../engine/lead/lead'
import { type PersonSignal, scoreIntent } from '../../../engine/scoring/intent'
import { contract } from '../support/artefacts'
import { at, DAY, deepFreeze, HOUR, lead, MINUTE, NOW, signal } from '../support/leads'

const demo = (more: object = {}) => ({
  id: 'demo',
  on: 'demo_request',
  points: 60,
  why: 'Asked for a demo',
  ...more,
})
const page = (more: object = {}) => ({
  id: 'page',
  on: 'page_view',
  points: 10,
  why: 'Looked',
  ...more,
})
const left = (more: object = {}) => ({
  id: 'left',
  on: 'unsubscribe',
  points: -50,
  why: 'Left',
  ...more,
})

const intent = (rules: readonly object[], more: object = {}) =>
  contract({
    intent: { halfLife: '7d', window: '90d', rules, ...more },
    decide: [{ id: 'd', outcome: 'nurture' }],
  })
const pointsOf = (rules: readonly object[], signals: readonly Signal[], more: object = {}) =>
  scoreIntent(intent(rules, more), lead({ signals: [...signals] }), [], NOW).points

describe('scoreIntent: decay', () => {
  for (const [name, ageMs, want] of [
    ['fresh', 0, 60],
    ['one half-life', 7 * DAY, 30],
    ['two half-lives', 14 * DAY, 15],
    ['three half-lives', 21 * DAY, 7.5],
    ['half a half-life', 3.5 * DAY, 42.4],
    ['one day', DAY, 54.3],
    ['at the edge of the window', 90 * DAY, 0],
    ['from the future, as a clock may run ahead', -HOUR, 60],
    ['from the far future', -400 * DAY, 60],
  ] as const) {
    it(`${name}: ${want}`, () => {
      assert.equal(pointsOf([demo()], [signal('demo_request', ageMs)]), want)
    })
  }

  it('a rule’s own half-life counts', () => {
    assert.equal(pointsOf([demo({ halfLife: '14d' })], [signal('demo_request', 14 * DAY)]), 30)
  })

  it('the window holds its edge and nothing beyond', () => {
    const rules = [demo({ halfLife: '1000d', window: '10d' })]
    assert.equal(pointsOf(rules, [signal('demo_request', 10 * DAY)]), 59.6)
    assert.equal(pointsOf(rules, [signal('demo_request', 10 * DAY + 1)]), 0)
  })
})

describe('scoreIntent: what counts', () => {
  const rows: ReadonlyArray<
    readonly [
      string,
      readonly object[],
      readonly Signal[],
      points: number,
      counted: number,
      object?,
    ]
  > = [
    ['nothing', [demo()], [], 0, 0],
    ['a type without a rule', [demo()], [signal('webinar')], 0, 0],
    ['two types', [demo(), page()], [signal('demo_request'), signal('page_view')], 70, 2],
    [
      'one signal under two rules',
      [page(), page({ id: 'again', points: 1 })],
      [signal('page_view')],
      11,
      1 + 1,
    ],
    ['the same id twice', [page()], [signal('page_view'), signal('page_view')], 10, 1],
    [
      'a rule on several types',
      [page({ on: ['page_view', 'docs_view'] })],
      [signal('page_view'), signal('docs_view')],
      20,
      2,
    ],
    [
      'inside the cooldown',
      [page({ cooldown: '10m' })],
      [signal('page_view', 9 * MINUTE), signal('page_view', 0)],
      10,
      1,
    ],
    [
      'the end of the cooldown',
      [page({ cooldown: '10m' })],
      [signal('page_view', 10 * MINUTE), signal('page_view', 0)],
      20,
      2,
    ],
    [
      'a cooldown counts from what was counted, not from every signal',
      [page({ cooldown: '10m' })],
      [0, 6, 12].map((minutes) => signal('page_view', minutes * MINUTE)),
      20,
      2,
    ],
    [
      'a signal that left the window still keeps out those of its cooldown',
      [page({ cooldown: '10m', window: '1h' })],
      [signal('page_view', 65 * MINUTE), signal('page_view', 59 * MINUTE)],
      0,
      0,
    ],
    [
      'the cooldown of one rule is not another’s',
      [page({ cooldown: '10m' }), demo({ cooldown: '10m' })],
      [signal('page_view'), signal('demo_request')],
      70,
      2,
    ],
    [
      'max caps one rule',
      [page({ max: 25 })],
      [1, 2, 3, 4].map((ms) => signal('page_view', ms)),
      25,
      4,
    ],
    [
      'max 0 silences a rule',
      [page({ max: 0 }), demo()],
      [signal('page_view'), signal('demo_request')],
      60,
      2,
    ],
    [
      'max caps a negative rule alike',
      [demo(), left({ max: 20 })],
      [signal('demo_request'), signal('unsubscribe')],
      40,
      2,
    ],
    [
      'a negative rule takes',
      [demo(), left()],
      [signal('demo_request'), signal('unsubscribe')],
      10,
      2,
    ],
    [
      'a negative rule decays',
      [demo(), left({ halfLife: '7d' })],
      [signal('demo_request'), signal('unsubscribe', 7 * DAY)],
      35,
      2,
    ],
    ['the floor is 0 unless told', [left()], [signal('unsubscribe')], 0, 1],
    ['a floor below 0', [left()], [signal('unsubscribe')], -20, 1, { floor: -20 }],
    [
      'the cap is 100 unless told',
      [demo()],
      [signal('demo_request', 1), signal('demo_request', 2)],
      100,
      2,
    ],
    ['a lower cap', [demo()], [signal('demo_request')], 50, 1, { cap: 50 }],
    [
      'a condition on a detail that holds',
      [page({ when: { seconds: { $gte: 30 } } })],
      [signal('page_view', 0, { seconds: 31 })],
      10,
      1,
    ],
    [
      'a condition on a detail that does not',
      [page({ when: { seconds: { $gte: 30 } } })],
      [signal('page_view', 0, { seconds: 29 })],
      0,
      0,
    ],
    [
      'a condition on a detail that is missing',
      [page({ when: { seconds: { $gte: 30 } } })],
      [signal('page_view')],
      0,
      0,
    ],
    ['a time that is none', [page()], [{ id: 'x', type: 'page_view', at: 'yesterday' }], 0, 0],
  ]
  for (const [name, rules, signals, points, counted, more] of rows) {
    it(name, () => {
      const section = scoreIntent(intent(rules, more), lead({ signals: [...signals] }), [], NOW)
      assert.deepEqual([section.points, section.signals], [points, counted])
    })
  }
})

describe('scoreIntent: the trace', () => {
  it('has one reason per rule that counted, with the signals’ ids and details', () => {
    const loaded = intent([demo(), page({ when: { path: { $startsWith: '/pricing' } } })])
    const { because, contract: ref } = scoreIntent(
      loaded,
      lead({ signals: [signal('page_view', HOUR, { path: '/pricing' })] }),
      [],
      NOW,
    )
    assert.deepEqual(ref, loaded.ref)
    assert.deepEqual(because, [
      {
        rule: 'page',
        points: 10,
        why: 'Looked',
        inputs: [
          { path: 'signals.page_view', value: `page_view-${HOUR}`, observedAt: at(NOW - HOUR) },
          { path: 'signals.page_view.path', value: '/pricing' },
        ],
      },
    ])
  })

  it('names the types of signal that no rule is about, wherever they stand', () => {
    const told = (rules: readonly object[], ...types: string[]) =>
      scoreIntent(
        intent(rules),
        lead({ signals: types.map((type) => signal(type, HOUR)) }),
        [],
        NOW,
      ).unscored
    assert.equal(told([page()], 'page_view'), undefined)
    assert.deepEqual(told([page()], 'webinar', 'page_view', 'ebook', 'webinar'), [
      'ebook',
      'webinar',
    ])
    // A rule whose window or condition leaves a signal out is about it all the same.
    assert.equal(told([page({ when: { path: 'x' } })], 'page_view'), undefined)
    assert.equal(told([], 'page_view'), undefined)
    const many = Array.from({ length: 30 }, (_, index) => `type-${index + 10}`)
    assert.deepEqual(told([page()], ...many.toReversed()), many.slice(0, 10))
  })

  it('lists five signals at most, and counts all', () => {
    const signals = Array.from({ length: 8 }, (_, index) => signal('page_view', index))
    const { because, signals: counted } = scoreIntent(intent([page()]), lead({ signals }), [], NOW)
    assert.deepEqual([because[0]!.inputs.length, counted], [5, 8])
  })
})

describe('scoreIntent: laws', () => {
  const anySignal = fc.record({
    id: fc.constantFrom('1', '2', '3', '4', '5', '6'),
    type: fc.constantFrom('demo_request', 'page_view', 'unsubscribe'),
    at: fc.integer({ min: -DAY, max: 100 * DAY }).map((ageMs) => at(NOW - ageMs)),
    seconds: fc.integer({ min: 0, max: 60 }),
  })
  const signals = fc.array(anySignal, { maxLength: 12 })
  const loaded = intent([
    demo({ cooldown: '1d' }),
    page({ max: 25, cooldown: '10m', when: { seconds: { $gte: 20 } } }),
    left(),
  ])
  const score = (all: readonly Signal[]) =>
    scoreIntent(loaded, deepFreeze(lead({ signals: [...all] })), [], NOW)

  it('the order of arrival changes nothing, not even when one id came with two contents', () => {
    fc.assert(
      fc.property(
        signals.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
          ),
        ),
        ([all, shuffled]) => assert.deepEqual(score(shuffled), score(all)),
      ),
      { numRuns: 500 },
    )
  })

  it('repeating signals changes nothing', () => {
    fc.assert(fc.property(signals, (all) => assert.deepEqual(score([...all, ...all]), score(all))))
  })

  it('the points stay within floor and cap, in tenths', () => {
    fc.assert(
      fc.property(signals, (all) => {
        const { points } = score(all)
        assert.ok(points >= 0 && points <= 100)
        assert.equal(points, Math.round(points * 10) / 10)
      }),
    )
  })

  it('without new signals the points of positive rules never grow as time passes', () => {
    const rules = [
      demo({ cooldown: '1d', window: '30d', halfLife: '30d' }),
      page({ cooldown: '8h', window: '3d', max: 25 }),
    ]
    const growing = intent(rules, { cap: 1_000 })
    // Hours around the windows' edges, where a signal leaves.
    const hour = fc.oneof(
      fc.nat(40),
      fc.integer({ min: 60, max: 80 }),
      fc.integer({ min: 710, max: 760 }),
    )
    const few = fc.array(fc.tuple(fc.constantFrom('demo_request', 'page_view'), hour), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(few, fc.uniqueArray(hour, { minLength: 2, maxLength: 6 }), (all, hours) => {
        const one = lead({
          signals: all.map(([type, ago], id) => signal(type, ago * HOUR, { id: `${id}` })),
        })
        const points = hours
          .sort((a, b) => a - b)
          .map((later) => scoreIntent(growing, one, [], NOW + later * HOUR).points)
        assert.deepEqual(
          points,
          points.toSorted((a, b) => b - a),
        )
      }),
      { numRuns: 1_000 },
    )
  })

  it('two visits within a cooldown give no more when the first leaves the window', () => {
    const rules = intent([page({ cooldown: '1d', window: '30d', halfLife: '30d', points: 60 })])
    const one = lead({ signals: [signal('page_view'), signal('page_view', -23 * HOUR)] })
    const later = (ms: number) => scoreIntent(rules, one, [], NOW + ms).points
    assert.deepEqual([later(30 * DAY), later(30 * DAY + 1), later(31 * DAY)], [30, 0, 0])
  })

  it('a positive rule alone never gains with age', () => {
    const only = intent([demo()])
    fc.assert(
      fc.property(fc.nat(80 * DAY), fc.nat(80 * DAY), (a, b) => {
        const of = (ageMs: number) =>
          scoreIntent(only, lead({ signals: [signal('demo_request', ageMs)] }), [], NOW).points
        assert.ok(of(Math.min(a, b)) >= of(Math.max(a, b)))
      }),
    )
  })
})

describe('scoreIntent: the account', () => {
  const account = (more: object = {}) =>
    intent([demo(), page()], { account: { perPerson: 60, cap: 100, ...more } })
  const by = (person: string, one: Signal): PersonSignal => ({ ...one, person })

  it('is not there unless the contract has one', () => {
    assert.equal(scoreIntent(intent([demo()]), lead(), [], NOW).account, undefined)
  })

  const rows: ReadonlyArray<
    readonly [string, object, readonly Signal[], readonly PersonSignal[], object]
  > = [
    ['nobody did anything', {}, [], [], { points: 0, people: 0, signals: 0 }],
    ['only the lead', {}, [signal('page_view')], [], { points: 10, people: 1, signals: 1 }],
    [
      'only another',
      {},
      [],
      [by('L2', signal('page_view'))],
      { points: 10, people: 1, signals: 1 },
    ],
    [
      'three people add up',
      {},
      [signal('page_view')],
      [by('L2', signal('page_view')), by('L3', signal('page_view'))],
      { points: 30, people: 3, signals: 3 },
    ],
    [
      'one busy person is limited',
      { perPerson: 15 },
      [],
      [by('L2', signal('page_view', 1)), by('L2', signal('page_view', 2))],
      { points: 15, people: 1, signals: 2 },
    ],
    [
      'the lead too is limited',
      { perPerson: 15 },
      [signal('demo_request')],
      [by('L2', signal('page_view'))],
      { points: 25, people: 2, signals: 2 },
    ],
    [
      'the account is capped',
      { cap: 50 },
      [signal('demo_request')],
      [by('L2', signal('demo_request'))],
      { points: 50, people: 2, signals: 2 },
    ],
    [
      'a person without points is not active',
      {},
      [signal('page_view')],
      [by('L2', signal('webinar'))],
      { points: 10, people: 1, signals: 1 },
    ],
    [
      'the same signal id of two people is two signals',
      {},
      [signal('page_view')],
      [by('L2', signal('page_view'))],
      { points: 20, people: 2, signals: 2 },
    ],
  ]
  for (const [name, more, own, others, want] of rows) {
    it(name, () => {
      const section = scoreIntent(account(more), lead({ signals: [...own] }), others, NOW)
      assert.deepEqual(section.account, want)
    })
  }

  it('has the same points and people for each of them, also where signals are older than its window', () => {
    const contract = intent([demo({ cooldown: '6h' }), page()], { account: { window: '2d' } })
    const one = fc.record({
      who: fc.constantFrom('L1', 'L2', 'L3'),
      type: fc.constantFrom('demo_request', 'page_view'),
      hours: fc.integer({ min: 0, max: 96 }),
    })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), (list) => {
        const signals = list.map(({ who, type, hours }, n) =>
          by(who, signal(type, hours * HOUR, { id: `s${n}` })),
        )
        const seenBy = ['L1', 'L2', 'L3'].map((id) => {
          const own = signals.filter(({ person }) => person === id)
          const others = signals.filter(
            ({ person, at }) => person !== id && Date.parse(at) >= NOW - 48 * HOUR,
          )
          return scoreIntent(contract, lead({ id, signals: own }), others, NOW).account
        })
        assert.deepEqual(seenBy[1], seenBy[0])
        assert.deepEqual(seenBy[2], seenBy[0])
      }),
    )
  })

  it('does not touch the person’s own points', () => {
    const others = [by('L2', signal('demo_request'))]
    assert.equal(
      scoreIntent(account(), lead({ signals: [signal('page_view')] }), others, NOW).points,
      10,
    )
  })
})
