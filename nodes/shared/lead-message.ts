/** Finds the lead in a message, and says in words when there is none. */
import { LeadFault } from '../../engine/faults'
import type { Lead } from '../../engine/lead/lead'
import { isVouchedFor } from '../../engine/lead/sound'
import type { LeadMessage } from './red'

/** Throws LEAD_MESSAGE_NOT_A_LEAD when the payload lacks the parts that every step reads. */
export function leadOf({ payload }: LeadMessage): Lead {
  if (isVouchedFor(payload)) return payload
  const problem = notALead(payload)
  if (problem !== undefined) throw new LeadFault('LEAD_MESSAGE_NOT_A_LEAD', 'payload', problem)
  return payload as Lead
}

const SECTIONS = [
  'contact',
  'company',
  'source',
  'consent',
  'attributes',
  'provenance',
  'event',
] as const

function notALead(payload: unknown): string | undefined {
  if (payload === null || payload === undefined) return 'it is empty'
  if (typeof payload !== 'object') return `it is a ${typeof payload}`
  const lead = payload as Partial<Lead>
  if (typeof lead.id !== 'string' || lead.id === '') return 'it has no id'
  const missing = SECTIONS.find((section) => !isObject(lead[section]))
  if (missing !== undefined) return `it has no section "${missing}"`
  if (typeof lead.event?.id !== 'string') return 'it has no event.id'
  if (Number.isNaN(Date.parse(lead.event.receivedAt))) return 'it has no event.receivedAt'
  if (!Array.isArray(lead.signals) || !lead.signals.every(isObject))
    return 'it has no list of signals'
  if (!Number.isInteger(lead.cycle)) return 'it has no cycle'
  return undefined
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Throws LEAD_MESSAGE_STEP_MISSING when an earlier step has not run. */
export function requireSection(
  lead: Lead,
  section: 'fit' | 'intent' | 'assignment',
  node: string,
): void {
  if (!isObject(lead[section])) throw new LeadFault('LEAD_MESSAGE_STEP_MISSING', section, node)
}
