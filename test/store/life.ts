// Shared by the store tests: leads that go through the steps as the nodes call them, on any store.
import { patched, type Timer } from '../../engine/decision'
import type { ProviderAnswer } from '../../engine/enrichment/merge-values'
import type { Lead } from '../../engine/lead/lead'
import type { Policy } from '../../engine/policy/policy'
import { dedupeStep } from '../../engine/steps/dedupe'
import { enrichStep } from '../../engine/steps/enrich'
import { ingestStep } from '../../engine/steps/ingest'
import { optInStep } from '../../engine/steps/opt-in'
import { outcomeStep } from '../../engine/steps/outcome'
import { qualifyStep } from '../../engine/steps/qualify'
import { routeStep } from '../../engine/steps/route'
import type { SalesEvent } from '../../engine/steps/sales-event'
import { decideFit } from '../../engine/steps/score-fit'
import { decideIntent, gatherAccount } from '../../engine/steps/score-intent'
import { slaFireStep } from '../../engine/steps/sla-fire'
import { slaStartStep } from '../../engine/steps/sla-start'
import { type Performed, perform } from '../../store/perform'
import type { Scope, Store, TakeUp } from '../../store/store'
import { contract, policy } from '../engine/support/artefacts'
import { at, DAY, lead, NOW, signal } from '../engine/support/leads'

export const CONTRACT = contract()
export const NODE = 'n1'

/** Two reps with room for three leads in all, one tier with a reminder and an escalation. */
export const TIGHT = policy({
  reps: [
    { id: 'ana', name: 'Ana', capacity: 1 },
    { id: 'ben', name: 'Ben', capacity: 2 },
  ],
  tiers: [
    {
      id: 'fast',
      respond: '1h',
      clock: 'always',
      remind: ['30m'],
      escalate: [{ after: '2h', to: 'all', action: 'reassign' }],
    },
  ],
})

/** The `n`th person, who asks for a demo. */
export function person(n: number, changes: Partial<Lead> = {}): Lead {
  const email = `p${n}@acme.example`
  return lead({
    id: `L${n}`,
    event: { id: `web:${n}`, receivedAt: at(NOW) },
    contact: { email, emailKey: email, name: `P ${n}`, nameKey: `p ${n}` },
    signals: [signal('demo_request', 0, { id: `demo-${n}` })],
    ...changes,
  })
}

/** The work of one node alone. */
export function own(nodeId = NODE, adopted: readonly string[] = [], of = ''): Scope {
  return { nodeId, adopted, of: [of] }
}

/** Timers that are due at a node, which this store claims by that. */
export async function dueTimers(
  store: Store,
  nowMs: number,
  limit = 999,
  nodeId = NODE,
): Promise<Timer[]> {
  return (await store.claimTimers(own(nodeId), nowMs, limit)).map(({ timer }) => timer)
}

/** Takes up what nobody carries at a node. */
export function takeUp(store: Store, how: Partial<TakeUp> = {}, scope = own()) {
  return store.claimUnderway(scope, { nowMs: NOW, limit: 99, attemptsMax: 5, ...how })
}

const NO_ENDS: ReadonlySet<string> = new Set()
export const ENDS = new Set(['nurture', 'review', 'closed', 'started', 'waiting', 'unroutable'])

export class Life {
  constructor(
    readonly store: Store,
    readonly policy: Policy = TIGHT,
  ) {}

  ingest(one: Lead, nowMs = NOW, nodeId = NODE) {
    const settings = { rememberMs: DAY, nodeId, ends: NO_ENDS }
    return perform(this.store, ingestStep, one, settings, { nowMs, whole: true })
  }

  dedupe(one: Lead, nowMs = NOW) {
    return perform(this.store, dedupeStep, one, { ends: ENDS }, { nowMs })
  }

  /** One provider has answered; a contradiction on any of `critical` stops the lead. */
  enrich(
    one: Lead,
    values: ProviderAnswer['values'],
    nowMs = NOW,
    critical: readonly string[] = [],
  ) {
    const answer = { name: 'crm', result: 'found', confidence: 0.9, observedAt: at(nowMs) } as const
    const settings = {
      critical: new Set(critical),
      answers: [{ ...answer, values }],
      ends: NO_ENDS,
    }
    return perform(this.store, enrichStep, one, settings, { nowMs })
  }

  async qualify(one: Lead, nowMs = NOW) {
    const fit = patched(one, decideFit(CONTRACT, one).patch)
    const others = await this.store.transaction([], (tx) => gatherAccount(tx, CONTRACT, fit, nowMs))
    const scored = patched(fit, decideIntent(CONTRACT, fit, others, nowMs).patch)
    return perform(this.store, qualifyStep, scored, { contract: CONTRACT, ends: ENDS }, { nowMs })
  }

  route(one: Lead, nowMs = NOW) {
    return perform(this.store, routeStep, one, { policy: this.policy, ends: ENDS }, { nowMs })
  }

  start(one: Lead, nowMs = NOW) {
    const settings = { policy: this.policy, nodeId: NODE, ends: ENDS }
    return perform(this.store, slaStartStep, one, settings, { nowMs })
  }

  fire(one: Lead, timer: Timer, nowMs: number) {
    return perform(this.store, slaFireStep, one, { timer }, { nowMs })
  }

  /** What sales says about the lead as it is stored, as the node does it. */
  async sales(leadId: string, event: Partial<SalesEvent> & Pick<SalesEvent, 'kind'>, nowMs = NOW) {
    const stored = await this.store.lead(leadId)
    const settings = {
      policy: this.policy,
      event: { id: `${event.kind}@${nowMs}`, atMs: nowMs, ...event },
    }
    return perform(this.store, outcomeStep, stored!.lead, settings, {
      nowMs,
      actor: event.by ?? 'system',
    })
  }

  /** That the person granted it again, at `nowMs` where the report does not say when. */
  async optIn(leadId: string, event: Partial<SalesEvent>, nowMs = NOW) {
    const stored = await this.store.lead(leadId)
    const said = { id: 'o', atMs: nowMs, evidence: 'doi-1', by: 'Dana', ...event }
    return perform(
      this.store,
      optInStep,
      stored!.lead,
      { event: { ...said, kind: 'opted_in' } },
      { nowMs, actor: said.by },
    )
  }

  /** From the event to a rep and a clock, or to wherever it ends. */
  async whole(one: Lead, nowMs = NOW): Promise<Performed<string>> {
    const taken = await this.ingest(one, nowMs)
    if (taken.outcome === 'repeated') return taken
    const known = await this.dedupe(taken.lead, nowMs)
    if (known.outcome === 'review') return known
    return this.decided(known.lead, nowMs)
  }

  async decided(one: Lead, nowMs = NOW): Promise<Performed<string>> {
    const decided = await this.qualify(one, nowMs)
    if (decided.outcome !== 'sales') return decided
    const routed = await this.route(decided.lead, nowMs)
    return routed.outcome === 'assigned' ? this.start(routed.lead, nowMs) : routed
  }

  /** Waiting leads are tried again, as the node does when capacity frees. */
  async drain(nowMs = NOW): Promise<void> {
    const { items: leads } = await this.store.claimWaiting(this.policy.names, 100)
    for (const one of leads) {
      const routed = await this.route(one, nowMs)
      if (routed.outcome === 'assigned') await this.start(routed.lead, nowMs)
    }
    await this.store.releaseWaiting(leads.map(({ id }) => id))
  }
}
