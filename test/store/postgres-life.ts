// For the PostgreSQL tests: the steps of ./life under policies with more to decide, and a whole way
// that goes on after a repetition, as a message does that two containers were given.
import type { Lead } from '../../engine/lead/lead'
import type { Policy } from '../../engine/policy/policy'
import { outcomeStep } from '../../engine/steps/outcome'
import type { SalesEvent } from '../../engine/steps/sales-event'
import { type Performed, perform } from '../../store/perform'
import type { Store } from '../../store/store'
import { policy } from '../engine/support/artefacts'
import { NOW } from '../engine/support/leads'
import { Life as Steps } from './life'

export { NOW } from '../engine/support/leads'
export { dueTimers, NODE, own, person, takeUp } from './life'

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

export class Life extends Steps {
  constructor(store: Store, rules: Policy = TIGHT) {
    super(store, rules)
  }

  /** What sales says about the lead as a message carries it. */
  outcome(current: Lead, event: Partial<SalesEvent> & Pick<SalesEvent, 'id'>, nowMs = NOW) {
    const settings = {
      policy: this.policy,
      event: { kind: 'closed' as const, atMs: nowMs, ...event },
    }
    return perform(this.store, outcomeStep, current, settings, { nowMs, actor: 'dana' })
  }

  override async whole(current: Lead, nowMs = NOW): Promise<Performed<string>> {
    const taken = await this.ingest(current, nowMs)
    const known = await this.dedupe(taken.lead, nowMs)
    return this.decided(known.lead, nowMs)
  }
}
