/**
 * Goal: stopping and killing Node-RED loses no lead, no waiting and no deadline, and doubles none.
 * Method: the inbound example with a small policy, in a real Node-RED that is stopped, killed and
 * started again on the same user directory.
 */
import assert from 'node:assert/strict'
import type { NodeRed } from '../../scripts/lib/node-red-process.mjs'
import { complaints, example, type FlowNode, nodeNamed, PATIENCE_MS, Place } from './support'

interface Answer {
  readonly lead: string
  readonly state: string
  readonly owner: string | null
  readonly tier: string | null
  readonly dueAt: string
}

/** Two reps around the clock with one lead each; everybody is answered within a second. */
const SMALL_POLICY = `
policy: small
version: 1.0.0
reps:
  - { id: ivy, name: Ivy Novak, capacity: 1 }
  - { id: jonas, name: Jonas Lind, capacity: 1 }
pools:
  - { id: desk, members: [ivy] }
  - { id: second, members: [jonas] }
routes:
  - { id: route.all, pool: desk }
tiers:
  - id: quick
    when: { source.trigger: live_demo }
    respond: 1s
    clock: always
    escalate: [{ after: 1s, to: second, action: reassign }]
  - { id: slow, respond: 24h, clock: always }
`
const BIG_POLICY = SMALL_POLICY.replaceAll('capacity: 1 ', 'capacity: 100000 ')

function inbound(policy: string): FlowNode[] {
  return example('inbound-saas/inbound-saas.json').map((node) =>
    node.type === 'lead-policy' ? { ...node, text: policy } : node,
  )
}

function demo(person: string, trigger = 'demo_request') {
  return {
    event_id: `demo-${person}`,
    email: `${person}@northgate.example`,
    name: person,
    job_title: 'Head of Sales',
    trigger,
  }
}

/** Nothing may be under way or between two states, and the log must prove. */
async function settled(nodeRed: NodeRed): Promise<Record<string, number>> {
  await nodeRed.until('every lead to arrive', async () => {
    const { body } = await nodeRed.get('/audit/census')
    return body.underway === 0
  })
  const { body } = await nodeRed.get('/audit/census')
  for (const between of ['open', 'qualified']) {
    assert.equal(body.byState[between], undefined, JSON.stringify(body.byState))
  }
  const verified = await nodeRed.get('/audit/verify')
  assert.deepEqual(verified.body.faults, [])
  return body.byState
}

describe('inbound flow, stopped and started again', function () {
  this.timeout(PATIENCE_MS)

  describe('in an orderly way', () => {
    const place = new Place()
    let nodeRed: NodeRed
    let first: Answer
    let second: Answer
    const post = async (body: unknown) => (await nodeRed.post('/leads', body)).body

    before(async () => {
      nodeRed = await place.start(inbound(SMALL_POLICY))
      first = await post(demo('ada'))
      second = await post(demo('bea'))
      assert.equal(first.state, 'assigned')
      assert.equal(second.state, 'waiting')
      assert.equal(await nodeRed.stop(), 0)
      nodeRed = await place.start()
    })
    after(() => place.end())

    it('knows every event, and answers the same', async () => {
      assert.deepEqual(await post(demo('ada')), { ...first, repeated: true })
      assert.deepEqual(await post(demo('bea')), { ...second, repeated: true })
    })

    it('gives the waiting lead to the rep who becomes free', async () => {
      await nodeRed.post('/outcomes', { lead: first.lead, kind: 'converted' })
      const now = await nodeRed.until('the waiting lead to be assigned', async () => {
        const answer: Answer = await post(demo('bea'))
        return answer.state === 'assigned' && answer.tier !== null ? answer : undefined
      })
      assert.equal(now.owner, 'ivy')
      assert.equal(now.tier, 'slow')
    })

    it('stands clean', async () => {
      assert.deepEqual(await settled(nodeRed), { assigned: 1, closed: 1 })
      assert.deepEqual(complaints(nodeRed.log()), [])
    })
  })

  describe('across a deadline', () => {
    const place = new Place()
    after(() => place.end())

    it('fires what is overdue at once, says how late, and hands the lead over', async () => {
      const nodeRed = await place.start(inbound(SMALL_POLICY))
      const { body: lead } = await nodeRed.post('/leads', demo('cleo', 'live_demo'))
      assert.equal(lead.owner, 'ivy')
      await nodeRed.kill()
      await passed(lead.dueAt, 2_000)

      const again = await place.start()
      const now = await again.until('another rep', async () => {
        const { body } = await again.post('/leads', demo('cleo', 'live_demo'))
        // Until the new clock has started, the one that was missed is what stands.
        const hasClock = body.tier !== null && Date.parse(body.dueAt) > Date.parse(lead.dueAt)
        return body.owner === 'jonas' && hasClock ? body : undefined
      })
      assert.equal(now.lead, lead.lead)
      const { text } = await again.get(`/leads/${lead.lead}/explain`)
      assert.equal(text.match(/SLA timer: breach/g)?.length, 1, text)
      assert.match(text, /did not respond before .* late\)/)
      assert.match(text, /escalated from Ivy Novak to second/)
    })

    it('fires once, however often it is started', async () => {
      const fired = async (nodeRed: NodeRed) => {
        const { body } = await nodeRed.post('/leads', demo('cleo', 'live_demo'))
        const { text } = await nodeRed.get(`/leads/${body.lead}/explain`)
        return text.match(/ {2}SLA timer: breach .*\n.*Ivy/g)?.length ?? 0
      }
      await place.nodeRed?.stop()
      const nodeRed = await place.start()
      assert.equal(await fired(nodeRed), 1)
      await settled(nodeRed)
    })
  })

  describe('by a kill between two nodes', () => {
    let place: Place
    beforeEach(() => {
      place = new Place()
    })
    afterEach(() => place.end())
    const flow = inbound(SMALL_POLICY)

    it('an escalation still finds its other rep', async () => {
      let nodeRed = await place.start(interrupted(flow, 'SLA', 2))
      const { body: lead } = await nodeRed.post('/leads', demo('dora', 'live_demo'))
      await nodeRed.until('the escalation', async () => {
        const { text } = await nodeRed.get(`/leads/${lead.lead}/explain`)
        return text.includes('escalated from Ivy Novak to second')
      })
      await nodeRed.kill()
      nodeRed = await place.start(flow)
      await settled(nodeRed)
      const { body } = await nodeRed.post('/leads', demo('dora', 'live_demo'))
      assert.equal(body.owner, 'jonas')
    })

    it('a lead that had waited still gets its clock', async () => {
      let nodeRed = await place.start(flow)
      const { body: first } = await nodeRed.post('/leads', demo('edda'))
      const { body: second } = await nodeRed.post('/leads', demo('fay'))
      assert.equal(second.state, 'waiting')
      await nodeRed.stop()
      nodeRed = await place.start(interrupted(flow, 'Route by capacity', 0))
      await nodeRed.post('/outcomes', { lead: first.lead, kind: 'closed' })
      await nodeRed.until('the assignment', async () => {
        const { body } = await nodeRed.post('/leads', demo('fay'))
        return body.owner === 'ivy'
      })
      await nodeRed.kill()
      nodeRed = await place.start(flow)
      await settled(nodeRed)
      const { body } = await nodeRed.post('/leads', demo('fay'))
      assert.equal(body.tier, 'slow')
    })

    it('a lead that was opened again is still routed', async () => {
      let nodeRed = await place.start(interrupted(flow, 'A new cycle', 0))
      const { body: lead } = await nodeRed.post('/leads', demo('gwen'))
      await nodeRed.post('/outcomes', { lead: lead.lead, kind: 'closed' })
      const reopening = nodeRed.post('/outcomes', { lead: lead.lead, kind: 'reopened' })
      const cutOff = assert.rejects(reopening)
      await nodeRed.until('the reopening', async () => {
        const { body } = await nodeRed.get('/audit/leads/qualified')
        return body.length === 1
      })
      await nodeRed.kill()
      await cutOff
      nodeRed = await place.start(flow)
      assert.deepEqual(await settled(nodeRed), { assigned: 1 })
    })
  })

  describe('in the time that `docker stop` gives, in the middle of a stream of leads', () => {
    const place = new Place()
    after(() => place.end())
    const PEOPLE = 200
    const STOP_MS = 10_000
    const STOP_AFTER = [30, 80]

    it('ends with 0, and takes up again what was under way', async () => {
      let nodeRed = await place.start(inbound(BIG_POLICY))
      const answered = new Map<string, Answer>()
      for (const stopAfter of STOP_AFTER) {
        const cutOff: string[] = []
        // One that is not gone by then is killed, and has no exit code.
        const ended = await stream(nodeRed, answered, PEOPLE, stopAfter, cutOff, () =>
          nodeRed.stop({ timeoutMs: STOP_MS }),
        )
        assert.equal(ended, 0, nodeRed.lastLines())
        assert.ok(cutOff.length > 0, 'leads were under way')
        assert.deepEqual(complaints(nodeRed.log()), [])
        nodeRed = await place.start()
        await settled(nodeRed)
      }
      await stream(nodeRed, answered, PEOPLE)
      assert.deepEqual(await settled(nodeRed), { assigned: PEOPLE })
      for (const [person, first] of answered) {
        const { body } = await nodeRed.post('/leads', demo(person))
        assert.deepEqual([body.repeated, body.lead, body.tier], [true, first.lead, 'slow'])
        if (first.owner !== null) assert.equal(body.owner, first.owner)
      }
    })
  })

  describe('by a kill in the middle of a stream of leads', () => {
    const place = new Place()
    after(() => place.end())
    const PEOPLE = 240
    const KILL_AFTER = [40, 90, 140]

    it('loses no lead that it accepted, and doubles none', async () => {
      let nodeRed = await place.start(inbound(BIG_POLICY))
      const answered = new Map<string, Answer>()
      for (const killAfter of KILL_AFTER) {
        await stream(nodeRed, answered, PEOPLE, killAfter, [], () => nodeRed.kill())
        nodeRed = await place.start()
        await settled(nodeRed)
      }
      // Whoever got no answer sends again, as every good source does.
      await stream(nodeRed, answered, PEOPLE)
      assert.deepEqual(await settled(nodeRed), { assigned: PEOPLE })
      for (const [person, first] of answered) {
        const { body } = await nodeRed.post('/leads', demo(person))
        assert.equal(body.repeated, true)
        assert.equal(body.lead, first.lead)
        if (first.owner !== null) assert.equal(body.owner, first.owner)
        assert.equal(body.tier, 'slow')
      }
      const [someone] = answered.values()
      const { text } = await nodeRed.get(`/leads/${someone!.lead}/explain`)
      assert.equal(text.match(/Routed: assigned/g)?.length, 1, text)
      assert.deepEqual(complaints(nodeRed.log()), [])
    })
  })
})

/** The flow with a node behind one output that holds every message for an hour. */
function interrupted(flow: readonly FlowNode[], name: string, port: number): FlowNode[] {
  const { id, z, wires } = nodeNamed(flow, name) as FlowNode & { z: string; wires: string[][] }
  const hold = {
    id: 'f0f0f0f0f0f0f0f0',
    type: 'delay',
    z,
    name: 'An hour',
    pauseType: 'delay',
    timeout: '1',
    timeoutUnits: 'hours',
    outputs: 1,
    x: 0,
    y: 0,
    wires: [wires[port]!],
  }
  const held = wires.map((to, index) => (index === port ? [hold.id] : to))
  return [...flow.map((node) => (node.id === id ? { ...node, wires: held } : node)), hold]
}

/**
 * Sends everybody who has no answer yet, twenty at a time; after so many answers in all, ends
 * Node-RED. Whose lead was under way then is added to `cutOff`.
 */
async function stream<Ended>(
  nodeRed: NodeRed,
  answered: Map<string, Answer>,
  people: number,
  endAfter = Number.POSITIVE_INFINITY,
  cutOff: string[] = [],
  end: () => Promise<Ended> | undefined = () => undefined,
): Promise<Ended | undefined> {
  const waiting = Array.from({ length: people }, (_, index) => `person${index}`).filter(
    (person) => !answered.has(person),
  )
  let ended: Promise<Ended> | undefined
  const worker = async () => {
    for (let person = waiting.shift(); person !== undefined; person = waiting.shift()) {
      try {
        const { status, body } = await nodeRed.post('/leads', demo(person))
        if (status === 200 || status === 202) answered.set(person, body)
        else cutOff.push(person)
      } catch {
        cutOff.push(person)
        return
      }
      if (answered.size >= endAfter) ended ??= end()
    }
  }
  await Promise.all(Array.from({ length: 20 }, worker))
  return ended
}

/** Until the wall clock has passed an instant by some time: the outage that a test is about. */
async function passed(instant: string, byMs: number): Promise<void> {
  const atMs = Date.parse(instant) + byMs
  while (Date.now() < atMs) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, atMs - Date.now())))
  }
}
