/** Decisions per second of processor time: who of hundreds, and why not each of the others. */
import type { FairnessRecord } from '../../engine/step'
import { built } from '../lib/built'
import { Random } from '../lib/random'
import { median } from '../lib/rounds'
import { LEAD, largeTeam, START_MS } from './team'

const { route } = built<typeof import('../../engine/routing/route')>('engine/routing/route')
const { ALWAYS } = built<typeof import('../../engine/calendar')>('engine/calendar/index')

const ROUNDS = 21
const ROUND = 5_000
const WARM_UP = 20_000
const MINUTE_MS = 60_000
const SEED = 20_260_302

export interface Speed {
  /** Decisions per second, the median of the rounds. */
  readonly perSecond: number
  readonly perSecondMin: number
  readonly perSecondMax: number
  /** Characters of JSON in which an assignment keeps everybody's verdict, on average. */
  readonly explanationChars: number
}

/** A team in full work: each lead is placed and counted, and as many are closed as come. */
export function measureSpeed(size: number, busy: number): Speed {
  const team = new Team(size, busy)
  for (let lead = 0; lead < WARM_UP; lead++) team.lead()
  const rates = Array.from({ length: ROUNDS }, () => {
    const startMs = processorMs()
    for (let lead = 0; lead < ROUND; lead++) team.lead()
    return ROUND / ((processorMs() - startMs) / 1_000)
  })
  return {
    perSecond: median(rates),
    perSecondMin: Math.min(...rates),
    perSecondMax: Math.max(...rates),
    explanationChars: team.explanationChars(200),
  }
}

export class Team {
  readonly #policy
  readonly #loads = new Map<string, number>()
  readonly #fairness = new Map<string, FairnessRecord>()
  readonly #state
  readonly #random = new Random(SEED)
  readonly #open: string[] = []
  readonly #busyMax: number
  #nowMs = START_MS

  constructor(size: number, busy: number) {
    this.#policy = largeTeam(size)
    this.#state = { loads: this.#loads, fairness: new Map([['all', this.#fairness]]) }
    const skilled = [...this.#policy.reps.values()].filter(({ skills }) => skills.size > 0)
    this.#busyMax = busy * skilled.reduce((sum, { capacity }) => sum + capacity, 0)
  }

  lead() {
    this.#nowMs = START_MS + ((this.#nowMs - START_MS + 7) % (90 * MINUTE_MS))
    const budget = {
      startMs: this.#nowMs,
      respondMs: 60 * MINUTE_MS,
      handleMs: 15 * MINUTE_MS,
      clock: ALWAYS,
    }
    const request = { units: 1, exclude: NOBODY, budget }
    const routing = route(this.#policy, LEAD, this.#state, request, this.#nowMs)
    for (const { repId, poolId: _, ...record } of routing.standings)
      this.#fairness.set(repId, record)
    if (routing.kind !== 'assigned') throw new Error(`the benchmark's lead: ${routing.why}`)
    this.#count(routing.rep.id, 1)
    this.#open.push(routing.rep.id)
    if (this.#open.length > this.#busyMax) this.#close()
    return routing
  }

  explanationChars(leads: number): number {
    let chars = 0
    for (let lead = 0; lead < leads; lead++) chars += JSON.stringify(this.lead().candidates).length
    return chars / leads
  }

  #close(): void {
    const index = this.#random.between(0, this.#open.length - 1)
    this.#count(this.#open[index]!, -1)
    this.#open[index] = this.#open.at(-1)!
    this.#open.pop()
  }

  #count(repId: string, units: number): void {
    this.#loads.set(repId, (this.#loads.get(repId) ?? 0) + units)
  }
}

const NOBODY: ReadonlySet<string> = new Set()

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
