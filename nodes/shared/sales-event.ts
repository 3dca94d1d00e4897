/**
 * What sales did, as a message: `msg.outcome = { kind, evidence?, at?, by?, why?, … }` with the lead,
 * or its id, in `msg.payload` or `msg.topic`. engine/steps/sales-event reads it.
 */
import { LeadFault } from '../../engine/faults'
import type { Policy } from '../../engine/policy/policy'
import { type OutcomeResult, outcomeStep } from '../../engine/steps/outcome'
import {
  OUTCOME_KINDS,
  policyProblem,
  readSalesEvent,
  type SalesEvent,
} from '../../engine/steps/sales-event'
import { type Performed, perform } from '../../store/perform'
import type { OpenStore } from './config-nodes'
import { keepArtefact } from './keep-artefact'
import type { LeadMessage } from './red'

/**
 * Undefined when the message reports nothing. Throws LEAD_COMMAND_UNKNOWN on an unknown kind and
 * LEAD_OUTCOME_INVALID on a field that is missing or wrong.
 */
export function salesEventOf(msg: LeadMessage, nowMs: number): SalesEvent | undefined {
  const { outcome } = msg
  if (outcome === undefined || outcome === null) return undefined
  const read = readSalesEvent(outcome, { nowMs, messageId: msg._msgid })
  if ('event' in read) return read.event
  if ('problem' in read) throw new LeadFault('LEAD_OUTCOME_INVALID', read.kind, read.problem)
  throw new LeadFault('LEAD_COMMAND_UNKNOWN', named(read.unknownKind), OUTCOME_KINDS.join(', '))
}

/** Throws LEAD_NOT_FOUND when the message names no lead that is known, LEAD_OUTCOME_INVALID as above. */
export async function recordSalesEvent(
  open: OpenStore,
  policy: Policy,
  msg: LeadMessage,
  event: SalesEvent,
  ends?: ReadonlySet<string>,
): Promise<Performed<OutcomeResult>> {
  const { store, now } = open
  const leadId = leadIdOf(msg)
  const stored = await store.lead(leadId)
  if (stored === undefined) throw new LeadFault('LEAD_NOT_FOUND', leadId, store.realm)
  const problem = policyProblem(policy, event)
  if (problem !== undefined) throw new LeadFault('LEAD_OUTCOME_INVALID', event.kind, problem)
  await keepArtefact(open, 'policy', policy)
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
