/**
 * How many contracts per second, every reason included, beside json-rules-engine on the same twenty
 * rules; and how many of a whole contract, with suppression, intent, and decisions as well.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Engine } from 'json-rules-engine'
import type { Contract } from '../../engine/contract/contract'
import type { Lead } from '../../engine/lead/lead'
import type { BenchOptions, BenchResult } from '../lib/bench'
import { built } from '../lib/built'
import { atLeast, holds } from '../lib/check'
import { profiled } from '../lib/profile'
import { type Comparison, compare, median } from '../lib/rounds'
import { fixed, table, whole } from '../lib/table'
import { benchLeads, flatFacts, NOW_MS } from './leads'
import { RULES, rulesEngineRules, sameRulesText, wholeContractText } from './rules'

const { loadContract } = built<typeof import('../../engine/contract/load')>('engine/contract/load')
const { evaluateContract } =
  built<typeof import('../../engine/scoring/evaluate')>('engine/scoring/evaluate')

/** On so many leads both engines have to agree. */
const LEADS = 300
/**
 * So many of them are timed: few enough to stay in the processor's cache beside what evaluating
 * allocates, as a lead that has just come in does. 300 are as large as the second-level cache here.
 */
const TIMED = 60
const ROUND_MS = 250
const ROUNDS = 15
const RATIO_MIN = 100
const SEED = 20_260_302

export async function benchContract({ prof }: BenchOptions): Promise<BenchResult> {
  const sameRules = contractOf(sameRulesText())
  const wholeContract = contractOf(wholeContractText())
  const engine = rulesEngine()
  const leads = benchLeads(LEADS, SEED)
  const timed = leads.slice(0, TIMED)
  const facts = timed.map(flatFacts)
  const agreed = await agreement([sameRules, wholeContract], engine, leads)
  const rateOf = (contract: Contract) => async () => rateOfOurs(contract, timed)
  const theirs = () => rateOfTheirs(engine, facts)
  await rateOf(sameRules)()
  await rateOf(wholeContract)()
  await theirs()
  const same = await compare(rateOf(sameRules), theirs, ROUNDS)
  const complete = await compare(rateOf(wholeContract), theirs, ROUNDS)
  if (total === 0) throw new Error('nothing was evaluated')
  const text = [
    table(
      ['engine', 'contracts per second of processor time', 'times theirs (in pairs of rounds)'],
      [
        row('ours, the same rules, with their reasons', same),
        row('ours, with suppression, intent and decisions', complete),
        ['json-rules-engine', whole(median([same.theirs, complete.theirs])), '1'],
      ],
    ),
    `  the points agree on ${agreed} of ${LEADS} leads`,
  ].join('\n')
  return {
    title: `Contract: ${RULES.length} rules of two or three conditions, seeded leads`,
    text,
    checks: [
      holds('all give the same points', agreed === LEADS, `${agreed} of ${LEADS}`, 'all'),
      atLeast('contracts/s on the same rules, times json-rules-engine', RATIO_MIN, same.ratio, 0),
    ],
    figures: { ...same, wholeContract: complete, agreed },
    ...(prof
      ? { profiles: [await profiled(async () => void rateOfOurs(wholeContract, timed, 3_000))] }
      : {}),
  }
}

function row(name: string, { ours, ratio, ratioMin, ratioMax }: Comparison): string[] {
  return [name, whole(ours), `${fixed(ratio, 0)} (${fixed(ratioMin, 0)} – ${fixed(ratioMax, 0)})`]
}

function contractOf(text: string): Contract {
  const { contract, problems } = loadContract(text)
  if (contract === undefined) throw new Error(`the benchmark's contract: ${problems[0]?.message}`)
  return contract
}

function rulesEngine(): Engine {
  return new Engine(rulesEngineRules(), { allowUndefinedFacts: true })
}

async function pointsOfTheirs(engine: Engine, facts: Record<string, unknown>): Promise<number> {
  const { events } = await engine.run(facts)
  return events.reduce((sum, { params }) => sum + (params as { points: number }).points, 0)
}

/** On how many leads each contract gives the points that json-rules-engine gives. */
async function agreement(
  contracts: readonly Contract[],
  engine: Engine,
  leads: readonly Lead[],
): Promise<number> {
  let same = 0
  for (const lead of leads) {
    const points = await pointsOfTheirs(engine, flatFacts(lead))
    if (
      contracts.every((contract) => evaluateContract(contract, lead, NOW_MS).fit.points === points)
    )
      same += 1
  }
  return same
}

setFlagsFromString('--expose-gc')
/** Before each round, so that neither side pays for what the other has left lying about. */
const collectGarbage = runInNewContext('gc') as () => void

/** The sum keeps the optimiser from dropping work whose result nobody reads. */
let total = 0

/** Between two looks at the clock, which would be felt beside sixty leads. */
const PASSES = 5

function rateOfOurs(contract: Contract, leads: readonly Lead[], ms = ROUND_MS): number {
  collectGarbage()
  const startMs = processorMs()
  let done = 0
  do {
    for (let pass = 0; pass < PASSES; pass++)
      for (const lead of leads) total += evaluateContract(contract, lead, NOW_MS).because.length
    done += PASSES * leads.length
  } while (processorMs() - startMs < ms)
  return done / ((processorMs() - startMs) / 1_000)
}

const BATCH = 50

async function rateOfTheirs(
  engine: Engine,
  facts: readonly Record<string, unknown>[],
): Promise<number> {
  collectGarbage()
  const startMs = processorMs()
  let done = 0
  do {
    for (let index = 0; index < BATCH; index++)
      total += await pointsOfTheirs(engine, facts[(done + index) % facts.length]!)
    done += BATCH
  } while (processorMs() - startMs < ROUND_MS)
  return done / ((processorMs() - startMs) / 1_000)
}

/** Time that this process has computed for. Both only compute, and others on the machine count for nothing. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
