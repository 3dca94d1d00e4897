/**
 * What sales did, as a message: `msg.outcome = { kind, evidence?, at?, by?, why?, … }` with the lead,
 * or its id, in `msg.payload` or `msg.topic`. engine/steps/sales-event reads it.
 */
import { shownId } from '../../engine/audit/asked'
import { LeadFault } from '../../engine/faults'
import { shownScalar } from '../../engine/lead/intake/problems'
import type { Lead } from '../../engine/lead/lead'
import type { Policy } from '../../engine/policy/policy'
import { availableStep, repSubject } from '../../engine/steps/available'
import { optInStep } from '../../engine/steps/opt-in'
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
  throw new LeadFault(
    'LEAD_COMMAND_UNKNOWN',
    unknownAt('msg.outcome.kind', read.unknownKind),
    OUTCOME_KINDS.join(', '),
  )
}

export type Recorded = Pick<Performed<OutcomeResult>, 'outcome' | 'because'> & {
  /** As it stands now; absent when the report was about a rep. */
  readonly lead?: Lead
}

/** Throws LEAD_NOT_FOUND when the message names no lead that is known, LEAD_OUTCOME_INVALID as above. */
export async function recordSalesEvent(
  open: OpenStore,
  policy: Policy,
  msg: LeadMessage,
  event: SalesEvent,
  ends?: ReadonlySet<string>,
): Promise<Recorded> {
  const { store, now } = open
  if (event.kind === 'available') return recordAvailable(open, policy, event)
  const leadId = leadIdOf(msg)
  const stored = await store.lead(leadId)
  if (stored === undefined) throw notFound(store, msg)
  const actor = event.by ?? 'system'
  if (event.kind === 'opted_in')
    return perform(store, optInStep, stored.lead, { event }, { nowMs: now(), actor })
  assertAllowed(policy, event)
  await keepArtefact(open, 'policy', policy)
  return perform(
    store,
    outcomeStep,
    stored.lead,
    { policy, event, ...(ends === undefined ? {} : { ends }) },
    { nowMs: now(), actor },
  )
}

function assertAllowed(policy: Policy, event: SalesEvent): void {
  const problem = policyProblem(policy, event)
  if (problem !== undefined) throw new LeadFault('LEAD_OUTCOME_INVALID', event.kind, problem)
}

async function recordAvailable(
  open: OpenStore,
  policy: Policy,
  event: SalesEvent,
): Promise<Recorded> {
  assertAllowed(policy, event)
  await keepArtefact(open, 'policy', policy)
  const repId = event.rep!
  const nowMs = open.now()
  const { outcome, because } = await perform(
    open.store,
    availableStep,
    repSubject(repId, nowMs),
    { policy, repId, eventId: event.id },
    { nowMs, actor: event.by ?? policy.reps.get(repId)?.name ?? 'system' },
  )
  return { outcome, because }
}

const ID_CHARS_MAX = 200

/** The lead's id, wherever the message carries it; empty when it carries none that can be one. */
export function leadIdOf(msg: LeadMessage): string {
  const [, id] = named(msg)
  return typeof id === 'string' && id.length <= ID_CHARS_MAX ? id : ''
}

/** Where a message names its lead, and what stands there: the first place that holds a text, else any. */
function named({ payload, topic }: LeadMessage): readonly [place: string, id: unknown] {
  const { id, lead } = (payload ?? {}) as { id?: unknown; lead?: unknown }
  const places = [
    ['msg.payload', typeof payload === 'object' ? undefined : payload],
    ['msg.payload.id', id],
    ['msg.payload.lead', lead],
    ['msg.topic', topic],
  ] as const
  return (
    places.find(([, one]) => typeof one === 'string' && one.trim() !== '') ??
    places.find(([, one]) => one !== undefined) ?? ['msg.payload', payload]
  )
}

/** LEAD_NOT_FOUND, with the place of the message that should name the lead. */
export function notFound({ realm }: { readonly realm: string }, msg: LeadMessage): LeadFault {
  const [place, id] = named(msg)
  const said = `${place} is ${shownName(id)}`
  const expected = 'the id of a lead, in msg.payload, msg.payload.id or msg.topic'
  const why = leadIdOf(msg) === '' ? `${said}, expected ${expected}` : `${said}, which is not known`
  return new LeadFault('LEAD_NOT_FOUND', realm, why)
}

/** What is no id of a lead may be the name or the address of a person. */
function shownName(id: unknown): string {
  if (typeof id !== 'string' || id === '') return shownScalar(id)
  const shown = shownId(id)
  return shown.startsWith('"') ? shown : 'a text'
}

/** What somebody wrote where a name is expected, short enough for a fault. */
export function unknownAt(place: string, value: unknown): string {
  if (value === undefined || value === null) return `${place} is missing`
  if (typeof value !== 'string') return `${place} is no text (${typeof value})`
  return `${place} "${value.slice(0, 60)}" is not known`
}
