/** How fairly leads are shared out when reps differ, and how many are placed per second. */
import type { BenchOptions, BenchResult } from '../lib/bench'
import { atLeast, type Check, holds } from '../lib/check'
import { profiled } from '../lib/profile'
import { fixed, table, whole } from '../lib/table'
import { assigners } from './assigners'
import { type Outcome, simulate } from './simulate'
import { measureSpeed, Team } from './speed'
import { CAPACITIES } from './team'

const LEADS = 20_000
const LOADS = [0.6, 0.85] as const
const SEED = 20_260_302
const JAIN_MIN = 0.995
const REPS = 200
/** Share of the team's room that is taken. */
const BUSY = 0.6
const PER_SECOND_MIN = 50_000

export async function benchRouting({ prof }: BenchOptions): Promise<BenchResult> {
  const runs = LOADS.map((load) => ({
    load,
    outcomes: assigners(CAPACITIES).map((assigner) =>
      simulate(assigner, { capacities: CAPACITIES, leads: LEADS, load, seed: SEED }),
    ),
  }))
  const speed = measureSpeed(REPS, BUSY)
  const text = [
    ...runs.map(({ load, outcomes }) => loadTable(load, outcomes)),
    `  ${whole(speed.perSecond)} decisions per second of processor time with ${REPS} reps ` +
      `(${whole(speed.perSecondMin)} – ${whole(speed.perSecondMax)}); ` +
      `${whole(speed.explanationChars)} characters say why not each of them`,
  ].join('\n\n')
  return {
    title: `Routing: ${whole(LEADS)} leads, ${CAPACITIES.length} reps with capacities ${CAPACITIES[0]} – ${CAPACITIES.at(-1)}, heavy-tailed work`,
    text,
    checks: [
      ...runs.flatMap(({ load, outcomes }) => loadChecks(load, outcomes[0]!)),
      atLeast(`decisions/s with ${REPS} reps`, PER_SECOND_MIN, speed.perSecond, 0),
    ],
    figures: { runs, speed },
    ...(prof ? { profiles: [await profiled(async () => decide(200_000))] } : {}),
  }
}

function loadTable(load: number, outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ name, jain, overCapacity, deviationMax, waitP95, waitMax }) => [
    name,
    fixed(jain, 4),
    whole(overCapacity),
    fixed(deviationMax, 1),
    fixed(waitP95, 1),
    fixed(waitMax, 1),
  ])
  const header = [`load ${load}`, 'Jain', 'over capacity', 'off the share', 'wait p95 h', 'max h']
  return table(header, rows)
}

function loadChecks(load: number, { jain, overCapacity }: Outcome): Check[] {
  return [
    atLeast(`Jain index at load ${load}`, JAIN_MIN, jain, 4),
    holds(`nobody over capacity at load ${load}`, overCapacity === 0, whole(overCapacity), '0'),
  ]
}

function decide(leads: number): void {
  const team = new Team(REPS, BUSY)
  for (let lead = 0; lead < leads; lead++) team.lead()
}
