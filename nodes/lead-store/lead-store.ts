import { cutoffs, type Retention } from '../../engine/retention'
import type { Health } from '../../store/health'
import { PatientStore } from '../../store/patient-store'
import { retain } from '../../store/retain'
import type { StoreNode } from '../shared/config-nodes'
import { onFlowsStarted } from '../shared/flows-started'
import { type Adoptions, adoptions, NO_ADOPTIONS, type Server } from '../shared/homes'
import { asError } from '../shared/lead-node'
import type { Red, RedNode } from '../shared/red'
import { withTexts } from '../shared/texts'
import { nameOf, openerOf, placeOf, type StoreCredentials, type StoreDef } from './config'
import { countForHealth, serveHealth } from './health'
import { amounts, groupsOf } from './homeless'

const FORGET_EVERY_MS = 3_600_000
/** How often it is asked anew whose nodes are gone, beside each deploy. */
const ADOPT_EVERY_MS = 300_000

type Node = { -readonly [K in keyof StoreNode]: StoreNode[K] } & RedNode

/** Every lead-store that is deployed, and where it keeps its leads. */
const places = new Map<Node, string>()

export = function register(red: Red): void {
  function LeadStore(this: Node & { credentials?: StoreCredentials }, def: StoreDef) {
    red.nodes.createNode(this, def)
    const config = withTexts(def)
    this.label = nameOf(config)
    this.clock = Date.now
    this.servers = new Map()
    const opener = openerOf(red, this, config)
    const store = new PatientStore({ realm: config.realm || 'live', name: this.label, ...opener })
    this.store = store
    store.watch(reporter(this))
    const adopt = adopter(this, store)
    places.set(this, placeOf(red, config))
    store.start()
    countForHealth(this)
    const every = (ms: number, work: () => Promise<unknown>) =>
      setInterval(() => {
        if (store.health.presence !== 'open') return
        work().catch((raw: unknown) => {
          // A close in the middle is no fault: the rest is done another time.
          if (store.health.presence !== 'closed') this.error(asError(raw).message)
        })
      }, ms).unref()
    const tidy = tidier(this, store, opener.retention ?? {})
    const regular = [every(FORGET_EVERY_MS, tidy), every(ADOPT_EVERY_MS, adopt)]
    let started = false
    onFlowsStarted(red, this, () => {
      started = true
      void adopt()
    })
    // Before the other nodes hear that it is open, so that they look for what is theirs by then.
    store.watch(({ presence }) => {
      if (presence === 'open' && started) void adopt()
    })
    this.on('close', (removed: boolean, done: () => void) => {
      for (const timer of regular) clearInterval(timer)
      const told = removed ? tellWhatIsLeft(red, this, store) : Promise.resolve()
      places.delete(this)
      told
        .then(() => store.close())
        .catch((raw: unknown) => this.error(asError(raw).message))
        .finally(done)
    })
  }
  serveHealth(red)
  red.nodes.registerType('lead-store', LeadStore as never, {
    credentials: { password: { type: 'password' } },
  })
}

/** Says once in the log when the store goes and when it comes back. */
function reporter(node: Node): (health: Health) => void {
  let reported: string | undefined
  return ({ presence, fault }) => {
    if (presence === 'closed') return
    if (presence === 'open') {
      if (reported === undefined) return
      node.log(`${node.label}: the store is back`)
      reported = undefined
      node.status({ fill: 'green', shape: 'dot', text: 'open' })
      return
    }
    node.status({ fill: 'red', shape: 'ring', text: presence })
    if (fault === undefined || fault.message === reported) return
    reported = fault.message
    node.error(fault.message)
  }
}

/** Forgets what has expired and carries out retention; a long one is not begun a second time. */
function tidier(node: Node, store: PatientStore, retention: Retention): () => Promise<void> {
  let running: Promise<void> | undefined
  const tidy = async () => {
    await store.forget(node.clock(), cutoffs(retention, node.clock()).leadsBeforeMs)
    const { leads, entries } = await retain(store, retention, node.clock())
    if (leads + entries > 0)
      node.log(`${node.label}: erased ${leads} leads and the details of ${entries} entries`)
  }
  return () => {
    running ??= tidy().finally(() => {
      running = undefined
    })
    return running
  }
}

/**
 * A store that is taken out, or disabled, keeps what is not done yet, and nobody else knows of it. It is
 * told once the deploy is over, unless another lead-store then has the place.
 */
async function tellWhatIsLeft(red: Red, node: Node, store: PatientStore): Promise<void> {
  const place = places.get(node)
  // One that is away cannot say, and none that takes its place is to wait for it.
  if (store.health.presence !== 'open') return
  const left = amounts(await store.homes().catch(() => []))
  if (left === '') return
  red.events.once('flows:started', () => {
    if ([...places.values()].includes(place!)) return
    node.warn(
      `${node.label}: taken out with work left in the store (${left}); it goes on when a lead-store with the same place is deployed`,
    )
  })
}

/** What is deployed with this store, or with another node of the same place. */
function serversBeside(node: Node): Server[] {
  const place = places.get(node)
  const beside = [...places].filter(([, other]) => other === place).map(([other]) => other)
  return beside.flatMap(({ servers }) => [...servers.values()])
}

/** Finds out whose work is to be taken by whom; what nobody takes is said. */
function adopter(node: Node, store: PatientStore): () => Promise<void> {
  let current: Promise<Adoptions> = Promise.resolve(NO_ADOPTIONS)
  let shown = ''
  let said = new Set<string>()
  node.adopted = async (nodeId) => (await current).byNode.get(nodeId) ?? []
  const look = async () => {
    const found = adoptions(await store.homes(), serversBeside(node))
    const groups = groupsOf(found.homeless)
    for (const { key, sentence } of groups)
      if (!said.has(key)) node.warn(`${node.label}: ${sentence}`)
    said = new Set(groups.map(({ key }) => key))
    const text = groups.length === 0 ? '' : `no node for ${amounts(found.homeless)}`
    if (text !== shown)
      node.status({ fill: text === '' ? 'green' : 'yellow', shape: 'dot', text: text || 'open' })
    shown = text
    return found
  }
  return async () => {
    const before = current
    current = look().catch(() => before)
    await current
  }
}
