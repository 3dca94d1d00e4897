// Goal: only between two lead nodes, with nobody beside them, is a message in our own hands.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { journeyOf } from '../../nodes/shared/journey'
import { isStraight, withLead } from '../../nodes/shared/lead-message'
import type { LeadMessage, Red, RedNode } from '../../nodes/shared/red'
import { lead } from '../engine/support/leads'

interface Wired {
  readonly id: string
  readonly type: string
  readonly wires?: readonly (readonly string[])[]
  readonly [setting: string]: unknown
}

function straightOn(wires: readonly (readonly string[])[], others: readonly Wired[]): string[] {
  const own = { id: 'own', type: 'lead-dedupe', z: 'tab', wires }
  const configs = [{ id: 'tab', type: 'tab' }, own, ...others]
  const red = { nodes: { eachNode: configs.forEach.bind(configs) }, events: new EventEmitter() }
  const node = Object.assign(new EventEmitter(), { id: 'own' })
  const journey = journeyOf(red as unknown as Red, node as unknown as RedNode, ['new', 'known'])
  return [...journey().straightOn]
}

describe('straight on', () => {
  const FIT = { id: 'fit', type: 'lead-score-fit', z: 'tab', wires: [[]] }
  const cases: readonly (readonly [string, readonly string[], readonly Wired[], boolean])[] = [
    ['a lead node', ['fit'], [FIT], true],
    ['two lead nodes', ['fit', 'fit2'], [FIT, { ...FIT, id: 'fit2' }], true],
    ['nothing', [], [], false],
    ['a lead node and a debug node', ['fit', 'd'], [FIT, { id: 'd', type: 'debug' }], false],
    [
      'a function node before a lead node',
      ['f'],
      [FIT, { id: 'f', type: 'function', wires: [['fit']] }],
      false,
    ],
    ['a lead node that is switched off', ['fit'], [{ ...FIT, d: true }], false],
    [
      'a lead node on a tab that is switched off',
      ['fit'],
      [
        { ...FIT, z: 'off' },
        { id: 'off', type: 'tab', disabled: true },
      ],
      false,
    ],
    ['a node that is not there', ['gone'], [], false],
    ['a node that only watches', ['a'], [{ id: 'a', type: 'lead-audit' }], false],
  ]
  for (const [name, to, others, want] of cases)
    it(`${name}: ${want ? 'yes' : 'no'}`, () =>
      assert.deepEqual(straightOn([to], others), want ? ['new'] : []))
  it('each output for itself', () => assert.deepEqual(straightOn([[], ['fit']], [FIT]), ['known']))
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
  it('shows nowhere', () =>
    assert.deepEqual(Object.keys(withLead(message(), lead(), true)), [
      'payload',
      '_msgid',
      'topic',
    ]))
})
