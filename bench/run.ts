/** `npm run bench [-- NAME …]`: speed, as ratios, because machines differ and their noise cancels out. */
import { parseArgs } from 'node:util'
import type { BenchOptions, BenchResult } from './lib/bench'
import { checkLines } from './lib/check'
import { endWith } from './lib/exit-code'
import { topFunctions } from './lib/profile'
import { percent, table, whole } from './lib/table'

type Benchmark = (options: BenchOptions) => Promise<BenchResult>

/** Each loads what it needs when it runs: a library of one may slow down the whole process for another. */
const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  calendar: async () => (await import('./calendar/index.js')).benchCalendar,
  contract: async () => (await import('./contract/index.js')).benchContract,
  flow: async () => (await import('./flow/index.js')).benchFlow,
  routing: async () => (await import('./routing/index.js')).benchRouting,
  timers: async () => (await import('./timers/index.js')).benchTimers,
  scale: async () => (await import('./scale/index.js')).benchScale,
  endurance: async () => (await import('./endurance/index.js')).benchEndurance,
}
/** The others take many minutes. */
const USUAL = ['contract', 'flow']

const USAGE = `npm run bench [-- NAME …] [options]

  NAME      ${Object.keys(BENCHMARKS).join(', ')}; default: ${USUAL.join(', ')}
  --prof    also show the functions that take the most time themselves
  --json    every figure as JSON on the last line
  --check   exit code 1 when a target is missed`

const FUNCTIONS_SHOWN = 25

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      prof: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const unknown = positionals.find((name) => !Object.hasOwn(BENCHMARKS, name))
  if (unknown !== undefined) throw new Error(`there is no benchmark "${unknown}"`)
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const names = positionals.length > 0 ? positionals : USUAL
  const results: Record<string, BenchResult> = {}
  for (const name of names) {
    const benchmark = await BENCHMARKS[name]!()
    const result = await benchmark({ prof: values.prof })
    results[name] = result
    console.log(`${result.title}\n${result.text}\n${checkLines(result.checks)}\n`)
    for (const profile of result.profiles ?? []) console.log(`${functionTable(profile)}\n`)
  }
  if (!values.prof) console.log('Where does the time go? npm run bench -- NAME --prof')
  if (values.json) {
    const figures = Object.entries(results).map(([name, { figures, checks }]) => [
      name,
      { ...figures, checks },
    ])
    console.log(JSON.stringify(Object.fromEntries(figures)))
  }
  const missed = Object.values(results).some(({ checks }) => checks.some(({ ok }) => !ok))
  return values.check && missed ? 1 : 0
}

function functionTable(profile: Parameters<typeof topFunctions>[0]): string {
  return table(
    ['self', 'ms', 'function', 'where'],
    topFunctions(profile, FUNCTIONS_SHOWN).map(({ name, place, ms, share }) => [
      percent(share),
      whole(ms),
      name,
      place,
    ]),
  )
}

main(process.argv.slice(2)).then(endWith, (raw: unknown) => {
  console.error(raw instanceof Error ? `npm run bench: ${raw.message}\n\n${USAGE}` : raw)
  endWith(2)
})
