// Goal: nobody outside our nodes sees a message whose commit is not on disk, and a stop in any turn
// forgets nothing. Method: a flow as a person draws it, so that messages do go ahead of the disk, and a
// second connection that holds the file while the message moves.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type FlowNode, folder, newProcess, RECORD, type Rig, start, stop, tidyUp } from './support'

const node = (id: string, type: string, wires: string[][], more: object = {}): FlowNode =>
  ({
    id,
    type,
    z: 'tab',
    x: 0,
    y: 0,
    name: id,
    store: 'store',
    contract: 'contract',
    policy: 'policy',
    wires,
    ...more,
  }) as never
/** As a person draws it, with nobody between the lead nodes. */
const FLOW: FlowNode[] = [
  node('ingest', 'lead-ingest', [['fit'], ['out'], []]),
  node('fit', 'lead-score-fit', [['intent']]),
  node('intent', 'lead-score-intent', [['dedupe']]),
  node('dedupe', 'lead-dedupe', [['qualify'], ['qualify'], []]),
  node('qualify', 'lead-qualify', [['out'], ['out'], ['out'], ['out']]),
  node('out', 'test-port', []),
]
const record = (n: number) => ({ ...RECORD, email: `p${n}@x.example`, event_id: `e${n}` })
const turns = async (count: number) => {
  for (let n = 0; n < count; n++) await new Promise<void>((resolve) => setImmediate(resolve))
}

type Loose = Record<string, { readonly id?: string } | undefined>
const loose = (payload: unknown) => payload as Loose
describe('the disk comes first', () => {
  tidyUp()
  const outside = <T>(file: string, work: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(file)
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  /** While `work` runs the disk does not get on. */
  const stuck = async (file: string, work: () => Promise<void>) => {
    const database = new DatabaseSync(file)
    database.exec('BEGIN IMMEDIATE')
    try {
      await work()
    } finally {
      database.exec('ROLLBACK')
      database.close()
    }
  }
  const begin = async (flow = FLOW, options: object = {}): Promise<{ rig: Rig; file: string }> => {
    newProcess()
    const file = join(folder(), 'leads.db')
    const rig = await start(flow, { file, heard: [], ...options })
    await rig.send('ingest', { payload: record(0) })
    await rig.until('the first', () => (rig.received.get('out') ?? []).length === 1)
    await rig.quiet()
    rig.forget()
    return { rig, file }
  }

  it('a Complete node behind a lead node hears of a lead only when it is on disk', async () => {
    const { rig, file } = await begin(FLOW, { heard: FLOW.map(({ id }) => id) })
    let early: unknown[] = []
    await stuck(file, async () => {
      rig.node('ingest').receive({ payload: record(1) })
      await turns(300)
      early = rig.completed.map(({ payload }) => loose(payload).event?.id)
    })
    await rig.until('the end', () => (rig.received.get('out') ?? []).length === 1)
    assert.deepEqual(early, [], 'seen outside while nothing was on disk')
  })

  it('the last of several is rejected: its answer waits for the others to be in the store', async () => {
    const { rig, file } = await begin()
    let early: unknown[] = []
    await stuck(file, async () => {
      rig.node('ingest').receive({
        payload: [record(1), { email: 'broken' }],
        req: {},
        res: { stands: 'for a response' },
      })
      await turns(300)
      early = (rig.received.get('out') ?? []).map((msg) => msg.res !== undefined)
    })
    await rig.until('the end', () => (rig.received.get('out') ?? []).length === 2)
    assert.deepEqual(early, [], 'the HTTP answer is out, and the accepted one is not on disk')
  })

  it('a message that goes on to another store leaves only when the lead is in the first', async () => {
    const other = join(folder(), 'other.db')
    const { rig, file } = await begin(
      FLOW.map((one) =>
        ['dedupe', 'qualify', 'intent'].includes(one.id) ? { ...one, store: 'other' } : one,
      ),
      { configs: [{ id: 'other', type: 'lead-store', name: '', file: other, realm: 'live' }] },
    )
    let early: unknown[] = []
    await stuck(file, async () => {
      rig.node('ingest').receive({ payload: record(1) })
      await turns(300)
      early = (rig.received.get('out') ?? []).map(({ payload }) => loose(payload).event?.id)
    })
    await rig.until('the end', () => (rig.received.get('out') ?? []).length === 1)
    assert.deepEqual(early, [], 'it left, and its event is not on disk')
  })

  it('an HTTP request in whose moment the disk fails is answered: with the lead, or with a 503', async () => {
    const { rig, file } = await begin()
    outside(file, (database) =>
      database.exec(
        `CREATE TRIGGER no BEFORE INSERT ON intake BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`,
      ),
    )
    rig.node('ingest').receive({ payload: record(1), req: {}, res: { stands: 'for a response' } })
    await rig.until('the outage', () => rig.store.health.presence === 'away')
    outside(file, (database) => database.exec('DROP TRIGGER no'))
    const answered = () => (rig.received.get('out') ?? []).some(({ res }) => res !== undefined)
    await rig.until('an answer', () => answered() || rig.caught.length > 0)
    await turns(50)
    const told = rig.caught.map(({ error, statusCode }) => [
      error.source.id,
      error.code,
      statusCode,
    ])
    assert.ok(answered() || told.every(([, , status]) => status === 503), JSON.stringify(told))
  })

  for (const count of [0, 1, 3, 6, 10])
    it(`stopped ${count} turns after it came, a lead arrives all the same, once`, async () => {
      const { rig, file } = await begin()
      rig.node('ingest').receive({ payload: record(1) })
      await turns(count)
      await stop()
      const before = (rig.received.get('out') ?? []).length
      newProcess()
      const next = await start(FLOW, { file, heard: [] })
      await next.quiet()
      await next.until('it to be done', async () => (await next.store.census()).underway === 0)
      const { entries, byState } = await next.store.census()
      const after = (next.received.get('out') ?? []).length
      if (count > 0 || entries > 3)
        assert.deepEqual(
          [entries, byState],
          [6, { qualified: 2 }],
          JSON.stringify({ before, after }),
        )
      assert.equal((await next.store.verify()).ok, true)
      assert.deepEqual(
        next.caught.concat(rig.caught).map(({ error }) => error.code),
        [],
      )
    })

  for (const count of [0, 1, 3, 6, 10])
    it(`deployed anew ${count} turns after it came (one node only), a lead is not lost`, async () => {
      const { rig } = await begin()
      rig.node('ingest').receive({ payload: record(1) })
      await turns(count)
      await rig.deploy(
        FLOW.map((one) => (one.id === 'dedupe' ? { ...one, name: 'anew' } : one)),
        'nodes',
      )
      await rig.quiet()
      const { entries, underway, byState } = await rig.store.census()
      assert.ok(entries >= 4, JSON.stringify({ entries, underway, byState }))
      assert.ok(
        underway === 1 || byState.qualified === 2,
        JSON.stringify({ entries, underway, byState }),
      )
    })
})
