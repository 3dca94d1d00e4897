/**
 * Who of the eligible reps is next: weighted fair share with bounded catch-up.
 *
 * Each rep has a virtual time: work received ÷ weight; taking a lead of `units` adds units ÷ weight.
 * Of the reps who are not ahead of their share (virtual time up to the weighted mean) the one is
 * next whose lead is due first (virtual time + units ÷ weight): the earliest eligible virtual
 * deadline (Stoica & Abdel-Wahab, TR-95-22, 1995), which keeps everybody within one lead of the
 * share at every moment. The lowest virtual time alone (stride scheduling) lets a heavy rep among
 * many light ones fall behind by more the larger the team is.
 *
 * A rep who was not eligible for a time T keeps at most `catchUp` of it: of the gap to the others,
 * the part 1 − catchUp ÷ T is forgiven, so that nobody is flooded on return. Time in which nobody of
 * the pool could take a lead is no absence. A new rep starts level with the rep who is furthest
 * behind, owing and owed nothing.
 *
 * Members are named by their index and their figures lie in flat arrays: a pool of hundreds is
 * ranked in full for every lead, and an object per rep would cost more than the ranking.
 */
import type { FairnessRecord } from '../step'

export interface Sharer {
  readonly rep: { readonly id: string; readonly capacity: number }
  /** Share of the pool's leads, relative to the other members; above 0. */
  readonly weight: number
}

/** The figures of a pool's members by index. One table serves every lead of the pool in turn. */
export class Table {
  readonly ids: readonly string[]
  readonly weights: Float64Array
  readonly capacities: Float64Array
  readonly records: (FairnessRecord | undefined)[]
  /** Of the eligible: units in open assignments. */
  readonly openUnits: Float64Array
  /** Of the eligible: 1 for who comes after all others, whatever the share. */
  readonly late: Uint8Array
  /** Who is eligible, in any order; the first `count` count. */
  readonly eligible: Int32Array
  count = 0
  /** The eligible once they are ranked, next first; the first `count` count. */
  readonly order: Int32Array
  /** Virtual times of the eligible before the lead. */
  readonly virtualTimes: Float64Array
  /** Beyond this virtual time a rep is ahead of the share. */
  fairTime = 0
  readonly dueAt: Float64Array
  readonly missing: Uint8Array
  orderLength = 0

  constructor(readonly members: readonly Sharer[]) {
    const { length } = members
    this.ids = members.map(({ rep }) => rep.id)
    this.weights = Float64Array.from(members, ({ weight }) => weight)
    this.capacities = Float64Array.from(members, ({ rep }) => rep.capacity)
    this.records = new Array<FairnessRecord | undefined>(length).fill(undefined)
    this.openUnits = new Float64Array(length)
    this.late = new Uint8Array(length)
    this.eligible = new Int32Array(length)
    this.order = new Int32Array(length)
    this.virtualTimes = new Float64Array(length)
    this.dueAt = new Float64Array(length)
    this.missing = new Uint8Array(length)
  }

  add(member: number, openUnits: number, late: boolean): void {
    this.eligible[this.count] = member
    this.count += 1
    this.openUnits[member] = openUnits
    this.late[member] = late ? 1 : 0
  }
}

export interface Turn {
  readonly catchUpMs: number
  readonly units: number
  readonly nowMs: number
}

/** Ranks the eligible. Ties go to the lower load, then to the id: never to the list's order. */
export function rank(table: Table, turn: Turn): void {
  const { weights, records, eligible, count, virtualTimes, dueAt } = table
  const level = levelOf(table, turn)
  for (let index = 0; index < count; index++) {
    const member = eligible[index]!
    const virtualTime = currentTime(records[member], level, turn.catchUpMs)
    virtualTimes[member] = virtualTime
    dueAt[member] = virtualTime + turn.units / weights[member]!
  }
  table.fairTime = fairTimeOf(table)
  sort(table)
}

/** The virtual time of a rep after taking `units`. */
export function charged(virtualTime: number, weight: number, units: number): number {
  return virtualTime + units / weight
}

/** How far the pool has come, and until when somebody took leads. */
interface Level {
  readonly virtualTime: number
  readonly atMs: number
}

function levelOf({ records, eligible, count }: Table, { nowMs }: Turn): Level {
  let present = Number.POSITIVE_INFINITY
  for (let index = 0; index < count; index++) {
    const record = records[eligible[index]!]
    if (record !== undefined && record.awaySinceMs === undefined && record.virtualTime < present)
      present = record.virtualTime
  }
  if (present < Number.POSITIVE_INFINITY) return { virtualTime: present, atMs: nowMs }
  // All of them come back at once, or alone: what counts is how far the last ones came.
  let level: Level | undefined
  for (const record of records) {
    if (record === undefined) continue
    const { virtualTime, awaySinceMs: atMs = nowMs } = record
    if (level === undefined || atMs > level.atMs) level = { virtualTime, atMs }
    else if (atMs === level.atMs && virtualTime < level.virtualTime) level = { virtualTime, atMs }
  }
  return level ?? { virtualTime: 0, atMs: nowMs }
}

function currentTime(record: FairnessRecord | undefined, level: Level, catchUpMs: number): number {
  if (record === undefined) return level.virtualTime
  if (record.awaySinceMs === undefined) return record.virtualTime
  const gap = level.virtualTime - record.virtualTime
  const absentMs = level.atMs - record.awaySinceMs
  if (gap <= 0 || absentMs <= catchUpMs) return record.virtualTime
  return record.virtualTime + gap * (1 - catchUpMs / absentMs)
}

/** The weighted mean of those who contend, and a little for the rounding of many small sums. */
function fairTimeOf(table: Table): number {
  const mean = meanOf(table, 0) ?? meanOf(table, 1) ?? 0
  return mean + 1e-9 * Math.max(1, Math.abs(mean))
}

function meanOf(table: Table, late: number): number | undefined {
  const { weights, eligible, count, virtualTimes } = table
  let total = 0
  let sum = 0
  for (let index = 0; index < count; index++) {
    const member = eligible[index]!
    if (table.late[member] !== late) continue
    total += weights[member]!
    sum += weights[member]! * virtualTimes[member]!
  }
  return total === 0 ? undefined : sum / total
}

/**
 * Insertion sort from the order of the last lead: from one to the next hardly anybody changes
 * places, so it takes one look at each rep where sorting anew costs as much as all the rest. The
 * order is total, so where it starts cannot be seen in it.
 */
function sort(table: Table): void {
  const { order, count } = table
  takeLastOrder(table)
  for (let index = 1; index < count; index++) {
    const member = order[index]!
    let place = index
    while (place > 0 && comesBefore(table, member, order[place - 1]!)) {
      order[place] = order[place - 1]!
      place -= 1
    }
    order[place] = member
  }
}

/** Who was ranked last time, in that order, then who was not. */
function takeLastOrder(table: Table): void {
  const { eligible, count, order, missing } = table
  for (let index = 0; index < count; index++) missing[eligible[index]!] = 1
  let length = 0
  for (let index = 0; index < table.orderLength; index++) {
    const member = order[index]!
    if (missing[member] === 0) continue
    missing[member] = 0
    order[length++] = member
  }
  for (let index = 0; index < count; index++) {
    const member = eligible[index]!
    if (missing[member] === 0) continue
    missing[member] = 0
    order[length++] = member
  }
  table.orderLength = count
}

function comesBefore(table: Table, a: number, b: number): boolean {
  const { late, virtualTimes, dueAt, fairTime } = table
  if (late[a] !== late[b]) return late[a]! < late[b]!
  const aheadA = virtualTimes[a]! > fairTime
  if (aheadA !== virtualTimes[b]! > fairTime) return !aheadA
  if (dueAt[a] !== dueAt[b]) return dueAt[a]! < dueAt[b]!
  return tie(table, a, b)
}

function tie({ ids, capacities, openUnits }: Table, a: number, b: number): boolean {
  // Cross-multiplied: 1/3 and 2/6 must tie exactly, which division does not promise.
  const load = openUnits[a]! * capacities[b]! - openUnits[b]! * capacities[a]!
  return load === 0 ? ids[a]! < ids[b]! : load < 0
}
