// What work costs, whatever else the machine does meanwhile.
import assert from 'node:assert/strict'

/**
 * The work's result. Fails when it took this thread more than `msMax` ms of processor time: work that
 * grows with the square of its input takes minutes where these bounds are seconds.
 */
export function inBoundedTime<T>(msMax: number, work: () => T): T {
  const before = process.threadCpuUsage()
  const result = work()
  const { user, system } = process.threadCpuUsage(before)
  const ms = (user + system) / 1_000
  assert.ok(ms < msMax, `it took ${ms} ms of processor time`)
  return result
}
