// Goal: only between two lead nodes, with nobody beside them, is a message in our own hands.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { journeyOf } from '../../nodes/shared/journey'
import { isStraight, leaveOurHands, withLead } from '../../nodes/shared/lead-message'
import type { LeadMessage, Red, RedNode } from '../../nodes/shared/red'
import { lead } from '../engine/support/leads'

interface Wired {
  readonly id: string
  readonly type: string
  readonly wires?: readonly (readonly string[])[]
  readonly [setting: string]: unknown
}

function straightOn(wires: readonly (readonly string[])[], others: readonly Wired[]): string[] {
  const own = { id: 'own', type: 'lead-dedupe', z: 'tab', store: 'store', wires }
  const configs = [{ id: 'tab', type: 'tab' }, own, ...others]
  const red = { nodes: { eachNode: configs.forEach.bind(configs) }, events: new EventEmitter() }
  const node = Object.assign(new EventEmitter(), { id: 'own' })
  const journey = journeyOf(red as unknown as Red, node as unknown as RedNode, ['new', 'known'])
  return [...journey().straightOn]
}

describe('straight on', () => {
  const LEAD = { id: 'lead', type: 'lead-qualify', z: 'tab', store: 'store', wires: [[]] }
  const score = (id: string, ...to: string[]) => ({
    id,
    type: `lead-score-${id}`,
    z: 'tab',
    wires: [to],
  })
  const cases: readonly (readonly [string, readonly string[], readonly Wired[], boolean])[] = [
    ['a lead node', ['lead'], [LEAD], true],
    ['two lead nodes', ['lead', 'lead2'], [LEAD, { ...LEAD, id: 'lead2' }], true],
    ['nothing', [], [], false],
    ['a lead node and a debug node', ['lead', 'd'], [LEAD, { id: 'd', type: 'debug' }], false],
    [
      'a function node before a lead node',
      ['f'],
      [LEAD, { id: 'f', type: 'function', wires: [['lead']] }],
      false,
    ],
    ['a lead node that is switched off', ['lead'], [{ ...LEAD, d: true }], false],
    [
      'a lead node on a tab that is switched off',
      ['lead'],
      [
        { ...LEAD, z: 'off' },
        { id: 'off', type: 'tab', disabled: true },
      ],
      false,
    ],
    ['a node that is not there', ['gone'], [], false],
    [
      'scoring nodes, and behind them a lead node',
      ['fit'],
      [score('fit', 'intent'), score('intent', 'lead'), LEAD],
      true,
    ],
    [
      'a scoring node, and behind it somebody else too',
      ['fit'],
      [score('fit', 'lead', 'd'), LEAD, { id: 'd', type: 'debug' }],
      false,
    ],
    ['a scoring node, and behind it nothing', ['fit'], [score('fit')], false],
    ['scoring nodes in a circle', ['fit'], [score('fit', 'intent'), score('intent', 'fit')], false],
    [
      'a lead node, while a Complete node listens',
      ['lead'],
      [LEAD, { id: 'c', type: 'complete', scope: ['own'] }],
      false,
    ],
    [
      'a lead node, while a Complete node listens to another',
      ['lead'],
      [LEAD, { id: 'c', type: 'complete', scope: ['lead'] }],
      true,
    ],
    [
      'a scoring node to which a Complete node listens',
      ['fit'],
      [score('fit', 'lead'), LEAD, { id: 'c', type: 'complete', scope: ['fit'] }],
      false,
    ],
    ['a lead node of another store', ['lead'], [{ ...LEAD, store: 'other' }], false],
    ['another lead-ingest', ['again'], [{ id: 'again', type: 'lead-ingest' }], false],
    ['a node that only watches', ['a'], [{ id: 'a', type: 'lead-audit' }], false],
  ]
  for (const [name, to, others, want] of cases)
    it(`${name}: ${want ? 'yes' : 'no'}`, () =>
      assert.deepEqual(straightOn([to], others), want ? ['new'] : []))
  it('each output for itself', () =>
    assert.deepEqual(straightOn([[], ['lead']], [LEAD]), ['known']))
})

describe('isStraight', () => {
  const message = () => ({ payload: undefined, _msgid: 'm' }) as LeadMessage
  it('holds for the very lead that was put in so', () => {
    assert.equal(isStraight(withLead(message(), lead(), true)), true)
    assert.equal(isStraight(withLead(message(), lead())), false)
    assert.equal(isStraight(message()), false)
  })
  it('ends with another payload, and when the lead is sent elsewhere', () => {
    const msg = withLead(message(), lead(), true)
    assert.equal(isStraight({ ...msg, payload: lead() }), false)
    assert.equal(isStraight(withLead(msg, msg.payload as never)), false)
  })
  it('ends when the message goes to a Catch node, whose copy keeps every mark', () => {
    const msg = withLead(message(), lead(), true)
    leaveOurHands(msg)
    assert.equal(isStraight({ ...msg }), false)
  })
  it('shows nowhere', () =>
    assert.deepEqual(Object.keys(withLead(message(), lead(), true)), [
      'payload',
      '_msgid',
      'topic',
    ]))
})
