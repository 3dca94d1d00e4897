/**
 * Lead nodes in a real Node-RED runtime in this process, between collectors, with real Catch and
 * Complete nodes, a store, a contract and a policy, and a clock that is moved by hand.
 *
 * Packaging, icons and catalogues are test/package's affair, dialogs test/editor's. Nothing here
 * sleeps: `until` waits for a condition with a deadline, `quiet` until nothing is under way any more.
 */

import assert from 'node:assert/strict'
import type { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { known } from '../../engine/asking'
import { toLead } from '../../engine/lead/intake/to-lead'
import type { Lead } from '../../engine/lead/lead'
import type { StoreNode } from '../../nodes/shared/config-nodes'
import type { PatientStore } from '../../store/patient-store'

export const LEAD_NODES = {
  'lead-ingest': ['lead', 'rejected', 'repeated'],
  'lead-enrich': ['enriched', 'degraded', 'conflict'],
  'lead-dedupe': ['new', 'known', 'review'],
  'lead-score-fit': ['scored'],
  'lead-score-intent': ['scored'],
  'lead-qualify': ['sales', 'nurture', 'review', 'closed'],
  'lead-route-by-capacity': ['assigned', 'waiting', 'unroutable', 'offered'],
  'lead-sla-timer': ['started', 'reminder', 'escalation', 'breach', 'met', 'answered'],
  'lead-outcome': ['recorded', 'ignored'],
  'lead-audit': ['entry', 'answer'],
} as const
export type LeadNodeType = keyof typeof LEAD_NODES
export const CONFIG_NODES = ['lead-store', 'lead-contract', 'lead-policy'] as const

export interface Msg {
  payload?: unknown
  topic?: string
  _msgid?: string
  // biome-ignore lint/suspicious/noExplicitAny: a message is whatever somebody put on it
  [property: string]: any
}

export interface FlowNode {
  readonly id: string
  readonly type: string
  readonly [setting: string]: unknown
}

interface RuntimeNode extends EventEmitter {
  readonly id: string
  receive(msg: unknown): void
  // biome-ignore lint/suspicious/noExplicitAny: what a node offers beside that is the node's affair
  [property: string]: any
}

interface LogEntry {
  readonly level: number
  readonly id?: string
  readonly msg: unknown
}

// biome-ignore lint/suspicious/noExplicitAny: neither the helper nor Node-RED's inside has types
type Untyped = any

const helper: Untyped = require('node-red-node-test-helper')
/** Node-RED 5, or 4.1 with LEAD_TEST_NODE_RED=node-red-4. */
const NODE_RED = require.resolve(process.env.LEAD_TEST_NODE_RED ?? 'node-red')
const RED: Untyped = require(NODE_RED)
export const runtimeEvents: EventEmitter = RED.runtime.events
helper.init(NODE_RED)

/** Monday, 10:00 UTC: everyone of POLICY who has hours is on shift. */
export const MONDAY_10 = Date.parse('2026-03-02T10:00:00.000Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export class Clock {
  constructor(public nowMs = MONDAY_10) {}
  readonly read = () => this.nowMs
  forward(ms: number): void {
    this.nowMs += ms
  }
}

export interface StartOptions {
  readonly clock?: Clock
  /** Where the store is; survives `stop`, so that a second start finds it again. */
  readonly file?: string
  readonly credentials?: Readonly<Record<string, object>>
  readonly userDir?: string
  /** Node-RED's own nodes that the flow needs beside Catch and Complete, e.g. `common/60-link`. */
  readonly core?: readonly string[]
  /** Replaces or adds whole nodes: a broken contract, a second store. */
  readonly configs?: readonly FlowNode[]
  /** The lead nodes that the Complete node listens to; all, when nothing is said. */
  readonly heard?: readonly string[]
}

interface Completion {
  readonly nodeId: string
  readonly msg: unknown
  readonly error: (Error & { code?: string }) | undefined
}

/** What became of one message: every `done` that was called for it. */
export type Answer = Completion

/**
 * One lead node of a flow; `to` says which nodes follow which output. Each output also has a
 * collector of its own, which comes first on the wire and so sees the very object that was sent.
 */
export function leadNode(
  id: string,
  type: LeadNodeType,
  settings: Readonly<Record<string, unknown>> = {},
  to: Readonly<Record<string, readonly string[]>> = {},
): FlowNode[] {
  const ports = LEAD_NODES[type]
  const wires = ports.map((port) => [collector(id, port), ...(to[port] ?? [])])
  return [
    { id, type, ...ON_TAB, name: id, ...CONFIG_IDS, ...settings, wires },
    ...ports.map((port) => ({ id: collector(id, port), type: 'test-port', ...ON_TAB, wires: [] })),
  ]
}

/** A node without a place on a tab is a config node to Node-RED. */
const ON_TAB = { z: 'tab', x: 0, y: 0 }
const CONFIG_IDS = { store: 'store', contract: 'contract', policy: 'policy' }
const collector = (id: string, port: string) => `${id}:${port}`

/** A running flow. Only one at a time: Node-RED is one per process. */
export class Rig {
  readonly received = new Map<string, Msg[]>()
  readonly caught: Msg[] = []
  readonly completed: Msg[] = []
  readonly completions: Completion[] = []
  /** The id of a lead node for each message that it put on a wire. */
  readonly sends: string[] = []
  /** The id of a node for each time that it took its status away. */
  readonly cleared: string[] = []
  readonly statuses: { readonly id: string; readonly status: Msg }[] = []
  readonly #options: StartOptions
  #flows: FlowNode[] = []
  #moves = 0

  constructor(
    readonly clock: Clock,
    options: StartOptions,
  ) {
    this.#options = options
  }

  async load(nodes: readonly FlowNode[]): Promise<void> {
    this.#flows = wholeFlow(nodes, this.#options)
    RED.hooks.add('onComplete.test', ({ node, msg, error }: Untyped) => {
      if (node.id in this.#ownIds) this.completions.push({ nodeId: node.id, msg, error })
    })
    RED.hooks.add('onSend.test', (sent: Untyped) => {
      this.#moves += 1
      for (const { source } of sent) if (source.id in this.#ownIds) this.sends.push(source.id)
    })
    RED.hooks.add('onReceive.test', (_received: unknown) => {
      this.#moves += 1
    })
    runtimeEvents.on('node-status', this.#noteStatus)
    helper.settings({ userDir: this.#options.userDir ?? tmpdir() })
    await helper.load(
      [
        ...[...Object.keys(LEAD_NODES), ...CONFIG_NODES, 'test-port'].map((type) =>
          this.#register(type),
        ),
        ...(this.#options.core ?? []).map(requireCore),
      ],
      this.#flows,
      this.#options.credentials ?? {},
    )
  }

  get #ownIds(): Readonly<Record<string, true>> {
    return Object.fromEntries(
      this.#flows.filter(({ type }) => type.startsWith('lead-')).map(({ id }) => [id, true]),
    )
  }

  /** The product's own node types, except that a store tells the time by our clock from the start. */
  #register(type: string): (red: Untyped) => unknown {
    if (type === 'test-port') return (red) => this.#registerCollector(red)
    const register = require(`../../nodes/${type}/${type}`)
    if (type !== 'lead-store') return register
    const { clock } = this
    return (red) => {
      const registerType = (name: string, Store: (config: object) => void) => {
        red.nodes.registerType(name, function (this: StoreNode, config: object) {
          Store.call(this, config)
          this.clock = clock.read
        })
      }
      return register({ ...red, nodes: { ...red.nodes, registerType } })
    }
  }

  #registerCollector(red: Untyped): void {
    const rig = this
    red.nodes.registerType('test-port', function (this: RuntimeNode, config: FlowNode) {
      red.nodes.createNode(this, config)
      this.on('input', (msg: Msg, _send: unknown, done: () => void) => {
        rig.#list(config.id).push(msg)
        done()
      })
    })
  }

  #list(id: string): Msg[] {
    if (id === 'caught') return this.caught
    if (id === 'completed') return this.completed
    const list = this.received.get(id) ?? []
    this.received.set(id, list)
    return list
  }

  readonly #noteStatus = ({ id, status }: { id: string; status: Msg }) => {
    if (status === undefined) return
    if (Object.keys(status).length === 0) this.cleared.push(id)
    else this.statuses.push({ id, status })
  }

  node(id: string): RuntimeNode {
    return helper.getNode(id)
  }

  get store(): PatientStore {
    return (this.node('store') as unknown as StoreNode).store
  }

  /** What an output has sent so far. */
  out(id: string, port: string): Msg[] {
    return this.#list(collector(id, port))
  }

  /** All outputs of a node with how much each has sent, without those that sent nothing. */
  counts(id: string): Record<string, number> {
    const type = this.#flows.find((one) => one.id === id)!.type as LeadNodeType
    const pairs = LEAD_NODES[type].map((port) => [port, this.out(id, port).length] as const)
    return Object.fromEntries(pairs.filter(([, count]) => count > 0))
  }

  /** The last status of a node. */
  status(id: string): Msg | undefined {
    return this.statuses.findLast((one) => one.id === id)?.status
  }

  /** Sends one message to a node, and resolves when the node has called `done` for it. */
  async send(id: string, msg: Msg): Promise<Answer> {
    return (await this.sendAll(id, [msg]))[0]!
  }

  /** Sends messages without waiting between them; each must be answered exactly once. */
  async sendAll(id: string, msgs: readonly Msg[]): Promise<Answer[]> {
    const from = this.completions.length
    for (const msg of msgs) this.node(id).receive(msg)
    const answers = () => this.completions.slice(from).filter((one) => one.nodeId === id)
    await this.until(`${id} to call done`, () => answers().length >= msgs.length)
    await this.quiet()
    const byMsg = Map.groupBy(answers(), ({ msg }) => msg)
    return msgs.map((msg) => {
      const mine = byMsg.get(msg) ?? []
      assert.equal(mine.length, 1, `${id} called done ${mine.length} times for one message`)
      return mine[0]!
    })
  }

  /** As `send`, for a message that must be answered with a fault. */
  async refused(id: string, msg: Msg, code: string): Promise<void> {
    const { error } = await this.send(id, msg)
    assert.equal(error?.code, code, `${id} answered ${error?.stack}`)
    const reports = this.caught.filter(({ _msgid }) => _msgid === msg._msgid)
    assert.deepEqual(
      reports.map((one) => [one.error.source.id, one.error.code]),
      [[id, code]],
      'one fault is reported once',
    )
    assert.equal(this.status(id)?.text, code)
    assert.equal(this.status(id)?.fill, 'red')
  }

  /** Resolves when `condition` holds; asked again after every turn of the event loop. */
  async until(
    what: string,
    condition: () => boolean | Promise<boolean>,
    timeoutMs = 60_000,
  ): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs
    while (!(await condition())) {
      if (performance.now() > deadlineMs) throw new Error(`waited ${timeoutMs} ms for ${what}`)
      await turn()
    }
  }

  /**
   * Resolves when nothing is under way any more: what was given to the store is on disk, and no
   * message has moved since for many turns of the event loop.
   */
  async quiet(): Promise<void> {
    for (let seen = -1; this.#moves !== seen; ) {
      seen = this.#moves
      await this.#stored()
      for (let turns = 0; turns < 20; turns++) await turn()
    }
  }

  /** Transactions are carried out in their order, so an empty one ends after all before it. */
  async #stored(): Promise<void> {
    const { store } = (this.node('store') ?? {}) as Partial<StoreNode>
    // A store that is away has nothing under way, and would keep us waiting.
    if (store?.health.presence === 'open') await store.transaction([], () => known(undefined))
  }

  /** Everything that was logged as an error; with `level`, as that. */
  logged(level = RED.log.ERROR): string[] {
    const entries = helper.log().args.map(([entry]: [LogEntry]) => entry) as LogEntry[]
    return entries.filter((entry) => entry.level === level).map(({ msg }) => String(msg))
  }

  warned(): string[] {
    return this.logged(RED.log.WARN)
  }

  /** A request to Node-RED's admin API. */
  admin(): Untyped {
    return helper.request()
  }

  /** Deploys other flows, or the same again, while the process goes on; `configs` as for a start. */
  async deploy(
    nodes: readonly FlowNode[],
    type: 'full' | 'flows' | 'nodes' = 'full',
    configs = this.#options.configs,
  ): Promise<void> {
    this.#flows = wholeFlow(nodes, { ...this.#options, ...(configs && { configs }) })
    await helper.setFlows(this.#flows, type)
  }

  /** As if nothing had been sent so far. */
  forget(): void {
    this.received.clear()
    for (const list of [this.caught, this.completed, this.completions, this.sends]) list.length = 0
  }

  async stop(): Promise<void> {
    await helper.unload()
    RED.hooks.remove('*.test')
    runtimeEvents.removeListener('node-status', this.#noteStatus)
  }
}

let running: Rig | undefined
const folders: string[] = []
const escaped: unknown[] = []
const noteEscaped = (reason: unknown) => {
  escaped.push(reason)
}

/** Starts a flow; what still runs from before is stopped first. */
export async function start(nodes: readonly FlowNode[], options: StartOptions = {}): Promise<Rig> {
  await stop()
  const rig = new Rig(options.clock ?? new Clock(), options)
  running = rig
  await rig.load(nodes)
  return rig
}

/** Stops the flow as a process that ends does; its store's file stays. */
export async function stop(): Promise<void> {
  const rig = running
  running = undefined
  await rig?.stop()
}

/** What the next `start` loads is loaded anew, as a process that starts does. */
export function newProcess(): void {
  const own = join(__dirname, '..', '..', 'nodes')
  for (const path of Object.keys(require.cache))
    if (path.startsWith(own)) delete require.cache[path]
}

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lead-nodes-'))
  folders.push(path)
  return path
}

/** To be called once in each file: tidies up, and fails the test whose promise nobody caught. */
export function tidyUp(): void {
  before(() => process.on('unhandledRejection', noteEscaped))
  after(() => process.removeListener('unhandledRejection', noteEscaped))
  afterEach(async () => {
    await stop()
    for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
    assert.deepEqual(escaped.splice(0).map(String), [], 'rejected, and nobody caught it')
  })
}

const requireCore = (path: string): unknown =>
  require(require.resolve(`@node-red/nodes/core/${path}.js`, { paths: [NODE_RED] }))

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

function wholeFlow(nodes: readonly FlowNode[], options: StartOptions): FlowNode[] {
  const { file = ':memory:', configs = [] } = options
  const defaults: FlowNode[] = [
    { id: 'store', type: 'lead-store', name: '', file, realm: 'live' },
    {
      id: 'contract',
      type: 'lead-contract',
      name: 'test',
      source: 'inline',
      file: '',
      text: CONTRACT,
    },
    { id: 'policy', type: 'lead-policy', name: 'test', source: 'inline', file: '', text: POLICY },
  ]
  const replaced = new Set(configs.map(({ id }) => id))
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    ...defaults.filter(({ id }) => !replaced.has(id)),
    ...configs,
    { id: 'catch', type: 'catch', ...ON_TAB, scope: null, wires: [['caught']] },
    { id: 'caught', type: 'test-port', ...ON_TAB, wires: [] },
    {
      id: 'complete',
      type: 'complete',
      ...ON_TAB,
      scope:
        options.heard ?? nodes.filter(({ type }) => type.startsWith('lead-')).map(({ id }) => id),
      wires: [['completed']],
    },
    { id: 'completed', type: 'test-port', ...ON_TAB, wires: [] },
    ...nodes,
  ]
}

/** A record as a form sends it, and the lead that it becomes. */
export const RECORD = {
  email: 'ana@acme.example',
  first_name: 'Ana',
  last_name: 'Ruiz',
  company: 'Acme',
  country: 'DE',
  industry: 'software',
  trigger: 'demo_request',
}

/** The lead that lead-ingest makes of `record`. */
export function leadOf(record: Readonly<Record<string, unknown>> = {}, nowMs = MONDAY_10): Lead {
  const settings = {
    system: 'test',
    mapping: [],
    signals: [],
    guessNames: true,
    required: [],
    onInvalid: 'set-aside' as const,
  }
  const intake = toLead({ ...RECORD, ...record }, settings, nowMs)
  assert.equal(intake.kind, 'lead', JSON.stringify(intake))
  return (intake as Extract<typeof intake, { kind: 'lead' }>).lead
}

export const CONTRACT = `
contract: test
version: 1.0.0
suppress:
  - { id: suppress.rival, when: { contact.domain: rival.example }, outcome: disqualified, why: Works for a rival }
fit:
  rules:
    - { id: fit.industry, when: { company.industry: software }, points: 60, why: Industry is in the ICP }
    - { id: fit.size, when: { company.employees: { $gte: 50 } }, points: 20, why: Large enough, minConfidence: 0.6 }
intent:
  halfLife: 7d
  rules:
    - { id: intent.demo, on: demo_request, points: 60, why: Asked for a demo }
    - { id: intent.pricing, on: pricing_view, points: 10, why: Looked at prices }
  account: { perPerson: 50, cap: 80, window: 30d }
decide:
  - { id: decide.doubt, when: { attributes.doubt: true }, outcome: review, grade: '?', why: Somebody has doubts }
  - { id: decide.sql, when: { fit.points: { $gte: 50 }, intent.points: { $gte: 50 } }, outcome: sql, grade: A1, why: Fits and asks }
  - { id: decide.nurture, outcome: nurture, grade: C3, why: Not yet }
`

export const POLICY = `
policy: test
version: 1.0.0
calendars:
  office: { timezone: Etc/UTC, hours: { mon-fri: ["09:00-17:00"] } }
reps:
  - { id: ana, name: Ana Ruiz, calendar: office, capacity: 1 }
  - { id: ben, name: Ben Okoro, calendar: office, capacity: 1 }
  - { id: olga, name: Olga Call, capacity: 10 }
pools:
  - { id: inbound, members: [ana, ben] }
  - { id: on-call, members: [olga] }
routes:
  - { id: route.polish, when: { company.country: PL }, pool: inbound, skills: [pl] }
  - { id: route.rest, pool: inbound }
tiers:
  - id: fast
    when: { source.trigger: demo_request }
    respond: 1h
    clock: always
    remind: [30m]
    escalate: [{ after: 90m, to: on-call, action: reassign }]
  - { id: routine, respond: 24h, clock: always }
`
