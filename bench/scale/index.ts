/**
 * What more Node-RED processes on one PostgreSQL bring: leads per second with one, two and three of
 * them, beside one on an SQLite file, in rounds that take turns.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Account, accountFor } from '../flow/account'
import { benchFlow } from '../flow/flow'
import type { BenchResult } from '../lib/bench'
import { holds } from '../lib/check'
import { type NodeRed, ROOT, startNodeRed } from '../lib/node-red'
import { median } from '../lib/rounds'
import { type BenchStore, withStore } from '../lib/stores'
import { fixed, table, whole } from '../lib/table'

const WORKERS = [1, 2, 3] as const
const ROUNDS = 3
/** Of all processes of a round together. */
const MESSAGES = 1_200
const IN_FLIGHT = 192

/** Leads per second; `postgres` by how many processes, from one. */
interface Round {
  readonly sqlite: number
  readonly postgres: readonly number[]
}

export function benchScale(): Promise<BenchResult> {
  return withStore('postgres', (shared) => withStore('sqlite', (own) => measure(shared, own)))
}

async function measure(shared: BenchStore, own: BenchStore): Promise<BenchResult> {
  const running: NodeRed[] = []
  const start = async (store: BenchStore, name: string) => {
    const nodeRed = await startNodeRed({
      flows: benchFlow(store.settings),
      settings: { nodesDir: join(ROOT, 'bench', 'nodes') },
      env: { ...store.env, BENCH_PROCESS: name },
    })
    running.push(nodeRed)
    return nodeRed
  }
  try {
    const first = await start(shared, 'worker1')
    const workers: [NodeRed, ...NodeRed[]] = [first]
    for (const n of WORKERS.slice(1)) workers.push(await start(shared, `worker${n}`))
    const single = await start(own, 'single')
    await rate(workers)
    await rate([single])
    const rounds: Round[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const postgres: number[] = []
      // In turn upwards and downwards, as the tables grow with every round.
      const order = round % 2 === 0 ? WORKERS : WORKERS.toReversed()
      for (const n of order) postgres[n - 1] = await rate(workers.slice(0, n))
      rounds.push({ sqlite: await rate([single]), postgres })
    }
    const kept = [
      await accountFor(workers, MESSAGES * (1 + ROUNDS * WORKERS.length)),
      await accountFor([single], MESSAGES * (1 + ROUNDS)),
    ]
    return resultOf(rounds, kept)
  } finally {
    await Promise.all(running.map((nodeRed) => nodeRed.stop()))
  }
}

/** Leads per second of all of them together; throws what the first failed message said. */
async function rate(nodeReds: readonly NodeRed[]): Promise<number> {
  const messages = Math.round(MESSAGES / nodeReds.length)
  const path = `/bench/lead?messages=${messages}&inFlight=${Math.round(IN_FLIGHT / nodeReds.length)}`
  const startMs = performance.now()
  const answers = await Promise.all(
    nodeReds.map((nodeRed) => nodeRed.post(path, undefined, { timeoutMs: 300_000 })),
  )
  const seconds = (performance.now() - startMs) / 1_000
  for (const { body } of answers)
    if (body.faults > 0) throw new Error(`${body.faults} leads failed: ${body.fault}`)
  return (messages * nodeReds.length) / seconds
}

function resultOf(rounds: readonly Round[], kept: readonly Account[]): BenchResult {
  const of = (rateOf: (round: Round) => number) => ({
    rate: median(rounds.map(rateOf)),
    ratio: median(rounds.map((round) => rateOf(round) / round.postgres[0]!)),
  })
  const postgres = WORKERS.map((_, index) => of((round) => round.postgres[index]!))
  const sqlite = of((round) => round.sqlite)
  const rows = [
    ...WORKERS.map((n, index) => [`PostgreSQL, ${n} Node-RED`, postgres[index]!] as const),
    ['SQLite, 1 Node-RED', sqlite] as const,
  ].map(([name, { rate, ratio }]) => [name, whole(rate), fixed(ratio, 2)])
  const cores = availableParallelism()
  return {
    title: 'Scale: processes on one store',
    text: [
      table(['', 'leads/s', '÷ one on PostgreSQL'], rows),
      `  ${cores} processor cores for all of them, the server and this program included`,
    ].join('\n'),
    // More processes than cores can only share; none may bring the others to a halt.
    checks: [
      ...postgres
        .slice(1)
        .map(({ ratio }, index) =>
          holds(`${WORKERS[index + 1]} processes ÷ one`, ratio >= 0.7, fixed(ratio, 2), '≥ 0.7'),
        ),
      ...kept.map(({ check }, index) => ({
        ...check,
        name: `${['PostgreSQL', 'SQLite'][index]}: ${check.name}`,
      })),
    ],
    figures: { cores, postgres, sqlite, rounds, kept },
  }
}
