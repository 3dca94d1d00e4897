/**
 * How many leads per second go through eight lead nodes, every decision durable in an SQLite file
 * and in the audit log, beside eight core switch nodes in the same Node-RED process.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions, BenchResult } from '../lib/bench'
import { atLeast } from '../lib/check'
import { type NodeRed, ROOT, startNodeRed } from '../lib/node-red'
import { readProfiles } from '../lib/profile'
import { compare, median } from '../lib/rounds'
import { fixed, table, whole } from '../lib/table'
import { accountFor } from './account'
import { benchFlow as flow } from './flow'

const IN_FLIGHT = 256
const MESSAGES = { lead: 6_000, switch: 40_000 } as const
const ROUNDS = 7
const PROFILED_ROUNDS = 6
const RATIO_MIN = 0.15

type Chain = keyof typeof MESSAGES

export async function benchFlow({ prof }: BenchOptions): Promise<BenchResult> {
  const nodeRed = await start()
  try {
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
    const kept = await accountFor([nodeRed], (ROUNDS + 1) * MESSAGES.lead)
    const text = [
      table(
        ['eight nodes', 'messages/s', 'µs of processor each', 'of these in the flow’s thread'],
        [
          row('lead nodes, durable and audited', result.ours, cost.lead),
          row('core switch nodes', result.theirs, cost.switch),
        ],
      ),
      `  ratio ${fixed(result.ratio, 3)} (${fixed(result.ratioMin, 3)} – ${fixed(result.ratioMax, 3)} in ` +
        `${result.rounds} pairs of rounds), ${IN_FLIGHT} messages on their way at once`,
    ].join('\n')
    return {
      title: `Flow: ingest, enrich, dedupe, score-fit, score-intent, qualify, route, sla-timer`,
      text,
      checks: [
        kept.check,
        atLeast('leads/s ÷ messages/s of the switch nodes', RATIO_MIN, result.ratio, 3),
      ],
      figures: { ...result, cost, ...kept.figures },
      ...(prof ? { profiles: await profileLeads() } : {}),
    }
  } finally {
    await nodeRed.stop()
  }
}

function row(name: string, rate: number, cost: ReturnType<typeof costOf>): string[] {
  return [name, whole(rate), fixed(cost.processUs, 0), fixed(cost.threadUs, 0)]
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
