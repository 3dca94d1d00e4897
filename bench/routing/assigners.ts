/**
 * Ways to choose a rep: ours, and those that other products have. Theirs do not stop at the capacity;
 * a lead beyond it waits with its rep. Ours has hard capacity; a lead for whom there is no room waits
 * with the pool.
 */
import type { FairnessRecord } from '../../engine/step'
import { built } from '../lib/built'
import { LEAD, smallTeam } from './team'

const { route } = built<typeof import('../../engine/routing/route')>('engine/routing/route')

export interface Assigner {
  readonly name: string
  /** The index of the rep who gets the lead, or undefined when it has to wait. */
  choose(open: readonly number[], nowMs: number): number | undefined
}

export function assigners(capacities: readonly number[]): Assigner[] {
  return [
    ours(),
    roundRobin(capacities.length),
    highest('least active', (open) => -open),
    highest('most available', (open, index) => capacities[index]! - open),
    smoothWeighted(capacities),
  ]
}

function ours(): Assigner {
  const policy = smallTeam()
  const fairness = new Map<string, FairnessRecord>()
  const ids = [...policy.reps.keys()]
  const request = { units: 1, exclude: new Set<string>() }
  return {
    name: 'ours',
    choose: (open, nowMs) => {
      const loads = new Map(ids.map((id, index) => [id, open[index]!]))
      const state = { loads, fairness: new Map([['all', fairness]]) }
      const routing = route(policy, LEAD, state, request, nowMs)
      for (const { repId, poolId: _, ...record } of routing.standings) fairness.set(repId, record)
      return routing.kind === 'assigned' ? ids.indexOf(routing.rep.id) : undefined
    },
  }
}

function roundRobin(size: number): Assigner {
  let turn = 0
  return { name: 'round robin', choose: () => turn++ % size }
}

/** The rep with the highest value; of several the first. */
function highest(name: string, value: (open: number, index: number) => number): Assigner {
  return {
    name,
    choose: (open) =>
      open.reduce(
        (best, units, index) => (value(units, index) > value(open[best]!, best) ? index : best),
        0,
      ),
  }
}

/** nginx's: every turn each gains its weight; the highest is next and pays what all have gained. */
function smoothWeighted(weights: readonly number[]): Assigner {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const current = weights.map(() => 0)
  return {
    name: 'smooth weighted RR',
    choose: () => {
      weights.forEach((weight, index) => {
        current[index]! += weight
      })
      const best = current.indexOf(Math.max(...current))
      current[best]! -= total
      return best
    },
  }
}
