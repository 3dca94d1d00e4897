// Goal: an entry may be without its details only when a year had passed at an erasure that the log tells
// of. Method: entries by their time and whether they are empty, around that year's edge.
import assert from 'node:assert/strict'
import type { PublicEntry } from '../../engine/audit/entry'
import { LawfulErasure } from '../../store/lawful-erasure'
import { at, DAY } from '../engine/support/leads'

const YEAR_AGO = Date.parse('2026-03-02T10:00:00.000Z')
const NOW = Date.parse('2027-03-02T10:00:00.000Z')

const entry = (atMs: number, step: string, changes: string[] = []) =>
  ({ at: at(atMs), step, changes }) as unknown as PublicEntry
const decided = (atMs: number) => entry(atMs, 'qualify', ['lead.save'])
const erasure = (atMs: number) => entry(atMs, 'retention', ['details.erase'])

/** The entries that are told to be too young. */
function tooYoung(log: readonly (readonly [PublicEntry, 'erased' | 'whole'])[]): number[] {
  const erasures = new LawfulErasure(20)
  for (const [seq, [one, state]] of log.entries()) erasures.take(seq, one, state === 'erased')
  return erasures.faults().map((fault) => Number(/entry (\d+) were removed/.exec(fault)![1]))
}

describe('LawfulErasure', () => {
  it('an entry a year older than an erasure may be empty', () => {
    const log = [
      [decided(YEAR_AGO), 'erased'],
      [erasure(NOW), 'whole'],
    ] as const
    assert.deepEqual(tooYoung(log), [])
  })
  it('two days are forgiven, and no more', () => {
    const log = (lateMs: number) =>
      [
        [decided(YEAR_AGO + lateMs), 'erased'],
        [erasure(NOW), 'whole'],
      ] as const
    assert.deepEqual(tooYoung(log(2 * DAY)), [])
    assert.deepEqual(tooYoung(log(2 * DAY + 1)), [0])
  })
  it('without an erasure none may be, however old', () => {
    assert.deepEqual(
      tooYoung([
        [decided(0), 'erased'],
        [decided(NOW), 'whole'],
      ]),
      [0],
    )
  })
  it('the erasure of a lead is none of details', () => {
    const lead = entry(NOW, 'retention', ['lead.erase'])
    assert.deepEqual(
      tooYoung([
        [decided(YEAR_AGO), 'erased'],
        [lead, 'whole'],
      ]),
      [0],
    )
  })
  it('the latest erasure counts, and it may be empty itself when it is old', () => {
    const log = [
      [decided(YEAR_AGO - 400 * DAY), 'erased'],
      [erasure(YEAR_AGO), 'erased'],
      [decided(YEAR_AGO + 9 * DAY), 'erased'],
      [erasure(NOW), 'whole'],
    ] as const
    assert.deepEqual(tooYoung(log), [2])
  })
  it('whole entries are never told', () => {
    assert.deepEqual(tooYoung([[decided(NOW), 'whole']]), [])
  })
  it('of many the youngest are told, in the order of the log', () => {
    const log = Array.from({ length: 500 }, (_, n) => [decided(NOW - n * DAY), 'erased'] as const)
    assert.deepEqual(tooYoung([...log, [erasure(NOW), 'whole']]), [...Array(20).keys()])
  })
})
