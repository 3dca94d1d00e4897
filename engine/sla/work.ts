/**
 * When the present work on a lead began, from which its clocks count: with its receipt, with the
 * moment at which it was opened again, or, once it was taken from a rep, when the next one gets it.
 */
import { instantMs } from '../instant'
import type { Lead } from '../lead/lead'

/** Receipt, or the reopening or override that came after it; epoch ms. */
export function begunMs(lead: Lead): number {
  const receivedMs = instantMs(lead.event.receivedAt)
  const again = openedAt(lead)
  return again === undefined ? receivedMs : Math.max(receivedMs, instantMs(again))
}

/** When somebody opened it again; undefined when nobody ever did. */
export function openedAt({ assignment, decision }: Lead): string | undefined {
  if (assignment !== undefined) return assignment.openedAt
  // Before it is routed for the first time, only the decision can say so.
  return decision?.rule === 'override' ? decision.at : undefined
}

/** Whether it was taken from a rep since somebody last closed it: the next one begins anew. */
export function wasTaken({ assignment }: Lead): boolean {
  if (assignment === undefined || assignment.status === 'closed') return false
  return assignment.reassigned === true || (assignment.had?.length ?? 0) > 0
}
