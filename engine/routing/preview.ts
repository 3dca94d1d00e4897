/**
 * Who would get the next leads, if they came now, one after the other, and nobody finished any.
 *
 * The same routing that decides live, on a copy of the state: nothing is reserved, nothing kept.
 */
import type { Lead } from '../lead/lead'
import type { Policy, Rep } from '../policy/policy'
import type { FairnessRecord } from '../step'
import { type Request, type Routing, type RoutingState, route } from './route'

export interface PreviewedLead {
  /** The rep who gets it; undefined when it would wait, and with it every lead after. */
  readonly rep?: Pick<Rep, 'id' | 'name'>
  readonly pool?: string
  readonly why: string
  /** Where another pool has to help out: the members of the one asked for, by what holds them back. */
  readonly heldBack?: readonly HeldBack[]
  /** When a waiting lead would be tried again, epoch ms. */
  readonly retryAtMs?: number
}

export interface HeldBack {
  readonly verdict: string
  /** Names, in their order. */
  readonly reps: readonly string[]
}

export interface PreviewOptions {
  readonly poolId: string
  readonly count: number
  /** Units of capacity that each lead takes. */
  readonly units: number
  readonly nowMs: number
}

/** Ends with the first lead that nobody could take. Total for any pool id. */
export function previewAssignments(
  policy: Policy,
  state: Pick<RoutingState, 'loads' | 'fairness' | 'tallies'>,
  { poolId, count, units, nowMs }: PreviewOptions,
): PreviewedLead[] {
  const loads = new Map(state.loads)
  const tallies = new Map(state.tallies)
  const fairness = new Map(
    [...state.fairness].map(([id, records]) => [id, new Map<string, FairnessRecord>(records)]),
  )
  const request: Request = { units, exclude: new Set(), poolId }
  const previewed: PreviewedLead[] = []
  while (previewed.length < count) {
    // The pool is given, so nothing is read from the lead.
    const routing = route(policy, {} as Lead, { loads, tallies, fairness }, request, nowMs)
    if (routing.kind !== 'assigned') {
      const { why, retryAtMs } = routing
      previewed.push({ why, ...(retryAtMs === undefined ? {} : { retryAtMs }) })
      break
    }
    const { rep, why } = routing
    previewed.push({
      rep: { id: rep.id, name: rep.name },
      pool: routing.poolId,
      why,
      ...(routing.poolId === poolId ? {} : { heldBack: heldBack(policy, poolId, routing) }),
    })
    loads.set(rep.id, (loads.get(rep.id) ?? 0) + units)
    for (const { key } of rep.caps) tallies.set(key, (tallies.get(key) ?? 0) + 1)
    for (const { poolId: pool, repId, ...record } of routing.standings) {
      const records = fairness.get(pool) ?? new Map<string, FairnessRecord>()
      fairness.set(pool, records.set(repId, record))
    }
  }
  return previewed
}

function heldBack(
  { pools, reps: all }: Policy,
  poolId: string,
  { candidates }: Pick<Routing, 'candidates'>,
): HeldBack[] {
  const members = new Set(pools.get(poolId)?.members.map(({ rep }) => rep.id))
  return candidates.flatMap(({ verdict, reps }) => {
    const names = reps.filter((id) => members.has(id)).map((id) => all.get(id)!.name)
    return names.length === 0 ? [] : [{ verdict, reps: names }]
  })
}
