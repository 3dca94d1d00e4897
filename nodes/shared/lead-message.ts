/** Finds the lead in a message, and says in words when there is none. */
import { LeadFault } from '../../engine/faults'
import { isSurelyPlain } from '../../engine/lead/intake/plain-data'
import type { Lead } from '../../engine/lead/lead'
import { identityProblem, soundLead } from '../../engine/lead/sound'
import type { Journey } from './journey'
import type { LeadMessage } from './red'

/**
 * The lead, fit for the steps (engine/lead/sound). Throws LEAD_MESSAGE_NOT_A_LEAD when the payload
 * lacks the parts that every step reads.
 */
export function leadOf(msg: LeadMessage): Lead {
  const { payload } = msg
  if (isStraight(msg)) return payload as Lead
  const problem = notALead(payload)
  if (problem !== undefined) throw new LeadFault('LEAD_MESSAGE_NOT_A_LEAD', 'payload', problem)
  const lead = soundLead(payload as Lead)
  const unwritable = notData(lead)
  if (unwritable !== undefined)
    throw new LeadFault('LEAD_MESSAGE_NOT_A_LEAD', 'payload', unwritable)
  return lead
}

/** The trail keeps the lead as JSON. */
function notData(lead: Lead): string | undefined {
  if (isSurelyPlain(lead, Number.POSITIVE_INFINITY)) return undefined
  try {
    JSON.stringify(lead)
    return undefined
  } catch (raw) {
    return `it holds what JSON cannot (${asWords(raw)})`
  }
}

function asWords(raw: unknown): string {
  return raw instanceof Error ? raw.message.split('\n', 1)[0]! : 'it cannot be read'
}

const SECTIONS = ['contact', 'company', 'source', 'consent', 'attributes', 'provenance'] as const

function notALead(payload: unknown): string | undefined {
  if (payload === null || payload === undefined) return 'it is empty'
  if (typeof payload !== 'object') return `it is a ${typeof payload}`
  const lead = payload as Partial<Lead>
  const problem = identityProblem(lead)
  if (problem !== undefined) return problem
  const missing = SECTIONS.find((section) => !isObject(lead[section]))
  if (missing !== undefined) return `it has no section "${missing}"`
  if (!Array.isArray(lead.signals) || !lead.signals.every(isObject))
    return 'it has no list of signals'
  return undefined
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Throws LEAD_MESSAGE_STEP_MISSING when an earlier step has not run. */
export function requireSection(
  { payload }: LeadMessage,
  section: 'fit' | 'intent' | 'assignment',
  node: string,
): void {
  if (!isObject((payload as Lead)[section]))
    throw new LeadFault('LEAD_MESSAGE_STEP_MISSING', section, node)
}

/** Marks the message whose lead has only been in our own steps' hands since an entry kept it whole. */
const STRAIGHT = Symbol('straight')

/** Whether nobody but our steps can have written to the lead since the trail last told all of it. */
export function isStraight(msg: LeadMessage): boolean {
  return msg.payload !== undefined && (msg as Marked)[STRAIGHT] === msg.payload
}

/** How `perform` is to treat the lead of a message; see PerformOptions. */
export function travel(
  msg: LeadMessage,
  { straightOn }: Journey,
): { readonly aheadOf: ReadonlySet<string>; readonly whole: boolean } {
  return { aheadOf: straightOn, whole: !isStraight(msg) }
}

/** Puts the lead into the message; `straight`: see isStraight. */
export function withLead(msg: LeadMessage, lead: Lead, straight = false): LeadMessage {
  msg.payload = lead
  msg.topic = lead.id
  if (straight || STRAIGHT in msg) (msg as Marked)[STRAIGHT] = straight ? lead : undefined
  return msg
}

/** A Catch node gets a copy with all of its marks, and whatever is behind it may write to the lead. */
export function leaveOurHands(msg: LeadMessage): void {
  if (STRAIGHT in msg) (msg as Marked)[STRAIGHT] = undefined
}

type Marked = LeadMessage & { [STRAIGHT]?: Lead | undefined }
