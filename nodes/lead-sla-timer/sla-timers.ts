/**
 * Fires the timers of a node when they are due, and sends the message of each.
 *
 * A timer fires once, in a transaction that also puts it into the store's outbox. There it stays until
 * its message was handed to the next node, so a process that ends in between loses no message: the
 * next one sends it, with the same `_msgid`. A process that ends just after it has sent one may not
 * have got to say so, and then it is sent again: at least once, and known by its id.
 */
import type { Timer } from '../../engine/decision'
import type { Lead } from '../../engine/lead/lead'
import { latenessMs, slaFireStep } from '../../engine/steps/sla-fire'
import { performTogether } from '../../store/perform'
import type { DueTimer, Scope } from '../../store/store'
import { Alarm } from '../shared/alarm'
import { type OpenStore, policyNames, serve, storeOf } from '../shared/config-nodes'
import { withLead } from '../shared/lead-message'
import { guarded, type LeadNode, onPort } from '../shared/lead-node'
import type { LeadMessage } from '../shared/red'
import { type Failed, firePages } from '../shared/timer-alarm'

/** What is to be told of a timer that has fired. */
interface Message {
  readonly timer: Timer
  readonly lead: Lead
  readonly lateMs: number
}

/** What became of a firing; neither, when there is nothing to tell. */
interface Fired {
  readonly message?: Message
  readonly fault?: unknown
}

export interface SlaConfig {
  readonly policy: string
  readonly store: string
}

/** `answered`: the message started no clock and met none, and says why; who asked gets an answer. */
export const PORTS = ['started', 'reminder', 'escalation', 'breach', 'met', 'answered'] as const

/** So many are sent at once that another process left. */
const OWED_PAGE = 100
/** So many share a commit. */
const TOGETHER = 10
/** Nodes behind the next one have a moment too, and the outbox is cleared of many at once. */
const CLEAR_AFTER_MS = 100

export class SlaTimers {
  readonly #self: LeadNode
  readonly #open: () => OpenStore
  readonly #scope: () => Promise<Scope>
  readonly #ends: () => ReadonlySet<string>
  readonly #alarm: Alarm
  /** From the firing until the outbox is cleared of it. */
  readonly #inHand = new Set<string>()
  /** The next node has them. */
  #handedOver: string[] = []
  #clearing: NodeJS.Timeout | undefined
  /** When to look for what others have fired and not sent, epoch ms. */
  #lookMs = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(self: LeadNode, config: SlaConfig, ends: () => ReadonlySet<string>) {
    const { red, node } = self
    this.#self = self
    this.#ends = ends
    const open = () => storeOf(red, node, config.store)
    this.#open = open
    this.#scope = serve(red, node, config.store, {
      kind: 'timers',
      of: () => policyNames(red, config.policy),
    })
    node.on('close', (done: () => void) => {
      this.#closed = true
      clearTimeout(this.#clearing)
      // What cannot be cleared now is sent again at the next start.
      this.#clear().then(done, () => done())
    })
    this.#alarm = new Alarm(self, {
      open,
      nextMs: async (rangMs) => open().store.nextTimerMs(await this.#scope(), rangMs),
      ring: () => this.#ring(),
    })
  }

  /** `orphans`: somebody may have left messages unsent. */
  wake(orphans = false): Promise<void> {
    if (orphans) this.#lookMs = Number.NEGATIVE_INFINITY
    return this.#alarm.wake()
  }

  async #ring(): Promise<void> {
    const { store, now } = this.#open()
    if (now() >= this.#lookMs) {
      await this.#sendOwed()
      this.#lookMs = now() + store.lookEveryMs
    }
    await firePages(
      async (limit) => (this.#closed ? [] : store.claimTimers(await this.#scope(), now(), limit)),
      (due) => this.#firePage(due),
    )
  }

  /** What was fired before and perhaps not sent, by this process or by one that is gone. */
  async #sendOwed(): Promise<void> {
    const { store, now } = this.#open()
    for (let full = true; full && !this.#closed; ) {
      const owed = await store.claimOutbox(await this.#scope(), this.#inHand, OWED_PAGE)
      full = owed.length === OWED_PAGE
      for (const { timer, lead } of owed) {
        this.#inHand.add(timer.id)
        this.#send({ timer, lead, lateMs: latenessMs(timer, now()) }, { again: true })
      }
    }
  }

  /** A page is begun all at once, and sent in its order. Gives what could not be fired. */
  async #firePage(due: readonly DueTimer[]): Promise<Failed[]> {
    const failed: Failed[] = []
    const fired = apart(due).map((some) => ({ some, done: this.#fire(some) }))
    const ended = new Map<DueTimer, Fired>()
    for (const { some, done } of fired)
      for (const [index, one] of (await done).entries()) ended.set(some[index]!, one)
    for (const one of due) {
      const { message, fault } = ended.get(one)!
      if (message !== undefined) this.#send(message)
      else this.#inHand.delete(one.timer.id)
      if (fault !== undefined) failed.push({ id: one.timer.id, fault })
    }
    return failed
  }

  async #fire(some: readonly DueTimer[]): Promise<Fired[]> {
    const { store, now } = this.#open()
    const nowMs = now()
    const ends = this.#ends()
    for (const { timer } of some) this.#inHand.add(timer.id)
    const cases = some.map(({ timer, lead }) => ({ lead, settings: { timer, ends } }))
    const done = await performTogether(store, slaFireStep, cases, { nowMs })
    return done.map((one, index) => {
      if (one.status === 'rejected') return { fault: one.reason }
      const { outcome, again, lead } = one.value
      if (outcome === 'dropped' || again) return {}
      const { timer } = some[index]!
      return { message: { timer, lead, lateMs: latenessMs(timer, nowMs) } }
    })
  }

  #send({ timer, lead, lateMs }: Message, more: { readonly again?: true } = {}): void {
    // Nobody is there any more to take it; it stays in the outbox.
    if (this.#closed) return
    const { id, kind, dueMs, detail } = timer
    const msg = withLead({ _msgid: id } as LeadMessage, lead)
    msg.sla = { id, kind, dueAt: new Date(dueMs).toISOString(), lateMs, ...more, ...detail }
    this.#self.status.count(kind)
    this.#self.node.send(onPort(PORTS, kind, msg) as never)
    // Node-RED hands messages over in the next turn, and this turn comes after it.
    setImmediate(() => {
      this.#handedOver.push(id)
      this.#clearSoon()
    })
  }

  #clearSoon(): void {
    if (this.#closed) return
    this.#clearing ??= setTimeout(() => {
      this.#clearing = undefined
      void guarded(this.#self, () => this.#clear())
    }, CLEAR_AFTER_MS).unref()
  }

  async #clear(): Promise<void> {
    const ids = this.#handedOver
    if (ids.length === 0) return
    this.#handedOver = []
    try {
      await this.#open().store.sent(ids)
      for (const id of ids) this.#inHand.delete(id)
    } catch (raw) {
      this.#handedOver.push(...ids)
      this.#clearSoon()
      throw raw
    }
  }
}

/**
 * Groups for one transaction each, in which no lead is twice: its timers fire one after the other.
 * The groups in their order hold each lead's timers in theirs.
 */
function apart(due: readonly DueTimer[]): DueTimer[][] {
  const rounds: DueTimer[][] = []
  const seen = new Map<string, number>()
  for (const one of due) {
    const { leadId } = one.timer
    const round = seen.get(leadId) ?? 0
    seen.set(leadId, round + 1)
    rounds[round] ??= []
    rounds[round].push(one)
  }
  return rounds.flatMap((round) =>
    Array.from({ length: Math.ceil(round.length / TOGETHER) }, (_, index) =>
      round.slice(index * TOGETHER, (index + 1) * TOGETHER),
    ),
  )
}
