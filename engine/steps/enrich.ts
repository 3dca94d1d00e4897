/**
 * Enrich: fills what the rules need and the lead did not say. Fails open: a provider that is down
 * leaves the lead as it is and marks it degraded. A contradiction on a critical field stops the
 * lead for a person to look at; on other fields it only makes the value doubtful.
 *
 * The providers were asked before, outside any transaction; this decides what to make of them.
 */
import { known } from '../asking'
import type { Decision } from '../decision'
import { mergeValues, type ProviderAnswer } from '../enrichment/merge-values'
import type { Input, Lead } from '../lead/lead'
import { pathReader } from '../lead/paths'
import type { Step } from '../step'
import { iso, type JourneySettings, journeyEnd } from './journey'

export type EnrichOutcome = 'enriched' | 'degraded' | 'conflict'

export interface EnrichSettings extends JourneySettings {
  /** Paths on which a contradiction stops the lead. */
  readonly critical: ReadonlySet<string>
  readonly answers: readonly ProviderAnswer[]
}

export const enrichStep: Step<EnrichSettings, undefined, EnrichOutcome> = {
  name: 'enrich',
  scopes: (lead) => [`lead:${lead.id}`],
  key: (lead) => `${lead.id}#${lead.event.id}`,
  again: journeyEnd,
  gather: () => known(undefined),
  decide: (lead, settings, _known, nowMs) => decideEnrich(lead, settings, nowMs),
}

export function decideEnrich(
  lead: Lead,
  settings: EnrichSettings,
  nowMs: number,
): Decision<EnrichOutcome> {
  const { answers } = settings
  const { lead: merged, filled, conflicts } = mergeValues(lead, answers)
  const failed = answers.filter(({ result }) => result === 'failed' || result === 'timeout')
  const stopping = conflicts.filter(({ path }) => settings.critical.has(path))
  const outcome: EnrichOutcome =
    stopping.length > 0 ? 'conflict' : failed.length > 0 ? 'degraded' : 'enriched'
  return {
    step: 'enrich',
    outcome,
    patch: {
      contact: merged.contact,
      company: merged.company,
      attributes: merged.attributes,
      provenance: merged.provenance,
      ...(merged.crm === undefined ? {} : { crm: merged.crm }),
      ...(merged.model === undefined ? {} : { model: merged.model }),
      enrichment: {
        status: outcome,
        at: iso(nowMs),
        filled,
        conflicts,
        providers: answers.map(({ name, result, ms }) => ({
          name,
          result,
          ...(ms === undefined ? {} : { ms }),
        })),
      },
    },
    because: [
      {
        rule: `enrich.${outcome}`,
        why: sentence(
          filled.length > 0 ? `filled ${filled.join(', ')}` : unfilled(answers),
          conflicts.map(({ path }) => path),
          failed.map(({ name }) => name),
        ),
        inputs: filled.map(
          (path): Input => ({
            path,
            value: pathReader(path)(merged) ?? null,
            ...pick(merged, path),
          }),
        ),
      },
    ],
    changes: [
      ...(outcome === 'conflict'
        ? [
            {
              kind: 'lead.save' as const,
              state: 'review' as const,
              reason: 'sources contradict each other',
            },
          ]
        : []),
      ...journeyEnd(lead, outcome, settings),
    ],
  }
}

function pick(lead: Lead, path: string) {
  const { source, confidence, observedAt } = lead.provenance[path]!
  return { source, confidence, observedAt }
}

/** Why nothing was filled: all was known, nobody knew it, or nobody answered, which is said apart. */
function unfilled(answers: readonly ProviderAnswer[]): string {
  const asked = answers.filter(({ result }) => result !== 'skipped')
  const knew = asked.some(({ values }) => Object.values(values).some((value) => value != null))
  if (knew || asked.length === 0) return 'nothing to fill'
  const answered = asked.some(({ result }) => result !== 'failed' && result !== 'timeout')
  return answered ? 'nothing found' : ''
}

function sentence(filled: string, conflicts: readonly string[], failed: readonly string[]): string {
  const parts = [
    filled,
    conflicts.length > 0 ? `sources contradict each other on ${conflicts.join(', ')}` : '',
    failed.length > 0 ? `no answer from ${failed.join(', ')}` : '',
  ]
  return parts.filter((part) => part !== '').join('; ')
}
