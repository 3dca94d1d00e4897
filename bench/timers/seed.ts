/** Leads whose clocks run, put into a store by the step that starts clocks; and timers of a far day. */
import type { Change, Decision } from '../../engine/decision'
import type { Lead } from '../../engine/lead/lead'
import type { Policy } from '../../engine/policy/policy'
import type { Store } from '../../store/store'
import { built } from '../lib/built'

export const TIMER_NODE = 'n-sla'
const RESPOND_MS = 3_600_000
const DUE_PER_COMMIT = 100
const FAR_PER_COMMIT = 1_000
const FAR_MS = 30 * 86_400_000

export const POLICY = `
policy: timers
version: 1.0.0
reps: [{ id: ana, name: Ana, capacity: 100000 }]
pools: [{ id: all, members: [ana] }]
routes: [{ id: route.all, pool: all }]
tiers: [{ id: hour, respond: 1h, clock: always }]
`

/** Each lead is assigned, and its clock breaches at its time, epoch ms. Throws when a clock does not start. */
export async function seedDue(store: Store, dueMs: readonly number[], name: string): Promise<void> {
  const policy = thePolicy()
  const { slaStartStep } =
    built<typeof import('../../engine/steps/sla-start')>('engine/steps/sla-start')
  const { performTogether } = built<typeof import('../../store/perform')>('store/perform')
  const settings = { policy, nodeId: TIMER_NODE, ends: new Set(['started']) }
  for (let from = 0; from < dueMs.length; from += DUE_PER_COMMIT) {
    const leads = dueMs
      .slice(from, from + DUE_PER_COMMIT)
      .map((due, index) => leadOf(`${name}${from + index}`, due - RESPOND_MS, policy))
    const nowMs = dueMs[from]! - RESPOND_MS
    await store.transaction([], function* (tx) {
      for (const lead of leads)
        yield* tx.commit({ decision: assignmentOf(lead), lead, actor: 'bench', nowMs })
    })
    const cases = leads.map((lead) => ({ lead, settings }))
    for (const one of await performTogether(store, slaStartStep, cases, { nowMs }))
      if (one.status === 'rejected') throw one.reason
      else if (one.value.outcome !== 'started')
        throw new Error(`a clock of the benchmark did not start: ${one.value.because[0]?.why}`)
  }
}

/** What routing would have decided; a clock starts only for a lead that somebody has. */
function assignmentOf({ id: leadId, cycle }: Lead): Decision {
  return {
    step: 'route',
    outcome: 'assigned',
    patch: {},
    because: [],
    changes: [
      { kind: 'assignment.open', leadId, cycle, repId: 'ana', poolId: 'all', units: 1 },
      { kind: 'lead.save', state: 'assigned', reason: 'is free' },
    ],
  }
}

/** Timers that nobody will see ring, as most of those that are pending at any moment. */
export async function seedFar(store: Store, count: number): Promise<void> {
  const policy = thePolicy()
  const nowMs = Date.now()
  const lead = leadOf('far', nowMs, policy)
  for (let from = 0; from < count; from += FAR_PER_COMMIT) {
    const changes = Array.from(
      { length: Math.min(FAR_PER_COMMIT, count - from) },
      (_, index): Change => ({ kind: 'timer.set', timer: farTimer(from + index, nowMs) }),
    )
    const decision = {
      step: 'sla-start',
      outcome: 'started',
      patch: {},
      because: [],
      changes,
    } as const
    await store.transaction([], (tx) => tx.commit({ decision, lead, actor: 'bench', nowMs }))
  }
}

function farTimer(index: number, nowMs: number) {
  return {
    id: `far${index}#1#breach#0`,
    leadId: `far${index}`,
    cycle: 1,
    kind: 'breach',
    dueMs: nowMs + FAR_MS + index,
    nodeId: TIMER_NODE,
    policy: 'timers',
    detail: {},
  } as const
}

function thePolicy(): Policy {
  const { loadPolicy } = built<typeof import('../../engine/policy/load')>('engine/policy/load')
  const loaded = loadPolicy(POLICY)
  if (loaded.policy === undefined) throw new Error('the policy of the benchmark has a problem')
  return loaded.policy
}

function leadOf(id: string, receivedMs: number, policy: Policy): Lead {
  const { toLead } = built<typeof import('../../engine/lead/intake/to-lead')>(
    'engine/lead/intake/to-lead',
  )
  const settings = {
    system: 'bench',
    mapping: [],
    signals: [],
    guessNames: true,
    required: [],
    onInvalid: 'set-aside',
    eventIdFrom: 'id',
  } as const
  const record = { id, email: `${id}@company.example`, name: `Kim ${id}`, company: 'Company GmbH' }
  const intake = toLead(record, settings, receivedMs)
  if (intake.kind === 'rejected') throw new Error('a lead of the benchmark was rejected')
  const at = new Date(receivedMs).toISOString()
  return {
    ...intake.lead,
    assignment: {
      cycle: 1,
      attempt: 1,
      status: 'assigned',
      at,
      rep: { id: 'ana', name: 'Ana' },
      pool: 'all',
      units: 1,
      why: 'is free',
      candidates: [],
      policy: policy.ref,
    },
  }
}
