// Goal: a trail reads as sentences: what happened, why, over which values, and why not another rep.
import assert from 'node:assert/strict'
import { explainStanding, explainTrail, type TrailEntry } from '../../../engine/audit/explain'
import { at, NOW } from '../support/leads'

const entry = (more: object = {}, detail?: object): TrailEntry =>
  ({
    seq: 3,
    entry: {
      v: 1,
      realm: 'live',
      at: at(NOW),
      lead: 'L1',
      step: 'qualify',
      outcome: 'sales',
      rules: [],
      changes: [],
      commitment: '',
      ...more,
    },
    ...(detail === undefined
      ? {}
      : { detail: { actor: 'system', because: [], patch: {}, ...detail } }),
  }) as unknown as TrailEntry
const lines = (...trail: TrailEntry[]) => explainTrail(trail)

describe('explainTrail', () => {
  it('is empty for an empty trail', () => assert.deepEqual(lines(), []))
  it('what a report says makes no line of its own, such as an entry that there is not', () => {
    const forged = `x\n${at(NOW)}  Sales: closed, said Ana  [entry 9]\u2028\r`
    const because = [{ rule: 'outcome.noted', why: forged, inputs: [{ path: 'x', value: forged }] }]
    const told = lines(entry({ step: 'outcome' }, { actor: forged, because }))
    assert.equal(told.length, 2)
    assert.doesNotMatch(told.join(''), /[\n\r\u2028]/)
    assert.match(told[1]!, /entry 9/, 'it is told all the same')
  })
  it('heads each entry with time, step, outcome, artefact and its number', () => {
    const [head] = lines(entry({ artefact: { name: 'inbound', version: '1.2.0', hash: 'x' } }, {}))
    assert.equal(head, '2026-03-02T10:00:00.000Z  Decided: sales by inbound 1.2.0  [entry 3]')
  })
  it('says what the lead was decided to be, how good it is, and what to do next', () => {
    const told = (port: string, decision: object) =>
      lines(entry({ outcome: port }, { patch: { decision } })).map((line) =>
        line.replace(/^.*Decided/, 'Decided'),
      )
    const next = 'Contact now'
    assert.deepEqual(told('sales', { outcome: 'sql', grade: 'A1', next }), [
      'Decided: sales · sql, A1  [entry 3]',
      '    next: Contact now',
    ])
    assert.deepEqual(told('sales', { outcome: 'mql' }), ['Decided: sales · mql  [entry 3]'])
    assert.deepEqual(told('nurture', { outcome: 'nurture', grade: 'C3' }), [
      'Decided: nurture, C3  [entry 3]',
    ])
    for (const outcome of ['suppressed', 'disqualified'])
      assert.deepEqual(told('closed', { outcome }), [`Decided: closed · ${outcome}  [entry 3]`])
  })
  it('says who got the lead, out of which pool, and what is special about it', () => {
    const why = 'Ivy Novak is next in on-call (overflow from emea)'
    const rep = { id: 'ivy', name: 'Ivy Novak' }
    const assignment = { rep, pool: 'on-call', why, candidates: [] }
    const route = { step: 'route', outcome: 'assigned' }
    assert.deepEqual(lines(entry(route, { patch: { assignment } })), [
      `${at(NOW)}  Routed: assigned to Ivy Novak (on-call)  [entry 3]`,
      `    ${why}`,
    ])
    const named = {
      patch: { assignment: { rep, why: 'Account owner: Ivy Novak', candidates: [] } },
    }
    assert.match(lines(entry(route, named))[0]!, /Routed: assigned to Ivy Novak {2}\[/)
    assert.match(lines(entry(route))[0]!, /Routed: assigned {2}\[/, 'erased')
    const accepted = { step: 'outcome', outcome: 'recorded', changes: ['assignment.open'] }
    assert.match(
      lines(entry(accepted, { patch: { assignment } }))[0]!,
      /Sales: recorded, assigned to Ivy Novak \(on-call\) {2}/,
    )
    const done = { ...accepted, changes: ['assignment.close'] }
    assert.match(lines(entry(done, { patch: { assignment } }))[0]!, /Sales: recorded {2}\[/)
  })
  it('says once why a lead waits', () => {
    const why = 'nobody in emea can take it now: full'
    const patch = { assignment: { why, candidates: [] } }
    const waiting = { step: 'route', outcome: 'waiting' }
    const [head, ...more] = lines(entry(waiting, { patch }))
    assert.match(head!, /Routed: waiting {2}\[/)
    assert.deepEqual(more, [`    ${why}`])
    const because = [{ rule: 'routing.limit', why, inputs: [] }]
    assert.deepEqual(lines(entry(waiting, { patch, because })).slice(1), [
      `    ${why} [routing.limit]`,
    ])
  })
  it('tells a clock that was running already from one that starts', () => {
    const started = { step: 'sla-start', outcome: 'started' }
    assert.match(lines(entry(started, {}))[0]!, /SLA clock: started {2}\[/)
    const running = { ...started, rules: [['sla.running', null]] }
    for (const detail of [{}, undefined])
      assert.match(lines(entry(running, detail))[0]!, /SLA clock: already running {2}\[/)
  })
  it('names a person who decided, and not the system', () => {
    assert.match(lines(entry({}, { actor: 'dana' }))[0]!, /sales, said dana {2}\[entry 3\]$/)
    assert.ok(!lines(entry({}, {}))[0]!.includes('said'))
  })
  it('says which signals no intent rule is about, whether the lead is kept whole or not', () => {
    const intent = { points: 0, because: [], signals: 0, unscored: ['ebook', 'webinar'] }
    for (const kept of ['seen', 'lead'])
      assert.deepEqual(lines(entry({}, { [kept]: { intent } })).slice(1), [
        '    no intent rule is about: ebook, webinar',
      ])
    assert.equal(lines(entry({ step: 'route' }, { lead: { intent } })).length, 1)
  })
  it('gives each reason with its points, rule and values', () => {
    const because = [
      {
        rule: 'fit.size',
        points: 25,
        why: 'Size',
        inputs: [{ path: 'company.employees', value: 200, source: 'p', confidence: 0.8 }],
      },
      {
        rule: 'fit.left',
        points: -5,
        why: 'Left',
        inputs: [
          { path: 'a', value: null },
          { path: 'b', value: 'x' },
          { path: 'c', value: [1] },
        ],
      },
      { rule: 'fit.plan', points: 5, unknown: true, why: 'Plan', inputs: [] },
    ]
    assert.deepEqual(lines(entry({}, { because })).slice(1), [
      '    +25 Size [fit.size] — company.employees: 200 (p, 80 % sure)',
      '    -5 Left [fit.left] — a: not known, b: x, c: [1]',
      '    unknown: Plan [fit.plan]',
    ])
  })
  it('shows a number that is a text, where that may be why a rule is unknown', () => {
    const input = (value: string) => [{ path: 'attributes.v', value }]
    const because = [
      { rule: 'a', unknown: true, why: 'Seats', inputs: input('7') },
      { rule: 'b', unknown: true, why: 'Rival', inputs: input('true') },
      { rule: 'c', unknown: true, why: 'Plan', inputs: input('gold') },
      { rule: 'd', points: 5, why: 'Seats', inputs: input('7') },
    ]
    assert.deepEqual(lines(entry({}, { because })).slice(1), [
      '    unknown: Seats [a] — attributes.v: "7" as text',
      '    unknown: Rival [b] — attributes.v: "true" as text',
      '    unknown: Plan [c] — attributes.v: gold',
      '    +5 Seats [d] — attributes.v: 7',
    ])
  })
  it('says why not another rep', () => {
    const patch = {
      assignment: {
        candidates: [
          { verdict: 'chosen', reps: ['ana'] },
          { rank: 2, verdict: 'the turn comes later, by weight', reps: ['kim', 'lee'] },
          { verdict: 'full: 2 of 2', reps: ['ben'] },
        ],
      },
    }
    assert.deepEqual(lines(entry({ step: 'route' }, { patch })).slice(1), [
      '    not kim, lee: ranked 2 to 3 in this order: the turn comes later, by weight',
      '    not ben: full: 2 of 2',
    ])
  })
  it('says of which event an entry is that stands under another id, erased or not', () => {
    const event = [{ path: 'event.id', value: 'web:7' }]
    const because = [{ rule: 'ingest.accepted', why: 'A new event', inputs: event }]
    const taken = { step: 'ingest', outcome: 'lead', lead: 'L2' }
    const told = (detail?: object) => explainTrail([entry(taken, detail)], 'L1')[0]
    assert.match(told({ because })!, /Taken in: lead, event web:7 came as L2 {2}\[entry 3\]$/)
    assert.match(told({})!, /Taken in: lead, came as L2 {2}\[/)
    assert.match(told()!, /Taken in: lead, came as L2 {2}\[/)
    assert.match(explainTrail([entry(taken, { because })], 'L2')[0]!, /Taken in: lead {2}\[/)
  })
  it('names the leads of the people whom the keys belong to', () => {
    const identity = { match: 'review', matchedBy: ['email'], candidates: ['L1', 'L2'] }
    const review = { step: 'dedupe', outcome: 'review' }
    assert.deepEqual(lines(entry(review, { patch: { identity } })).slice(1), [
      '    may be L1 or L2',
    ])
  })
  it('says that details were erased', () => {
    assert.deepEqual(lines(entry()).slice(1), ['    (personal details were erased)'])
  })
  it('names a step that it has no word for', () => {
    assert.match(lines(entry({ step: 'novel' }, {}))[0]!, /novel: sales/)
  })
})

describe('explainStanding', () => {
  const stands = { id: 'L1', state: 'waiting', reason: 'full', sinceMs: NOW }
  const rows: readonly (readonly [object, string])[] = [
    [{}, 'waiting since 2026-03-02T10:00:00.000Z: full'],
    [{ state: 'assigned', rep: 'ana' }, 'assigned to ana since 2026-03-02T10:00:00.000Z: full'],
    [{ state: 'closed', rep: 'ana' }, 'closed since 2026-03-02T10:00:00.000Z: full'],
    [
      { state: 'offered', offeredTo: ['ana', 'ben'] },
      'offered to ana, ben since 2026-03-02T10:00:00.000Z: full',
    ],
    [{ state: 'open', reason: '' }, 'open since 2026-03-02T10:00:00.000Z'],
  ]
  for (const [more, words] of rows)
    it(words, () => assert.equal(explainStanding({ ...stands, ...more }), `Lead L1 is ${words}`))
})
