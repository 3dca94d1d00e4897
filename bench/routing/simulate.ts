/**
 * Weeks of leads in virtual time: they come at random, each takes a rep for a while that is mostly
 * short and sometimes very long, and a rep works on as many at once as the capacity says.
 */
import { Agenda, jain, percentile } from '../lib/fairness'
import { Random } from '../lib/random'
import type { Assigner } from './assigners'
import { START_MS } from './team'

export interface Load {
  readonly capacities: readonly number[]
  readonly leads: number
  /** Work that comes ÷ work that the team can do. */
  readonly load: number
  readonly seed: number
}

export interface Outcome {
  readonly name: string
  /** Of the assignments per unit of capacity. */
  readonly jain: number
  /** Assignments to a rep who had no room. */
  readonly overCapacity: number
  /** Most that a rep has been off the share by capacity, in leads, at any moment. */
  readonly deviationMax: number
  /** From coming in until somebody works on it, hours. */
  readonly waitP95: number
  readonly waitMax: number
}

interface Work {
  readonly cameMs: number
  readonly takesMs: number
}

const HOUR_MS = 3_600_000
const MEAN_MS = 8 * HOUR_MS
/** Lognormal: half of the work takes a quarter of the mean or less, one in a hundred ten times it. */
const SIGMA = 1.6

export function simulate(assigner: Assigner, { capacities, leads, load, seed }: Load): Outcome {
  const random = new Random(seed)
  const total = capacities.reduce((sum, capacity) => sum + capacity, 0)
  const betweenMs = MEAN_MS / (load * total)
  const open = capacities.map(() => 0)
  const busy = capacities.map(() => 0)
  const desks = capacities.map((): Work[] => [])
  const waiting: Work[] = []
  const got = capacities.map(() => 0)
  const waits: number[] = []
  const done = new Agenda<number>()
  let assigned = 0
  let overCapacity = 0
  let deviationMax = 0

  const begin = (rep: number, { cameMs, takesMs }: Work, nowMs: number) => {
    busy[rep]! += 1
    waits.push((nowMs - cameMs) / HOUR_MS)
    done.add(nowMs + takesMs, rep)
  }
  const place = (work: Work, nowMs: number): boolean => {
    const rep = assigner.choose(open, nowMs)
    if (rep === undefined) return false
    if (open[rep]! >= capacities[rep]!) overCapacity += 1
    open[rep]! += 1
    got[rep]! += 1
    assigned += 1
    for (const [index, capacity] of capacities.entries())
      deviationMax = Math.max(deviationMax, Math.abs(got[index]! - (assigned * capacity) / total))
    if (busy[rep]! < capacities[rep]!) begin(rep, work, nowMs)
    else desks[rep]!.push(work)
    return true
  }
  const finish = () => {
    const { atMs, what: rep } = done.take()
    busy[rep]! -= 1
    open[rep]! -= 1
    const next = desks[rep]!.shift()
    if (next !== undefined) begin(rep, next, atMs)
    while (waiting.length > 0 && place(waiting[0]!, atMs)) waiting.shift()
  }

  let nowMs = START_MS
  for (let lead = 0; lead < leads; lead++) {
    nowMs += Math.round(exponential(random) * betweenMs)
    while (done.nextMs <= nowMs) finish()
    const work = { cameMs: nowMs, takesMs: Math.ceil(lognormal(random) * MEAN_MS) }
    if (waiting.length > 0 || !place(work, nowMs)) waiting.push(work)
  }
  while (done.nextMs < Number.POSITIVE_INFINITY) finish()
  return {
    name: assigner.name,
    jain: jain(got.map((count, index) => count / capacities[index]!)),
    overCapacity,
    deviationMax,
    waitP95: percentile(waits, 0.95),
    waitMax: percentile(waits, 1),
  }
}

function exponential(random: Random): number {
  return -Math.log(1 - random.next())
}

/** Of mean 1. */
function lognormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()))
  const normal = radius * Math.cos(2 * Math.PI * random.next())
  return Math.exp(SIGMA * normal - (SIGMA * SIGMA) / 2)
}
