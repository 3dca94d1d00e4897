/**
 * A store that waits while the real one is away.
 *
 * What a message needs waits, in the order in which it came and within bounded memory, and goes on
 * by itself when the store is back; what somebody asks is told at once that there is no answer. A
 * store that cannot be used until somebody mends something (a wrong password, a newer schema)
 * refuses with that fault, and is tried again all the same, so that no restart is needed.
 */
import type { Asking } from '../engine/asking'
import { LeadFault } from '../engine/faults'
import type { Health, Presence } from './health'
import { StoreOutage } from './outage'
import type { Page } from './page'
import { PATIENCE, type PatientOptions } from './patience'
import type {
  Backup,
  CachedAnswer,
  Census,
  Checkpoint,
  CutOff,
  DeadLetter,
  DueTimer,
  Figures,
  Home,
  LeadSummary,
  Scope,
  Store,
  StoreEvent,
  TakenUp,
  TakeUp,
  TrailEntry,
  Transaction,
  VerifyReport,
  Way,
} from './store'
import { WaitingLine } from './waiting-line'
import { within } from './within'

const LOOK_EVERY_MS = 5_000

/** Nobody knows what happened while it was away, and who asked in vain while it was opened asks again. */
const ANYTHING: StoreEvent = { lastSeq: -1, freed: true, timers: true, orphans: true }

export class PatientStore implements Store {
  readonly realm: string
  readonly broken = false
  readonly #options: Required<Omit<PatientOptions, 'retention'>> & Pick<PatientOptions, 'retention'>
  readonly #listeners = new Set<(event: StoreEvent) => void>()
  readonly #watchers = new Set<(health: Health) => void>()
  readonly #line = new WaitingLine<Store>()
  /** Events to be given back when the store is there again. */
  readonly #cutOffs = new Map<string, CutOff>()
  #store: Store | undefined
  #presence: Presence = 'opening'
  #fault: Error | undefined
  #tickets = 0
  #pauseMs: number
  /** Since when it is there, by the process's clock. */
  #openMs = Number.NEGATIVE_INFINITY
  #retry: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined
  #trying: Promise<void> | undefined

  constructor(options: PatientOptions) {
    this.realm = options.realm
    this.#options = { ...PATIENCE, ...options }
    this.#pauseMs = this.#options.pauseMsMin
  }

  /** Begins to open the store; one that can be opened at once is open when this returns. */
  start(): this {
    this.#open()
    return this
  }

  get health(): Health {
    return { presence: this.#presence, fault: this.#fault, waiting: this.#line.length }
  }

  /** Tells of every change of presence, and returns a function that ends that. */
  watch(watcher: (health: Health) => void): () => void {
    const mine = (health: Health) => watcher(health)
    this.#watchers.add(mine)
    return () => {
      this.#watchers.delete(mine)
    }
  }

  get lookEveryMs(): number {
    return this.#store?.lookEveryMs ?? LOOK_EVERY_MS
  }

  // What messages need: waits.

  transaction<T>(
    scopes: readonly string[],
    body: (tx: Transaction) => Asking<T>,
    way?: Way<T>,
  ): Promise<T> {
    return this.#patiently((store) => store.transaction(scopes, body, way))
  }

  lead(leadId: string): ReturnType<Store['lead']> {
    return this.#patiently((store) => store.lead(leadId))
  }

  cached(provider: string, key: string, nowMs: number): Promise<CachedAnswer | undefined> {
    return this.#patiently((store) => store.cached(provider, key, nowMs))
  }

  remember(...args: Parameters<Store['remember']>): Promise<void> {
    return this.#patiently((store) => store.remember(...args))
  }

  saveArtefact(...args: Parameters<Store['saveArtefact']>): Promise<void> {
    return this.#patiently((store) => store.saveArtefact(...args))
  }

  firstUse(...args: Parameters<Store['firstUse']>): ReturnType<Store['firstUse']> {
    return this.#patiently((store) => store.firstUse(...args))
  }

  // What somebody asks, or is asked again by itself: told at once.

  claimUnderway(scope: Scope, how: TakeUp): Promise<readonly TakenUp[]> {
    return this.#now((store) => store.claimUnderway(scope, how))
  }

  /** While the store is away it is noted, and told when that is back: else it would count as carried here. */
  async cutOff(event: string, why: CutOff): Promise<void> {
    try {
      await this.#now((store) => store.cutOff(event, why))
    } catch (raw) {
      if (this.#presence === 'open' || this.#presence === 'closed') throw raw
      this.#cutOffs.set(event, why)
    }
  }

  claimWaiting(...args: Parameters<Store['claimWaiting']>): ReturnType<Store['claimWaiting']> {
    return this.#now((store) => store.claimWaiting(...args))
  }

  releaseWaiting(leadIds: readonly string[]): Promise<void> {
    return this.#now((store) => store.releaseWaiting(leadIds))
  }

  nextRetryMs(policies: readonly string[]): Promise<number | undefined> {
    return this.#now((store) => store.nextRetryMs(policies))
  }

  claimTimers(scope: Scope, nowMs: number, limit: number): Promise<readonly DueTimer[]> {
    return this.#now((store) => store.claimTimers(scope, nowMs, limit))
  }

  nextTimerMs(scope: Scope, afterMs: number): Promise<number | undefined> {
    return this.#now((store) => store.nextTimerMs(scope, afterMs))
  }

  claimOutbox(...args: Parameters<Store['claimOutbox']>): Promise<readonly DueTimer[]> {
    return this.#now((store) => store.claimOutbox(...args))
  }

  sent(timerIds: readonly string[]): Promise<void> {
    return this.#now((store) => store.sent(timerIds))
  }

  homes(): Promise<readonly Home[]> {
    return this.#now((store) => store.homes())
  }

  deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    return this.#now((store) => store.deadLetters(limit))
  }

  redrive(leadId: string | undefined): Promise<number> {
    return this.#now((store) => store.redrive(leadId))
  }

  find(...args: Parameters<Store['find']>): Promise<string | undefined> {
    return this.#now((store) => store.find(...args))
  }

  trail(leadId: string): Promise<readonly TrailEntry[]> {
    return this.#now((store) => store.trail(leadId))
  }

  entriesAfter(seq: number, limit: number): Promise<readonly TrailEntry[]> {
    return this.#now((store) => store.entriesAfter(seq, limit))
  }

  verify(expected?: Checkpoint): Promise<VerifyReport> {
    return this.#now((store) => store.verify(expected))
  }

  census(): Promise<Census> {
    return this.#now((store) => store.census())
  }

  leads(...args: Parameters<Store['leads']>): Promise<readonly LeadSummary[]> {
    return this.#now((store) => store.leads(...args))
  }

  forget(nowMs: number, keptFromMs?: number): Promise<void> {
    return this.#now((store) => store.forget(nowMs, keptFromMs))
  }

  dormantLeads(...args: Parameters<Store['dormantLeads']>): ReturnType<Store['dormantLeads']> {
    return this.#now((store) => store.dormantLeads(...args))
  }

  expiredEntries(...args: Parameters<Store['expiredEntries']>): Promise<Page<number, number>> {
    return this.#now((store) => store.expiredEntries(...args))
  }

  figures(nowMs: number, retention = this.#options.retention): Promise<Figures> {
    return this.#now((store) => store.figures(nowMs, retention))
  }

  backup(to: string | undefined, nowMs: number): Promise<Backup> {
    return this.#now((store) => store.backup(to, nowMs))
  }

  ping(): Promise<void> {
    return this.#now((store) => store.ping())
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    const mine = (event: StoreEvent) => listener(event)
    this.#listeners.add(mine)
    return () => {
      this.#listeners.delete(mine)
    }
  }

  /** What waits is told that the store is closed. */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    clearTimeout(this.#retry)
    this.#become('closed', new LeadFault('LEAD_STORE_CLOSED'))
    // A connection that is being made may take long; it is closed when it comes about.
    if (this.#trying !== undefined) await within(this.#options.closeMsMax, this.#trying)
    await this.#store?.close()
  }

  async #now<T>(work: (store: Store) => Promise<T>): Promise<T> {
    if (this.#presence !== 'open')
      throw this.#fault ?? new StoreOutage(this.#options.name, 'it is being opened')
    const store = this.#store!
    try {
      return await work(store)
    } catch (raw) {
      if (raw instanceof StoreOutage) this.#lost(store, raw)
      throw raw
    }
  }

  async #patiently<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const ticket = this.#tickets++
    let next = work
    for (let first = true; ; first = false) {
      const store = this.#presence === 'open' ? this.#store! : await this.#turn(ticket, first)
      try {
        return await next(store)
      } catch (raw) {
        if (!(raw instanceof StoreOutage)) throw raw
        this.#lost(store, raw)
        // COMMIT may have arrived: only when it did not may the work be done again.
        const { settle } = raw
        if (settle !== undefined)
          next = async (again) => {
            const known = (await settle()) as { readonly value: T } | undefined
            next = work
            return known === undefined ? work(again) : known.value
          }
      }
    }
  }

  /** Resolves when the store is there, in the order of the tickets. */
  #turn(ticket: number, isNew: boolean): Promise<Store> {
    if (this.#presence === 'refused' || this.#presence === 'closed')
      return Promise.reject(this.#fault!)
    const { name, waitingMax } = this.#options
    if (isNew && this.#line.length >= waitingMax)
      return Promise.reject(new LeadFault('LEAD_STORE_BUSY', name, this.#line.length))
    return this.#line.join(ticket)
  }

  #open(): void {
    try {
      const opened = this.#options.open((fault) => {
        if (this.#store !== undefined) this.#lost(this.#store, fault)
      })
      if (opened instanceof Promise) {
        this.#trying = opened.then(
          (store) => this.#opened(store),
          (raw) => this.#failed(raw),
        )
      } else this.#opened(opened)
    } catch (raw) {
      this.#failed(raw)
    }
  }

  #opened(store: Store): void {
    if (this.#presence === 'closed') {
      void store.close().catch(() => {})
      return
    }
    this.#store = store
    store.subscribe((event) => this.#tell(event))
    this.#back()
  }

  #failed(raw: unknown): void {
    const fault = raw instanceof Error ? raw : new Error(String(raw))
    this.#become(fault instanceof StoreOutage ? 'away' : 'refused', fault)
    this.#tryLater()
  }

  #lost(store: Store, fault: Error): void {
    if (this.#presence !== 'open' || store !== this.#store) return
    // One that answers and goes at once (a full disk answers questions) is asked ever less often.
    if (performance.now() - this.#openMs > this.#options.pauseMsMax)
      this.#pauseMs = this.#options.pauseMsMin
    this.#become('away', fault)
    this.#tryLater()
  }

  #tryLater(): void {
    if (this.#presence === 'closed') return
    const pauseMs = this.#pauseMs * (0.5 + Math.random() / 2)
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.pauseMsMax)
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#trying = this.#try()
    }, pauseMs)
    this.#retry.unref()
  }

  async #try(): Promise<void> {
    const store = this.#store
    if (store === undefined || store.broken) {
      this.#store = undefined
      await store?.close().catch(() => {})
      if (this.#presence !== 'closed') this.#open()
      return
    }
    try {
      await store.ping()
      this.#back()
    } catch (raw) {
      if (this.#presence === 'closed') return
      this.#failed(raw)
    }
  }

  #back(): void {
    if (this.#presence === 'closed') return
    const wasOpen = this.#presence === 'open'
    if (!wasOpen) this.#openMs = performance.now()
    this.#become('open', undefined)
    if (wasOpen) return
    if (this.#cutOffs.size === 0) this.#tell(ANYTHING)
    else void this.#giveBack().finally(() => this.#tell(ANYTHING))
  }

  async #giveBack(): Promise<void> {
    const cutOffs = [...this.#cutOffs]
    this.#cutOffs.clear()
    await Promise.allSettled(cutOffs.map(([event, why]) => this.cutOff(event, why)))
  }

  #become(presence: Presence, fault: Error | undefined): void {
    if (this.#presence === 'closed') return
    this.#presence = presence
    this.#fault = fault
    if (presence === 'open') this.#line.letIn(this.#store!)
    else if (presence === 'refused' || presence === 'closed') this.#line.turnAway(fault!)
    const { health } = this
    for (const watcher of this.#watchers) watcher(health)
  }

  #tell(event: StoreEvent): void {
    for (const listener of this.#listeners)
      queueMicrotask(() => {
        listener(event)
      })
  }
}
