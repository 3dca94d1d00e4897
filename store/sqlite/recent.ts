/**
 * What was committed lately: everything that may not be on disk yet, and for a while what is.
 * Steps read it before the database, so that they see each other's changes at once, and so that a
 * lead on its way costs few queries.
 *
 * A lead that was `born` here and is still remembered has nothing in the database that is not also
 * here: its absences need no query.
 */
import type { LeadState, Timer } from '../../engine/decision'
import type { AccountPlace } from '../../engine/identity/accounts'
import type { Lead, Signal } from '../../engine/lead/lead'
import type { Standing } from '../../engine/lead/standing'
import type { KnownAccount, OfferRecord, TallyKey } from '../../engine/step'
import { Generations } from './generations'

export interface RecentIntake {
  readonly leadId: string
  readonly done: boolean
  readonly expiresMs: number
}

/**
 * Where a lead stands, and since when, epoch ms. As an object only until it is on disk: after that
 * the message may be in anybody's hands, and what they write into it must not come back here.
 */
export interface RecentStanding {
  standing: Standing | undefined
  text: string | undefined
  readonly state: LeadState
  readonly sinceMs: number
}

/** What is known of a lead apart from its standing, until it is on disk. */
export interface RecentBody {
  readonly lead: Lead
  readonly batch: number
}

export interface RecentAssignment {
  readonly repId: string
  readonly poolId: string
  readonly units: number
  readonly open: boolean
}

export type PendingTimer = Pick<Timer, 'id' | 'dueMs'>

export interface RecentDecision {
  /** The batch that brings it to disk. */
  readonly batch: number
  readonly outcome: string
  /** Undefined once it is on disk, where it is read from. */
  payload: string | undefined
}

/** What stands under an account key. */
export interface RecentAccount {
  owner: KnownAccount['owner']
  /** How many people have the other key beside this one. */
  readonly ties: Map<string, number>
}

export type RecentSignal = Signal & { readonly person: string }

/** One lead; what is undefined is not known here, or, when the lead was born here, does not exist. */
export class RecentLead {
  /** The last batch with a change of this lead. */
  batch = 0
  born = false
  standing: RecentStanding | undefined
  body: RecentBody | undefined
  /** Under which account keys it is stored; undefined when nothing but its standing is. */
  place: AccountPlace | undefined
  /** Of every signal that is kept of the lead. */
  signalIds: Set<string> | undefined
  assignments: Map<number, RecentAssignment> | undefined
  timers: Map<number, readonly PendingTimer[]> | undefined
  /** All of the lead's. */
  offers: readonly OfferRecord[] | undefined
}

// More would be found here than in the database, but what is kept long is what makes collecting slow.
const LEADS_MAX = 2_048
const KEYS_MAX = 8_192

export class Recent {
  readonly #leads = new Generations<RecentLead>(LEADS_MAX)
  readonly #intake = new Generations<RecentIntake>(KEYS_MAX)
  readonly #identity = new Generations<string>(KEYS_MAX)
  /** Also what was only read of them. */
  readonly #accounts = new Generations<RecentAccount>(KEYS_MAX)
  readonly #tallies = new Generations<number>(KEYS_MAX)
  readonly #decided = new Generations<RecentDecision>(KEYS_MAX)
  /** By account key, without one by none; only what is not on disk. */
  readonly #signals = new Map<string, { signals: RecentSignal[]; batch: number }>()
  /** To which account key a lead's signals go; only what is not on disk. */
  readonly #moved = new Map<string, { accountKey: string; batch: number }>()
  #acknowledged = 0
  /** The last question about a lead, and its answer. */
  #asked: string | undefined
  #answer: RecentLead | undefined

  lead(leadId: string): RecentLead | undefined {
    // A decision asks many times about its one lead.
    if (leadId !== this.#asked) {
      this.#asked = leadId
      this.#answer = this.#leads.get(leadId)
    }
    return this.#answer
  }

  /** The last batch that is on disk. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** Whether something of the lead is not on disk yet. */
  isPending(leadId: string): boolean {
    return (this.lead(leadId)?.batch ?? 0) > this.#acknowledged
  }

  /** To be written to, in the name of `batch`. */
  touch(leadId: string, batch: number): RecentLead {
    let lead = this.lead(leadId)
    if (lead?.batch === batch) return lead
    lead ??= new RecentLead()
    lead.batch = Math.max(lead.batch, batch)
    this.#leads.set(leadId, lead, batch, this.#acknowledged)
    this.#answer = lead
    return lead
  }

  intake(key: string): RecentIntake | undefined {
    return this.#intake.get(key)
  }

  setIntake(key: string, value: RecentIntake, batch: number): void {
    this.#intake.set(key, value, batch, this.#acknowledged)
  }

  /** Empty: nobody's any more. */
  identity(key: string): string | undefined {
    return this.#identity.get(key)
  }

  setIdentity(key: string, leadId: string, batch: number): void {
    this.#identity.set(key, leadId, batch, this.#acknowledged)
  }

  account(accountKey: string): RecentAccount | undefined {
    return this.#accounts.get(accountKey)
  }

  /** `batch` 0: as it was read. */
  setAccount(accountKey: string, value: RecentAccount, batch: number): void {
    this.#accounts.set(accountKey, value, batch, this.#acknowledged)
  }

  tally(key: TallyKey): number | undefined {
    return this.#tallies.get(nameOf(key))
  }

  setTally(key: TallyKey, leads: number, batch: number): void {
    this.#tallies.set(nameOf(key), leads, batch, this.#acknowledged)
  }

  decision(key: string): RecentDecision | undefined {
    return this.#decided.get(key)
  }

  setDecision(key: string, value: RecentDecision): void {
    this.#decided.set(key, value, value.batch, this.#acknowledged)
  }

  signals(accountKey: string): readonly RecentSignal[] {
    return this.#signals.get(accountKey)?.signals ?? []
  }

  /** To where the signals of the lead go that are on disk under another account key. */
  movedTo(leadId: string): string | undefined {
    return this.#moved.get(leadId)?.accountKey
  }

  /** The leads whose signals are on their way to the account key. */
  movedInto(accountKey: string): string[] {
    if (this.#moved.size === 0) return []
    return [...this.#moved].flatMap(([leadId, to]) =>
      to.accountKey === accountKey ? [leadId] : [],
    )
  }

  moveSignals(leadId: string, accountKey: string, batch: number): void {
    this.#moved.set(leadId, { accountKey, batch })
    const own: RecentSignal[] = []
    for (const [key, known] of this.#signals) {
      if (key === accountKey) continue
      own.push(...known.signals.filter(({ person }) => person === leadId))
      known.signals = known.signals.filter(({ person }) => person !== leadId)
    }
    this.addSignals(accountKey, own, batch)
  }

  addSignals(accountKey: string, signals: readonly RecentSignal[], batch: number): void {
    const known = this.#signals.get(accountKey)
    if (known === undefined) this.#signals.set(accountKey, { signals: [...signals], batch })
    else {
      known.signals.push(...signals)
      known.batch = batch
    }
  }

  /** Everything up to `batch` is on disk; what is large of it need not be kept here. */
  acknowledge(batch: number, { standings, bodies, decisions, accounts }: Written): void {
    this.#acknowledged = batch
    for (const standing of standings) standing.standing = undefined
    for (const lead of bodies) {
      if (lead.body !== undefined && lead.body.batch <= batch) lead.body = undefined
    }
    for (const decision of decisions) decision.payload = undefined
    for (const account of accounts) {
      const known = this.#signals.get(account)
      if (known !== undefined && known.batch <= batch) this.#signals.delete(account)
    }
    for (const [leadId, move] of this.#moved) if (move.batch <= batch) this.#moved.delete(leadId)
  }

  clear(): void {
    this.#asked = undefined
    this.#answer = undefined
    this.#leads.clear()
    this.#intake.clear()
    this.#identity.clear()
    this.#accounts.clear()
    this.#moved.clear()
    this.#tallies.clear()
    this.#decided.clear()
    this.#signals.clear()
  }
}

/** What a batch brings to disk that takes room in memory until then. */
export interface Written {
  readonly standings: RecentStanding[]
  readonly bodies: RecentLead[]
  readonly decisions: RecentDecision[]
  readonly accounts: Set<string>
}

/** The name of a tally; also its row's in a write set. */
export function nameOf({ repId, period, fromMs }: TallyKey): string {
  return `${repId} ${period} ${fromMs}`
}
