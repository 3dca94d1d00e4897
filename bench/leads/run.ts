/**
 * `npm run leads -- FILE`: sends the leads of a CSV file through a real Node-RED, oldest first, and
 * prints what became of them and how well the contract ranks them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { problemsText } from '../../engine/artefact'
import { loadContract } from '../../engine/contract/load'
import { saysYes } from '../../engine/lead/intake/record'
import type { ArtefactRef } from '../../engine/lead/lead'
import { loadPolicy } from '../../engine/policy/load'
import type { Census, VerifyReport } from '../../store/store'
import { type Fed, feed } from '../lib/feed'
import { errorLines, type NodeRed, ROOT, startNodeRed } from '../lib/node-red'
import { checksOf } from './checks'
import { type Row, readTable } from './csv'
import { accountFor, countBy, type Figures, judgedPart, partFigures, quantile } from './figures'
import { leadsFlow } from './flow'
import { detectMapping, knownMappings, loadPrepare, type Mapping, readMapping } from './mapping'
import { report } from './report'

const USAGE = `npm run leads -- FILE [options]

  FILE               a CSV file with a header line, one lead per row; relative to here or to the data
                     folder (LEAD_DATA, or else ../shared/data). Default: leads/xeducation_9240.csv
  --mapping FILE     how a row becomes a lead; default: the mapping that knows the file's columns
  --contract FILE    what a qualified lead is; default: the mapping's
  --policy FILE      who gets a lead, how fast; default: the mapping's
  --concurrency N    leads on their way at once, default 64
  --limit N          only the N oldest leads
  --json             every figure as JSON on the last line
  --check            exit code 1 when a target is missed`

const DEFAULT_FILE = join('leads', 'xeducation_9240.csv')
const KNOWN = join(ROOT, 'bench', 'leads')

/** Something that the person at the keyboard can put right. */
class UsageError extends Error {}

interface Options {
  readonly file: string
  readonly mapping?: string | undefined
  readonly contract?: string | undefined
  readonly policy?: string | undefined
  readonly concurrency: number
  readonly limit: number
  readonly json: boolean
  readonly check: boolean
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) return 0
  const { header, rows } = readFile(options.file, (text) => readTable(text))
  const mapping = chooseMapping(options, header)
  const contract = artefact(options.contract, mapping, 'contract')
  const policy = artefact(options.policy, mapping, 'policy')
  const ordered = oldestFirst(rows, mapping).slice(0, options.limit)
  const prepare = await loadPrepare(mapping)
  const records = ordered.map((row) => withoutTruth(prepare(row), mapping))

  const nodeRed = await startNodeRed({
    flows: leadsFlow({
      ingest: mapping.ingest,
      contractText: contract.text,
      policyText: policy.text,
    }),
    settings: { logging: { console: { level: 'info', metrics: false, audit: false } } },
  })
  let figures: Figures
  try {
    const fed = await feed(`${nodeRed.url}/leads`, records, options.concurrency)
    figures = await figuresOf({ options, mapping, contract, policy, ordered, fed, nodeRed })
  } catch (raw) {
    console.error(`Node-RED's last words:\n${nodeRed.lastLines()}\n`)
    throw raw
  } finally {
    await nodeRed.stop()
  }
  const checks = checksOf(figures, mapping)
  console.log(report(figures, checks))
  if (options.json) console.log(JSON.stringify({ ...figures, checks }))
  return options.check && checks.some(({ ok }) => !ok) ? 1 : 0
}

interface Run {
  readonly options: Options
  readonly mapping: Mapping
  readonly contract: Artefact
  readonly policy: Artefact
  readonly ordered: readonly Row[]
  readonly fed: Fed
  readonly nodeRed: NodeRed
}

async function figuresOf(run: Run): Promise<Figures> {
  const { options, mapping, ordered, fed, nodeRed } = run
  const { fates, seconds } = fed
  const census = (await nodeRed.get('/audit/census')).body as Census
  const audit = (await nodeRed.get('/audit/verify')).body as VerifyReport
  const { version } = (await nodeRed.get('/settings')).body as { version: string }
  const { truth, order } = mapping
  const leads = fates.map((fate, index) => ({
    fate,
    converted: truth === undefined ? undefined : saysYes(ordered[index]![truth]),
  }))
  const refused = fates.flatMap(({ port, problem }) =>
    problem !== undefined && port !== 'lead-ingest repeated' && !port.endsWith('rejected')
      ? [`${port}: ${problem}`]
      : [],
  )
  const ms = fates.map((fate) => fate.ms)
  return {
    file: basename(options.file),
    mapping: mapping.name,
    contract: named(run.contract.ref),
    policy: named(run.policy.ref),
    nodeRed: version,
    node: process.versions.node,
    concurrency: options.concurrency,
    seconds,
    leadsPerSecond: fates.length / seconds,
    latencyMs: { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) },
    ports: countBy(fates, ({ port }) => port),
    outcomes: countBy(fates, ({ outcome }) => outcome ?? 'none'),
    all: partFigures(leads),
    ...(truth === undefined || order === undefined
      ? {}
      : { judged: partFigures(judgedPart(leads)) }),
    account: accountFor(fates, census),
    audit,
    faults: [...new Set([...refused, ...errorLines(nodeRed)])].slice(0, 20),
  }
}

const named = ({ name, version, hash }: ArtefactRef) => `${name} ${version} (${hash})`

/** Undefined when there is nothing to do, after saying why. */
function readOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parsedArgs(args)
  if (values.help) {
    console.log(USAGE)
    return undefined
  }
  const [name, ...more] = positionals
  if (more.length > 0) throw new UsageError(`one FILE at a time; got ${positionals.join(', ')}`)
  const data = process.env.LEAD_DATA ?? join(ROOT, '..', 'shared', 'data')
  const places = [resolve(name ?? join(data, DEFAULT_FILE)), join(data, name ?? DEFAULT_FILE)]
  const file = places.find((place) => existsSync(place))
  if (file === undefined && name === undefined) {
    console.log(`Skipped: there is no ${DEFAULT_FILE} in ${data}. Name a FILE, or set LEAD_DATA.`)
    return undefined
  }
  if (file === undefined) throw new UsageError(`there is no file ${places.join(', nor ')}`)
  return {
    file,
    mapping: values.mapping,
    contract: values.contract,
    policy: values.policy,
    concurrency: positive('--concurrency', values.concurrency ?? '64'),
    limit:
      values.limit === undefined ? Number.POSITIVE_INFINITY : positive('--limit', values.limit),
    json: values.json === true,
    check: values.check === true,
  }
}

function parsedArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        mapping: { type: 'string' },
        contract: { type: 'string' },
        policy: { type: 'string' },
        concurrency: { type: 'string' },
        limit: { type: 'string' },
        json: { type: 'boolean' },
        check: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (raw) {
    throw new UsageError((raw as Error).message)
  }
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new UsageError(`${option} expects a whole number above 0, got "${text}"`)
}

function readFile<T>(file: string, read: (text: string) => T): T {
  try {
    return read(readFileSync(file, 'utf8'))
  } catch (raw) {
    throw new UsageError(`${file}: ${(raw as Error).message}`)
  }
}

function chooseMapping({ mapping, file }: Options, header: readonly string[]): Mapping {
  if (mapping !== undefined) {
    try {
      return readMapping(mapping)
    } catch (raw) {
      throw new UsageError(`${mapping}: ${(raw as Error).message}`)
    }
  }
  const known = knownMappings(KNOWN)
  const found = detectMapping(header, known)
  if (found !== undefined) return found
  throw new UsageError(
    [
      `${basename(file)} has columns that no known mapping is for: ${header.slice(0, 8).join(', ')}${header.length > 8 ? ', …' : ''}`,
      `Known: ${known.map(({ name, detect }) => `${name} (${detect.join(', ')})`).join('; ')}.`,
      'For a file of your own give all three: --mapping FILE --contract FILE --policy FILE.',
      'bench/leads/xeducation/mapping.json is an example of a mapping.',
    ].join('\n'),
  )
}

interface Artefact {
  readonly text: string
  readonly ref: ArtefactRef
}

/** Checked here, so that a mistake is one message and not one fault per lead. */
function artefact(
  file: string | undefined,
  mapping: Mapping,
  kind: 'contract' | 'policy',
): Artefact {
  const own = mapping[kind]
  const path = file ?? (own === undefined ? undefined : join(mapping.folder, own))
  if (path === undefined)
    throw new UsageError(`the mapping ${mapping.name} names no ${kind}; give --${kind} FILE`)
  return readFile(path, (text) => {
    const { problems, ...loaded } = kind === 'contract' ? loadContract(text) : loadPolicy(text)
    const ref = (
      'contract' in loaded ? loaded.contract : (loaded as { policy?: { ref: ArtefactRef } }).policy
    )?.ref
    if (ref === undefined) throw new Error(problemsText(problems))
    return { text, ref }
  })
}

/** By the mapping's order column, as numbers; rows without one keep their place at the end. */
function oldestFirst(rows: readonly Row[], { order }: Mapping): Row[] {
  if (order === undefined) return [...rows]
  const place = (row: Row) => (row[order] === '' ? Number.POSITIVE_INFINITY : Number(row[order]))
  return rows.toSorted((a, b) => place(a) - place(b) || 0)
}

/** The flow must not see what it is judged by. */
function withoutTruth(record: Record<string, unknown>, { truth }: Mapping): object {
  if (truth === undefined) return record
  const { [truth]: _truth, ...rest } = record
  return rest
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (raw: unknown) => {
    console.error(raw instanceof UsageError ? `npm run leads: ${raw.message}\n\n${USAGE}` : raw)
    process.exitCode = raw instanceof UsageError ? 2 : 1
  },
)
