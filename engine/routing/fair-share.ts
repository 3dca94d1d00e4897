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

/**
 * The figures of a pool's members by index. One table serves every lead of the pool in turn: begin,
 * add whoever is eligible, rank.
 */
export class Table {
  readonly ids: readonly string[]
  readonly weights: Float64Array
  readonly capacities: Float64Array
  /** Of all members, to be set before they are added. */
  readonly records: (FairnessRecord | undefined)[]
  /** The eligible once they are ranked, next first; the first `count` count. */
  readonly order: Int32Array
  count = 0
  /** Virtual times of the eligible before the lead. */
  readonly virtualTimes: Float64Array
  /** Beyond this virtual time a rep is ahead of the share. */
  fairTime = 0
  /** Those who were away; of the eligible, also those who are new in the pool. */
  readonly returning: number[] = []
  /** Of the eligible: 1 for who comes after all others, whatever the share. */
  readonly late: Uint8Array
  /** Of the eligible: units in open assignments. */
  readonly openUnits: Float64Array
  readonly eligible: Int32Array
  /** Of those who were not away, the furthest behind. */
  present = Number.POSITIVE_INFINITY
  readonly dueAt: Float64Array
  /** Orders before all else: 2 for who is late, 1 for who is ahead of the share. */
  readonly grade: Uint8Array
  /** The lead for which a member was last found eligible, and for which last put in order. */
  readonly addedFor: Float64Array
  readonly orderedFor: Float64Array
  lead = 0
  orderLength = 0

  constructor(readonly members: readonly Sharer[]) {
    const { length } = members
    this.ids = members.map(({ rep }) => rep.id)
    this.weights = Float64Array.from(members, ({ weight }) => weight)
    this.capacities = Float64Array.from(members, ({ rep }) => rep.capacity)
    this.records = new Array<FairnessRecord | undefined>(length).fill(undefined)
    this.order = new Int32Array(length)
    this.virtualTimes = new Float64Array(length)
    this.late = new Uint8Array(length)
    this.openUnits = new Float64Array(length)
    this.eligible = new Int32Array(length)
    this.dueAt = new Float64Array(length)
    this.grade = new Uint8Array(length)
    this.addedFor = new Float64Array(length)
    this.orderedFor = new Float64Array(length)
  }

  begin(): void {
    this.lead += 1
    this.count = 0
    this.present = Number.POSITIVE_INFINITY
    this.returning.length = 0
  }

  add(member: number, openUnits: number, late: boolean): void {
    this.eligible[this.count] = member
    this.count += 1
    this.addedFor[member] = this.lead
    this.openUnits[member] = openUnits
    this.late[member] = late ? 1 : 0
    const record = this.records[member]
    if (record === undefined || record.awaySinceMs !== undefined) {
      this.returning.push(member)
      return
    }
    const { virtualTime } = record
    this.virtualTimes[member] = virtualTime
    if (virtualTime < this.present) this.present = virtualTime
  }
}

export interface Turn {
  readonly catchUpMs: number
  readonly units: number
  readonly nowMs: number
}

/** Ranks the eligible. Ties go to the lower load, then to the id: never to the list's order. */
export function rank(table: Table, turn: Turn): void {
  welcome(table, turn)
  const { count, eligible, weights, virtualTimes, dueAt, late } = table
  const { units } = turn
  let inTime = 0
  let inTimeSum = 0
  let all = 0
  let sum = 0
  for (let index = 0; index < count; index++) {
    const member = eligible[index]!
    const weight = weights[member]!
    const virtualTime = virtualTimes[member]!
    dueAt[member] = virtualTime + units / weight
    all += weight
    sum += weight * virtualTime
    if (late[member] === 1) continue
    inTime += weight
    inTimeSum += weight * virtualTime
  }
  // The weighted mean of those who contend, and a little for the rounding of many small sums.
  const mean = inTime > 0 ? inTimeSum / inTime : all > 0 ? sum / all : 0
  table.fairTime = mean + 1e-9 * Math.max(1, Math.abs(mean))
  sort(table)
}

/** The virtual time of a rep after taking `units`. */
export function charged(virtualTime: number, weight: number, units: number): number {
  return virtualTime + units / weight
}

/** Where those begin who are new or come back. */
function welcome(table: Table, { catchUpMs, nowMs }: Turn): void {
  if (table.returning.length === 0) return
  const level = levelOf(table, nowMs)
  for (const member of table.returning)
    table.virtualTimes[member] = currentTime(table.records[member], level, catchUpMs)
}

/** How far the pool has come, and until when somebody took leads. */
interface Level {
  readonly virtualTime: number
  readonly atMs: number
}

function levelOf({ records, present }: Table, nowMs: number): Level {
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
  if (record?.awaySinceMs === undefined) return record?.virtualTime ?? level.virtualTime
  const gap = level.virtualTime - record.virtualTime
  const absentMs = level.atMs - record.awaySinceMs
  if (gap <= 0 || absentMs <= catchUpMs) return record.virtualTime
  return record.virtualTime + gap * (1 - catchUpMs / absentMs)
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

/** Who was ranked last time, in that order, then who was not; each is graded on the way. */
function takeLastOrder(table: Table): void {
  const { order, eligible, count, addedFor, orderedFor, lead } = table
  const { grade, late, virtualTimes, fairTime } = table
  let length = 0
  const take = (member: number) => {
    orderedFor[member] = lead
    grade[member] = 2 * late[member]! + (virtualTimes[member]! > fairTime ? 1 : 0)
    order[length] = member
    length += 1
  }
  for (let index = 0; index < table.orderLength; index++)
    if (addedFor[order[index]!] === lead) take(order[index]!)
  for (let index = 0; length < count; index++)
    if (orderedFor[eligible[index]!] !== lead) take(eligible[index]!)
  table.orderLength = count
}

function comesBefore(table: Table, a: number, b: number): boolean {
  const { grade, dueAt } = table
  if (grade[a] !== grade[b]) return grade[a]! < grade[b]!
  return dueAt[a] === dueAt[b] ? winsTie(table, a, b) : dueAt[a]! < dueAt[b]!
}

function winsTie({ ids, capacities, openUnits }: Table, a: number, b: number): boolean {
  // Cross-multiplied: 1/3 and 2/6 must tie exactly, which division does not promise.
  const load = openUnits[a]! * capacities[b]! - openUnits[b]! * capacities[a]!
  return load === 0 ? ids[a]! < ids[b]! : load < 0
}
