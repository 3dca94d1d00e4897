/** `npm run routing -- FOLDER`: the Maven opportunities, shared out anew by our routing. */
import { parseArgs } from 'node:util'
import { built } from '../lib/built'
import { atLeast, type Check, checkLines, holds } from '../lib/check'
import { jain, percentile } from '../lib/fairness'
import { fixed, table, whole } from '../lib/table'
import { readPipeline } from './read'
import { idOf, type Replay, replay } from './replay'

const { whyNot } = built<typeof import('../../engine/routing/verdicts')>('engine/routing/verdicts')

const USAGE = `npm run routing -- FOLDER [options]

  FOLDER            holds maven_sales_pipeline.csv, maven_sales_teams.csv, maven_accounts.csv
  --capacity N      room of every agent; default: as many as the agent once had open at a time
  --explain ID      why this opportunity went where it went
  --json            every figure as JSON on the last line
  --check           exit code 1 when a target is missed`

const JAIN_MIN = 0.995
const DAY_MS = 86_400_000

interface RegionFigures {
  readonly region: string
  readonly agents: number
  readonly opportunities: number
  readonly placed: number
  readonly jain: number
  readonly busiest: number
  readonly waitP95Days: number
  readonly waitMaxDays: number
}

function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      capacity: { type: 'string' },
      explain: { type: 'string' },
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [folder] = positionals
  if (values.help || folder === undefined) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const pipeline = readPipeline(folder)
  const done = replay(pipeline, capacityOf(values.capacity))
  if (values.explain !== undefined) {
    console.log(explained(done, values.explain).join('\n'))
    return 0
  }
  const regions = [...new Set(done.agents.map(({ region }) => region))]
    .sort()
    .map((region) => figuresOf(done, region))
  const checks = checksOf(done, regions, pipeline.opportunities.length)
  console.log(report(done, regions, checks))
  const { agents, overCapacity } = done
  if (values.json) console.log(JSON.stringify({ regions, agents, overCapacity, checks }))
  return values.check && checks.some(({ ok }) => !ok) ? 1 : 0
}

function capacityOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const capacity = Number(text)
  if (Number.isInteger(capacity) && capacity > 0) return capacity
  throw new Error(`--capacity is "${text}"; expected a whole number above 0`)
}

function figuresOf({ agents, placed }: Replay, region: string): RegionFigures {
  const team = agents.filter((agent) => agent.region === region)
  const all = [...placed.values()].filter(({ opportunity }) => opportunity.region === region)
  const assigned = all.filter(({ routing }) => routing.kind === 'assigned')
  const waits = assigned.map(({ opportunity, atMs }) => (atMs - opportunity.cameMs) / DAY_MS)
  return {
    region,
    agents: team.length,
    opportunities: all.length,
    placed: assigned.length,
    jain: jain(team.map(({ got, capacity }) => got / capacity)),
    busiest: Math.max(...team.map(({ openMax, capacity }) => openMax / capacity)),
    waitP95Days: percentile(waits, 0.95),
    waitMaxDays: percentile(waits, 1),
  }
}

function checksOf(
  { placed, waiting, overCapacity }: Replay,
  regions: readonly RegionFigures[],
  total: number,
): Check[] {
  const stand = [...placed.values()].filter(({ routing }) => routing.kind !== 'unroutable').length
  return [
    holds(
      'everything is placed or waits with a reason',
      stand === total,
      `${stand} of ${total}, ${waiting.length} waiting`,
      'all',
    ),
    holds('nobody over capacity', overCapacity === 0, whole(overCapacity), '0'),
    ...regions.map(({ region, jain: index }) =>
      atLeast(`Jain index, ${region}`, JAIN_MIN, index, 4),
    ),
  ]
}

function report({ agents }: Replay, regions: readonly RegionFigures[], checks: readonly Check[]) {
  const header = ['region', 'agents', 'came', 'placed', 'Jain', 'fullest', 'wait p95 days', 'max']
  const byRegion = regions.map((one) => [
    one.region,
    whole(one.agents),
    whole(one.opportunities),
    whole(one.placed),
    fixed(one.jain, 4),
    fixed(one.busiest, 2),
    fixed(one.waitP95Days, 2),
    fixed(one.waitMaxDays, 1),
  ])
  const byAgent = agents.map(({ name, region, capacity, got, openMax }) => [
    name,
    region,
    whole(capacity),
    whole(got),
    fixed(got / capacity, 2),
    whole(openMax),
  ])
  return [
    table(header, byRegion),
    table(['agent', 'region', 'capacity', 'got', 'per capacity', 'most open'], byAgent),
    checkLines(checks),
  ].join('\n\n')
}

/** One routing in words: when, where, why, and why not each of the others. */
function explained({ placed, agents }: Replay, id: string): string[] {
  const one = placed.get(id)
  if (one === undefined) throw new Error(`there is no opportunity "${id}"`)
  const { opportunity, routing, atMs } = one
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
  const had = agents.find(({ id: agent }) => agent === idOf(opportunity.agent))!
  const waited = atMs > opportunity.cameMs ? `, placed ${day(atMs)}` : ''
  const to = routing.kind === 'assigned' ? `${routing.rep.name} (${routing.rep.id})` : routing.kind
  return [
    `${id}, ${opportunity.account?.account ?? 'no account'}, came ${day(opportunity.cameMs)}${waited}: ${to}`,
    `  ${routing.why}`,
    ...routing.because.map(({ rule, why }) => `  by ${rule}: ${why}`),
    ...whyNot(routing.candidates).map((line) => `  ${line}`),
    `  in the file it was with ${had.name}`,
  ]
}

try {
  process.exitCode = main(process.argv.slice(2))
} catch (raw) {
  console.error(`npm run routing: ${(raw as Error).message}\n\n${USAGE}`)
  process.exitCode = 2
}
