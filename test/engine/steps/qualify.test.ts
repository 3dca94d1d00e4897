// Goal: the decision goes to the right output and state; sales keeps what it has, but for consent.
import assert from 'node:assert/strict'
import type { Lead } from '../../../engine/lead/lead'
import { portOf, qualifyStep } from '../../../engine/steps/qualify'
import { contract } from '../support/artefacts'
import { at, lead, NOW } from '../support/leads'
import { change, ends, kinds, stateAfter } from './support'

const always = (outcome: string) => contract({ decide: [{ id: 'd', outcome, why: 'So it is' }] })
const go = (outcome: string, one: Lead = lead(), inSales = false, ...at: string[]) =>
  qualifyStep.decide(one, { ...ends(...at), contract: always(outcome) }, { inSales }, NOW)

const ASSIGNED = {
  assignment: { status: 'assigned', rep: { id: 'ana', name: 'Ana' }, cycle: 1 },
  sla: { status: 'running', cycle: 1 },
} as unknown as Partial<Lead>

describe('qualify: output and state by outcome', () => {
  for (const [outcome, port, state] of [
    ['sql', 'sales', 'qualified'],
    ['mql', 'sales', 'qualified'],
    ['nurture', 'nurture', 'nurture'],
    ['review', 'review', 'review'],
    ['disqualified', 'closed', 'disqualified'],
    ['suppressed', 'closed', 'suppressed'],
  ] as const) {
    it(`${outcome} leaves on ${port} and stands ${state}`, () => {
      const decision = go(outcome)
      assert.deepEqual(
        [decision.outcome, portOf(outcome), stateAfter(decision)],
        [port, port, state],
      )
      assert.equal(change(decision, 'lead.save')!.reason, 'So it is')
    })
  }
})

describe('qualify: a lead that sales has', () => {
  for (const outcome of ['sql', 'mql', 'nurture', 'review', 'disqualified']) {
    it(`${outcome} does not move it back`, () => {
      const decision = go(outcome, lead(ASSIGNED), true)
      assert.deepEqual([stateAfter(decision), kinds(decision)], ['assigned', ['lead.save']])
      assert.deepEqual(Object.keys(decision.patch), ['decision'])
    })
  }
  it('suppression takes it away: capacity back, timers off, clock stopped', () => {
    const decision = go('suppressed', lead(ASSIGNED), true)
    assert.deepEqual(kinds(decision), ['assignment.close', 'timers.cancel', 'lead.save'])
    assert.equal(stateAfter(decision), 'suppressed')
    assert.deepEqual(
      [decision.patch.assignment!.status, decision.patch.sla!.status],
      ['closed', 'stopped'],
    )
  })
  it('an opt-out is suppression, whatever the contract says', () => {
    const decision = go('sql', lead({ ...ASSIGNED, consent: { optOut: true } }), true)
    assert.deepEqual([decision.outcome, stateAfter(decision)], ['closed', 'suppressed'])
  })
  it('a clock that was met stays met', () => {
    const met = {
      ...ASSIGNED,
      sla: { status: 'met', metAt: at(NOW), cycle: 1 },
    } as unknown as Partial<Lead>
    assert.equal(go('suppressed', lead(met), true).patch.sla, undefined)
  })
})

describe('qualify: the trail', () => {
  it('has the deciding rule first, then what gave the points', () => {
    const fit = {
      because: [{ rule: 'f', why: 'F', points: 1, inputs: [] }],
      unknown: [{ rule: 'u', why: 'U', unknown: true, inputs: [] }],
    }
    const intent = { because: [{ rule: 'i', why: 'I', points: 2, inputs: [] }] }
    const { because } = go('sql', lead({ fit, intent } as unknown as Partial<Lead>))
    assert.deepEqual(
      because.map(({ rule }) => rule),
      ['d', 'f', 'u', 'i'],
    )
  })
  it('says when, and by which contract', () => {
    const loaded = always('sql')
    const { patch } = go('sql')
    assert.deepEqual([patch.decision!.at, patch.decision!.contract], [at(NOW), loaded.ref])
    assert.deepEqual(qualifyStep.artefact!({ ...ends(), contract: loaded }), loaded.ref)
  })
  it('the same event of the same lead has one decision', () => {
    const settings = { ...ends(), contract: always('sql') }
    assert.equal(qualifyStep.key(lead(), settings), 'L1#web:1')
    assert.notEqual(
      qualifyStep.key(lead({ id: 'L2' }), settings),
      qualifyStep.key(lead(), settings),
    )
  })
  it('ends the way where no lead node follows', () => {
    assert.equal(change(go('nurture', lead(), false, 'nurture'), 'intake.done')!.key, 'web:1')
    assert.equal(change(go('sql', lead(), false, 'nurture'), 'intake.done'), undefined)
  })
})
