// Shared by the PostgreSQL tests: leads that go through all steps, on any store.

import { patched, type Timer } from '../../engine/decision'
import type { Lead } from '../../engine/lead/lead'
import type { Policy } from '../../engine/policy/policy'
import { dedupeStep } from '../../engine/steps/dedupe'
import { ingestStep } from '../../engine/steps/ingest'
import { outcomeStep, type SalesEvent } from '../../engine/steps/outcome'
import { qualifyStep } from '../../engine/steps/qualify'
import { routeStep } from '../../engine/steps/route'
import { decideFit } from '../../engine/steps/score-fit'
import { decideIntent } from '../../engine/steps/score-intent'
import { slaFireStep } from '../../engine/steps/sla-fire'
import { slaStartStep } from '../../engine/steps/sla-start'
import { type Performed, perform } from '../../store/perform'
import type { Store } from '../../store/store'
import { contract, policy } from '../engine/support/artefacts'
import { at, DAY, lead, NOW, signal } from '../engine/support/leads'

export const CONTRACT = contract()

/** Three reps with little room in two pools, the first of which overflows; reminder and escalation. */
export const TIGHT = policy({
  reps: [
    { id: 'ana', name: 'Ana', capacity: 2 },
    { id: 'ben', name: 'Ben', capacity: 3, weight: 2 },
    { id: 'eva', name: 'Eva', capacity: 2 },
  ],
  pools: [
    { id: 'first', members: ['ana', 'ben'], overflow: 'spare' },
    { id: 'spare', members: ['eva', 'ben'] },
  ],
  routes: [{ id: 'route.all', pool: 'first' }],
  tiers: [
    {
      id: 'quick',
      respond: '1h',
      clock: 'always',
      remind: ['30m'],
      escalate: [{ after: '1h', to: 'spare', action: 'reassign' }],
    },
  ],
})

/** Room enough for every lead of a test. */
export const WIDE = policy({
  reps: ['ana', 'ben', 'eva'].map((id) => ({ id, name: id, capacity: 100_000 })),
  pools: [{ id: 'all', members: ['ana', 'ben', 'eva'] }],
})

const ENDS = new Set(['nurture', 'review', 'closed', 'started'])
export const NODE = 'node-1'

/** The `n`th person, who asks for a demo. */
export function person(n: number, changes: Partial<Lead> = {}): Lead {
  return lead({
    id: `L${n}`,
    event: { id: `web:${n}`, receivedAt: at(NOW) },
    contact: { email: `p${n}@acme.example`, emailKey: `p${n}@acme.example`, nameKey: `p ${n}` },
    signals: [signal('demo_request', n), signal('page_view', n + 1)],
    ...changes,
  })
}

/** The steps as nodes call them. */
export class Life {
  constructor(
    readonly store: Store,
    readonly policy: Policy = TIGHT,
  ) {}

  ingest(current: Lead, nowMs = NOW) {
    const settings = { rememberMs: DAY, nodeId: NODE, ends: new Set<string>() }
    return perform(this.store, ingestStep, current, settings, { nowMs })
  }

  dedupe(current: Lead, nowMs = NOW) {
    return perform(this.store, dedupeStep, current, { ends: ENDS }, { nowMs })
  }

  qualify(current: Lead, nowMs = NOW) {
    const fit = patched(current, decideFit(CONTRACT, current).patch)
    const scored = patched(fit, decideIntent(CONTRACT, fit, [], nowMs).patch)
    return perform(this.store, qualifyStep, scored, { contract: CONTRACT, ends: ENDS }, { nowMs })
  }

  route(current: Lead, nowMs = NOW) {
    const settings = { policy: this.policy, ends: ENDS }
    return perform(this.store, routeStep, current, settings, { nowMs })
  }

  start(current: Lead, nowMs = NOW) {
    const settings = { policy: this.policy, nodeId: NODE, ends: ENDS }
    return perform(this.store, slaStartStep, current, settings, { nowMs })
  }

  fire(current: Lead, timer: Timer, nowMs: number) {
    return perform(this.store, slaFireStep, current, { timer }, { nowMs })
  }

  outcome(current: Lead, event: Partial<SalesEvent> & Pick<SalesEvent, 'id'>, nowMs = NOW) {
    const settings = {
      policy: this.policy,
      event: { kind: 'closed' as const, atMs: nowMs, ...event },
    }
    return perform(this.store, outcomeStep, current, settings, { nowMs, actor: 'dana' })
  }

  /** From the event to a rep, or to wherever it ends. */
  async whole(current: Lead, nowMs = NOW): Promise<Performed<string>> {
    const taken = await this.ingest(current, nowMs)
    const known = await this.dedupe(taken.lead, nowMs)
    const decided = await this.qualify(known.lead, nowMs)
    if (decided.outcome !== 'sales') return decided
    const routed = await this.route(decided.lead, nowMs)
    return routed.outcome === 'assigned' ? this.start(routed.lead, nowMs) : routed
  }
}
