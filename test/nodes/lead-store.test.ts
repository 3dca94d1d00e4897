// Goal: a store that cannot be opened stops no deploy and is named in each fault; realms in one file
// do not see each other; what is kept survives the stop. What a store promises is tested in test/store.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { mock } from 'node:test'
import { LeadFault } from '../../engine/faults'
import type { Lead } from '../../engine/lead/lead'
import type { StoreNode } from '../../nodes/shared/config-nodes'
import {
  Clock,
  DAY,
  type FlowNode,
  folder,
  HOUR,
  leadNode,
  RECORD,
  start,
  stop,
  tidyUp,
} from './support'

/** Of Node-RED's log. */
const INFO = 40

describe('lead-store', () => {
  tidyUp()
  const FLOW = leadNode('ingest', 'lead-ingest')
  const store = (own: object): FlowNode => ({
    id: 'store',
    type: 'lead-store',
    name: '',
    file: '',
    realm: 'live',
    ...own,
  })
  const take = { payload: { ...RECORD, event_id: 'e1' } }

  it('keeps its file in the user directory, in a folder that it makes', async () => {
    for (const file of ['', 'deep/below/own.db']) {
      const userDir = folder()
      const rig = await start(FLOW, { userDir, configs: [store({ file })] })
      const { error } = await rig.send('ingest', structuredClone(take))
      assert.equal(error, undefined)
      const path = join(userDir, file || 'lead-qualification/leads.db')
      assert.ok(existsSync(path), file)
      if (process.platform !== 'win32')
        assert.equal(statSync(dirname(path)).mode & 0o077, 0, 'it is for nobody else')
      await stop()
    }
  })

  it('says when a store is new: its path may lead elsewhere than meant', async () => {
    const userDir = folder()
    const made = async () => {
      const rig = await start(FLOW, { userDir, configs: [store({ file: 'own.db' })] })
      const lines = rig.logged(INFO).filter((line) => line.includes('a new one was made'))
      await stop()
      return lines
    }
    const [line, ...more] = await made()
    assert.ok(line?.startsWith(join(userDir, 'own.db')), line)
    assert.deepEqual([more, await made()], [[], []])
  })

  const broken: readonly (readonly [string, (dir: string) => string])[] = [
    [
      'in a folder that is a file',
      (dir) => {
        writeFileSync(join(dir, 'file'), '')
        return join(dir, 'file', 'leads.db')
      },
    ],
    [
      'that is a folder',
      (dir) => {
        mkdirSync(join(dir, 'leads.db'))
        return join(dir, 'leads.db')
      },
    ],
    [
      'that is no database',
      (dir) => {
        writeFileSync(
          join(dir, 'leads.db'),
          'not a database, but long enough to have a header'.repeat(50),
        )
        return join(dir, 'leads.db')
      },
    ],
  ]
  for (const [name, path] of broken) {
    it(`a file ${name}: logged at deploy, and each message is answered with it`, async () => {
      const file = path(folder())
      const rig = await start(FLOW, { configs: [store({ file })] })
      assert.ok(
        rig.logged().some((line) => line.includes(file)),
        rig.logged().join('\n'),
      )
      await rig.refused('ingest', structuredClone(take), 'LEAD_STORE_UNAVAILABLE')
      assert.ok(rig.caught.at(-1)!.error.message.includes(file))
      await rig.refused('ingest', structuredClone(take), 'LEAD_STORE_UNAVAILABLE')
    })
  }

  it('that fails while it runs refuses what it cannot keep, and keeps what comes after', async () => {
    const rig = await start(FLOW)
    const { store } = rig
    store.transaction = () => {
      Reflect.deleteProperty(store, 'transaction')
      return Promise.reject(new LeadFault('LEAD_STORE_UNAVAILABLE', 'leads.db', 'disk full'))
    }
    await rig.refused('ingest', structuredClone(take), 'LEAD_STORE_UNAVAILABLE')
    assert.deepEqual(rig.counts('ingest'), {}, 'nothing went on that is not kept')
    await rig.send('ingest', structuredClone(take))
    assert.deepEqual(rig.counts('ingest'), { lead: 1 })
  })

  it('realms in one file do not see each other', async () => {
    const file = join(folder(), 'leads.db')
    const flow = [...FLOW, ...leadNode('shadow', 'lead-ingest', { store: 'store-2' })]
    const rig = await start(flow, {
      configs: [store({ file }), store({ id: 'store-2', file, realm: 'shadow' })],
    })
    await rig.send('ingest', structuredClone(take))
    await rig.send('shadow', structuredClone(take))
    assert.deepEqual([rig.counts('ingest'), rig.counts('shadow')], [{ lead: 1 }, { lead: 1 }])
    const { store: shadow } = rig.node('store-2') as unknown as StoreNode
    assert.deepEqual([rig.store.realm, shadow!.realm], ['live', 'shadow'])
    assert.equal((await rig.store.census()).entries, 1)
    assert.equal((await shadow!.census()).entries, 1)
  })

  it('remembers through a stop, and forgets after its time', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    try {
      const clock = new Clock()
      const file = join(folder(), 'leads.db')
      const first = await start(leadNode('ingest', 'lead-ingest', { remember: '1d' }), {
        file,
        clock,
      })
      await first.send('ingest', structuredClone(take))
      const { id } = first.out('ingest', 'lead')[0]!.payload as Lead
      await stop()

      const second = await start(leadNode('ingest', 'lead-ingest'), { file, clock })
      await second.send('ingest', structuredClone(take))
      assert.deepEqual(second.counts('ingest'), { repeated: 1 })
      assert.equal(second.out('ingest', 'repeated')[0]!.topic, id)
      const forgotten: number[] = []
      const { store } = second
      const forget = store.forget.bind(store)
      store.forget = (nowMs) => {
        forgotten.push(nowMs)
        return forget(nowMs)
      }
      clock.forward(DAY)
      mock.timers.tick(HOUR)
      await second.quiet()
      assert.deepEqual(forgotten, [clock.nowMs])
      assert.equal((await store.trail(id)).length, 1, 'what happened is never forgotten')
    } finally {
      mock.timers.reset()
    }
  })

  it('a failure to forget is logged and ends nothing', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    try {
      const rig = await start(FLOW)
      rig.store.forget = () => Promise.reject(new Error('no room to forget'))
      mock.timers.tick(HOUR)
      await rig.until('the log', () => rig.logged().length > 0)
      assert.match(rig.logged()[0]!, /no room to forget/)
    } finally {
      mock.timers.reset()
    }
  })
})
