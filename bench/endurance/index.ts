/**
 * Nothing piles up: memory and open handles of a Node-RED over 100 deploys on either store, and over
 * 200,000 leads. Measured ten times on the way, when everything that can be collected has been; what
 * counts is the trend, because a single figure depends on when it was taken.
 */
import { join } from 'node:path'
import { accountFor } from '../flow/account'
import { benchFlow } from '../flow/flow'
import type { BenchResult } from '../lib/bench'
import { type Check, holds } from '../lib/check'
import { type NodeRed, ROOT, startNodeRed } from '../lib/node-red'
import { type BenchStore, type StoreKind, withStore } from '../lib/stores'
import { table, whole } from '../lib/table'
import { growth } from '../lib/trend'

const SAMPLES = 10
const DEPLOYS = 100
const LEADS_PER_DEPLOY = 20
const LEADS = 200_000
const LEADS_PER_REQUEST = 10_000
const IN_FLIGHT = 256
/**
 * Before the first figure: code is compiled, caches fill to their limits, and V8 has made its heap as
 * large as it wants to have it, which it does in one step after some 60 deploys.
 */
const WARM_DEPLOYS = 70
const WARM_LEADS = 30_000

/** How much more at the end than at the beginning still counts as flat. */
const FLAT = { heapBytes: 4e6, rssBytes: 48e6, handles: 3, files: 3 } as const

interface Vitals {
  readonly heapBytes: number
  readonly rssBytes: number
  readonly handles: number
  /** Open files and sockets, where the system tells. */
  readonly files?: number
}

/** What is done between two samples. Gives how many leads it sent. */
type Work = (nodeRed: NodeRed, flows: readonly object[], share: number) => Promise<number>

interface Stretch {
  readonly name: string
  readonly seconds: number
  readonly samples: readonly Vitals[]
  readonly account: Check
}

export async function benchEndurance(): Promise<BenchResult> {
  const stretches: Stretch[] = []
  for (const kind of ['sqlite', 'postgres'] as const)
    stretches.push(await stretch(kind, `${DEPLOYS} deploys, ${kind}`, deploys))
  stretches.push(await stretch('sqlite', `${whole(LEADS)} leads, sqlite`, leads))
  const rows = stretches.flatMap(({ name, seconds, samples }) => [
    [`${name}: before`, ...cells(samples[0]!), ''],
    ['after', ...cells(samples.at(-1)!), seconds.toFixed(0)],
  ])
  return {
    title: 'Endurance: what is left after collecting',
    text: table(['', 'heap MB', 'RSS MB', 'handles', 'open files', 'seconds'], rows),
    checks: stretches.flatMap(checksOf),
    figures: { stretches },
  }
}

function cells({ heapBytes, rssBytes, handles, files }: Vitals): string[] {
  return [mega(heapBytes), mega(rssBytes), String(handles), files === undefined ? '–' : `${files}`]
}

const mega = (bytes: number) => (bytes / 1e6).toFixed(1)
const mb = (bytes: number) => `${mega(bytes)} MB`
const count = (value: number) => String(Math.round(value * 10) / 10)

function stretch(kind: StoreKind, name: string, work: Work): Promise<Stretch> {
  return withStore(kind, async (store: BenchStore) => {
    const flows = benchFlow(store.settings)
    const nodeRed = await startNodeRed({
      flows,
      settings: { nodesDir: join(ROOT, 'bench', 'nodes') },
      env: store.env,
    })
    try {
      let sent = await work(nodeRed, flows, 0)
      const startMs = performance.now()
      const samples = [await vitals(nodeRed)]
      for (let n = 0; n < SAMPLES; n++) {
        sent += await work(nodeRed, flows, 1 / SAMPLES)
        samples.push(await vitals(nodeRed))
      }
      const seconds = (performance.now() - startMs) / 1_000
      const { check } = await accountFor([nodeRed], sent)
      return { name, seconds, samples, account: { ...check, name: `${name}: ${check.name}` } }
    } finally {
      await nodeRed.stop()
    }
  })
}

/** `share` 0 is for warming up. */
async function deploys(nodeRed: NodeRed, flows: readonly object[], share: number) {
  const times = share === 0 ? WARM_DEPLOYS : DEPLOYS * share
  for (let n = 0; n < times; n++) {
    await nodeRed.deploy(flows)
    await drive(nodeRed, LEADS_PER_DEPLOY)
  }
  return times * LEADS_PER_DEPLOY
}

async function leads(nodeRed: NodeRed, _flows: readonly object[], share: number) {
  const count = share === 0 ? WARM_LEADS : LEADS * share
  for (let sent = 0; sent < count; sent += LEADS_PER_REQUEST)
    await drive(nodeRed, LEADS_PER_REQUEST)
  return count
}

async function drive(nodeRed: NodeRed, messages: number): Promise<void> {
  const path = `/bench/lead?messages=${messages}&inFlight=${IN_FLIGHT}`
  const { body } = await nodeRed.post(path, undefined, { timeoutMs: 600_000 })
  if (body.faults > 0) throw new Error(`${body.faults} leads failed: ${body.fault}`)
}

async function vitals(nodeRed: NodeRed): Promise<Vitals> {
  return (await nodeRed.get('/bench/vitals')).body as Vitals
}

function checksOf({ name, samples, account }: Stretch): Check[] {
  const flat = (what: string, of: (sample: Vitals) => number, max: number, show = count) => {
    const values = samples.map(of)
    const by = growth(values)
    const got = `${show(values[0]!)} → ${show(values.at(-1)!)}, trend ${by < 0 ? '' : '+'}${show(by)}`
    return holds(`${name}: ${what}`, by <= max, got, `trend ≤ +${show(max)}`)
  }
  return [
    flat('heap', ({ heapBytes }) => heapBytes, FLAT.heapBytes, mb),
    flat('RSS', ({ rssBytes }) => rssBytes, FLAT.rssBytes, mb),
    flat('handles', ({ handles }) => handles, FLAT.handles),
    flat('open files', ({ files = 0 }) => files, FLAT.files),
    account,
  ]
}
