/**
 * Retention: what was kept for its time loses what is personal. A lead at rest becomes a tombstone; an
 * entry of the trail loses its private part. Whatever is under way keeps a lead, and its trail, whole.
 *
 * What the person refused outlives the lead (engine/identity/suppression). Which leads and entries are
 * looked at, and how many in one transaction, is the caller's affair (store/retain).
 */
import { together } from '../asking'
import { AT_REST, type Change, type Decision, type LeadState } from '../decision'
import {
  ownSuppressionKeys,
  refusalsOf,
  suppressionKeys,
  withRefusals,
} from '../identity/suppression'
import { CONSENT_KINDS, type Consent, isRefused, mergeConsent, regrants } from '../lead/consent'
import type { Lead } from '../lead/lead'
import { standIn } from '../lead/stand-in'
import { monthsBefore } from '../retention'
import type { Step } from '../step'

export type RetentionOutcome = 'erased' | 'kept'

export interface EraseLeadSettings {
  readonly months: number
  /** That lead to it, as far as the caller knows: nobody takes the person up by one of them meanwhile. */
  readonly keys: readonly string[]
}

interface LeadKnown {
  readonly state: LeadState | undefined
  readonly keys: readonly string[] | undefined
  /** On the suppression list already under one of the keys. */
  readonly refused: readonly Lead['consent'][]
  /** Of a lead that was granted something again: what the list has under each text. */
  readonly listed?: ReadonlyMap<string, readonly Consent[]>
}

/** Two processes that do this at once would do the same work twice. */
const SCOPE = 'retention'

export const eraseLeadStep: Step<EraseLeadSettings, LeadKnown, RetentionOutcome> = {
  name: 'retention',
  scopes: (lead, { keys }) => [SCOPE, `lead:${lead.id}`, ...keys.map((key) => `identity:${key}`)],
  // An erased lead is at rest no more: the state itself is the guard.
  key: () => undefined,
  *gather(reads, lead, settings, nowMs) {
    const [state, keys, refused] = yield* together(
      reads.state(lead.id),
      reads.dormant(lead.id, monthsBefore(nowMs, settings.months)),
      reads.suppressions(suppressionKeys(lead, settings.keys)),
    )
    if (lead.consent.regranted === undefined) return { state, keys, refused }
    const listed = new Map<string, readonly Consent[]>()
    for (const text of suppressionKeys(lead, settings.keys))
      listed.set(text, yield* reads.suppressions([text]))
    return { state, keys, refused, listed }
  },
  decide: (lead, { months, keys }, known): Decision<RetentionOutcome> => {
    const { state, refused, listed } = known
    if (!isAtRest(state) || known.keys?.join('\n') !== keys.join('\n')) return KEPT
    const consent = refusalsOf(
      listed === undefined ? withRefusals(lead.consent, refused) : lead.consent,
    )
    return {
      step: 'retention',
      outcome: 'erased',
      patch: {},
      because: [
        {
          rule: 'retention.leads',
          why: `Nothing happened to this ${state} lead for ${inMonths(months)}; its personal data was erased`,
          inputs: [{ path: 'state', value: state }],
        },
        ...(consent === undefined ? [] : [REFUSAL_STAYS]),
      ],
      changes: [
        ...(listed === undefined ? [] : goingOn(lead, keys, listed)),
        {
          kind: 'lead.erase',
          leadId: lead.id,
          reason: `was ${state}; kept ${inMonths(months)}`,
          keys,
          ...(consent === undefined
            ? {}
            : { refused: { keys: listed ? [] : suppressionKeys(lead, keys), consent } }),
        },
      ],
    }
  },
}

/**
 * What was refused goes on under every text, and what was granted again lifts what the list has under the
 * person's own; what stands under the same number for others holds for them.
 */
function goingOn(
  lead: Lead,
  keys: readonly string[],
  listed: ReadonlyMap<string, readonly Consent[]>,
): Change[] {
  const own = new Set(ownSuppressionKeys(lead, keys))
  const refused = refusalsOf(lead.consent)
  return [...listed].flatMap(([key, entries]): Change[] => {
    const lifted = own.has(key) ? entries.map((entry) => liftedIn(entry, lead.consent)) : []
    const said = [...lifted, ...(refused === undefined ? [] : [refused])]
    if (said.length === 0) return []
    const consent = [...entries, ...said].reduce((all, one) => mergeConsent(all, one), {})
    return [{ kind: 'consent.suppress', key, consent }]
  })
}

/** What the person granted again of what an entry of the list refuses. */
function liftedIn(entry: Consent, { regranted = {} }: Consent): Consent {
  const kinds = CONSENT_KINDS.filter((kind) => isRefused(entry, kind))
  return kinds.reduce<Consent>((lifted, kind) => {
    const grant = regranted[kind]
    return grant === undefined ? lifted : mergeConsent(lifted, regrants([kind], grant))
  }, {})
}

const KEPT: Decision<RetentionOutcome> = {
  step: 'retention',
  outcome: 'kept',
  patch: {},
  because: [],
  changes: [],
}

const REFUSAL_STAYS = {
  rule: 'retention.refusal',
  why: 'What the person refused stays on the suppression list, under hashes of the keys',
  inputs: [],
}

export interface EraseDetailsSettings {
  readonly months: number
  readonly seqs: readonly number[]
}

/** About many entries of many leads at once; its own entry stands in the trail `retention`. */
export const eraseDetailsStep: Step<EraseDetailsSettings, readonly number[], RetentionOutcome> = {
  name: 'retention',
  scopes: () => [SCOPE],
  key: () => undefined,
  gather: (reads, _lead, { months, seqs }, nowMs) =>
    reads.expired(seqs, monthsBefore(nowMs, months)),
  decide: (_lead, { months }, seqs): Decision<RetentionOutcome> => {
    if (seqs.length === 0) return KEPT
    const why = `The details of ${seqs.length} entries were kept for ${inMonths(months)} and are erased`
    return {
      step: 'retention',
      outcome: 'erased',
      patch: {},
      because: [
        {
          rule: 'retention.trail',
          why,
          inputs: [
            { path: 'entries', value: seqs.length },
            { path: 'from', value: Math.min(...seqs) },
            { path: 'to', value: Math.max(...seqs) },
          ],
        },
      ],
      changes: [{ kind: 'details.erase', seqs }],
    }
  },
}

/** Stands in the place of the lead, of which there is none. */
export function retentionSubject(nowMs: number): Lead {
  return standIn('retention', 'retention', nowMs)
}

function isAtRest(state: LeadState | undefined): state is (typeof AT_REST)[number] {
  return (AT_REST as readonly (LeadState | undefined)[]).includes(state)
}

function inMonths(months: number): string {
  return months === 1 ? '1 month' : `${months} months`
}
