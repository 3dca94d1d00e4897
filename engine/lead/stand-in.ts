import { iso } from '../instant'
import type { Lead } from './lead'

/** Stands in the place of the lead for a decision about something else, whose trail has this id. */
export function standIn(id: string, system: string, nowMs: number): Lead {
  return {
    id,
    cycle: 1,
    event: { id, receivedAt: iso(nowMs) },
    contact: {},
    company: {},
    source: { system },
    consent: {},
    signals: [],
    attributes: {},
    provenance: {},
  }
}
