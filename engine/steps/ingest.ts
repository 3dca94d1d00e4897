/**
 * Ingest: take each event once. A repetition within the time that events are remembered changes
 * nothing and is answered with what became of the first.
 *
 * What the source sent is mapped to a lead before, by engine/lead/intake.
 */
import type { Decision, LeadPatch } from '../decision'
import { asHeard } from '../lead/consent'
import type { Lead } from '../lead/lead'
import type { Reads, Step } from '../step'
import { type JourneySettings, journeyEnd } from './journey'

export interface IngestSettings extends JourneySettings {
  /** How long the event is remembered, ms. */
  readonly rememberMs: number
  /** The node that resumes the lead if the process stops on its way. */
  readonly nodeId: string
}

export type IngestOutcome = 'lead' | 'repeated'
type Known = { readonly leadId: string; readonly done: boolean } | undefined

export const ingestStep: Step<IngestSettings, Known, IngestOutcome> = {
  name: 'ingest',
  scopes: (lead) => [`event:${lead.event.id}`],
  // The intake record itself is the guard; a repetition is answered, not replayed.
  key: () => undefined,
  gather: (reads: Reads, lead: Lead, _settings, nowMs) => reads.intake(lead.event.id, nowMs),
  decide: (lead, settings, known, nowMs): Decision<IngestOutcome> => {
    if (known !== undefined) {
      const why = known.done ? 'This event was taken before' : 'This event is on its way already'
      return {
        step: 'ingest',
        outcome: 'repeated',
        patch: { id: known.leadId },
        because: [
          { rule: 'ingest.repeated', why, inputs: [{ path: 'event.id', value: lead.event.id }] },
        ],
        changes: [],
      }
    }
    return {
      step: 'ingest',
      outcome: 'lead',
      patch: dated(lead),
      because: [
        {
          rule: 'ingest.accepted',
          why: 'A new event',
          inputs: [{ path: 'event.id', value: lead.event.id }],
        },
      ],
      changes: [
        {
          kind: 'intake.accept',
          key: lead.event.id,
          expiresMs: nowMs + settings.rememberMs,
          nodeId: settings.nodeId,
        },
        ...journeyEnd(lead, 'lead', settings),
      ],
    }
  },
}

/** What it refuses counts from now on, however long it is on its way. */
function dated({ consent, event }: Lead): LeadPatch {
  const heard = asHeard(consent, event.receivedAt)
  return heard === consent ? {} : { consent: heard }
}
