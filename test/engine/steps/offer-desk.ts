// Shared by the offer tests: a sales floor in memory. It carries steps out as a store does, and holds
// every change to what must be true of offers, so that a test only has to say what happens.

import assert from 'node:assert/strict'
import { carryOut, known } from '../../../engine/asking'
import {
  type Change,
  type Decision,
  type LeadState,
  patched,
  type Timer,
} from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import type { Policy } from '../../../engine/policy/policy'
import { offlineNow } from '../../../engine/routing/presence'
import type { OfferRecord, PresenceRecord, Reads, Step } from '../../../engine/step'
import { availableStep, repSubject } from '../../../engine/steps/available'
import { OFFER_CYCLE } from '../../../engine/steps/ending-offers'
import { type OfferOutcome, offerFireStep } from '../../../engine/steps/offer-fire'
import { outcomeStep } from '../../../engine/steps/outcome'
import { routeStep } from '../../../engine/steps/route'
import type { SalesEvent } from '../../../engine/steps/sales-event'
import { NOW } from '../support/leads'

interface Row {
  lead: Lead
  state: LeadState
  sinceMs: number
}
interface AssignmentRow {
  readonly leadId: string
  readonly cycle: number
  readonly repId: string
  readonly poolId: string
  readonly units: number
  open: boolean
}
export type OfferRow = OfferRecord & { readonly leadId: string; ends: number }

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

export class OfferDesk {
  nowMs = NOW
  readonly rows = new Map<string, Row>()
  readonly assignments: AssignmentRow[] = []
  readonly offers: OfferRow[] = []
  readonly presences = new Map<string, PresenceRecord>()
  readonly fairness = new Map<string, Map<string, { virtualTime: number; awaySinceMs?: number }>>()
  readonly tallies = new Map<string, number>()
  readonly timers = new Map<string, Timer>()
  /** What the node sent by itself: `<output> <lead id>`. */
  readonly sent: string[] = []
  #events = 0

  constructor(readonly policy: Policy) {}

  get #settings() {
    return { policy: this.policy, ends: new Set<string>(), nodeId: 'route-1' }
  }

  lead(id: string): Lead {
    return this.rows.get(id)!.lead
  }

  state(id: string): LeadState {
    return this.rows.get(id)!.state
  }

  openOffers(leadId?: string): OfferRow[] {
    return this.offers.filter(
      (one) => one.end === undefined && (leadId === undefined || one.leadId === leadId),
    )
  }

  /** Who has the lead. */
  owner(leadId: string): string | undefined {
    return this.assignments.find((one) => one.leadId === leadId && one.open)?.repId
  }

  async route(lead: Lead): Promise<Decision> {
    const known = this.rows.get(lead.id)
    if (known === undefined) this.rows.set(lead.id, { lead, state: 'open', sinceMs: this.nowMs })
    else if (lead.routing !== undefined) known.lead = { ...known.lead, routing: lead.routing }
    return this.#perform(routeStep, lead.id, this.#settings)
  }

  async report(leadId: string, event: Partial<SalesEvent> & Pick<SalesEvent, 'kind'>) {
    const full = { id: `e${this.#events++}`, atMs: this.nowMs, ...event }
    const decision = await this.#perform(outcomeStep, leadId, { policy: this.policy, event: full })
    await this.#ring()
    return decision
  }

  async available(repId: string): Promise<Decision> {
    const settings = { policy: this.policy, repId, eventId: `e${this.#events++}` }
    const subject = repSubject(repId, this.nowMs)
    const known = await carryOut(availableStep.gather(this.#reads(), subject, settings, this.nowMs))
    const decision = availableStep.decide(subject, settings, known, this.nowMs)
    for (const change of decision.changes) this.#apply(subject, change)
    await this.drain()
    return decision
  }

  /** Time goes on, and everything that is due on the way is fired when it is. */
  async forward(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms
    for (;;) {
      const [next] = this.#due(untilMs)
      if (next === undefined) break
      this.nowMs = Math.max(this.nowMs, next.dueMs)
      await this.#fire(next)
      await this.drain()
    }
    this.nowMs = untilMs
    await this.drain()
  }

  /** Tries the leads that wait, oldest first. */
  async drain(): Promise<void> {
    const waiting = [...this.rows]
      .filter(([, { state }]) => state === 'waiting')
      .sort(([, a], [, b]) => a.sinceMs - b.sinceMs)
    for (const [id] of waiting) await this.#perform(routeStep, id, this.#settings)
  }

  /** What is due at once: answers on their way back. */
  async #ring(): Promise<void> {
    for (let [next] = this.#due(this.nowMs); next !== undefined; [next] = this.#due(this.nowMs))
      await this.#fire(next)
    await this.drain()
  }

  #due(untilMs: number): Timer[] {
    return [...this.timers.values()]
      .filter(({ dueMs }) => dueMs <= untilMs)
      .sort((a, b) => a.dueMs - b.dueMs || (a.id < b.id ? -1 : 1))
  }

  async #fire(timer: Timer): Promise<void> {
    assert.ok(timer.dueMs <= this.nowMs, 'no timer fires early')
    const settings = { ...this.#settings, timer }
    const decision = await this.#perform(offerFireStep, timer.leadId, settings)
    const outcome = decision.outcome as OfferOutcome
    if (outcome !== 'dropped' && outcome !== 'expired') this.sent.push(`${outcome} ${timer.leadId}`)
  }

  async #perform<S, K, O extends string>(
    step: Step<S, K, O>,
    leadId: string,
    settings: S,
  ): Promise<Decision<O>> {
    const row = this.rows.get(leadId)!
    const known = await carryOut(step.gather(this.#reads(), row.lead, settings, this.nowMs))
    const decision = step.decide(row.lead, settings, known, this.nowMs)
    assert.ok(decision.because.length > 0)
    const after = patched(row.lead, decision.patch)
    for (const change of decision.changes) this.#apply(after, change)
    row.lead = after
    this.check()
    return decision
  }

  #reads(): Reads {
    const reads: Partial<Reads> = {
      state: (leadId) => known(this.rows.get(leadId)?.state),
      accounts: () => known(new Map()),
      artefact: () => known(undefined),
      openAssignment: (leadId, cycle) =>
        known(
          this.assignments.find((one) => one.leadId === leadId && one.cycle === cycle && one.open),
        ),
      offers: (leadId) => known(this.offers.filter((one) => one.leadId === leadId)),
      repOffers: (repIds) =>
        known(
          new Map(
            repIds.map((id) => [id, this.openOffers().filter(({ repId }) => repId === id).length]),
          ),
        ),
      presences: () => known(this.presences),
      repLoads: () => known(new Map([...this.policy.reps.keys()].map((id) => [id, this.load(id)]))),
      fairness: (poolId) => known(new Map(this.fairness.get(poolId))),
      tallies: (of) =>
        known(
          of.map(
            ({ repId, period, fromMs }) => this.tallies.get(`${repId} ${period} ${fromMs}`) ?? 0,
          ),
        ),
      timers: (leadId, cycle) =>
        known(
          [...this.timers.values()].filter((one) => one.leadId === leadId && one.cycle === cycle),
        ),
    }
    return reads as Reads
  }

  /** Units of the rep that are taken, by assignments and by offers. */
  load(repId: string): number {
    const taken = [
      ...this.assignments.filter((one) => one.repId === repId && one.open),
      ...this.openOffers().filter((one) => one.repId === repId),
    ]
    return sum(taken.map(({ units }) => units))
  }

  #apply(lead: Lead, change: Change): void {
    switch (change.kind) {
      case 'lead.save': {
        const row = this.rows.get(lead.id)!
        if (row.state !== change.state) row.sinceMs = this.nowMs
        row.state = change.state
        break
      }
      case 'assignment.open': {
        const { kind: _, ...row } = change
        const again = this.assignments.some(
          ({ leadId, cycle }) => leadId === row.leadId && cycle === row.cycle,
        )
        assert.ok(!again, 'one assignment per cycle')
        this.assignments.push({ ...row, open: true })
        break
      }
      case 'assignment.close':
        for (const one of this.assignments)
          if (one.leadId === change.leadId && one.cycle === change.cycle) one.open = false
        break
      case 'offer.open': {
        const { kind: _, ...row } = change
        const tokens = this.offers.filter((one) => one.leadId === row.leadId).map((o) => o.token)
        assert.ok(row.token > Math.max(0, ...tokens), 'tokens grow')
        const offline = offlineNow(this.presences.get(row.repId), this.policy.misses, this.nowMs)
        assert.equal(offline, undefined, 'nobody offline is asked')
        this.offers.push({ ...row, ends: 0 })
        break
      }
      case 'offer.close': {
        const index = this.offers.findIndex(
          (one) => one.leadId === change.leadId && one.token === change.token,
        )
        const offer = this.offers[index]!
        assert.equal(offer.ends, 0, 'an offer ends once')
        this.offers[index] = { ...offer, end: change.end, ends: 1 }
        break
      }
      case 'presence.save': {
        const { kind: _, repId, ...record } = change
        this.presences.set(repId, record)
        break
      }
      case 'fairness.save': {
        const { kind: _, poolId, repId, ...record } = change
        const pool = this.fairness.get(poolId) ?? new Map()
        this.fairness.set(poolId, pool.set(repId, record))
        break
      }
      case 'tally.add': {
        const key = `${change.repId} ${change.period} ${change.fromMs}`
        this.tallies.set(key, (this.tallies.get(key) ?? 0) + 1)
        break
      }
      case 'timer.set':
        if (!this.timers.has(change.timer.id)) this.timers.set(change.timer.id, change.timer)
        break
      case 'timer.fired':
        assert.ok(this.timers.delete(change.timerId), 'a timer fires once')
        break
      case 'timers.cancel':
        for (const [id, { leadId, cycle }] of this.timers)
          if (leadId === change.leadId && cycle === change.cycle) this.timers.delete(id)
        break
      default:
    }
  }

  /** What holds at every moment, whatever has happened. */
  check(): void {
    for (const { id, capacity, caps } of this.policy.reps.values()) {
      assert.ok(this.load(id) <= capacity, `${id}: ${this.load(id)} of ${capacity}`)
      for (const { max, clock } of caps) {
        const key = `${id} ${clock.period} ${clock.around(this.nowMs).startMs}`
        assert.ok((this.tallies.get(key) ?? 0) <= max, `${id}: cap of ${max}`)
      }
    }
    for (const [id, { lead, state }] of this.rows) this.#checkLead(id, lead, state)
    for (const offer of this.offers) assert.equal(offer.ends, offer.end === undefined ? 0 : 1)
  }

  #checkLead(id: string, { assignment }: Lead, state: LeadState): void {
    const owners = this.assignments.filter((one) => one.leadId === id && one.open)
    const open = this.openOffers(id)
    assert.ok(owners.length <= 1, `${id} has ${owners.length} reps`)
    if (owners.length === 1) assert.equal(open.length, 0, `${id} is assigned and offered`)
    assert.deepEqual(
      (assignment?.offers ?? []).map(({ token, rep }) => [token, rep.id]),
      open.map(({ token, repId }) => [token, repId]),
      `${id}: the lead tells what stands open`,
    )
    if (open.length > 0) assert.deepEqual([state, assignment?.status], ['offered', 'offered'])
    const expiries = [...this.timers.values()].filter(
      ({ leadId, cycle, detail }) =>
        leadId === id && cycle === OFFER_CYCLE && detail.answer === undefined,
    )
    assert.deepEqual(
      expiries.map(({ dueMs, detail }) => [detail.token, dueMs]).sort(),
      open.map(({ token, expiresMs }) => [token, expiresMs]).sort(),
      `${id}: one timer for each open offer`,
    )
  }
}
