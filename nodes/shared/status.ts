/**
 * What stands under a node: counts of its outcomes since the start, at most twice a second, as a
 * status for every message would slow the editor down. Faults show at once.
 */
import { LeadFault } from '../../engine/faults'
import type { RedNode } from './red'

const INTERVAL_MS = 500

const statuses = new WeakMap<RedNode, Status>()

/** Of one of our nodes that takes messages. */
export function statusOf(node: RedNode): Status | undefined {
  return statuses.get(node)
}

export class Status {
  readonly #node: RedNode
  readonly #counts = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #remark: string | undefined
  #isFault = false
  #closed = false

  constructor(node: RedNode) {
    this.#node = node
    statuses.set(node, this)
    // Node-RED keeps what stood there before the deploy, and the counts begin anew.
    node.status({})
  }

  count(outcome: string, by = 1): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + by)
    if (this.#timer !== undefined || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#show()
    }, INTERVAL_MS)
    this.#timer.unref()
  }

  fault(error: Error): void {
    // By then the node that took its place may stand there.
    if (this.#closed) return
    this.#isFault = true
    const text = error instanceof LeadFault ? error.code : 'error'
    this.#node.status({ fill: 'red', shape: 'ring', text })
  }

  /** The fault is over. */
  recover(): void {
    if (!this.#closed) this.#show()
  }

  /** A standing state, e.g. waiting for a configuration. */
  set(fill: 'red' | 'yellow' | 'green' | 'grey', text: string): void {
    this.#node.status({ fill, shape: fill === 'green' ? 'dot' : 'ring', text })
  }

  /** What is to be known beside the counts for as long as it holds; undefined: it does no more. */
  remark(text: string | undefined): void {
    if (text === this.#remark || this.#closed) return
    this.#remark = text
    if (!this.#isFault) this.#show()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #show(): void {
    this.#isFault = false
    const counts = [...this.#counts].map(([outcome, n]) => `${outcome} ${n}`)
    const remark = this.#remark
    const text = [...(remark === undefined ? [] : [remark]), ...counts].join(' · ')
    this.#node.status({ fill: remark === undefined ? 'green' : 'yellow', shape: 'dot', text })
  }
}
