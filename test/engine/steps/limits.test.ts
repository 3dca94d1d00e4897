// Goal: a lead changes hands so often and no oftener, never back to whom it was taken from, and a
// locked one not at all. Method: one lead that is escalated, closed and reopened step by step.
import assert from 'node:assert/strict'
import type { Change } from '../../../engine/decision'
import { patched } from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import type { Policy } from '../../../engine/policy/policy'
import type { OpenAssignment } from '../../../engine/step'
import { routeStep } from '../../../engine/steps/route'
import { policy } from '../support/artefacts'
import { HOUR, lead, NOW } from '../support/leads'
import { change, ends, kinds, stateAfter } from './support'

const TEAM = {
  reps: ['ana', 'ben', 'kim', 'lee'].map((id) => ({ id, name: id, capacity: 10 })),
  pools: [
    { id: 'all', members: ['ana', 'ben', 'kim'] },
    { id: 'desk', members: ['lee'] },
  ],
}

/** A lead and what the store would know of it. */
class Story {
  lead: Lead
  open: OpenAssignment | undefined
  requests = 0

  constructor(
    readonly policy: Policy,
    one = lead(),
  ) {
    this.lead = one
  }

  route() {
    const known = {
      loads: new Map(),
      fairness: new Map([['all', new Map([['ana', { virtualTime: 1 }]])]]),
      ...(this.open === undefined ? {} : { open: this.open }),
      ...(this.lead.assignment?.status === 'waiting' ? { parkedAs: 'waiting' as const } : {}),
    }
    const settings = { ...ends(), policy: this.policy }
    const decision = routeStep.decide(this.lead, settings, known, NOW + this.requests * HOUR)
    this.lead = patched(this.lead, decision.patch)
    if (change(decision, 'assignment.close')) this.open = undefined
    const opened = change(decision, 'assignment.open')
    if (opened !== undefined)
      this.open = { repId: opened.repId, poolId: opened.poolId, units: opened.units }
    return decision
  }

  escalate() {
    this.requests += 1
    const exclude = this.open === undefined ? [] : [this.open.repId]
    this.lead = { ...this.lead, routing: { id: `t${this.requests}`, exclude, why: 'no response' } }
    return this.route()
  }

  close() {
    this.open = undefined
    this.lead = { ...this.lead, assignment: { ...this.lead.assignment!, status: 'closed' } }
  }
}

describe('route: a lead that is taken from rep after rep', () => {
  it('goes to nobody twice, and then stays where it is', () => {
    const story = new Story(policy(TEAM))
    const had = [story.route().patch.assignment!.rep!.id]
    had.push(story.escalate().patch.assignment!.rep!.id, story.escalate().patch.assignment!.rep!.id)
    assert.deepEqual([...had].sort(), ['ana', 'ben', 'kim'])
    const last = story.escalate()
    assert.equal(last.outcome, 'unroutable')
    assert.equal(story.open!.repId, had[2])
    assert.match(last.patch.assignment!.why, /3 excluded; it stays with/)
  })

  it('after reassign.max goes to the pool that is named, and from there nowhere', () => {
    const story = new Story(policy({ ...TEAM, reassign: { max: 1, to: 'desk' } }))
    story.route()
    story.escalate()
    const third = story.escalate()
    assert.deepEqual([third.outcome, story.open!.repId, story.lead.cycle], ['assigned', 'lee', 3])
    assert.equal(story.lead.assignment!.had!.length, 2)
    const fourth = story.escalate()
    assert.deepEqual(kinds(fourth), ['lead.save'])
    assert.equal(story.open!.repId, 'lee')
    assert.match(
      story.lead.assignment!.why,
      /taken from 3 reps; the policy allows 1; it stays with lee/,
    )
  })

  it('without a pool it waits with the reason, and tries again change nothing', () => {
    const story = new Story(policy({ ...TEAM, reassign: { max: 1 } }))
    story.route()
    story.escalate()
    const third = story.escalate()
    assert.deepEqual(
      [third.outcome, stateAfter(third), story.open, story.lead.assignment!.status],
      ['waiting', 'waiting', undefined, 'waiting'],
    )
    assert.deepEqual(kinds(third).slice(0, 2), ['assignment.close', 'timers.cancel'])
    assert.equal(third.because[0]!.rule, 'route.reassign')
    assert.match(story.lead.assignment!.why, /taken from 2 reps; the policy allows 1/)
    const again = story.route()
    assert.deepEqual([again.outcome, again.changes], ['waiting', []])
  })

  it('is placed once the policy allows more', () => {
    const story = new Story(policy({ ...TEAM, reassign: { max: 0 } }))
    story.route()
    story.escalate()
    const tried = new Story(policy({ ...TEAM, reassign: { max: 5 } }), story.lead)
    const decision = tried.route()
    assert.equal(decision.outcome, 'assigned')
    assert.notEqual(tried.open!.repId, story.lead.assignment!.had![0])
  })

  it('starts anew when it was closed in between', () => {
    const story = new Story(policy({ ...TEAM, reassign: { max: 1, to: 'desk' } }))
    story.route()
    story.escalate()
    story.close()
    story.route()
    assert.equal(story.lead.assignment!.had, undefined)
    story.escalate()
    assert.notEqual(story.open!.repId, 'lee')
  })

  it('whoever loses it gets the share back', () => {
    const story = new Story(policy(TEAM))
    story.route()
    story.open = { repId: 'ana', poolId: 'all', units: 1 }
    const taken = story.escalate()
    const back = taken.changes.filter(
      (one): one is Extract<Change, { kind: 'fairness.save' }> =>
        one.kind === 'fairness.save' && one.repId === 'ana',
    )
    assert.deepEqual(
      back.map(({ virtualTime }) => virtualTime),
      [0],
    )
  })
})

describe('route: a lead that comes back', () => {
  const returns = (story: Story) => {
    story.close()
    return story.route()
  }
  it('may so often, and then goes to the pool that is named', () => {
    const story = new Story(policy({ ...TEAM, recycle: { max: 2, to: 'desk' } }))
    story.route()
    for (let n = 1; n <= 2; n++) {
      returns(story)
      assert.notEqual(story.open!.repId, 'lee')
      assert.equal(story.lead.assignment!.recycled, n)
    }
    returns(story)
    assert.equal(story.open!.repId, 'lee')
  })
  it('or waits with the reason', () => {
    const story = new Story(policy({ ...TEAM, recycle: { max: 0 } }))
    story.route()
    const decision = returns(story)
    assert.deepEqual([decision.outcome, decision.because[0]!.rule], ['waiting', 'route.recycle'])
    assert.match(story.lead.assignment!.why, /came back 1 time; the policy allows 0/)
    assert.deepEqual(story.route().changes, [])
  })
  it('is not counted while it stays closed', () => {
    const story = new Story(policy(TEAM))
    story.route()
    story.close()
    story.lead = { ...story.lead, decision: { outcome: 'nurture' } as Lead['decision'] & object }
    story.route()
    story.route()
    assert.equal(story.lead.assignment!.recycled, undefined)
  })
})

describe('route: a lead that its route has locked', () => {
  const locked = policy({ ...TEAM, routes: [{ id: 'named', pool: 'all', lock: true }] })
  it('is not moved by an escalation', () => {
    const story = new Story(locked)
    story.route()
    const { repId } = story.open!
    const decision = story.escalate()
    assert.deepEqual([decision.outcome, decision.changes], ['assigned', []])
    assert.equal(decision.because[0]!.rule, 'route.lock')
    assert.deepEqual([story.open!.repId, 'routing' in story.lead], [repId, false])
  })
  it('is free again once it was closed', () => {
    const story = new Story(locked)
    story.route()
    story.close()
    assert.equal(story.route().outcome, 'assigned')
  })
})

describe('route: caps', () => {
  it('an assignment counts in each period for which the rep has a cap', () => {
    const reps = [{ id: 'ana', name: 'Ana', capacity: 10, caps: { hour: 2, week: 9 } }]
    const capped = policy({ reps, pools: [{ id: 'all', members: ['ana'] }] })
    const decision = new Story(capped).route()
    assert.deepEqual(
      decision.changes.filter(({ kind }) => kind === 'tally.add'),
      [
        { kind: 'tally.add', repId: 'ana', period: 'hour', fromMs: NOW },
        { kind: 'tally.add', repId: 'ana', period: 'week', fromMs: NOW - 10 * HOUR },
      ],
    )
  })
})
