/**
 * What sales did, as a message: `msg.outcome = { kind, evidence?, at?, by?, why?, id? }` with the
 * lead, or its id, in `msg.payload` or `msg.topic`.
 */
import { LeadFault } from '../../engine/faults'
import { normaliseTimestamp } from '../../engine/lead/normalise'
import type { Policy } from '../../engine/policy/policy'
import {
  EVIDENCE,
  type Evidence,
  OUTCOME_KINDS,
  type OutcomeKind,
  type OutcomeResult,
  outcomeStep,
  type SalesEvent,
} from '../../engine/steps/outcome'
import { type Performed, perform } from '../../store/perform'
import type { OpenStore } from './config-nodes'
import type { LeadMessage } from './red'

/** Undefined when the message reports nothing; throws LEAD_COMMAND_UNKNOWN on an unknown kind. */
export function salesEventOf(msg: LeadMessage, nowMs: number): SalesEvent | undefined {
  const raw = msg.outcome
  if (raw === undefined || raw === null) return undefined
  const said = (typeof raw === 'string' ? { kind: raw } : raw) as Record<string, unknown>
  const kind = OUTCOME_KINDS.find((one) => one === said.kind)
  if (kind === undefined)
    throw new LeadFault('LEAD_COMMAND_UNKNOWN', named(said.kind), OUTCOME_KINDS.join(', '))
  const at = normaliseTimestamp(said.at)
  const atMs = at.ok ? Date.parse(at.value) : nowMs
  return {
    id: typeof said.id === 'string' ? said.id : defaultId(kind, at.ok ? at.value : undefined, msg),
    kind,
    ...evidence(said.evidence),
    atMs,
    ...(typeof said.by === 'string' ? { by: said.by.slice(0, 200) } : {}),
    ...(typeof said.why === 'string' ? { why: said.why.slice(0, 500) } : {}),
  }
}

/** The same report at the same time is the same report; without a time each message is one. */
function defaultId(kind: OutcomeKind, at: string | undefined, msg: LeadMessage): string {
  return `${kind}@${at ?? msg._msgid}`
}

function evidence(said: unknown): { evidence?: Evidence } {
  const known = EVIDENCE.find((one) => one === said)
  return known === undefined ? {} : { evidence: known }
}

/** Throws LEAD_NOT_FOUND when the message names no lead that is known. */
export async function recordSalesEvent(
  { store, now }: OpenStore,
  policy: Policy,
  msg: LeadMessage,
  event: SalesEvent,
  ends?: ReadonlySet<string>,
): Promise<Performed<OutcomeResult>> {
  const leadId = leadIdOf(msg)
  const stored = await store.lead(leadId)
  if (stored === undefined) throw new LeadFault('LEAD_NOT_FOUND', leadId, store.realm)
  return perform(
    store,
    outcomeStep,
    stored.lead,
    { policy, event, ...(ends === undefined ? {} : { ends }) },
    { nowMs: now(), actor: event.by ?? 'system' },
  )
}

const ID_CHARS_MAX = 200

/** The lead's id, wherever the message carries it; empty when it carries none. */
export function leadIdOf({ payload, topic }: LeadMessage): string {
  const { id, lead } = (payload ?? {}) as { id?: unknown; lead?: unknown }
  const found = [payload, id, lead, topic].find((one) => typeof one === 'string' && one !== '')
  return typeof found === 'string' && found.length <= ID_CHARS_MAX ? found : ''
}

/** What somebody wrote where a name is expected, short enough for a fault. */
export function named(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 60) : typeof value
}
