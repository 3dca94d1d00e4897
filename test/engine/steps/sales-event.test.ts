// Goal: a report is read as it was meant, or the field that is wrong is named; nothing is guessed.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LEAD_STATES } from '../../../engine/decision'
import { OUTCOMES } from '../../../engine/lead/lead'
import {
  OUTCOME_KINDS,
  policyProblem,
  readSalesEvent,
  type SalesEvent,
} from '../../../engine/steps/sales-event'
import { policy } from '../support/artefacts'
import { at, HOUR, NOW } from '../support/leads'

const read = (raw: unknown) => readSalesEvent(raw, { nowMs: NOW, messageId: 'm1' })
const event = (raw: unknown): SalesEvent => {
  const result = read(raw)
  assert.ok('event' in result, JSON.stringify(result))
  return result.event
}
const OVERRIDE = { kind: 'override', decision: 'sql', reason: 'wrong-segment', by: 'Dana' }

describe('readSalesEvent', () => {
  for (const kind of OUTCOME_KINDS) {
    it(`knows ${kind}, with hyphens and in capitals too`, () => {
      const more = {
        state: 'waiting-for-customer',
        decision: 'sql',
        reason: 'x',
        by: 'Ana',
        token: 1,
        rep: 'ana',
        consent: 'email',
        evidence: 'doi-1',
        at: at(NOW),
      }
      for (const word of [kind, kind.replaceAll('_', '-'), kind.toUpperCase(), ` ${kind} `])
        assert.equal(event({ kind: word, ...more }).kind, kind)
    })
  }
  for (const [word, kind] of [
    ['touch', 'first_touch'],
    ['accept', 'accepted'],
    ['reject', 'rejected'],
    ['disqualify', 'disqualified'],
    ['convert', 'converted'],
    ['close', 'closed'],
    ['reopen', 'reopened'],
    ['resume', 'resumed'],
  ] as const) {
    it(`${word} is ${kind}`, () => assert.equal(event(word).kind, kind))
  }
  const OPT_IN = { kind: 'opt_in', consent: 'email', evidence: 'doi-1', by: 'Dana', at: at(NOW) }
  it('an opt-in keeps what was granted, in one order, and its evidence whole', () => {
    const evidence = 'd'.repeat(200)
    const { consent, mailbox, ...more } = event({
      ...OPT_IN,
      consent: ['phone', 'optOut', 'phone'],
      evidence,
      mailbox: true,
    })
    assert.deepEqual([consent, mailbox, more.evidence], [['optOut', 'phone'], true, evidence])
    assert.equal('mailbox' in event({ ...OPT_IN, mailbox: false }), false)
    assert.equal('consent' in event({ ...OPT_IN, kind: 'closed' }), false)
  })
  for (const [field, value] of [
    ['consent', undefined],
    ['consent', []],
    ['consent', 'mail'],
    ['consent', ['email', 'mail']],
    ['consent', { email: true }],
    ['at', undefined],
    ['at', 'soon'],
    ['evidence', undefined],
    ['evidence', '  '],
    ['evidence', 'd'.repeat(201)],
    ['by', ''],
    ['mailbox', 'yes'],
  ] as const) {
    it(`refuses an opt-in with ${field} ${JSON.stringify(value)?.slice(0, 30)}`, () => {
      const result = read({ ...OPT_IN, [field]: value })
      assert.ok('problem' in result)
      assert.match(result.problem, new RegExp(`^outcome\\.${field} must be `))
    })
  }
  it('takes everything that is said', () => {
    const said = {
      kind: 'override',
      decision: 'review',
      reason: 'wrong-segment',
      by: 4711,
      why: 'Called them',
      at: at(NOW - HOUR),
      id: 9,
    }
    assert.deepEqual(event(said), {
      id: '9',
      kind: 'overridden',
      decision: 'review',
      reason: 'wrong-segment',
      by: '4711',
      why: 'Called them',
      atMs: NOW - HOUR,
    })
  })
  it('without a time it happened now, and each message is a report of its own', () => {
    assert.deepEqual([event('closed').id, event('closed').atMs], ['closed@m1', NOW])
    const once = { kind: 'closed', at: at(NOW - HOUR) }
    assert.equal(event(once).id, `closed@${at(NOW - HOUR)}`)
  })
  it('of one moment, what says something else is another report, and what says the same is not', () => {
    const reports = [
      { kind: 'accepted', token: 1 },
      { kind: 'accepted', token: 2 },
      { kind: 'paused', state: 'waiting-for-customer' },
      { kind: 'paused', state: 'legal-hold' },
      { kind: 'available', rep: 'ana' },
      { kind: 'available', rep: 'ben' },
      { kind: 'first_touch', evidence: 'call' },
      { kind: 'first_touch', evidence: 'status_edit' },
      { kind: 'rejected', reason: 'a', why: 'b' },
      { kind: 'rejected', reason: 'b', why: 'a' },
      { kind: 'accepted', by: 'Ana' },
      { kind: 'accepted' },
    ].map((report) => ({ ...report, at: at(NOW) }))
    const ids = reports.map((report) => event(report).id)
    assert.equal(new Set(ids).size, reports.length)
    const retold = reports.map((report) => Object.fromEntries(Object.entries(report).reverse()))
    assert.deepEqual(
      retold.map((report) => readSalesEvent(report, { nowMs: NOW + 9, messageId: 'm2' })),
      reports.map((report) => ({ event: event(report) })),
    )
    assert.equal(event({ ...reports[0], token: '1' }).id, ids[0])
  })
  it('ids that differ only far behind are two', () => {
    const long = 'p'.repeat(300)
    const ids = [long, `${long}1`, `${long}2`].map((id) => event({ kind: 'closed', id }).id)
    assert.equal(new Set(ids).size, 3)
    assert.ok(ids.every(({ length }) => length <= 300))
  })
  it('a word that is no kind is given back', () => {
    for (const kind of ['won', '', 'constructor', '__proto__', 7, null, undefined, {}, []])
      assert.deepEqual(read({ kind }), { unknownKind: kind })
    for (const raw of [42, true, [], 'x'.repeat(1000)]) assert.ok('unknownKind' in read(raw))
  })
  const spoilt: readonly (readonly [string, object, RegExp])[] = [
    ['a time that is none', { kind: 'closed', at: 'yesterday' }, /^outcome\.at must be a time/],
    [
      'evidence that is no text',
      { kind: 'touch', evidence: {} },
      /^outcome\.evidence must be a text/,
    ],
    ['a person that is no text', { kind: 'closed', by: ['Ana'] }, /^outcome\.by must be a text/],
    [
      'a reason that is no text',
      { kind: 'reject', reason: true },
      /^outcome\.reason must be a text/,
    ],
    ['a pause without a state', { kind: 'pause' }, /^outcome\.state must be the state/],
    [
      'an override of nothing',
      { ...OVERRIDE, decision: undefined },
      /^outcome\.decision must be .*sql, mql/,
    ],
    ['an override to a word', { ...OVERRIDE, decision: 'won' }, /^outcome\.decision must be/],
    [
      'an override without a reason',
      { ...OVERRIDE, reason: '' },
      /^outcome\.reason must be a reason code/,
    ],
    ['an override by nobody', { ...OVERRIDE, by: null }, /^outcome\.by must be who overrides/],
  ]
  for (const [name, raw, says] of spoilt) {
    it(`${name} is said, by its field`, () => {
      const result = read(raw)
      assert.ok('problem' in result)
      assert.match(result.problem, says)
    })
  }
  it('never throws, and gives one of the three answers', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record({
        kind: fc.oneof(fc.constantFrom(...OUTCOME_KINDS), fc.string()),
        evidence: fc.anything(),
        at: fc.anything(),
        by: fc.anything(),
        state: fc.anything(),
        reason: fc.anything(),
        decision: fc.oneof(fc.constantFrom(...OUTCOMES), fc.anything()),
      }),
    )
    fc.assert(
      fc.property(anything, (raw) => {
        const result = read(raw)
        assert.equal(['event', 'problem', 'unknownKind'].filter((key) => key in result).length, 1)
        if ('event' in result) assert.ok(Number.isFinite(result.event.atMs))
      }),
    )
  })
  it('a decision of an override is one that a lead can stand in', () => {
    for (const outcome of OUTCOMES) {
      const { decision } = event({ ...OVERRIDE, decision: outcome })
      assert.ok(LEAD_STATES.some((state) => state === decision || ['sql', 'mql'].includes(outcome)))
    }
  })
})

describe('policyProblem', () => {
  const strict = policy({
    reasons: { rejected: ['wrong-region', 'spam'], overridden: ['wrong-segment'] },
    pauses: { 'waiting-for-customer': 'prospect' },
  })
  const problem = (raw: unknown) => policyProblem(strict, event(raw))
  it('a reason that the policy lists is fine, as is one where it lists none', () => {
    assert.equal(problem({ kind: 'reject', reason: 'spam' }), undefined)
    assert.equal(problem({ kind: 'disqualify', reason: 'whatever' }), undefined)
    assert.equal(problem(OVERRIDE), undefined)
    assert.equal(problem('converted'), undefined)
  })
  it('another one, or none, is not', () => {
    for (const raw of ['reject', { kind: 'reject', reason: 'mood' }])
      assert.match(problem(raw)!, /^outcome\.reason must be one of .*wrong-region, spam$/)
    assert.match(problem({ ...OVERRIDE, reason: 'mood' })!, /wrong-segment$/)
  })
  it('a state that the policy does not know pauses nothing', () => {
    assert.equal(problem({ kind: 'pause', state: 'waiting-for-customer' }), undefined)
    assert.match(problem({ kind: 'pause', state: 'asleep' })!, /^outcome\.state must be one of/)
    assert.match(problem({ kind: 'resume', state: 'asleep' })!, /waiting-for-customer$/)
    assert.equal(problem('resume'), undefined)
  })
})
