/**
 * One run: real Node-REDs under load, killed with SIGKILL and started again, on one SQLite file or one
 * PostgreSQL that is restarted too; then the account of it, from the outside.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, PostgresServer } from '../../test/store/postgres-server'
import { CAPACITIES } from './artefacts'
import { Client } from './client'
import { Desk } from './desk'
import { type Blow, blowsOf, type Event, eventsOf } from './events'
import { type Findings, findings } from './findings'
import { Fleet } from './fleet'
import { chaosFlow } from './flow'
import { Trail } from './trail'
import {
  entries,
  kept,
  PostgresWitness,
  SqliteWitness,
  tree,
  unsettled,
  type Witness,
} from './witness'

export interface ChaosOptions {
  readonly store: 'sqlite' | 'postgres'
  readonly workers: number
  readonly kills: number
  /** Of the database server. */
  readonly restarts: number
  readonly leads: number
  readonly seed: number
  readonly concurrency: number
  /** Told what happens, now and then. */
  readonly say?: (line: string) => void
}

export interface ChaosResult extends Findings {
  readonly kills: number
  readonly restarts: number
  readonly entries: number
  /** While the events were sent, kills included. */
  readonly seconds: number
  readonly eventsPerSecond: number
  /** Requests that had to be sent again. */
  readonly sentAgain: number
  /** Something that is no finding but should not be. */
  readonly oddities: readonly string[]
}

const SETTLE_MS_MAX = 600_000
/** Timers of the quick tiers ring within this; the others are a day off. */
const QUICK_MS = 3_600_000
const SYSTEM = 'chaos'

export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const folder = mkdtempSync(join(tmpdir(), 'lead-chaos-'))
  const server = options.store === 'postgres' ? await PostgresServer.start() : undefined
  if (options.store === 'postgres' && server === undefined)
    throw new Error('there is no PostgreSQL for this platform')
  try {
    return await run(options, folder, server)
  } finally {
    await server?.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(
  options: ChaosOptions,
  folder: string,
  server: PostgresServer | undefined,
): Promise<ChaosResult> {
  const { leads, seed, say = () => {} } = options
  const url = await server?.database()
  const file = join(folder, 'leads.db')
  const witness: Witness = url === undefined ? new SqliteWitness(file) : new PostgresWitness(url)
  const fleet = new Fleet({
    folder,
    ports: await Promise.all(Array.from({ length: options.workers }, freePort)),
    flows: chaosFlow(
      url === undefined
        ? { file }
        : { backend: 'postgres', connect: 'env', url: 'LEADS_DATABASE', lease: '5s' },
    ),
    env: url === undefined ? {} : { LEADS_DATABASE: url },
  })
  const client = new Client(fleet.urls)
  const events = eventsOf(seed, leads)
  try {
    await fleet.start()
    say(`${options.workers} Node-RED started`)
    const desk = new Desk(witness, client)
    desk.start()
    const startMs = performance.now()
    const blows = strike(blowsOf(seed, options), { client, fleet, server, say })
    await client.sendAll(events, options.concurrency)
    const seconds = (performance.now() - startMs) / 1_000
    const struck = await blows
    await fleet.up()
    await settle(witness, say)
    await desk.stop()
    const rest = await settle(witness, say)
    await fleet.stop()
    const found = await account(events, witness, fleet)
    return {
      ...found,
      ...struck,
      seconds,
      eventsPerSecond: leads / seconds,
      sentAgain: client.failed,
      oddities: [...client.refusals, ...rest, ...fleet.failedStarts, ...fleet.complaints],
    }
  } finally {
    client.close()
    await fleet.stop()
  }
}

interface Field {
  readonly client: Client
  readonly fleet: Fleet
  readonly server: PostgresServer | undefined
  readonly say: (line: string) => void
}

/** Deals the blows in their turn, each when so many events have been answered and its delay is over. */
async function strike(
  blows: readonly Blow[],
  { client, fleet, server, say }: Field,
): Promise<{ kills: number; restarts: number }> {
  const done = { kills: 0, restarts: 0 }
  for (const { kind, afterAnswers, delayMs, victim } of blows) {
    await until(() => client.answered >= afterAnswers)
    await pause(delayMs)
    if (kind === 'kill') {
      await until(() => fleet.kill(victim))
      done.kills += 1
    } else {
      // In turn as an operator does it and as a power cut does.
      await (done.restarts % 2 === 0 ? server!.stop() : server!.crash())
      await server!.again()
      done.restarts += 1
    }
    say(`${client.answered} answered · ${done.kills} kills · ${done.restarts} restarts`)
  }
  return done
}

/** Until nothing is under way, waiting, owed, unplaced or about to ring; what is left when that takes too long. */
async function settle(witness: Witness, say: (line: string) => void): Promise<string[]> {
  const endMs = performance.now() + SETTLE_MS_MAX
  let left = ''
  await until(async () => {
    const { underway, waiting, outbox, unplaced, timers } = await unsettled(
      witness,
      Date.now() + QUICK_MS,
    )
    left = [
      [underway, 'events under way'],
      [waiting, 'leads waiting for a rep'],
      [outbox, 'messages owed'],
      [unplaced, 'entries without a place'],
      [timers, 'timers about to ring'],
    ]
      .filter(([count]) => count !== 0)
      .map((one) => one.join(' '))
      .join(', ')
    return left === '' || performance.now() > endMs
  }, 250)
  say(left === '' ? 'everything is settled' : left)
  return left === '' ? [] : [left]
}

async function account(
  events: readonly Event[],
  witness: Witness,
  fleet: Fleet,
): Promise<Findings & { entries: number }> {
  const trail = new Trail(CAPACITIES)
  for await (const entry of entries(witness)) trail.take(entry)
  const { stored, unplaced } = await tree(witness)
  const found = findings({
    events,
    system: SYSTEM,
    kept: await kept(witness),
    trail,
    logFaults: trail.faults(stored, unplaced),
    told: fleet.told(),
    capacities: CAPACITIES,
  })
  return { ...found, entries: trail.entries }
}

async function until(holds: () => boolean | Promise<boolean>, everyMs = 5): Promise<void> {
  while (!(await holds())) await pause(everyMs)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
