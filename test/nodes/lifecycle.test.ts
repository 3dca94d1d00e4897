// Goal: a hundred deploys leave nothing behind, and a deploy or a stop at any moment loses no lead.
// Method: the whole pipeline on one tab; listeners, timers and handles are counted before and after.
import assert from 'node:assert/strict'
import type { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { mock } from 'node:test'
import type { Lead } from '../../engine/lead/lead'
import {
  type FlowNode,
  folder,
  leadNode,
  leadOf,
  newProcess,
  POLICY,
  RECORD,
  type Rig,
  runtimeEvents,
  start,
  stop,
  tidyUp,
} from './support'

/** Every node type, wired as the life of a lead is; `suffix` makes a second one beside it. */
function pipeline(suffix = ''): FlowNode[] {
  const id = (name: string) => name + suffix
  return [
    ...leadNode(id('ingest'), 'lead-ingest', {}, { lead: [id('enrich')] }),
    ...leadNode(id('enrich'), 'lead-enrich', {}, { enriched: [id('dedupe')] }),
    ...leadNode(id('dedupe'), 'lead-dedupe', {}, { new: [id('fit')], known: [id('fit')] }),
    ...leadNode(id('fit'), 'lead-score-fit', {}, { scored: [id('intent')] }),
    ...leadNode(id('intent'), 'lead-score-intent', {}, { scored: [id('qualify')] }),
    ...leadNode(id('qualify'), 'lead-qualify', {}, { sales: [id('route')] }),
    ...leadNode(id('route'), 'lead-route-by-capacity', {}, { assigned: [id('sla')] }),
    ...leadNode(id('sla'), 'lead-sla-timer', {}, { escalation: [id('route')] }),
    ...leadNode(id('outcome'), 'lead-outcome'),
    ...leadNode(id('audit'), 'lead-audit'),
  ]
}

const ROOMY: FlowNode = {
  id: 'policy',
  type: 'lead-policy',
  name: '',
  source: 'inline',
  text: POLICY.replaceAll('capacity: 1 ', 'capacity: 10000 '),
}

const records = (n: number, from = 0) =>
  Array.from({ length: n }, (_, at) => ({
    ...RECORD,
    email: `p${at + from}@acme.example`,
    event_id: `e${at + from}`,
  }))

/** How many listen to each event. */
function listeners(emitter: EventEmitter): Record<string, number> {
  return Object.fromEntries(
    emitter
      .eventNames()
      .map((name) => [String(name), emitter.listenerCount(name)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** What keeps the process, or would if it were not told not to: handles by kind. */
function handles(): Record<string, number> {
  const kinds = Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind)
  // Turns of the event loop come and go.
  kinds.delete('Immediate')
  return Object.fromEntries([...kinds].map(([kind, list]) => [kind, list.length]))
}

/** Counts timers that were set and neither ran nor were cleared; also those that keep nothing alive. */
class TimerCount {
  readonly #pending = new Map<NodeJS.Timeout, string>()
  readonly #original = { setTimeout, setInterval, clearTimeout, clearInterval }

  constructor() {
    const { setTimeout, setInterval, clearTimeout, clearInterval } = this.#original
    const set = (run: () => void, ms?: number) => {
      const timer = setTimeout(() => {
        this.#pending.delete(timer)
        run()
      }, ms)
      this.#pending.set(timer, `${ms} ms`)
      return timer
    }
    const repeat = (run: () => void, ms?: number) => {
      const timer = setInterval(run, ms)
      this.#pending.set(timer, `every ${ms} ms`)
      return timer
    }
    const clear = (timer: NodeJS.Timeout) => {
      this.#pending.delete(timer)
      clearTimeout(timer)
      clearInterval(timer)
    }
    Object.assign(globalThis, {
      setTimeout: set,
      setInterval: repeat,
      clearTimeout: clear,
      clearInterval: clear,
    })
  }

  pending(): string[] {
    return [...this.#pending.values()].sort()
  }

  restore(): void {
    Object.assign(globalThis, this.#original)
  }
}

describe('deploys and stops', () => {
  tidyUp()

  const flowing = async (rig: Rig, from: number, suffix = '') => {
    await rig.send(`ingest${suffix}`, { payload: records(2, from) })
    await rig.until('the clocks', () => rig.out(`sla${suffix}`, 'started').length >= 2)
    await rig.quiet()
  }

  it('a hundred deploys leave no listener, timer or handle behind', async () => {
    const timers = new TimerCount()
    try {
      const rig = await start(pipeline(), { configs: [ROOMY] })
      await flowing(rig, 0)
      const count = () => ({
        runtime: listeners(runtimeEvents),
        process: listeners(process),
        handles: handles(),
        timers: timers.pending(),
      })
      const deploy = async (round: number) => {
        rig.forget()
        await rig.deploy(pipeline())
        await flowing(rig, round * 10)
      }
      for (let round = 1; round <= 3; round++) await deploy(round)
      const before = count()
      assert.ok(before.timers.length > 0, 'the count sees the timers of the nodes')
      for (let round = 4; round <= 103; round++) await deploy(round)
      assert.deepEqual(count(), before)
      assert.deepEqual(rig.logged(), [])
      await stop()
      assert.deepEqual(timers.pending(), [], 'and a stop none at all')
    } finally {
      timers.restore()
    }
  })

  it('neither do stops and starts with a file', async () => {
    const file = join(folder(), 'leads.db')
    const round = async (n: number) => {
      const rig = await start(pipeline(), { file, configs: [ROOMY] })
      await flowing(rig, n * 10)
      assert.deepEqual(rig.logged(), [])
      await stop()
    }
    await round(0)
    const count = () => ({
      runtime: listeners(runtimeEvents),
      process: listeners(process),
      handles: handles(),
    })
    const before = count()
    for (let n = 1; n <= 5; n++) await round(n)
    assert.deepEqual(count(), before)
  })

  it('two pipelines are no reason for a warning of a leak', async () => {
    const warnings: string[] = []
    const note = ({ name, message }: Error) => {
      if (name === 'MaxListenersExceededWarning') warnings.push(message)
    }
    process.on('warning', note)
    try {
      const rig = await start([...pipeline(), ...pipeline('-2')], { configs: [ROOMY] })
      await flowing(rig, 0)
      await flowing(rig, 10, '-2')
      assert.deepEqual(warnings, [])
    } finally {
      process.removeListener('warning', note)
    }
  })

  it('a deploy of one node leaves the others as they are, and nothing of the one before', async () => {
    const rig = await start(pipeline(), { configs: [ROOMY] })
    await flowing(rig, 0)
    for (const id of ['qualify', 'audit', 'route', 'sla']) {
      const changed = pipeline().map((node) =>
        node.id === id ? { ...node, name: 'another' } : node,
      )
      await rig.deploy(changed, 'nodes')
    }
    rig.forget()
    await flowing(rig, 10)
    assert.deepEqual(rig.counts('audit'), { entry: 2 * 5 })
    assert.deepEqual(rig.counts('sla'), { started: 2 })
    assert.deepEqual(rig.logged(), [])
  })

  /** Every lead stands where it should, and each step was written once. */
  async function allArrived(rig: Rig, n: number): Promise<void> {
    const { byState, underway } = await rig.store.census()
    assert.deepEqual({ byState, underway }, { byState: { assigned: n }, underway: 0 })
    const entries = await rig.store.entriesAfter(-1, 100_000)
    const steps = entries.map(({ entry }) => `${entry.lead} ${entry.step}`)
    assert.equal(new Set(steps).size, steps.length, 'no step was written twice for one lead')
    assert.equal(steps.length, n * 5)
    const { ok, faults } = await rig.store.verify()
    assert.deepEqual([ok, faults], [true, []])
  }

  it('a stop in the middle of a burst loses none and doubles none', async () => {
    const file = join(folder(), 'leads.db')
    const n = 60
    for (let after = 1; after <= 5; after++) {
      newProcess()
      const rig = await start(pipeline(), { file, configs: [ROOMY] })
      rig.node('ingest').receive({ payload: records(n) })
      // Stopped when so many leads have got somewhere: each round cuts the way at another place.
      await rig.until('some', () => rig.sends.length >= after * 40)
      await stop()
    }
    newProcess()
    const last = await start(pipeline(), { file, configs: [ROOMY] })
    await last.send('ingest', { payload: records(n) })
    await last.until('all to arrive', async () => (await last.store.census()).underway === 0)
    await last.quiet()
    await allArrived(last, n)
  })

  it('a deploy in the middle of a burst loses none and doubles none', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const n = 60
      const rig = await start(pipeline(), { file: join(folder(), 'leads.db'), configs: [ROOMY] })
      rig.node('ingest').receive({ payload: records(n) })
      await rig.until('some', () => rig.out('dedupe', 'new').length >= 10)
      await rig.deploy(pipeline())
      await rig.send('ingest', { payload: records(n) })
      assert.ok((await rig.store.census()).underway > 0, 'the deploy did cut some off')
      mock.timers.tick(30_000)
      await rig.until('all to arrive', async () => (await rig.store.census()).underway === 0)
      await rig.quiet()
      await allArrived(rig, n)
    } finally {
      mock.timers.reset()
    }
  })

  it('a fault of one lead, in whichever step, stops no other lead', async () => {
    const rig = await start(pipeline(), { configs: [ROOMY] })
    const good = records(10)
    const bad = [
      { contact: 5 },
      { email: {} },
      null,
      'x',
      { signals: [{ type: 'x', at: 'never' }] },
    ]
    await rig.send('ingest', { payload: [...good.slice(0, 5), ...bad, ...good.slice(5)] })
    for (const type of [
      'enrich',
      'dedupe',
      'fit',
      'intent',
      'qualify',
      'route',
      'sla',
      'outcome',
      'audit',
    ]) {
      await rig.send(type, { payload: { id: 'x', contact: null } as unknown as Lead })
    }
    await rig.until('the clocks', () => rig.out('sla', 'started').length >= 10)
    await rig.quiet()
    assert.equal(rig.out('ingest', 'rejected').length, bad.length)
    await allArrived(rig, 10)
  })

  it('what a node still had when it was deployed anew says nothing under the one that took its place', async () => {
    const rig = await start(leadNode('dedupe', 'lead-dedupe'))
    const { store } = rig
    const real = store.transaction.bind(store)
    let fail = () => {}
    store.transaction = () =>
      new Promise((_, reject) => {
        fail = () => reject(new Error('too late'))
      })
    rig.node('dedupe').receive({ payload: leadOf() })
    store.transaction = real
    await rig.deploy(leadNode('dedupe', 'lead-dedupe', { name: 'another' }), 'nodes')
    fail()
    await rig.until('the fault', () => rig.completions.length === 1)
    assert.equal(rig.completions[0]!.error?.message, 'too late')
    assert.equal(rig.status('dedupe'), undefined)
  })
})
