/**
 * Where a value of the lead came from, and how far it can be trusted.
 *
 * Only values that the intake event did not itself state have an entry; everything else was
 * stated by the source, at the time of the event, with full confidence.
 */
import type { Input, Lead, Provenance } from './lead'

/** The provenance of `path`; falls back to "stated by the intake event". */
export function provenanceOf(lead: Lead, path: string): Provenance {
  return (
    lead.provenance[path] ?? {
      source: lead.source.system ?? 'intake',
      method: 'stated',
      confidence: 1,
      observedAt: lead.event.occurredAt ?? lead.event.receivedAt,
    }
  )
}

/** What a decision used, for its reasons: the value, and its provenance when it has one. */
export function inputOf(lead: Lead, path: string, value: unknown): Input {
  const entry = lead.provenance[path]
  if (entry === undefined) return { path, value: value ?? null }
  const { source, confidence, observedAt } = entry
  return { path, value: value ?? null, source, confidence, observedAt }
}
