// Goal: killing Node-RED under load loses nothing, doubles nothing, overfills nobody. Method: the chaos
// run (bench/chaos) with few leads and few kills; `npm run chaos` is the same with many.
import assert from 'node:assert/strict'
import { type ChaosOptions, type ChaosResult, chaos } from '../../bench/chaos/chaos'

const SMALL = { leads: 150, concurrency: 16, kills: 2, seed: 11 } as const

describe('killed under load', function () {
  this.timeout(300_000)

  const holds = (options: ChaosOptions, result: ChaosResult) => {
    const { lost, doubled, overCapacity, early, audit } = result
    assert.deepEqual(
      { lost, doubled, overCapacity, early, audit },
      { lost: [], doubled: [], overCapacity: [], early: [], audit: [] },
    )
    assert.deepEqual([result.kills, result.restarts], [options.kills, options.restarts])
    assert.ok(result.timersFired > 0)
    assert.ok(result.sentAgain > 0, 'a kill that nobody noticed proves nothing')
  }

  it('one Node-RED on SQLite', async () => {
    const options: ChaosOptions = { ...SMALL, store: 'sqlite', workers: 1, restarts: 0 }
    holds(options, await chaos(options))
  })
  it('two Node-RED on one PostgreSQL, which crashes too', async () => {
    const options: ChaosOptions = { ...SMALL, store: 'postgres', workers: 2, restarts: 2 }
    holds(options, await chaos(options))
  })
})
