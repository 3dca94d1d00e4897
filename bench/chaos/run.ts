/** `npm run chaos`: nothing is lost and nothing happens twice, whenever a process is killed. */
import { parseArgs } from 'node:util'
import { checkLines, holds } from '../lib/check'
import { endWith } from '../lib/exit-code'
import { table, whole } from '../lib/table'
import { type ChaosOptions, type ChaosResult, chaos } from './chaos'

const USAGE = `npm run chaos -- --store sqlite | postgres [options]

  --workers N      Node-RED processes on one PostgreSQL, default 3; SQLite has one
  --kills N        kill -9 at random instants, default 50
  --restarts N     of the PostgreSQL server, every second one a crash; default 5
  --leads N        events that are sent, default 20000
  --concurrency N  of them at once, default 64
  --seed N         what is sent and when it strikes follow from it; default: by chance, and printed
  --quiet          nothing about the way there
  --json           every figure as JSON on the last line
  --check          exit code 1 when something was lost, doubled, overfilled, early or not in the log`

const SEED_MAX = 1_000_000
const EXAMPLES = 5

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: { type: 'string', default: 'sqlite' },
      workers: { type: 'string' },
      kills: { type: 'string', default: '50' },
      restarts: { type: 'string' },
      leads: { type: 'string', default: '20000' },
      concurrency: { type: 'string', default: '64' },
      seed: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const { store } = values
  if (store !== 'sqlite' && store !== 'postgres')
    throw new Error(`--store expects sqlite or postgres, got "${store}"`)
  const shared = store === 'postgres'
  const workers = number('--workers', values.workers ?? (shared ? '3' : '1'), 1)
  if (!shared && workers > 1) throw new Error('an SQLite file belongs to one Node-RED: --workers 1')
  const restarts = number('--restarts', values.restarts ?? (shared ? '5' : '0'), 0)
  if (!shared && restarts > 0) throw new Error('--restarts is for --store postgres')
  const options: ChaosOptions = {
    store,
    workers,
    restarts,
    kills: number('--kills', values.kills, 0),
    leads: number('--leads', values.leads, 1),
    concurrency: number('--concurrency', values.concurrency, 1),
    seed: number('--seed', values.seed ?? String(Math.floor(Math.random() * SEED_MAX)), 0),
    ...(values.quiet ? {} : { say: (line: string) => process.stderr.write(`  ${line}\n`) }),
  }
  console.log(`${titleOf(options)}\n`)
  const result = await chaos(options)
  const checks = checksOf(result, options)
  console.log(`${report(result)}\n${checkLines(checks)}\n`)
  console.log(`Again: ${commandOf(options)}`)
  if (values.json) console.log(JSON.stringify({ ...options, ...short(result), checks }))
  return values.check && checks.some(({ ok }) => !ok) ? 1 : 0
}

function number(option: string, text: string, min: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min) return value
  throw new Error(`${option} expects a whole number of ${min} or more, got "${text}"`)
}

function titleOf({ store, workers, leads, kills, restarts, seed }: ChaosOptions): string {
  const where = store === 'sqlite' ? 'one SQLite file' : 'one PostgreSQL'
  return (
    `Chaos: ${workers} Node-RED on ${where}, ${whole(leads)} events, ${kills} times kill -9` +
    `${restarts === 0 ? '' : `, ${restarts} restarts of the server`}, seed ${seed}`
  )
}

function commandOf({ store, workers, kills, restarts, leads, concurrency, seed }: ChaosOptions) {
  const shared = store === 'postgres' ? ` --workers ${workers} --restarts ${restarts}` : ''
  return `npm run chaos -- --store ${store}${shared} --kills ${kills} --leads ${leads} --concurrency ${concurrency} --seed ${seed}`
}

function report(result: ChaosResult): string {
  const { firedLateMs: fired, toldLateMs: told } = result
  const late = ({ p50, p99, max }: typeof fired) => [whole(p50), whole(p99), whole(max)]
  const states = Object.entries(result.states).map(([state, n]) => `${whole(n)} ${state}`)
  return [
    table(
      ['timers', 'p50 ms late', 'p99 ms late', 'at most'],
      [
        ['fired (with the time in which nobody ran)', ...late(fired)],
        ['told', ...late(told)],
      ],
    ),
    '',
    `  ${whole(result.eventsPerSecond)} events/s over ${whole(result.seconds)} s, kills included; ${whole(result.sentAgain)} requests sent again`,
    `  ${whole(result.timersFired)} timers fired, ${whole(result.toldAgain)} messages of them told again; ${whole(result.entries)} entries in the log`,
    `  leads: ${states.join(', ')}`,
    ...result.oddities.slice(0, EXAMPLES).map((line) => `  said meanwhile: ${line}`),
    '',
  ].join('\n')
}

function checksOf(result: ChaosResult, options: ChaosOptions) {
  const none = (name: string, found: readonly string[]) => {
    const examples = found.slice(0, EXAMPLES).map((one) => `\n          ${one}`)
    return holds(name, found.length === 0, `${found.length}${examples.join('')}`, '0')
  }
  return [
    none('lost', result.lost),
    none('doubled', result.doubled),
    none('over capacity', result.overCapacity),
    none('early timers', result.early),
    none('audit entries missing or orphan', result.audit),
    holds('kills', result.kills === options.kills, String(result.kills), String(options.kills)),
    holds(
      'restarts of the server',
      result.restarts === options.restarts,
      String(result.restarts),
      String(options.restarts),
    ),
    holds('timers fired', result.timersFired > 0, whole(result.timersFired), '> 0'),
  ]
}

/** Counts in place of long lists. */
function short(result: ChaosResult) {
  const { lost, doubled, overCapacity, early, audit, oddities, ...figures } = result
  return {
    ...figures,
    lost: lost.length,
    doubled: doubled.length,
    overCapacity: overCapacity.length,
    early: early.length,
    audit: audit.length,
    oddities: oddities.slice(0, EXAMPLES),
  }
}

main(process.argv.slice(2)).then(endWith, (raw: unknown) => {
  console.error(raw instanceof Error ? `npm run chaos: ${raw.message}\n\n${USAGE}` : raw)
  endWith(2)
})
