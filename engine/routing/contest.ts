/**
 * One pool is asked for a rep: who of its members may take the lead, in which order, and what that
 * changes in the pool's fairness. Who could still meet the deadline comes before who could not.
 */
import type { Calendar } from '../calendar'
import type { Pool, Rep } from '../policy/policy'
import type { FairnessRecord } from '../step'
import type { Deadline } from './deadline'
import {
  type Asked,
  type Demand,
  firstGate,
  type Gate,
  LEAD_GATES,
  nextChanceMs,
  type Workload,
} from './eligibility'
import { charged, rank, type Table } from './fair-share'
import { Roster } from './roster'
import { CHOSEN, type Hearing } from './verdicts'

/** A change of a rep's standing in a pool that the choice brings about. */
export interface Standing extends FairnessRecord {
  readonly poolId: string
  readonly repId: string
}

/** So many behind the chosen one are told exactly how far; the others stand in their order. */
const TOLD_EXACTLY = 5
/** Grades from here on are of those who cannot meet the deadline; an odd one is ahead of the share. */
const LATE = 2
const LATER = 'the turn comes later, by weight or load'
const TOO_LATE = 'too few of the own hours are left before the deadline'

/** Holds until the same pool is asked for the next lead. */
export class Contest {
  readonly standings: Standing[] = []
  /** The first moment at which somebody comes on shift or back, or is under the cap again. */
  chanceMs: number | undefined
  readonly #table: Table

  constructor(
    readonly pool: Pool,
    readonly work: Workload,
    fairness: ReadonlyMap<string, FairnessRecord>,
    readonly demand: Demand,
    deadline: Deadline | undefined,
    readonly hearing: Hearing,
    readonly nowMs: number,
  ) {
    const roster = Roster.of(pool)
    this.#table = roster.table
    this.#gather(roster, fairness, deadline)
    rank(this.#table, { catchUpMs: pool.catchUpMs, units: demand.units, nowMs })
  }

  /** Members of whom nothing is special are let through or held back without a closer look. */
  #gather(
    roster: Roster,
    fairness: ReadonlyMap<string, FairnessRecord>,
    deadline: Deadline | undefined,
  ): void {
    const { table, special, shifts, shiftOf } = roster
    const { ids, capacities, records } = table
    const { loads, offline } = this.work
    const { units, exclude, passed, skills } = this.demand
    const byLead = exclude.size > 0 || (passed !== undefined && passed.size > 0)
    const closed = roster.closed(this.nowMs)
    const lacking = roster.lacking(skills)
    const late = shifts.map((shift) => deadline !== undefined && !deadline.isMetOn(shift))
    const unskilled: string[][] = []
    const offShift: string[][] = []
    table.begin()
    for (let member = 0; member < ids.length; member++) {
      const shift = shiftOf[member]!
      const id = ids[member]!
      const openUnits = loads.get(id) ?? 0
      records[member] = fairness.get(id)
      if (byLead || special[member] === 1 || offline?.has(id)) {
        this.#ask(this.#asked(member, shifts[shift], openUnits), member, deadline)
      } else if (lacking[member] !== 0) {
        const skill = lacking[member]!
        unskilled[skill] ??= this.#told('skill', this.#asked(member, shifts[shift], openUnits))
        this.#holdBack('skill', member, unskilled[skill])
      } else if (closed[shift]) {
        offShift[shift] ??= this.#told('shift', this.#asked(member, shifts[shift], openUnits))
        this.#holdBack('shift', member, offShift[shift])
      } else if (openUnits + units > capacities[member]!) {
        const told = this.#told('full', this.#asked(member, shifts[shift], openUnits))
        this.#holdBack('full', member, told)
      } else {
        table.add(member, openUnits, late[shift]!)
      }
    }
  }

  #asked(member: number, shift: Calendar | undefined, openUnits: number): Asked {
    const { rep } = this.pool.members[member]!
    const { tallies, offline } = this.work
    return {
      rep,
      shift,
      openUnits,
      tallies,
      offline: offline?.get(rep.id),
      demand: this.demand,
      nowMs: this.nowMs,
    }
  }

  #ask(asked: Asked, member: number, deadline: Deadline | undefined): void {
    const gate = firstGate(asked)
    if (gate !== undefined) {
      this.#holdBack(gate, member, this.#told(gate, asked))
      return
    }
    const { rep, shift, openUnits } = asked
    this.#table.add(member, openUnits, deadline !== undefined && !deadline.isMetBy(rep, shift))
  }

  /** Those who are told the same; they come back at the same time, unless they are special. */
  #told(gate: Gate, asked: Asked): string[] {
    const chanceMs = nextChanceMs(gate, asked)
    if (chanceMs !== undefined && (this.chanceMs === undefined || chanceMs < this.chanceMs))
      this.chanceMs = chanceMs
    return this.hearing.told(gate, asked)
  }

  #holdBack(gate: Gate, member: number, told: string[]): void {
    const repId = this.#table.ids[member]!
    if (!this.hearing.heard(repId)) told.push(repId)
    const record = this.#table.records[member]
    if (record === undefined || record.awaySinceMs !== undefined || LEAD_GATES.has(gate)) return
    const { virtualTime } = record
    this.standings.push({ poolId: this.pool.id, repId, virtualTime, awaySinceMs: this.nowMs })
  }

  get first(): Rep | undefined {
    const { count, order } = this.#table
    return count === 0 ? undefined : this.pool.members[order[0]!]!.rep
  }

  /** Whether the first could still meet the deadline. */
  get inTime(): boolean {
    const { count, order, late } = this.#table
    return count > 0 && late[order[0]!] === 0
  }

  /** The first `count` of those who may take it, in rank. */
  winners(count: number): Rep[] {
    const { order } = this.#table
    const places = Math.min(count, this.#table.count)
    return Array.from({ length: places }, (_, place) => this.pool.members[order[place]!]!.rep)
  }

  /** The first get the lead, or the offer of it; each is charged for it. */
  win(winners = 1): void {
    const { ids, count, order, virtualTimes, weights } = this.#table
    const first = order[0]!
    const chosen = order.subarray(0, winners)
    for (const member of chosen) {
      const virtualTime = charged(virtualTimes[member]!, weights[member]!, this.demand.units)
      this.standings.push({ poolId: this.pool.id, repId: ids[member]!, virtualTime })
    }
    this.#noteReturns(chosen)
    this.hearing.place(
      CHOSEN,
      Array.from(chosen, (member) => ids[member]!),
    )
    let place = winners
    for (; place < count && place <= TOLD_EXACTLY; place++) {
      const member = order[place]!
      this.hearing.place(this.#behind(first, member), [ids[member]!], place + 1)
    }
    while (place < count) place = this.#placeAlike(place)
  }

  /** Those from this place on who are told the same; the place behind them. */
  #placeAlike(from: number): number {
    const { ids, count, order, grade } = this.#table
    const alike = grade[order[from]!]!
    const reps: string[] = []
    let place = from
    for (; place < count && grade[order[place]!] === alike; place++) reps.push(ids[order[place]!]!)
    const late = alike >= LATE && grade[order[0]!]! < LATE
    const words = late ? TOO_LATE : alike % LATE === 1 ? 'had more than the share' : LATER
    this.hearing.place(words, reps, from + 1)
    return place
  }

  /** Another pool gets it: nobody here could have met the deadline. */
  pass(): void {
    const { ids, count, order } = this.#table
    const reps = Array.from(order.subarray(0, count), (member) => ids[member]!)
    this.hearing.place(TOO_LATE, reps)
    this.#noteReturns()
  }

  #behind(first: number, other: number): string {
    const { late, virtualTimes, weights } = this.#table
    if (late[other] !== late[first]) return TOO_LATE
    const lead = virtualTimes[other]! - virtualTimes[first]!
    if (lead > 0) return `had ${lead.toFixed(2)} leads per weight more`
    return lead < 0 || weights[other] !== weights[first]
      ? 'the turn comes later, by weight'
      : 'tie, more open work or later name'
  }

  #noteReturns(chosen?: Int32Array): void {
    const { ids, virtualTimes, returning } = this.#table
    for (const member of returning) {
      if (chosen?.includes(member)) continue
      const virtualTime = virtualTimes[member]!
      this.standings.push({ poolId: this.pool.id, repId: ids[member]!, virtualTime })
    }
  }
}
