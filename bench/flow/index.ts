/**
 * How many leads per second go through eight lead nodes, every decision durable in an SQLite file
 * and in the audit log, beside eight core switch nodes in the same Node-RED process: over HTTP, as
 * leads come, and sent inside the process, where nothing is shared but Node-RED itself.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions, BenchResult } from '../lib/bench'
import { atLeast } from '../lib/check'
import { feed } from '../lib/feed'
import { type NodeRed, ROOT, startNodeRed } from '../lib/node-red'
import { readProfiles } from '../lib/profile'
import { type Comparison, compare, median } from '../lib/rounds'
import { fixed, table, whole } from '../lib/table'
import { accountFor } from './account'
import { type Chain, benchFlow as flow, pathOf } from './flow'

const IN_FLIGHT = 256
const MESSAGES = { lead: 6_000, switch: 40_000 } as const
const ROUNDS = 7
const CONNECTIONS = 64
const POSTED = { lead: 2_000, switch: 5_000 } as const
const HTTP_ROUNDS = 7
const PROFILED_ROUNDS = 6
const RATIO_MIN = 0.15

export async function benchFlow({ prof }: BenchOptions): Promise<BenchResult> {
  const nodeRed = await start()
  try {
    const http = await overHttp(nodeRed)
    const inside = await inProcess(nodeRed)
    const kept = await accountFor([nodeRed], http.leads + inside.leads)
    const text = [
      table(
        [
          'eight nodes',
          'over HTTP',
          'in the process',
          'µs of processor each',
          'in the flow’s thread',
        ],
        [
          row('lead nodes, durable and audited', http.ours, inside.ours, inside.cost.lead),
          row('core switch nodes', http.theirs, inside.theirs, inside.cost.switch),
        ],
      ),
      `  over HTTP ${ratio(http)} (${CONNECTIONS} connections)`,
      `  in the process ${ratio(inside)} (${IN_FLIGHT} messages on their way at once)`,
    ].join('\n')
    return {
      title: `Flow: ingest, enrich, dedupe, score-fit, score-intent, qualify, route, sla-timer`,
      text,
      checks: [
        kept.check,
        atLeast('leads/s ÷ records/s of the switch nodes, over HTTP', RATIO_MIN, http.ratio, 3),
      ],
      figures: { overHttp: http, inProcess: inside, ...kept.figures },
      ...(prof ? { profiles: await profileLeads() } : {}),
    }
  } finally {
    await nodeRed.stop()
  }
}

/** Records are posted from this process over kept-alive connections, and answered by the chain's end. */
async function overHttp(nodeRed: NodeRed) {
  const round = async (chain: Chain) => {
    const records = (await nodeRed.get(`/bench/records?count=${POSTED[chain]}`)).body as object[]
    const { fates, seconds } = await feed(nodeRed.url + pathOf(chain), records, CONNECTIONS)
    const other = fates.find(({ port }) => port !== chain)
    if (other !== undefined)
      throw new Error(`a record was answered: ${other.problem ?? other.port}`)
    return records.length / seconds
  }
  await round('lead')
  await round('switch')
  const result = await compare(
    () => round('lead'),
    () => round('switch'),
    HTTP_ROUNDS,
  )
  return { ...result, leads: (HTTP_ROUNDS + 1) * POSTED.lead }
}

async function inProcess(nodeRed: NodeRed) {
  const ran: Readonly<Record<Chain, Ran[]>> = { lead: [], switch: [] }
  const round = async (chain: Chain) => {
    const one = await drive(nodeRed, chain)
    ran[chain].push(one)
    return one.arrived / (one.ms / 1_000)
  }
  await drive(nodeRed, 'lead')
  await drive(nodeRed, 'switch')
  const result = await compare(
    () => round('lead'),
    () => round('switch'),
    ROUNDS,
  )
  const cost = { lead: costOf(ran.lead), switch: costOf(ran.switch) }
  return { ...result, cost, leads: (ROUNDS + 1) * MESSAGES.lead }
}

function ratio({ ratio, ratioMin, ratioMax, rounds }: Comparison): string {
  return `${fixed(ratio, 3)} (${fixed(ratioMin, 3)} – ${fixed(ratioMax, 3)} in ${rounds} pairs of rounds)`
}

/** Both rates per second. */
function row(
  name: string,
  http: number,
  inside: number,
  { processUs, threadUs }: ReturnType<typeof costOf>,
): string[] {
  return [name, `${whole(http)}/s`, `${whole(inside)}/s`, fixed(processUs, 0), fixed(threadUs, 0)]
}

function start(env: Readonly<Record<string, string>> = {}): Promise<NodeRed> {
  return startNodeRed({
    flows: flow(),
    settings: { nodesDir: join(ROOT, 'bench', 'nodes') },
    env,
  })
}

interface Ran {
  readonly ms: number
  /** Processor time of all threads, and of the one that runs the flow. */
  readonly processMs: number
  readonly threadMs?: number
  readonly arrived: number
  readonly faults: number
  readonly fault?: string
}

/** One round, or throws what the first failed message said. */
async function drive(nodeRed: NodeRed, chain: Chain): Promise<Ran> {
  const path = `/bench/${chain}?messages=${MESSAGES[chain]}&inFlight=${IN_FLIGHT}`
  const { body } = await nodeRed.post(path, undefined, { timeoutMs: 300_000 })
  const ran = body as Ran
  if (ran.faults > 0)
    throw new Error(`${ran.faults} of ${ran.arrived} messages failed: ${ran.fault}`)
  return ran
}

/** Median processor time per message, µs: of all threads, and of the flow's own. */
function costOf(rounds: readonly Ran[]) {
  const perMessage = (ms: (ran: Ran) => number | undefined) =>
    median(rounds.map((ran) => ((ms(ran) ?? Number.NaN) * 1_000) / ran.arrived))
  return {
    processUs: perMessage(({ processMs }) => processMs),
    threadUs: perMessage(({ threadMs }) => threadMs),
  }
}

/** A process of its own, that does nothing but leads, so that nothing else is in the profile. */
async function profileLeads() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-profile-'))
  try {
    const nodeRed = await start({ NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` })
    for (let round = 0; round < PROFILED_ROUNDS; round++) await drive(nodeRed, 'lead')
    await nodeRed.stop({ timeoutMs: 60_000 })
    return readProfiles(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
