/**
 * What every lead node has in common: one input listener, one path from a thrown value to Node-RED
 * (status and `done(error)`, exactly once), and an orderly end.
 *
 * An async throw in an input handler would end the whole process; none gets past `handleInput`.
 */
import type { Lead } from '../../engine/lead/lead'
import { StoreOutage } from '../../store/outage'
import type { PatientStore } from '../../store/patient-store'
import { configNode, type StoreNode } from './config-nodes'
import { onFlowsStarted } from './flows-started'
import { BYSTANDERS, type Journey } from './journey'
import { leaveOurHands, withLead } from './lead-message'
import type { LeadMessage, Red, RedNode, Send } from './red'
import { running } from './running'
import { Status } from './status'

export interface LeadNode {
  readonly red: Red
  readonly node: RedNode
  readonly status: Status
  readonly storeId: string | undefined
}

export type Handler = (msg: LeadMessage, send: Send) => Promise<void> | void

/** Wires `handle` to the node's input and tidies up at close. `storeId` is the node's lead-store. */
export function leadNode(
  red: Red,
  node: RedNode,
  handle: (self: LeadNode) => Handler,
  storeId?: string,
): LeadNode {
  const self: LeadNode = { red, node, status: new Status(node), storeId }
  running.add(self)
  watchStore(self)
  const handler = prepared(self, handle)
  node.on('input', (msg, send, done) => {
    handleInput(self, handler, msg as LeadMessage, send as unknown as Send, done)
  })
  node.on('close', () => {
    running.delete(self)
    self.status.close()
  })
  return self
}

/**
 * Settings that cannot be used stop no deploy: an exception in a constructor is merely logged, and
 * the node is missing. It is there, shows its fault, and answers each message with it.
 */
function prepared(self: LeadNode, handle: (self: LeadNode) => Handler): Handler {
  try {
    return handle(self)
  } catch (raw) {
    const error = asError(raw)
    self.status.fault(error)
    self.node.error(error)
    return () => {
      throw error
    }
  }
}

type Done = (error?: Error) => void

/** What needs no waiting is done at once: a promise for each message would cost more than the work. */
function handleInput(
  self: LeadNode,
  handler: Handler,
  msg: LeadMessage,
  send: Send,
  done: Done,
): void {
  try {
    const working = handler(msg, send)
    if (working === undefined) finish(self, done)
    else
      working.then(
        () => {
          finish(self, done)
        },
        (raw: unknown) => void fail(self, msg, done, raw),
      )
  } catch (raw) {
    void fail(self, msg, done, raw)
  }
}

async function fail(self: LeadNode, msg: LeadMessage, done: Done, raw: unknown): Promise<void> {
  const error = asError(raw)
  self.status.fault(error)
  try {
    leaveOurHands(msg)
    if (isStoreBusy(error)) answerLater(msg)
    await cutOff(self, msg, error)
  } catch {
    // A message may be whatever somebody made it, and the fault itself is told all the same.
  }
  finish(self, done, error, msg)
}

/** While the store is away the node says so, and what it said before once it is back. */
function watchStore({ red, node, status, storeId }: LeadNode): void {
  let watched: PatientStore | undefined
  let unwatch = () => {}
  const watch = () => {
    const store = configNode<StoreNode>(red, storeId)?.store
    if (store === undefined || store === watched) return
    unwatch()
    watched = store
    unwatch = store.watch(({ presence, fault }) => {
      if (presence === 'open') status.recover()
      else if (fault !== undefined && presence !== 'closed') status.fault(fault)
    })
    const { fault } = store.health
    if (fault !== undefined) status.fault(fault)
  }
  watch()
  // A store that is deployed anew does not start every node anew that uses it.
  onFlowsStarted(red, node, watch)
  node.on('close', () => {
    unwatch()
  })
}

/** It is the store's fault, and passes. */
export function isStoreBusy(fault: unknown): boolean {
  const { code } = asError(fault) as { code?: unknown }
  return fault instanceof StoreOutage || code === 'LEAD_STORE_BUSY' || code === 'LEAD_STORE_LOST'
}

const RETRY_AFTER_S = 10

/** For an HTTP response behind a Catch node: whoever sent this may send it again. */
function answerLater(msg: LeadMessage): void {
  if (msg.res === undefined) return
  msg.statusCode = 503
  msg.headers = { ...(msg.headers as object | undefined), 'retry-after': String(RETRY_AFTER_S) }
}

/** Before a lead whose step failed is taken up again; doubles with each attempt. */
const RETRY_PAUSE_MS = 30_000
const REASON_CHARS_MAX = 300

/** The lead's way ends here for now: it is taken up again later, whoever else may send it. */
async function cutOff(self: LeadNode, { payload }: LeadMessage, error: Error): Promise<void> {
  const { node } = self
  const event = (payload as { event?: { id?: unknown } } | null | undefined)?.event?.id
  if (typeof event !== 'string' || BYSTANDERS.has(node.type)) return
  const reason = `${node.name || node.type}: ${error.message}`.slice(0, REASON_CHARS_MAX)
  // While the store is away it keeps this until it is back.
  for (const { store, clock } of storesAround(self))
    await store.cutOff(event, { reason, nowMs: clock(), pauseMs: RETRY_PAUSE_MS })
}

/**
 * A node that keeps nothing has no store; what it is sent is on its way in one of its neighbours', or,
 * where it stands alone on a tab or in a subflow, in any.
 */
function storesAround({ red, node, storeId }: LeadNode): StoreNode[] {
  const withStore = [...running].filter((one) => one.storeId)
  const beside = withStore.filter((one) => one.node.z === node.z)
  const around = beside.length > 0 ? beside : withStore
  const ids = new Set(storeId ? [storeId] : around.map((one) => one.storeId))
  return [...ids].flatMap((id) => configNode<StoreNode>(red, id) ?? [])
}

/**
 * For a Catch or Complete node the message is copied, and there are messages that cannot be: then a
 * Catch node gets what is needed to answer whoever waits.
 */
function finish({ node }: LeadNode, done: Done, error?: Error, msg?: LeadMessage): void {
  try {
    done(error)
  } catch (raw) {
    const what = error ?? asError(raw)
    try {
      if (msg === undefined) node.error(what)
      else node.error(what, { _msgid: msg._msgid, req: msg.req, res: msg.res })
    } catch {
      node.error(what)
    }
  }
}

/** Whatever was thrown; there are values that cannot even be shown. */
export function asError(raw: unknown): Error {
  try {
    return raw instanceof Error ? raw : new Error(String(raw))
  } catch {
    return new Error('something was thrown that cannot be shown')
  }
}

/**
 * For work that no message asked for (timers, events): a fault is logged, never thrown on. True when
 * there was none.
 */
export async function guarded(self: LeadNode, work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (raw) {
    const error = asError(raw)
    self.status.fault(error)
    // The store says itself that it is away, and the work is done when it is back.
    if (!(error instanceof StoreOutage)) self.node.error(error, {})
    return false
  }
}

/** An array for `send` with the message on one port and nothing on the others. */
export function onPort(
  ports: readonly string[],
  port: string,
  msg: LeadMessage,
): (LeadMessage | null)[] {
  return ports.map((name) => (name === port ? msg : null))
}

/**
 * Sends the lead on. `whole`: its trail tells all of it, so where only another lead node gets it,
 * that one need not look at it again.
 */
export function sendLead(
  send: Send,
  ports: readonly string[],
  port: string,
  msg: LeadMessage,
  lead: Lead,
  { journey, whole }: { readonly journey: Journey; readonly whole: boolean },
): void {
  send(onPort(ports, port, withLead(msg, lead, whole && journey.straightOn.has(port))))
}
