/**
 * What providers say about a lead, put together with what the lead says itself.
 *
 * An empty field is filled by the first provider of the waterfall that knows it, with provenance,
 * and with what its value brings along. What was only derived gives way to a provider that says
 * otherwise. A field that the lead stated itself is never overwritten: agreement raises nothing,
 * contradiction is a conflict, which marks the value as doubtful so that confident rules do not use it.
 */
import { isPartOfName } from '../identity/name-parts'
import type { Lead, Provenance } from '../lead/lead'
import { pathReader, setPath } from '../lead/paths'
import { provenanceOf } from '../lead/provenance'
import { broughtAlong, meetingKey, nameBroughtAlong } from './brought-along'

export interface ProviderAnswer {
  readonly name: string
  readonly result: 'found' | 'nothing' | 'failed' | 'timeout' | 'cached' | 'skipped'
  /** By path of the lead, e.g. `company.employees`; already normalised. */
  readonly values: Readonly<Record<string, unknown>>
  /** 0..1, how far this provider is trusted. */
  readonly confidence: number
  /** ISO 8601. */
  readonly observedAt: string
  readonly ms?: number
}

export interface Conflict {
  readonly path: string
  readonly values: unknown[]
  readonly sources: string[]
}

export interface MergedValues {
  readonly lead: Lead
  readonly filled: string[]
  readonly conflicts: Conflict[]
}

/** Confidence of a value that two sources contradict: below every sensible rule's demand. */
export const CONFLICT_CONFIDENCE = 0.3

/** Returns a new lead; the given one is left alone. */
export function mergeValues(lead: Lead, answers: readonly ProviderAnswer[]): MergedValues {
  const merged: Lead = {
    ...lead,
    contact: { ...lead.contact },
    company: { ...lead.company },
    attributes: { ...lead.attributes },
    provenance: { ...lead.provenance },
    ...(lead.crm === undefined ? {} : { crm: { ...lead.crm } }),
    ...(lead.model === undefined ? {} : { model: { ...lead.model } }),
  }
  const filled: string[] = []
  const conflicts: Conflict[] = []
  for (const answer of answers) {
    for (const [path, value] of Object.entries(answer.values)) {
      if (value === undefined || value === null || value === '') continue
      const present = pathReader(path)(merged)
      if (isOpen(merged, path, value, answer)) {
        fill(merged, path, value, answer)
        filled.push(path)
      } else if (contradicts(path, present, value)) {
        conflicts.push(conflict(merged, path, present, value, answer))
      }
    }
    completeName(merged, answer)
  }
  return { lead: merged, filled, conflicts }
}

/** Nothing stands there, or only what was derived and the provider knows otherwise or better. */
function isOpen(merged: Lead, path: string, value: unknown, { confidence }: ProviderAnswer) {
  const present = pathReader(path)(merged)
  if (present === undefined || present === null) return true
  const before = provenanceOf(merged, path)
  if (before.method !== 'derived') return false
  return confidence > before.confidence || contradicts(path, present, value)
}

function fill(merged: Lead, path: string, value: unknown, answer: ProviderAnswer): void {
  put(merged, { [path]: value }, answer)
  if (!NAME_PATHS.has(path)) put(merged, broughtAlong(path, value), answer)
}

function put(merged: Lead, values: Readonly<Record<string, unknown>>, answer: ProviderAnswer) {
  for (const [path, value] of Object.entries(values)) {
    setPath(merged, path, value)
    merged.provenance[path] = provenance(answer)
  }
}

const NAME_PATHS = new Set(['contact.name', 'contact.firstName', 'contact.lastName'])

/** A name may come in parts; only when the answer is read is it known which of them. */
function completeName(merged: Lead, answer: ProviderAnswer): void {
  const named = Object.keys(answer.values).some((path) => NAME_PATHS.has(path))
  if (!named || merged.contact.nameKey !== undefined) return
  const missing = Object.entries(nameBroughtAlong(merged.contact)).filter(
    ([path]) => pathReader(path)(merged) === undefined,
  )
  put(merged, Object.fromEntries(missing), answer)
}

function provenance({ name, confidence, observedAt }: ProviderAnswer): Provenance {
  return { source: name, method: 'enriched', confidence, observedAt }
}

function conflict(
  merged: Lead,
  path: string,
  present: unknown,
  value: unknown,
  answer: ProviderAnswer,
): Conflict {
  const before = provenanceOf(merged, path)
  merged.provenance[path] = {
    ...before,
    method: 'conflict',
    confidence: Math.min(before.confidence, CONFLICT_CONFIDENCE),
  }
  return { path, values: [present, value], sources: [before.source, answer.name] }
}

/** Numbers such as a head count may differ by half; texts are compared by their key, or without case. */
function contradicts(path: string, a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    const [low, high] = a < b ? [a, b] : [b, a]
    return high > 0 && low / high < 0.5
  }
  const [one, other] = [meetingKey(path, a), meetingKey(path, b)]
  if (path === 'contact.name' && (isPartOfName(one, other) || isPartOfName(other, one)))
    return false
  return one !== other
}
