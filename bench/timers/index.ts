/**
 * 100,000 pending timers: how many fire per second, each durably and once, when many are overdue, and
 * how late one is when there is nothing else to do. In real Node-REDs, from the outside: what counts is
 * the message that a recorder behind the node gets.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Told } from '../chaos/findings'
import { quantile } from '../leads/figures'
import type { BenchResult } from '../lib/bench'
import { atLeast, type Check, holds } from '../lib/check'
import { ARTEFACTS, baseNodes, TAB } from '../lib/flow-parts'
import { errorLines, type NodeRed, ROOT, startNodeRed } from '../lib/node-red'
import { type BenchStore, type StoreKind, withStore } from '../lib/stores'
import { fixed, table, whole } from '../lib/table'
import { bareLateMs } from './bare'
import { POLICY, seedDue, seedFar, TIMER_NODE } from './seed'

const PENDING = 100_000
const OVERDUE = 20_000
const PACED = 1_000
const PACED_EVERY_MS = 20
/** From the seeding to the first that is due while nothing else is. */
const QUIET_AFTER_MS = 60_000
const RATE_MIN = 1_000
const P99_MS_MAX = 50

interface Case {
  readonly name: string
  readonly store: StoreKind
  readonly workers: number
}

const CASES: readonly Case[] = [
  { name: 'SQLite', store: 'sqlite', workers: 1 },
  { name: 'PostgreSQL', store: 'postgres', workers: 1 },
  { name: 'PostgreSQL, 3 Node-RED', store: 'postgres', workers: 3 },
]

interface Figures extends Case {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of a bare timer and one flush to disk in the same seconds. */
  readonly bareP99Ms: number
  readonly early: number
  readonly lost: number
  readonly twice: number
  readonly errors: readonly string[]
}

export async function benchTimers(): Promise<BenchResult> {
  const figures: Figures[] = []
  for (const one of CASES) figures.push(await withStore(one.store, (store) => measure(one, store)))
  return {
    title: `Timers: ${whole(PENDING)} pending, of which ${whole(OVERDUE)} overdue`,
    text: table(
      ['', 'fires/s', 'p50 ms late, unloaded', 'p99', 'p99 bare', 'lost', 'twice', 'early'],
      figures.map(({ name, perSecond, p50Ms, p99Ms, bareP99Ms, lost, twice, early }) => [
        name,
        whole(perSecond),
        fixed(p50Ms, 0),
        fixed(p99Ms, 0),
        fixed(bareP99Ms, 0),
        String(lost),
        String(twice),
        String(early),
      ]),
    ),
    checks: figures.flatMap(checksOf),
    figures: { cases: figures },
  }
}

async function measure(one: Case, store: BenchStore): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-timers-'))
  const records = Array.from({ length: one.workers }, (_, n) => join(folder, `${n}.jsonl`))
  const running: NodeRed[] = []
  try {
    const quietMs = await seed(store)
    await Promise.all(
      records.map(async (record) => {
        running.push(
          await startNodeRed({
            flows: timerFlow(store.settings),
            settings: { nodesDir: join(ROOT, 'bench', 'nodes') },
            env: { ...store.env, BENCH_RECORD: record },
          }),
        )
      }),
    )
    const pacedToMs = quietMs + PACED * PACED_EVERY_MS
    const bare = bareLateMs(folder, quietMs, pacedToMs)
    const count = () => records.reduce((sum, file) => sum + linesIn(file), 0)
    while (count() < OVERDUE + PACED && Date.now() < pacedToMs + QUIET_AFTER_MS)
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    const bareP99Ms = quantile(await bare, 0.99)
    const told = records.flatMap(read)
    return { ...one, ...figuresOf(told, quietMs), bareP99Ms, errors: running.flatMap(errorLines) }
  } finally {
    await Promise.all(running.map((nodeRed) => nodeRed.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From when on nothing but the paced timers is due, epoch ms. */
async function seed(store: BenchStore): Promise<number> {
  const open = await store.open()
  try {
    await seedFar(open, PENDING - OVERDUE - PACED)
    const nowMs = Date.now()
    await seedDue(
      open,
      Array.from({ length: OVERDUE }, (_, n) => nowMs - OVERDUE + n),
      'overdue',
    )
    const quietMs = Date.now() + QUIET_AFTER_MS
    await seedDue(
      open,
      Array.from({ length: PACED }, (_, n) => quietMs + n * PACED_EVERY_MS),
      'paced',
    )
    return quietMs
  } finally {
    await open.close()
  }
}

function timerFlow(settings: object): object[] {
  const wires = [[], [], [], ['n-record'], [], []]
  return [
    ...baseNodes('Timers', '', POLICY, settings),
    { id: TIMER_NODE, z: TAB, type: 'lead-sla-timer', name: '', ...ARTEFACTS, wires },
    { id: 'n-record', z: TAB, type: 'bench-recorder', what: 'timer' },
  ].filter((node) => !('type' in node && node.type === 'lead-contract'))
}

/** Cheap, because it is asked while others are measured. */
function linesIn(file: string): number {
  const bytes = readFileSync(file, { flag: 'a+' })
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1
  return count
}

function read(file: string): Told[] {
  return readFileSync(file, { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Told)
}

function figuresOf(told: readonly Told[], quietMs: number) {
  const isPaced = ({ dueMs = 0 }: Told) => dueMs >= quietMs
  const overdue = told.filter((one) => !isPaced(one)).map(({ atMs }) => atMs)
  const late = told.filter(isPaced).map(({ atMs, dueMs = 0 }) => atMs - dueMs)
  const firstMs = overdue.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY)
  const lastMs = overdue.reduce((most, one) => Math.max(most, one), 0)
  const distinct = new Set(told.map(({ timer }) => timer)).size
  return {
    perSecond: overdue.length / ((lastMs - firstMs) / 1_000),
    p50Ms: quantile(late, 0.5),
    p99Ms: quantile(late, 0.99),
    early: told.filter(({ atMs, dueMs = 0 }) => atMs < dueMs).length,
    lost: OVERDUE + PACED - distinct,
    twice: told.length - distinct,
  }
}

function checksOf(figures: Figures): Check[] {
  const { name, workers, perSecond, p99Ms, bareP99Ms, lost, twice, early, errors } = figures
  const once = lost + twice + early === 0
  return [
    // Several on one machine share its cores; there the promise is that none fires twice.
    ...(workers === 1 ? [atLeast(`${name}: fires/s`, RATE_MIN, perSecond, 0)] : []),
    holds(
      `${name}: p99 late, unloaded`,
      p99Ms < P99_MS_MAX,
      `${fixed(p99Ms, 0)} ms, a bare timer and a flush ${fixed(bareP99Ms, 0)} ms`,
      `< ${P99_MS_MAX} ms`,
    ),
    holds(
      `${name}: each fired once and told once`,
      once,
      once ? 'yes' : `${lost} lost, ${twice} twice, ${early} early`,
    ),
    holds(
      `${name}: nothing complained`,
      errors.length === 0,
      errors.join('; ') || 'nothing',
      'nothing',
    ),
  ]
}
