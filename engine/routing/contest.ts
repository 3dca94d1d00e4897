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
  firstOwnGate,
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
    let recorded = 0
    for (let member = 0; member < ids.length; member++) {
      const shift = shiftOf[member]!
      const id = ids[member]!
      const openUnits = loads.get(id) ?? 0
      records[member] = fairness.get(id)
      if (records[member] !== undefined) recorded += 1
      if (byLead || special[member] === 1 || offline?.has(id)) {
        this.#ask(this.#asked(member, shifts[shift], openUnits), member, deadline)
      } else if (lacking[member] !== 0) {
        const skill = lacking[member]!
        unskilled[skill] ??= this.#told('skill', this.#asked(member, shifts[shift], openUnits))
        const isAway = closed[shift]! || openUnits + units > capacities[member]!
        this.#holdBack(member, unskilled[skill], isAway)
      } else if (closed[shift]) {
        offShift[shift] ??= this.#told('shift', this.#asked(member, shifts[shift], openUnits))
        this.#holdBack(member, offShift[shift], true)
      } else if (openUnits + units > capacities[member]!) {
        const told = this.#told('full', this.#asked(member, shifts[shift], openUnits))
        this.#holdBack(member, told, true)
      } else {
        table.add(member, openUnits, late[shift]!)
      }
    }
    if (fairness.size > recorded) this.#noteGone(fairness)
  }

  /** Who is no member any more is away from now on, and so is not flooded when put back. */
  #noteGone(fairness: ReadonlyMap<string, FairnessRecord>): void {
    const members = new Set(this.#table.ids)
    for (const [repId, { virtualTime, awaySinceMs }] of fairness) {
      if (awaySinceMs !== undefined || members.has(repId)) continue
      this.standings.push({ poolId: this.pool.id, repId, virtualTime, awaySinceMs: this.nowMs })
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
      const isAway = !LEAD_GATES.has(gate) || firstOwnGate(asked) !== undefined
      this.#holdBack(member, this.#told(gate, asked), isAway)
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

  /** An absence begins and ends whether or not the lead could have gone to the rep. */
  #holdBack(member: number, told: string[], isAway: boolean): void {
    const repId = this.#table.ids[member]!
    if (!this.hearing.heard(repId)) told.push(repId)
    const record = this.#table.records[member]
    if (record === undefined || (record.awaySinceMs !== undefined) === isAway) return
    if (!isAway) {
      this.#table.returning.push(member)
      return
    }
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

  /** The first so many get the lead, or the offer of it, and are charged for it. Gives them in rank. */
  win(most: number): Rep[] {
    const { ids, count, order, virtualTimes, weights } = this.#table
    const winners = Math.min(most, count)
    const reps: Rep[] = []
    for (let place = 0; place < winners; place++) {
      const member = order[place]!
      const virtualTime = charged(virtualTimes[member]!, weights[member]!, this.demand.units)
      this.standings.push({ poolId: this.pool.id, repId: ids[member]!, virtualTime })
      reps.push(this.pool.members[member]!.rep)
    }
    this.#noteReturns(winners)
    this.hearing.place(CHOSEN, this.#idsOf(0, winners))
    let place = winners
    while (place < count && place <= TOLD_EXACTLY) place = this.#placeExactly(place)
    while (place < count) place = this.#placeAlike(place)
    return reps
  }

  /** As `#placeAlike`, with how far they are behind the first. */
  #placeExactly(from: number): number {
    const { count, order } = this.#table
    const words = this.#behind(order[from]!)
    let place = from + 1
    while (place < count && place <= TOLD_EXACTLY && this.#behind(order[place]!) === words)
      place += 1
    this.hearing.place(words, this.#idsOf(from, place), from + 1)
    return place
  }

  /** Those from this place on who are told the same; the place behind them. */
  #placeAlike(from: number): number {
    const { count, order, grade } = this.#table
    const alike = grade[order[from]!]!
    let place = from + 1
    while (place < count && grade[order[place]!] === alike) place += 1
    const late = alike >= LATE && grade[order[0]!]! < LATE
    const words = late ? TOO_LATE : alike % LATE === 1 ? 'had more than the share' : LATER
    this.hearing.place(words, this.#idsOf(from, place), from + 1)
    return place
  }

  /** Another pool gets it: nobody here could have met the deadline. */
  pass(): void {
    this.hearing.place(TOO_LATE, this.#idsOf(0, this.#table.count))
    this.#noteReturns(0)
  }

  /** The ids of those in these places, the last one not included. */
  #idsOf(from: number, to: number): string[] {
    const { ids, order } = this.#table
    const repIds = new Array<string>(to - from)
    for (let place = from; place < to; place++) repIds[place - from] = ids[order[place]!]!
    return repIds
  }

  /** What puts the first before this one. */
  #behind(other: number): string {
    const { late, order, virtualTimes, weights } = this.#table
    const first = order[0]!
    if (late[other] !== late[first]) return TOO_LATE
    const lead = virtualTimes[other]! - virtualTimes[first]!
    if (lead > 0) return `had ${lead.toFixed(2)} leads per weight more`
    return lead < 0 || weights[other] !== weights[first]
      ? 'the turn comes later, by weight'
      : 'tie, more open work or later name'
  }

  /** Who is new or was away goes on from where the ranking put them; winners are charged besides. */
  #noteReturns(winners: number): void {
    const { ids, order, virtualTimes, returning } = this.#table
    for (const member of returning) {
      let place = 0
      while (place < winners && order[place] !== member) place += 1
      if (place < winners) continue
      const virtualTime = virtualTimes[member]!
      this.standings.push({ poolId: this.pool.id, repId: ids[member]!, virtualTime })
    }
  }
}
