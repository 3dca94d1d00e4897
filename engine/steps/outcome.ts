/**
 * Outcome: what sales did with the lead. A first touch stops the SLA clock; closing gives the
 * rep's capacity back, and the share of the lead too when nothing could come of it; reopening starts
 * the next cycle.
 *
 * A clock stops on evidence of contact only (call, reply, meeting, chat), never on an edit.
 */
import type { Change, Decision } from '../decision'
import type { Lead, SlaSection } from '../lead/lead'
import type { Policy } from '../policy/policy'
import type { Credit } from '../policy/schema'
import { credited } from '../routing/credit'
import { isOptedOut } from '../scoring/decide'
import { clockOf, tierOf, used } from '../sla/tier'
import type { FairnessRecord, OpenAssignment, Reads, Step } from '../step'
import { closedSections, closing } from './closing'
import { iso, type JourneySettings, journeyAgain } from './journey'
import { stateOf } from './unmoved'

export const OUTCOME_KINDS = [
  'first_touch',
  'accepted',
  'rejected',
  'disqualified',
  'converted',
  'closed',
  'reopened',
] as const
export type OutcomeKind = (typeof OUTCOME_KINDS)[number]
export const EVIDENCE = ['call', 'reply', 'meeting', 'chat'] as const
export type Evidence = (typeof EVIDENCE)[number]

/** What somebody says sales did. `id` makes it idempotent; `atMs` is when it happened. */
export interface SalesEvent {
  readonly id: string
  readonly kind: OutcomeKind
  readonly evidence?: Evidence
  readonly atMs: number
  readonly by?: string
  readonly why?: string
}

export interface OutcomeSettings extends Partial<JourneySettings> {
  readonly policy: Policy
  readonly event: SalesEvent
}

export type OutcomeResult = 'met' | 'recorded' | 'ignored'

interface Known {
  readonly open: boolean
  /** Whose share of which pool the lead counts to, and how that pool stands; when it may be given back. */
  readonly share?: OpenAssignment & {
    readonly records: ReadonlyMap<string, FairnessRecord>
  }
  /** Nobody has the lead, and it is tried again by itself. */
  readonly waits: boolean
}

export const outcomeStep: Step<OutcomeSettings, Known, OutcomeResult> = {
  name: 'outcome',
  artefact: ({ policy }) => policy.ref,
  scopes: (lead, { policy }) => [`policy:${policy.ref.name}`, `lead:${lead.id}`],
  key: (lead, { event }) => `${lead.id}#${event.id}`,
  gather: async (reads, lead, { event }) => {
    const state = await stateOf(reads, lead)
    const share = CREDIT[event.kind] === undefined ? undefined : await shareOf(reads, lead)
    return {
      open: state === 'assigned',
      waits: state === 'waiting',
      ...(share === undefined ? {} : { share }),
    }
  },
  decide: (lead, settings, known, nowMs): Decision<OutcomeResult> => {
    const { event } = settings
    const { open, waits } = known
    if (event.kind === 'reopened') return reopen(lead, settings, { open, waits })
    if (!open) return ignored(event, 'The lead has no open assignment')
    if (event.kind === 'first_touch') return touch(lead, settings, nowMs)
    if (event.kind === 'accepted') {
      return recorded(event, {}, [
        { kind: 'lead.save', state: 'assigned', reason: text(event), standingOnly: true },
      ])
    }
    return recorded(event, closedSections(lead), [
      ...closing(lead, event.kind),
      ...creditBack(settings, known),
      { kind: 'lead.save', state: 'closed', reason: text(event), standingOnly: true },
    ])
  },
}

/** What gives the rep the share of the lead back. */
const CREDIT: Readonly<Partial<Record<OutcomeKind, Credit>>> = {
  rejected: 'declined',
  disqualified: 'disqualified',
}

async function shareOf(reads: Reads, lead: Lead): Promise<Known['share']> {
  const open = await reads.openAssignment(lead.id, lead.cycle)
  return open && { ...open, records: await reads.fairness(open.poolId) }
}

function creditBack({ policy, event }: OutcomeSettings, { share }: Known): Change[] {
  const why = CREDIT[event.kind]
  if (share === undefined || why === undefined) return []
  const { repId, poolId, units, records } = share
  const record = credited(policy.pools.get(poolId), repId, units, records, why)
  return record === undefined ? [] : [{ kind: 'fairness.save', poolId, repId, ...record }]
}

function touch(lead: Lead, settings: OutcomeSettings, nowMs: number): Decision<OutcomeResult> {
  const { event } = settings
  const { sla } = lead
  if (event.evidence === undefined)
    return ignored(event, `Only evidence stops the clock: ${EVIDENCE.join(', ')}`)
  if (sla === undefined || sla.cycle !== lead.cycle)
    return ignored(event, 'No clock runs for this lead')
  if (sla.metAt !== undefined || sla.status === 'stopped')
    return ignored(event, 'The clock was stopped before')
  return {
    step: 'outcome',
    outcome: 'met',
    patch: { sla: met(lead, sla, settings, nowMs) },
    because: [
      {
        rule: 'outcome.first_touch',
        why: text(event),
        inputs: [{ path: 'sla.dueAt', value: sla.dueAt }],
      },
    ],
    changes: [
      { kind: 'timers.cancel', leadId: lead.id, cycle: lead.cycle },
      { kind: 'lead.save', state: 'assigned', reason: text(event), standingOnly: true },
    ],
  }
}

/** The moment of contact counts, not of its report; a report from the future counts as now. */
function met(
  lead: Lead,
  sla: SlaSection,
  { policy, event }: OutcomeSettings,
  nowMs: number,
): SlaSection {
  const atMs = Math.min(event.atMs, nowMs)
  const tier = policy.tiers.list.find(({ id }) => id === sla.tier) ?? tierOf(policy, lead).tier
  const startMs = Date.parse(sla.startedAt)
  return {
    ...sla,
    status: atMs <= Date.parse(sla.dueAt) ? 'met' : 'met_late',
    metAt: iso(atMs),
    evidence: event.evidence!,
    elapsedMs: used(
      clockOf(policy, tier, lead.assignment?.rep?.id),
      startMs,
      Math.max(startMs, atMs),
    ),
  }
}

function reopen(
  lead: Lead,
  { event, ends }: OutcomeSettings,
  { open, waits }: Known,
): Decision<OutcomeResult> {
  if (open) return ignored(event, 'The lead is open already')
  if (waits) return ignored(event, 'The lead waits for a rep already')
  if (isOptedOut(lead)) return ignored(event, 'The person asked not to be contacted')
  return recorded(event, { cycle: lead.cycle + 1, sla: undefined }, [
    ...(ends === undefined ? [] : journeyAgain(lead, 'recorded', { ends })),
    { kind: 'lead.save', state: 'qualified', reason: text(event), standingOnly: true },
  ])
}

function recorded(
  event: SalesEvent,
  patch: Decision['patch'],
  changes: readonly Change[],
): Decision<OutcomeResult> {
  return {
    step: 'outcome',
    outcome: 'recorded',
    patch,
    because: [{ rule: `outcome.${event.kind}`, why: text(event), inputs: [] }],
    changes,
  }
}

function ignored(event: SalesEvent, why: string): Decision<OutcomeResult> {
  return {
    step: 'outcome',
    outcome: 'ignored',
    patch: {},
    because: [{ rule: `outcome.${event.kind}`, why, inputs: [] }],
    changes: [],
  }
}

function text({ kind, evidence, by, why }: SalesEvent): string {
  const who = by === undefined ? '' : ` by ${by}`
  const how = evidence === undefined ? '' : ` (${evidence})`
  return `${kind.replace('_', ' ')}${how}${who}${why === undefined ? '' : `: ${why}`}`
}
