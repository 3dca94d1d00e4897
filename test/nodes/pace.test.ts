// Goal: however many leads wait, passes over them leave most of the time to others, and none comes too
// late for long. Method: passes that take a while by a clock that is moved by hand.
import assert from 'node:assert/strict'
import { Pace, type Pass } from '../../nodes/lead-route-by-capacity/pace'
import { NOW } from '../engine/support/leads'

const LOOK_MS = 5_000

describe('pace of the passes over waiting leads', () => {
  let nowMs: number
  let pace: Pace
  beforeEach(() => {
    nowMs = NOW
    pace = new Pace()
  })
  const make = (pass: Pass, ms: number) =>
    pace.make(
      pass,
      () => nowMs,
      async () => {
        nowMs += ms
      },
    )

  it('begins with all', () => {
    assert.equal(pace.due(nowMs), 'all')
  })

  it('looks without a reason every time where a pass is short', async () => {
    await make('all', 10)
    nowMs += LOOK_MS
    assert.equal(pace.due(nowMs), 'all')
  })

  it('looks without a reason for a twentieth of the time at most', async () => {
    const endMs = NOW + 3_600_000
    let busyMs = 0
    while (nowMs < endMs) {
      const pass = pace.due(nowMs)
      if (pass !== undefined) {
        await make(pass, 10_000)
        busyMs += 10_000
      }
      nowMs += LOOK_MS
    }
    assert.ok(busyMs > 3_600_000 / 40 && busyMs <= 3_600_000 / 20, `${busyMs} ms of an hour`)
  })

  it('leaves others as much time as a pass has taken, and says when it goes on', async () => {
    await make('all', 10_000)
    assert.equal(pace.nextMs, undefined)
    pace.note('room')
    assert.equal(pace.due(nowMs + 9_999), undefined)
    assert.equal(pace.nextMs, nowMs + 10_000)
    assert.equal(pace.due(nowMs + 10_000), 'room')
  })

  it('a short pass for room makes no look for all sooner', async () => {
    await make('all', 10_000)
    nowMs += 10_000
    await make('room', 5)
    assert.equal(pace.due(nowMs + LOOK_MS), undefined)
    assert.equal(pace.due(nowMs + 20 * 10_000), 'all')
  })

  it('tries all when the time of one has come, once', async () => {
    await make('all', 10_000)
    nowMs += 20_000
    assert.equal(pace.due(nowMs, nowMs + 1), undefined)
    assert.equal(pace.due(nowMs, nowMs), 'all')
    const retryMs = nowMs
    await make('all', 10_000)
    nowMs += 20_000
    assert.equal(pace.due(nowMs, retryMs), undefined)
  })

  it('makes a pass that failed again', async () => {
    const failing = pace.make(
      'all',
      () => nowMs,
      async () => {
        nowMs += 10_000
        throw new Error('away')
      },
    )
    await assert.rejects(failing, /away/)
    assert.equal(pace.nextMs, undefined, 'when is for the alarm to say')
    assert.equal(
      pace.due(nowMs + 9_999),
      undefined,
      'news of room lead to no pass in vain after the other',
    )
    assert.equal(pace.due(nowMs + 10_000), 'all')
  })

  it('goes on when the clock was put back', async () => {
    await make('all', 10)
    pace.note('room')
    assert.notEqual(pace.due(nowMs - 3_600_000), undefined)
  })
})
