// Goal: what a fault, a deploy or a lost writer cuts off is taken up again or stands visibly; a store
// says whether it is ready and how it is, to those who may know. Method: flows in a real runtime.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { mock } from 'node:test'
import { Worker } from 'node:worker_threads'
import { LeadFault } from '../../engine/faults'
import type { Lead } from '../../engine/lead/lead'
import type * as Health from '../../nodes/lead-store/health'
import type { StoreNode } from '../../nodes/shared/config-nodes'
import type { Red } from '../../nodes/shared/red'
import {
  type FlowNode,
  folder,
  HOUR,
  leadNode,
  MINUTE,
  newProcess,
  RECORD,
  type Rig,
  start,
  tidyUp,
} from './support'

const record = (n: number) => ({
  payload: { ...RECORD, email: `p${n}@x.example`, event_id: `e${n}` },
})
/** What the store warns of, among what others do. */
const warnings = (rig: Rig) => rig.warned().filter((line) => / ha(s|ve) no node/.test(line))
const storeNode = (rig: Rig) => rig.node('store') as unknown as StoreNode

describe('after a fault', () => {
  tidyUp()
  /** The second node has no policy, so every lead that gets there is cut off. */
  const FLOW = [
    ...leadNode('ingest', 'lead-ingest', { attempts: '2' }, { lead: ['sla'] }),
    ...leadNode('sla', 'lead-sla-timer', { policy: '' }),
    ...leadNode('audit', 'lead-audit'),
  ]
  const ask = async (rig: Rig, command: string, payload?: unknown) => {
    await rig.send('audit', { command, payload })
    return rig.out('audit', 'answer').at(-1)!.payload as Record<string, unknown>[]
  }

  it('a lead is sent again after a while, then given up with the reason, and can be sent on', async () => {
    newProcess()
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const rig = await start(FLOW)
      const sent = () => rig.out('ingest', 'lead').length
      await rig.send('ingest', record(1))
      await rig.until('the fault', () => rig.caught.length === 1)
      const look = async () => {
        mock.timers.tick(5_000)
        await rig.quiet()
      }
      await look()
      assert.equal(sent(), 1, 'not at once')
      for (const [attempt, pauseMs] of [
        [2, MINUTE / 2],
        [3, MINUTE],
      ] as const) {
        rig.clock.forward(pauseMs)
        await rig.until('it to be taken up', async () => {
          await look()
          return sent() === attempt
        })
        await rig.until('the fault', () => rig.caught.length === attempt)
        await rig.quiet()
      }
      rig.clock.forward(HOUR)
      await rig.until('it to be given up', async () => {
        await look()
        return (await rig.store.census()).dead === 1
      })
      assert.equal(sent(), 3)
      const [letter] = await ask(rig, 'dead')
      const { id } = rig.out('ingest', 'lead')[0]!.payload as Lead
      assert.deepEqual([letter!.leadId, letter!.attempts], [id, 2])
      assert.match(String(letter!.reason), /^sla: no policy/)
      await rig.refused('audit', { payload: 'nobody', command: 'redrive' }, 'LEAD_NOT_FOUND')
      assert.deepEqual(await ask(rig, 'redrive', id), { redriven: 1 })
      assert.deepEqual(await ask(rig, 'redrive', id), { redriven: 0 })
      await rig.until('it to go on', () => sent() === 4)
      assert.equal((await rig.store.census()).dead, 0)
      await rig.refused('audit', { command: 'redrive' }, 'LEAD_QUESTION_INVALID')
    } finally {
      mock.timers.reset()
    }
  })
})

describe('after a fault of a node that keeps nothing', () => {
  tidyUp()
  const INGEST = leadNode('ingest', 'lead-ingest', { attempts: '1' }, { lead: ['next'] })
  const [fit] = leadNode('fit', 'lead-score-fit', { contract: '', store: undefined })
  const link = (id: string, z: string, own: object) =>
    ({ id, z, x: 0, y: 0, wires: [], ...own }) as unknown as FlowNode
  const places: Readonly<Record<string, FlowNode[]>> = {
    'beside others': [{ ...fit!, id: 'next', wires: [['qualify']] }],
    'in a subflow': [
      {
        id: 'sub',
        type: 'subflow',
        name: 'score',
        in: [{ wires: [{ id: 'fit' }] }],
        out: [{ wires: [{ id: 'fit', port: 0 }] }],
      },
      { ...fit!, z: 'sub', wires: [[]] },
      { id: 'next', type: 'subflow:sub', z: 'tab', x: 0, y: 0, wires: [['qualify']] },
    ],
    'on a tab of its own': [
      { id: 'other', type: 'tab', label: 'scores' },
      link('next', 'tab', { type: 'link out', mode: 'link', links: ['in'] }),
      link('in', 'other', { type: 'link in', links: ['next'], wires: [['fit']] }),
      { ...fit!, z: 'other', wires: [['on']] },
      link('on', 'other', { type: 'link out', mode: 'link', links: ['back'] }),
      link('back', 'tab', { type: 'link in', links: ['on'], wires: [['qualify']] }),
    ],
  }
  for (const [where, nodes] of Object.entries(places))
    it(`${where} a lead is taken up again and at last given up as after any other`, async () => {
      newProcess()
      mock.timers.enable({ apis: ['setTimeout'] })
      try {
        const flow = [...INGEST, ...nodes, ...leadNode('qualify', 'lead-qualify')]
        const rig = await start(flow, { core: ['common/60-link'] })
        await rig.send('ingest', record(1))
        await rig.quiet()
        await rig.until('it to be given up', async () => {
          rig.clock.forward(MINUTE)
          mock.timers.tick(5_000)
          await rig.quiet()
          return (await rig.store.census()).dead === 1
        })
        const [letter] = await rig.store.deadLetters(1)
        assert.match(letter!.reason, /fit: no contract/)
      } finally {
        mock.timers.reset()
      }
    })
})

describe('a lead that a busy store refuses on its way', () => {
  tidyUp()
  const FLOW = [
    ...leadNode('ingest', 'lead-ingest', {}, { lead: ['dedupe'] }),
    ...leadNode('dedupe', 'lead-dedupe'),
  ]

  it('is taken up again by itself, and its sender is told when to ask again', async () => {
    newProcess()
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const rig = await start(FLOW)
      const { store } = rig
      const real = store.transaction.bind(store)
      let refused = false
      // The second step of the lead is the one that there is no room for, once.
      store.transaction = (...args: Parameters<typeof real>) => {
        const isDedupe = args[0].some((scope) => scope.startsWith('identity:'))
        if (refused || !isDedupe) return real(...args) as never
        refused = true
        return Promise.reject(new LeadFault('LEAD_STORE_BUSY', 'leads.db', 1_000))
      }
      await rig.send('ingest', record(1))
      await rig.until('the refusal', () => rig.caught.length === 1)
      assert.equal((rig.caught[0]!.error as { code?: string }).code, 'LEAD_STORE_BUSY')
      assert.equal((await store.census()).underway, 1)
      rig.clock.forward(MINUTE)
      await rig.until('it to arrive', async () => {
        mock.timers.tick(5_000)
        await rig.quiet()
        return rig.out('dedupe', 'new').length === 1
      })
      assert.equal((await store.census()).underway, 0)
    } finally {
      mock.timers.reset()
    }
  })
})

describe('a node that is replaced', () => {
  tidyUp()
  const flow = (sla: string, ingest = 'ingest', more: Record<string, unknown> = {}): FlowNode[] => [
    ...leadNode(ingest, 'lead-ingest', { system: 'web' }, { lead: ['dedupe'] }),
    ...leadNode('dedupe', 'lead-dedupe', {}, { new: ['route'] }),
    ...leadNode('route', 'lead-route-by-capacity', {}, { assigned: [sla] }),
    ...leadNode(sla, 'lead-sla-timer', more),
  ]

  it('leaves its timers to one that serves the same policy', async () => {
    const file = join(folder(), 'leads.db')
    const rig = await start(flow('sla'), { file })
    await rig.send('ingest', record(1))
    await rig.until('the clock', () => rig.out('sla', 'started').length === 1)
    await rig.deploy(flow('sla-2'))
    rig.clock.forward(31 * MINUTE)
    await (rig.node('sla-2') as unknown as { tick(): Promise<void> }).tick()
    await rig.until('the reminder', () => rig.out('sla-2', 'reminder').length > 0)
    assert.deepEqual(rig.counts('sla-2'), { reminder: 1 })
    assert.equal(rig.out('sla-2', 'reminder')[0]!.sla.lateMs, MINUTE)
  })

  it('by none: its timers wait, the store says so, and its return fires them', async () => {
    const file = join(folder(), 'leads.db')
    const rig = await start(flow('sla'), { file })
    await rig.send('ingest', record(1))
    await rig.until('the clock', () => rig.out('sla', 'started').length === 1)
    const without = flow('sla').map((node) => (node.id === 'sla' ? { ...node, d: true } : node))
    await rig.deploy(without)
    await rig.until('the warning', () => warnings(rig).length > 0)
    assert.match(warnings(rig)[0]!, /3 timers of the policy "test" have no node: no lead-sla-timer/)
    assert.equal(rig.status('store')?.text, 'no node for 3 timers')
    rig.clock.forward(HOUR)
    await rig.deploy(flow('sla'))
    await rig.until('what was due', () => rig.out('sla', 'breach').length === 1)
    assert.deepEqual(rig.counts('sla'), { started: 1, reminder: 1, breach: 1 })
  })

  it('leaves its leads to one with the same source', async () => {
    const file = join(folder(), 'leads.db')
    newProcess()
    const hole: FlowNode[] = [
      ...leadNode('old', 'lead-ingest', { system: 'web' }, { lead: ['hole'] }),
      { id: 'hole', type: 'test-port', z: 'tab', x: 0, y: 0, wires: [['dedupe']] },
      ...leadNode('dedupe', 'lead-dedupe'),
    ]
    const first = await start(hole, { file })
    await first.send('old', record(1))
    newProcess()
    const second = await start(
      flow('sla', 'other-source').map((node) =>
        node.id === 'other-source' ? { ...node, system: 'chat' } : node,
      ),
      { file },
    )
    await second.until('the warning', () => warnings(second).length > 0)
    assert.match(
      warnings(second)[0]!,
      /1 lead of the source "web" has no node: no lead-ingest .*; deploy one$/,
    )
    newProcess()
    const third = await start(flow('sla', 'new'), { file })
    await third.until('the lead', () => third.out('sla', 'started').length === 1)
    assert.deepEqual(third.counts('new'), { lead: 1 })
    assert.equal((await third.store.census()).underway, 0)
  })
})

describe('a store file', () => {
  tidyUp()
  const FLOW = [
    ...leadNode('ingest', 'lead-ingest', {}, { lead: ['dedupe'] }),
    ...leadNode('dedupe', 'lead-dedupe'),
  ]

  it('that another process has open is refused, and taken when that ends', async () => {
    const file = join(folder(), 'leads.db')
    const script = `
      const { SqliteStore } = require(${JSON.stringify(join(__dirname, '../../store/sqlite/sqlite-store'))})
      SqliteStore.open(${JSON.stringify(file)}, 'live')
      console.log('open')
      setInterval(() => {}, 1000)`
    const other = spawn(process.execPath, ['-r', 'tsx/cjs', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(other.stdout, 'data')
      const rig = await start(FLOW, { file })
      assert.equal(storeNode(rig).store.health.presence, 'refused')
      assert.match(rig.logged()[0]!, /another process has it open/)
      await rig.refused('ingest', record(1), 'LEAD_STORE_UNAVAILABLE')
      other.kill('SIGKILL')
      await rig.until('the file', () => storeNode(rig).store.health.presence === 'open')
      await rig.send('ingest', record(1))
      await rig.until('the lead', () => rig.out('dedupe', 'new').length === 1)
    } finally {
      other.kill('SIGKILL')
    }
  })

  it('whose writer dies is opened anew, and no lead that waits for it is lost', async () => {
    const workers = new Set<Worker>()
    const post = Worker.prototype.postMessage
    Worker.prototype.postMessage = function (this: Worker, ...args) {
      workers.add(this)
      return post.apply(this, args as never)
    }
    try {
      const rig = await start(FLOW, { file: join(folder(), 'leads.db') })
      await rig.send('ingest', record(0))
      await rig.until('the lead', () => rig.out('dedupe', 'new').length === 1)
      assert.equal(workers.size, 1)
      for (let n = 1; n <= 30; n++) {
        rig.node('ingest').receive(record(n))
        if (n === 10) for (const worker of workers) void worker.terminate()
      }
      await rig.until(
        'them all',
        async () => {
          const { byState, underway } = await rig.store.census().catch(() => ({
            byState: {} as Record<string, number>,
            underway: 1,
          }))
          return byState.open === 31 && underway === 0
        },
        15_000,
      )
      assert.equal(workers.size, 2, 'another writer')
      assert.ok((await rig.store.verify()).ok)
    } finally {
      Worker.prototype.postMessage = post
    }
  })

  it('whose disk is full: leads wait, nothing that was told is lost', async () => {
    const file = join(folder(), 'leads.db')
    const script = join(__dirname, 'full-disk.ts')
    // A limit on the size of files is to SQLite what a full disk is.
    const child = spawn(
      'sh',
      ['-c', `ulimit -f 4000; exec "$0" -r tsx/cjs "$1" "$2"`, process.execPath, script, file],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let said = ''
    child.stdout.on('data', (data) => {
      said += data
    })
    await once(child, 'exit')
    const { taken, fault, waiting } = JSON.parse(said.trim().split('\n').at(-1)!)
    assert.ok(taken > 10, said)
    assert.match(fault, /full|I\/O/)
    assert.ok(waiting > 0, 'the next ones wait')
    const rig = await start([...FLOW, ...leadNode('audit', 'lead-audit')], { file })
    const { underway, entries } = await rig.store.census()
    assert.equal(underway, entries)
    assert.ok(underway >= taken, `${taken} were told, ${underway} are there`)
    assert.ok((await rig.store.verify()).ok)
  })
})

describe('health', () => {
  tidyUp()
  const FLOW = leadNode('ingest', 'lead-ingest')

  it('is live, ready and open to all, and tells nothing else', async () => {
    const rig = await start(FLOW)
    const live = await rig.admin().get('/lead-store/live').expect(200)
    assert.deepEqual(live.body, { live: true })
    const ready = await rig.admin().get('/lead-store/ready').expect(200)
    assert.deepEqual(ready.body, { ready: true })
  })

  it('is not ready while no store is deployed, as when flows are stopped', async () => {
    const rig = await start(FLOW)
    const handlers = new Map<string, (request: unknown, response: unknown) => void>()
    const register = (path: string, ...chain: never[]) => handlers.set(path, chain.at(-1)!)
    const red = { httpAdmin: { get: register, post: register }, auth: { needsPermission() {} } }
    // As it is loaded now: an earlier test may have loaded everything anew.
    const { serveHealth } = require('../../nodes/lead-store/health') as typeof Health
    serveHealth(red as unknown as Red)
    const ready = () => {
      let answer: unknown
      const json = (body: object) => {
        answer = body
      }
      const response = { status: (code: number) => ({ json: () => json({ code }) }) }
      handlers.get('/lead-store/ready')!({}, response)
      return answer
    }
    assert.deepEqual(ready(), { code: 200 })
    await rig.stop()
    assert.deepEqual(ready(), { code: 503 })
  })

  it('is not ready while a store is not, and does not say why', async () => {
    const rig = await start(FLOW, { file: join(__filename, 'leads.db') })
    const ready = await rig.admin().get('/lead-store/ready').expect(503)
    assert.deepEqual(ready.body, { ready: false })
    const figures = await rig.admin().get('/lead-store/store/figures').expect(503)
    assert.equal(figures.body.presence, 'refused')
    assert.match(figures.body.fault, /cannot be opened/)
  })

  it('gives figures and makes a backup', async () => {
    const file = join(folder(), 'leads.db')
    const rig = await start(FLOW, { file })
    await rig.send('ingest', record(1))
    const { body } = await rig.admin().get('/lead-store/store/figures').expect(200)
    assert.ok(body.bytes > 0)
    assert.deepEqual(
      { ...body, bytes: 0 },
      {
        presence: 'open',
        held: 0,
        bytes: 0,
        leads: 0,
        entries: 1,
        underway: 0,
        underwayMs: 0,
        dead: 0,
        waiting: 0,
        waitingMs: 0,
        timers: 0,
        overdue: 0,
        overdueMs: 0,
        erasedLeads: 0,
        erasedEntries: 0,
        expiredLeads: 0,
        expiredEntries: 0,
      },
    )
    const made = await rig.admin().post('/lead-store/store/backup').expect(200)
    assert.ok(made.body.file.startsWith(file))
    await rig.admin().post('/lead-store/store/backup').expect(409)
    await rig.admin().get('/lead-store/nobody/figures').expect(404)
    await rig.admin().post('/lead-store/nobody/backup').expect(404)
  })
})
