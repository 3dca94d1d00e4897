/**
 * A policy ready to use: conditions and calendars compiled, members resolved to reps.
 *
 * `loadPolicy` is the only way to get one, so whoever holds a Policy may trust it.
 */
import type { Calendar } from '../calendar'
import type { FieldTable } from '../conditions/fields'
import type { CompiledRule } from '../conditions/rules'
import type { ArtefactRef } from '../lead/lead'
import type { PolicySpec, RouteSpec, TierSpec } from './schema'

export interface Rep {
  readonly id: string
  readonly name: string
  /** Absent: always on shift. */
  readonly calendar?: Calendar
  /** Units of work at once. */
  readonly capacity: number
  readonly weight: number
  readonly skills: ReadonlySet<string>
  readonly away: readonly {
    readonly fromMs: number
    readonly toMs: number
    readonly why?: string
  }[]
  readonly paused: boolean
}

export interface Member {
  readonly rep: Rep
  /** Share of the pool's leads, relative to the other members. */
  readonly weight: number
}

export interface Pool {
  readonly id: string
  readonly members: readonly Member[]
  readonly overflow?: string
  /** How much of an absence is caught up afterwards, ms. */
  readonly catchUpMs: number
}

export interface Tier {
  readonly rule: CompiledRule<TierSpec>
  readonly id: string
  readonly respondMs: number
  readonly business: boolean
  readonly calendar?: Calendar
  readonly from: 'received' | 'assigned'
  readonly remindMs: readonly number[]
  readonly escalate: readonly {
    readonly afterMs: number
    readonly to?: string
    readonly action: 'notify' | 'reassign'
  }[]
  readonly units: number
}

export interface Policy {
  readonly ref: ArtefactRef
  readonly spec: PolicySpec
  readonly reps: ReadonlyMap<string, Rep>
  readonly pools: ReadonlyMap<string, Pool>
  /** Owner (rep id) of a named account, by registrable domain. */
  readonly accountOwners: ReadonlyMap<string, string>
  readonly routes: {
    readonly fields: FieldTable
    readonly rules: readonly CompiledRule<RouteSpec>[]
  }
  readonly tiers: { readonly fields: FieldTable; readonly list: readonly Tier[] }
}
