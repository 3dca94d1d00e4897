/**
 * A policy ready to use: conditions and calendars compiled, members resolved to reps.
 *
 * `loadPolicy` is the only way to get one, so whoever holds a Policy may trust it.
 */
import type { Calendar, PeriodClock } from '../calendar'
import type { FieldTable } from '../conditions/fields'
import type { CompiledRule } from '../conditions/rules'
import type { ArtefactRef, ClockKind } from '../lead/lead'
import type {
  ClockStart,
  Credit,
  EscalationAction,
  PolicySpec,
  RouteSpec,
  TierSpec,
} from './schema'

export interface Rep {
  readonly id: string
  readonly name: string
  /** Absent: always on shift. */
  readonly calendar?: Calendar
  /** Units of work at once. */
  readonly capacity: number
  readonly weight: number
  readonly skills: ReadonlySet<string>
  /** How many leads per hour, day or week. */
  readonly caps: readonly RepCap[]
  /** Oldest first. */
  readonly away: readonly {
    readonly fromMs: number
    readonly toMs: number
    /** The first moment back, as the policy writes it. */
    readonly until: string
    readonly why?: string
  }[]
  readonly paused: boolean
}

export interface RepCap {
  /** Names the count: rep and period. */
  readonly key: string
  readonly repId: string
  readonly max: number
  readonly clock: PeriodClock
}

export interface Member {
  readonly rep: Rep
  /** Share of the pool's leads, relative to the other members. */
  readonly weight: number
}

export interface Pool {
  readonly id: string
  /** In the order of their ids. */
  readonly members: readonly Member[]
  /** Hours in which the members take this pool's leads, instead of their own. */
  readonly calendar?: Calendar
  /** This pool, then the pools that it overflows to, in the order in which they are asked. */
  readonly ladder: readonly string[]
  /** What gives the rep the share of a lead back. */
  readonly credits: ReadonlySet<Credit>
  /** How much of an absence is caught up afterwards, ms. */
  readonly catchUpMs: number
}

/** How one clock of a tier runs, and what it does on its way. Durations in ms on the clock. */
export interface SlaClock {
  /** Unique in its tier. */
  readonly id: string
  readonly kind: ClockKind
  readonly budgetMs: number
  readonly business: boolean
  readonly calendar?: Calendar
  readonly from: ClockStart
  readonly remindMs: readonly number[]
  readonly escalate: readonly {
    readonly afterMs: number
    readonly to?: string
    readonly action: EscalationAction
  }[]
  /** Evidence that stops it; a resolution stops when sales is done with the lead. */
  readonly stopOn: readonly string[]
  /** States of the lead in which it stands still. */
  readonly pauseOn: ReadonlySet<string>
}

/** A lead is offered before it is assigned. */
export interface Offer {
  /** How long an offer stands open, ms on the wall clock. */
  readonly withinMs: number
  /** To how many reps at once. */
  readonly to: number
}

/** How many offers in a row a rep may let expire before going offline. */
export interface Misses {
  readonly max: number
  /** How long the rep stays offline, ms; absent: until the rep reports back. */
  readonly offlineMs?: number
}

/** A tier is its first-touch clock, with the others beside it. */
export interface Tier extends Omit<SlaClock, 'kind' | 'budgetMs'> {
  readonly rule: CompiledRule<TierSpec>
  readonly respondMs: number
  /** All of them, the first-touch clock first. */
  readonly clocks: readonly SlaClock[]
  readonly units: number
  /** How often escalations may move a lead to another rep. */
  readonly movesMax: number
  /** How much of a rep's time a first response takes, ms. */
  readonly handleMs: number
  /** Absent: its leads are assigned outright, unless their route says otherwise. */
  readonly offer?: Offer
}

/** How often something may happen to a lead, and where it goes then; without a pool it waits. */
export interface Limit {
  readonly max: number
  readonly poolId?: string
}

export interface Policy {
  readonly ref: ArtefactRef
  readonly spec: PolicySpec
  /** Its own and those that it had formerly: what was begun under these it goes on with. */
  readonly names: readonly string[]
  readonly reps: ReadonlyMap<string, Rep>
  /** Of all reps. */
  readonly caps: readonly RepCap[]
  readonly pools: ReadonlyMap<string, Pool>
  /** Owner (rep id) of a named account, by registrable domain. */
  readonly accountOwners: ReadonlyMap<string, string>
  readonly routes: {
    readonly fields: FieldTable
    readonly rules: readonly CompiledRule<RouteSpec>[]
  }
  /** Taken from a rep, as by an escalation. */
  readonly reassign?: Limit
  /** Come back after it was closed. */
  readonly recycle?: Limit
  /** Whether any tier or route offers. */
  readonly offers: boolean
  readonly misses?: Misses
  readonly tiers: { readonly fields: FieldTable; readonly list: readonly Tier[] }
  /** States in which clocks may stand still, and for whom the lead waits in them. */
  readonly pauses: ReadonlyMap<string, 'prospect' | 'other'>
}
