/**
 * Nothing piles up: memory and open handles of a Node-RED after 100 deploys on either store, and after
 * 200,000 leads. Measured when everything that can be collected has been.
 */
import { join } from 'node:path'
import { benchFlow } from '../flow/flow'
import type { BenchResult } from '../lib/bench'
import { type Check, holds } from '../lib/check'
import { errorLines, type NodeRed, ROOT, startNodeRed } from '../lib/node-red'
import { type BenchStore, type StoreKind, withStore } from '../lib/stores'
import { table, whole } from '../lib/table'

const DEPLOYS = 100
const LEADS_PER_DEPLOY = 20
const LEADS = 200_000
const LEADS_PER_ROUND = 10_000
const IN_FLIGHT = 256
/** Before the first figure: code is compiled, caches fill to their limits. */
const WARM_DEPLOYS = 10
const WARM_LEADS = 30_000

/** How much more at the end than at the beginning still counts as flat. */
const TOLERANCE = { heap: 1.1, heapBytes: 8e6, rss: 1.25, rssBytes: 48e6, handles: 3 } as const

interface Vitals {
  readonly heapBytes: number
  readonly rssBytes: number
  readonly handles: number
  /** Open files and sockets, where the system tells. */
  readonly files?: number
}

interface Stretch {
  readonly name: string
  readonly first: Vitals
  readonly last: Vitals
  readonly errors: readonly string[]
}

export async function benchEndurance(): Promise<BenchResult> {
  const stretches: Stretch[] = []
  for (const kind of ['sqlite', 'postgres'] as const)
    stretches.push(await stretch(kind, `${DEPLOYS} deploys, ${kind}`, deploys))
  stretches.push(await stretch('sqlite', `${whole(LEADS)} leads, sqlite`, leads))
  const rows = stretches.flatMap(({ name, first, last }) => [
    [`${name}: before`, ...cells(first)],
    ['after', ...cells(last)],
  ])
  return {
    title: 'Endurance: what is left after collecting',
    text: table(['', 'heap MB', 'RSS MB', 'handles', 'open files'], rows),
    checks: stretches.flatMap(checksOf),
    figures: { stretches },
  }
}

function cells({ heapBytes, rssBytes, handles, files }: Vitals): string[] {
  return [mega(heapBytes), mega(rssBytes), String(handles), files === undefined ? '–' : `${files}`]
}

const mega = (bytes: number) => (bytes / 1e6).toFixed(1)

type Walk = (nodeRed: NodeRed, flows: readonly object[]) => Promise<Pick<Stretch, 'first' | 'last'>>

function stretch(kind: StoreKind, name: string, walk: Walk): Promise<Stretch> {
  return withStore(kind, async (store: BenchStore) => {
    const flows = benchFlow(store.settings)
    const nodeRed = await startNodeRed({
      flows,
      settings: { nodesDir: join(ROOT, 'bench', 'nodes') },
      env: store.env,
    })
    try {
      return { name, ...(await walk(nodeRed, flows)), errors: errorLines(nodeRed) }
    } finally {
      await nodeRed.stop()
    }
  })
}

async function deploys(nodeRed: NodeRed, flows: readonly object[]) {
  const deploy = async (times: number) => {
    for (let n = 0; n < times; n++) {
      await nodeRed.deploy(flows)
      await drive(nodeRed, LEADS_PER_DEPLOY)
    }
  }
  await deploy(WARM_DEPLOYS)
  const first = await vitals(nodeRed)
  await deploy(DEPLOYS)
  return { first, last: await vitals(nodeRed) }
}

async function leads(nodeRed: NodeRed) {
  await drive(nodeRed, WARM_LEADS)
  const first = await vitals(nodeRed)
  for (let sent = 0; sent < LEADS; sent += LEADS_PER_ROUND) await drive(nodeRed, LEADS_PER_ROUND)
  return { first, last: await vitals(nodeRed) }
}

async function drive(nodeRed: NodeRed, messages: number): Promise<void> {
  const path = `/bench/lead?messages=${messages}&inFlight=${IN_FLIGHT}`
  const { body } = await nodeRed.post(path, undefined, { timeoutMs: 600_000 })
  if (body.faults > 0) throw new Error(`${body.faults} leads failed: ${body.fault}`)
}

async function vitals(nodeRed: NodeRed): Promise<Vitals> {
  return (await nodeRed.get('/bench/vitals')).body as Vitals
}

function checksOf({ name, first, last, errors }: Stretch): Check[] {
  const within = (what: string, before: number, after: number, max: number, unit = '') =>
    holds(`${name}: ${what}`, after <= max, `${before}${unit} → ${after}${unit}`, `≤ ${max}${unit}`)
  const mb = (bytes: number) => Math.round(bytes / 1e6)
  const heapMax = Math.max(first.heapBytes * TOLERANCE.heap, first.heapBytes + TOLERANCE.heapBytes)
  const rssMax = Math.max(first.rssBytes * TOLERANCE.rss, first.rssBytes + TOLERANCE.rssBytes)
  const { files = 0 } = first
  return [
    within('heap', mb(first.heapBytes), mb(last.heapBytes), mb(heapMax), ' MB'),
    within('RSS', mb(first.rssBytes), mb(last.rssBytes), mb(rssMax), ' MB'),
    within('handles', first.handles, last.handles, first.handles + TOLERANCE.handles),
    within('open files', files, last.files ?? 0, files + TOLERANCE.handles),
    holds(
      `${name}: nothing complained`,
      errors.length === 0,
      errors.join('; ') || 'nothing',
      'nothing',
    ),
  ]
}
