/**
 * What every lead node has in common: one input listener, one path from a thrown value to Node-RED
 * (status and `done(error)`, exactly once), and an orderly end.
 *
 * An async throw in an input handler would end the whole process; none gets past `handleInput`.
 */
import type { Lead } from '../../engine/lead/lead'
import type { Journey } from './journey'
import { withLead } from './lead-message'
import type { LeadMessage, Red, RedNode, Send } from './red'
import { Status } from './status'

export interface LeadNode {
  readonly red: Red
  readonly node: RedNode
  readonly status: Status
}

export type Handler = (msg: LeadMessage, send: Send) => Promise<void> | void

/** Wires `handle` to the node's input and tidies up at close. */
export function leadNode(red: Red, node: RedNode, handle: (self: LeadNode) => Handler): LeadNode {
  const self: LeadNode = { red, node, status: new Status(node) }
  const handler = prepared(self, handle)
  node.on('input', (msg, send, done) => {
    handleInput(self, handler, msg as LeadMessage, send as unknown as Send, done)
  })
  node.on('close', () => {
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
        (raw: unknown) => {
          fail(self, done, raw)
        },
      )
  } catch (raw) {
    fail(self, done, raw)
  }
}

function fail(self: LeadNode, done: Done, raw: unknown): void {
  const error = asError(raw)
  self.status.fault(error)
  finish(self, done, error)
}

/** For a Catch or Complete node the message is copied, and there are messages that cannot be. */
function finish({ node }: LeadNode, done: Done, error?: Error): void {
  try {
    done(error)
  } catch (raw) {
    node.error(error ?? asError(raw))
  }
}

export function asError(raw: unknown): Error {
  return raw instanceof Error ? raw : new Error(String(raw))
}

/** For work that no message asked for (timers, events): a fault is logged, never thrown on. */
export async function guarded(self: LeadNode, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (raw) {
    const error = asError(raw)
    self.status.fault(error)
    self.node.error(error, {})
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
