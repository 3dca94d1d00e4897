// Shared by the SLA tests: one lead on its clocks, without a store. Steps decide, changes are applied
// to the timers as a store does, and time is moved by hand.
import { type Decision, patched, type Timer } from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import type { Policy } from '../../../engine/policy/policy'
import { outcomeStep } from '../../../engine/steps/outcome'
import type { OutcomeKind, SalesEvent } from '../../../engine/steps/sales-event'
import { slaFireStep } from '../../../engine/steps/sla-fire'
import { slaStartStep } from '../../../engine/steps/sla-start'
import { at, lead, NOW } from '../support/leads'

const ENDS = new Set<string>()

export class Desk {
  lead: Lead
  nowMs = NOW
  timers = new Map<string, Timer>()
  /** What has rung, in order. */
  readonly rung: {
    readonly name: string
    readonly atMs: number
    readonly dueMs: number
    readonly decision: Decision
  }[] = []
  #former: Policy | undefined
  #reports = 0

  /** The lead came in `systemMs` before it was assigned to Ana, now. */
  constructor(
    public policy: Policy,
    { systemMs = 0, more = {} }: { systemMs?: number; more?: Partial<Lead> } = {},
  ) {
    this.lead = lead({
      event: { id: 'web:1', receivedAt: at(NOW - systemMs) },
      assignment: {
        status: 'assigned',
        rep: { id: 'ana', name: 'Ana' },
        pool: 'all',
        units: 1,
        cycle: 1,
        attempt: 1,
        at: at(NOW),
        why: 'next',
        candidates: [],
        policy: policy.ref,
      },
      ...more,
    })
  }

  /** The lead comes to lead-sla-timer. */
  start(): Decision {
    const known = { state: 'assigned' as const, ...this.#known() }
    const settings = { policy: this.policy, nodeId: 'n', ends: ENDS }
    return this.#apply(slaStartStep.decide(this.lead, settings, known, this.nowMs))
  }

  report(kind: OutcomeKind, more: Partial<SalesEvent> = {}): Decision {
    this.#reports += 1
    const event = { id: `r${this.#reports}`, kind, atMs: this.nowMs, ...more }
    const open = this.lead.assignment?.status === 'assigned'
    const known = { open, waits: false, ...this.#known() }
    return this.#apply(
      outcomeStep.decide(this.lead, { policy: this.policy, event }, known, this.nowMs),
    )
  }

  touch(evidence = 'call', more: Partial<SalesEvent> = {}): Decision {
    return this.report('first_touch', { evidence, ...more })
  }

  pause(state = 'waiting-for-customer'): Decision {
    return this.report('paused', { state })
  }

  resume(): Decision {
    return this.report('resumed')
  }

  /** Lets time pass; what becomes due rings at its time. */
  pass(ms: number): this {
    const untilMs = this.nowMs + ms
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.nowMs = Math.max(this.nowMs, next.dueMs)
      this.fire(next)
    }
    this.nowMs = untilMs
    return this
  }

  fire(timer: Timer): Decision {
    const pending = this.timers.get(timer.id)?.dueMs === timer.dueMs
    const state = this.lead.assignment?.status === 'assigned' ? 'assigned' : 'closed'
    const decision = slaFireStep.decide(
      this.lead,
      { timer, ends: ENDS },
      { pending, state },
      this.nowMs,
    )
    if (decision.outcome !== 'dropped') {
      const name = `${timer.detail.clock}/${timer.kind}#${timer.detail.index}`
      this.rung.push({ name, atMs: this.nowMs, dueMs: timer.dueMs, decision })
    }
    return this.#apply(decision)
  }

  /** From now on another policy decides; the clocks learn of it when a step looks at them. */
  change(policy: Policy): this {
    this.#former = this.policy
    this.policy = policy
    return this
  }

  /** As after a restart: all that is kept is JSON. */
  restart(): this {
    this.lead = JSON.parse(JSON.stringify(this.lead))
    this.timers = new Map(JSON.parse(JSON.stringify([...this.timers])))
    return this
  }

  get sla() {
    return this.lead.sla!
  }

  get rang(): string[] {
    return this.rung.map(({ name }) => name)
  }

  /** When each timer is due, from now. */
  get due(): Record<string, number> {
    const pairs = [...this.timers.values()].map(
      ({ kind, detail, dueMs }) =>
        [`${detail.clock}/${kind}#${detail.index}`, dueMs - this.nowMs] as const,
    )
    return Object.fromEntries(pairs)
  }

  #known(): { former?: Policy } {
    const hash = this.lead.sla?.policy?.hash
    const former = [this.policy, this.#former].find((one) => one?.ref.hash === hash)
    return former === undefined ? {} : { former }
  }

  #next(untilMs: number): Timer | undefined {
    return [...this.timers.values()]
      .filter(({ dueMs }) => dueMs <= untilMs)
      .sort((a, b) => a.dueMs - b.dueMs)[0]
  }

  #apply(decision: Decision): Decision {
    this.lead = patched(this.lead, decision.patch)
    for (const change of decision.changes) {
      if (change.kind === 'timers.cancel') this.timers.clear()
      if (change.kind === 'timer.fired') this.timers.delete(change.timerId)
      if (change.kind === 'timer.set' && !this.timers.has(change.timer.id))
        this.timers.set(change.timer.id, change.timer)
    }
    return decision
  }
}
