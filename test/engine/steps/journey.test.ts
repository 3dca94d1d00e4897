// Goal: a lead that moves on without a new event is under way again until it arrives, so that a stop
// between two nodes loses neither an escalation, nor a clock, nor a reopened lead.
import assert from 'node:assert/strict'
import type { Decision, Timer } from '../../../engine/decision'
import type { Assignment, SlaSection } from '../../../engine/lead/lead'
import { outcomeStep } from '../../../engine/steps/outcome'
import { routeStep } from '../../../engine/steps/route'
import { slaFireStep } from '../../../engine/steps/sla-fire'
import { policy } from '../support/artefacts'
import { at, HOUR, lead, NOW } from '../support/leads'
import { change, ends } from './support'

const POLICY = policy()
const again = (decision: Decision) => change(decision, 'intake.again')?.key
const waiting = { status: 'waiting', cycle: 1, at: at(NOW) } as Assignment
const rep = { id: 'ana', name: 'Ana' }
const assigned = { status: 'assigned', rep, cycle: 1, at: at(NOW) } as Assignment
const sla = { tier: 'routine', status: 'breached', dueAt: at(NOW), cycle: 1 } as SlaSection

describe('a lead that moves on without a new event', () => {
  const place = (assignment: Assignment | undefined, ...endings: string[]) =>
    routeStep.decide(
      lead(assignment === undefined ? {} : { assignment }),
      { ...ends(...endings), policy: POLICY },
      { loads: new Map(), fairness: new Map(), parkedAs: 'waiting' },
      NOW,
    )

  it('is under way again when a rep becomes free for it', () => {
    assert.equal(again(place(waiting)), lead().event.id)
  })
  it('has arrived when nothing follows the routing', () => {
    assert.equal(again(place(waiting, 'assigned')), undefined)
  })
  it('is under way anyhow when it comes with its event', () => {
    assert.equal(again(place(undefined)), undefined)
  })

  const fire = (action: string, ...endings: string[]) => {
    const detail = { tier: 'routine', index: 0, action }
    const timer = {
      id: 'L1#1#escalation#0',
      leadId: 'L1',
      cycle: 1,
      kind: 'escalation',
      dueMs: NOW,
      nodeId: 'n',
      detail,
    } as Timer
    const inWork = lead({ assignment: assigned, sla })
    return slaFireStep.decide(
      inWork,
      { timer, ...ends(...endings) },
      { pending: true, state: 'assigned' },
      NOW + HOUR,
    )
  }
  it('is under way again when an escalation asks for another rep', () => {
    assert.equal(again(fire('reassign')), lead().event.id)
  })
  it('is not when the escalation only tells, or leads to no lead node', () => {
    assert.equal(again(fire('notify')), undefined)
    assert.equal(again(fire('reassign', 'escalation')), undefined)
  })

  const reopen = (...endings: string[]) =>
    outcomeStep.decide(
      lead({ assignment: { ...assigned, status: 'closed' } }),
      { policy: POLICY, event: { id: 'o', kind: 'reopened', atMs: NOW }, ...ends(...endings) },
      { open: false, waits: false },
      NOW,
    )
  it('is under way again when sales opens it again, and something follows', () => {
    assert.equal(again(reopen()), lead().event.id)
    assert.equal(again(reopen('recorded')), undefined)
  })
})
