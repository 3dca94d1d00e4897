// Goal: what is due is done at its time, however long a ring takes and whatever else fails, and what
// fails is tried again without making a crowd. Method: an alarm over dues in memory; the clock and
// the timers are moved by hand, a millisecond at a time.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Alarm } from '../../nodes/shared/alarm'
import type { OpenStore } from '../../nodes/shared/config-nodes'
import type { LeadNode } from '../../nodes/shared/lead-node'

const LOOK_EVERY_MS = 5_000

class Bench {
  nowMs = 0
  presence = 'open'
  /** When something is due. */
  dues: number[] = []
  readonly done: { readonly dueMs: number; readonly atMs: number }[] = []
  readonly rungMs: number[] = []
  /** How long a ring takes, ms. */
  ringMs = 0
  cannot = (_dueMs: number): boolean => false
  nextFails = false
  readonly said: string[] = []
  readonly alarm: Alarm

  constructor() {
    const node = Object.assign(new EventEmitter(), {
      error: ({ message }: Error) => this.said.push(message),
    })
    const self = { node, status: { fault: () => {} } } as unknown as LeadNode
    const store = { lookEveryMs: LOOK_EVERY_MS, health: this.health() }
    this.alarm = new Alarm(self, {
      open: () => ({ store, now: () => this.nowMs }) as unknown as OpenStore,
      nextMs: async (rangMs) => {
        if (this.nextFails) throw new Error('no answer')
        return this.dues.filter((dueMs) => dueMs > rangMs).sort((a, b) => a - b)[0]
      },
      ring: () => this.ring(),
    })
  }

  private health() {
    const bench = this
    return {
      get presence() {
        return bench.presence
      },
    }
  }

  private async ring(): Promise<void> {
    this.rungMs.push(this.nowMs)
    const due = this.dues.filter((dueMs) => dueMs <= this.nowMs)
    if (this.ringMs > 0) await new Promise((resolve) => setTimeout(resolve, this.ringMs))
    const doable = due.filter((dueMs) => !this.cannot(dueMs))
    this.done.push(...doable.map((dueMs) => ({ dueMs, atMs: this.nowMs })))
    this.dues = this.dues.filter((dueMs) => !doable.includes(dueMs))
    if (doable.length < due.length) throw new Error('cannot be done')
  }

  async pass(ms: number): Promise<void> {
    for (let n = 0; n < ms; n++) {
      this.nowMs += 1
      mock.timers.tick(1)
      await turn()
    }
  }

  get lateMs(): number[] {
    return this.done.map(({ dueMs, atMs }) => atMs - dueMs)
  }
}

describe('Alarm', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] })
  })
  afterEach(() => {
    mock.timers.reset()
  })

  it('rings at the time and not before', async () => {
    const bench = new Bench()
    bench.dues = [100, 250, 251]
    await bench.alarm.wake()
    await bench.pass(300)
    assert.deepEqual(bench.lateMs, [0, 0, 0])
  })

  it('what falls due while it rings waits for that ring only, however often it happens', async () => {
    const bench = new Bench()
    bench.ringMs = 30
    bench.dues = Array.from({ length: 100 }, (_, n) => 20 * n)
    void bench.alarm.wake()
    await bench.pass(2_200)
    assert.equal(bench.done.length, 100)
    // The ring that it missed, and its own.
    assert.ok(Math.max(...bench.lateMs) <= 2 * 30 + 5, `${bench.lateMs}`)
  })

  it('what cannot be done is tried again less and less often, and holds nobody up', async () => {
    const bench = new Bench()
    bench.dues = [10]
    bench.cannot = (dueMs) => dueMs === 10
    await bench.alarm.wake()
    await bench.pass(1_600)
    assert.deepEqual(bench.rungMs, [0, 10, 110, 310, 710, 1_510])
    bench.dues.push(2_000, 2_500)
    bench.alarm.expect(2_000)
    await bench.pass(1_400)
    assert.deepEqual(bench.lateMs, [0, 0])
    bench.cannot = () => false
    await bench.pass(LOOK_EVERY_MS)
    assert.equal(bench.dues.length, 0)
    assert.deepEqual([...new Set(bench.said)], ['cannot be done'])
  })

  it('when it cannot find out what is next it asks again', async () => {
    const bench = new Bench()
    bench.nextFails = true
    bench.dues = [50]
    await bench.alarm.wake()
    await bench.pass(99)
    assert.deepEqual(bench.done, [])
    bench.nextFails = false
    await bench.pass(1)
    assert.deepEqual(bench.lateMs, [50])
  })

  it('while the store is away it waits for the news that it is back', async () => {
    const bench = new Bench()
    bench.presence = 'away'
    bench.nextFails = true
    await bench.alarm.wake()
    await bench.pass(2 * LOOK_EVERY_MS)
    assert.deepEqual(bench.rungMs, [0])
  })
})
