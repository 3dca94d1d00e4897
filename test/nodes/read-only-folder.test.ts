// Goal: a store whose folder or file may not be written to says so where people look, loses nothing, and
// goes on by itself once it may. Method: real rights on real files, as somebody whom they bind: for root,
// who may do everything, the process is another user for as long as a test takes.
import assert from 'node:assert/strict'
import { chmodSync, chownSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { folder, leadNode, newProcess, RECORD, type Rig, start, stop, tidyUp } from './support'

const NOBODY = 65_534

describe('a store that may not be written to', () => {
  const isRoot = process.geteuid?.() === 0
  let dir: string
  let file: string

  before(function () {
    // Windows has rights of another kind.
    if (process.geteuid === undefined) this.skip()
  })
  beforeEach(() => {
    dir = folder()
    file = join(dir, 'leads.db')
    if (!isRoot) return
    chownSync(dir, NOBODY, NOBODY)
    process.seteuid!(NOBODY)
  })
  afterEach(() => {
    if (isRoot) process.seteuid!(0)
    chmodSync(dir, 0o700)
  })
  // After that, as it takes the folders away.
  tidyUp()

  const FLOW = leadNode('ingest', 'lead-ingest')
  const record = (n: number) => ({
    payload: { ...RECORD, email: `p${n}@x.example`, event_id: `e${n}` },
  })
  const presence = (rig: Rig) => rig.store.health.presence
  const lock = (isLocked: boolean) => {
    if (!isLocked) chmodSync(dir, 0o700)
    for (const name of readdirSync(dir)) chmodSync(join(dir, name), isLocked ? 0o400 : 0o600)
    if (isLocked) chmodSync(dir, 0o500)
  }
  /** Says where and why in the log and at the node, and answers each message with it. */
  async function refuses(rig: Rig): Promise<void> {
    assert.equal(presence(rig), 'refused')
    const [line] = rig.logged()
    assert.ok(line?.includes(file), line)
    assert.match(line!, /unable to open|read-?only|permission denied|not permitted/i)
    assert.deepEqual(rig.status('ingest')?.fill, 'red')
    await rig.refused('ingest', record(1), 'LEAD_STORE_UNAVAILABLE')
    assert.ok(rig.caught.at(-1)!.error.message.includes(file))
    assert.deepEqual(rig.counts('ingest'), {})
  }

  it('because of its folder: refuses with the reason, and takes leads once it may', async () => {
    lock(true)
    const rig = await start(FLOW, { file })
    await refuses(rig)
    lock(false)
    await rig.until('the store', () => presence(rig) === 'open')
    await rig.send('ingest', record(1))
    assert.deepEqual(rig.counts('ingest'), { lead: 1 })
  })

  it('any more: has all that it took when it may again', async () => {
    const first = await start(FLOW, { file })
    await first.send('ingest', record(1))
    await stop()
    newProcess()
    lock(true)
    const rig = await start(FLOW, { file })
    await refuses(rig)
    lock(false)
    await rig.until('the store', () => presence(rig) === 'open')
    await rig.send('ingest', record(1))
    await rig.send('ingest', record(2))
    assert.deepEqual(rig.counts('ingest'), { repeated: 1, lead: 1 })
    assert.ok((await rig.store.verify()).ok)
  })

  it('because of the file that keeps others out: refuses, as it would keep out nobody', async () => {
    const first = await start(FLOW, { file })
    await first.send('ingest', record(1))
    await stop()
    newProcess()
    // As somebody with more rights leaves it, who restored a backup.
    chmodSync(`${file}-lock`, 0o400)
    const rig = await start(FLOW, { file })
    await refuses(rig)
    assert.ok(rig.logged()[0]!.includes(`${file}-lock`))
    chmodSync(`${file}-lock`, 0o600)
    await rig.until('the store', () => presence(rig) === 'open')
    await rig.send('ingest', record(1))
    assert.deepEqual(rig.counts('ingest'), { repeated: 1 })
  })

  it('a folder that cannot be made for it: the same', async () => {
    file = join(dir, 'below', 'leads.db')
    lock(true)
    const rig = await start(FLOW, { file })
    await refuses(rig)
    chmodSync(dirname(dirname(file)), 0o700)
    await rig.until('the store', () => presence(rig) === 'open')
    await rig.send('ingest', record(1))
    assert.deepEqual(rig.counts('ingest'), { lead: 1 })
  })
})
