/**
 * One record per person: which value survives when two records become one.
 *
 * Field by field: a value beats none; then the better method (manual, crm, stated, enriched,
 * derived), then the higher confidence, then the more recent. Of two names of which one is a part of
 * the other the whole one survives. A statement that was contradicted in one of them is so in both. Consent
 * takes the most restrictive value of each kind, and an opt-out is never lost. Signals are united by id,
 * never added up.
 *
 * Recent is what happened later: events may come in any order, and the same survives. The source says
 * where this event came from; only the first touch in it belongs to the person.
 */
import { instantMs } from '../instant'
import { mergeConsent } from '../lead/consent'
import type { Lead, Provenance } from '../lead/lead'
import { setPath } from '../lead/paths'
import { provenanceOf } from '../lead/provenance'
import { isPartOfName } from './name-parts'
import { mergeSignals } from './signals'

const METHOD_RANK: Readonly<Record<string, number>> = {
  manual: 5,
  crm: 4,
  stated: 3,
  enriched: 2,
  derived: 1,
  conflict: 0,
}
const MERGED_SECTIONS = ['contact', 'company', 'crm', 'attributes', 'externalIds'] as const
/** What stands for another value, or is a part of it, goes where that goes: a key never changes its address. */
const STANDS_FOR: Readonly<Record<string, string>> = {
  'contact.emailKey': 'email',
  'contact.emailKind': 'email',
  'contact.emailRole': 'email',
  'contact.domain': 'email',
  'contact.nameKey': 'name',
  'contact.firstName': 'name',
  'contact.lastName': 'name',
  'company.nameKey': 'name',
}

/** The known lead with what the event adds. Keeps the known lead's id, cycle and standing. */
export function mergeLeads(known: Lead, event: Lead): Lead {
  const merged: Lead = {
    ...event,
    id: known.id,
    cycle: known.cycle,
    provenance: provenanceBeside(event),
    consent: mergeConsent(known.consent, event.consent),
    signals: mergeSignals(known.signals, event.signals),
  }
  for (const section of MERGED_SECTIONS) mergeSection(merged, known, event, section)
  mergeModel(merged, known, event)
  mergeFirstTouch(merged, known, event)
  for (const section of ['assignment', 'sla', 'decision', 'account'] as const) {
    if (known[section] !== undefined) Object.assign(merged, { [section]: known[section] })
  }
  return merged
}

/** The event's entries for sections that are not merged field by field. */
function provenanceBeside({ provenance }: Lead): Lead['provenance'] {
  const merged: readonly string[] = MERGED_SECTIONS
  const beside = Object.entries(provenance).filter(
    ([path]) => !merged.includes(path.split('.')[0]!),
  )
  return Object.fromEntries(beside)
}

function mergeSection(
  merged: Lead,
  known: Lead,
  event: Lead,
  section: (typeof MERGED_SECTIONS)[number],
): void {
  const [ours, theirs] = [known[section] ?? {}, event[section] ?? {}] as Record<string, unknown>[]
  const keys = new Set([...Object.keys(ours!), ...Object.keys(theirs!)])
  const target: Record<string, unknown> = {}
  if (keys.size === 0 && known[section] === undefined && event[section] === undefined) return
  for (const key of keys) {
    const path = `${section}.${key}`
    const leader = leaderOf(section, key, ours!, theirs!)
    const survivor = survives(known, event, `${section}.${leader}`, ours![leader], theirs![leader])
    const value = survivor === known ? ours![key] : theirs![key]
    if (value === undefined) continue
    target[key] = value
    const provenance =
      survivor.provenance[path] ?? (survivor === known ? provenanceOf(known, path) : undefined)
    if (provenance !== undefined) merged.provenance[path] = provenance
  }
  setPath(merged as unknown as Record<string, unknown>, section, target)
}

/** The field that decides which side's value is taken. */
function leaderOf(
  section: string,
  key: string,
  ours: Record<string, unknown>,
  theirs: Record<string, unknown>,
): string {
  const leader = STANDS_FOR[`${section}.${key}`]
  return leader === undefined || ours[leader] === theirs[leader] ? key : leader
}

function survives(known: Lead, event: Lead, path: string, ours: unknown, theirs: unknown): Lead {
  if (theirs === undefined || theirs === null) return known
  if (ours === undefined || ours === null) return event
  if (ours === theirs) {
    const doubting = whoDoubts(known, event, path)
    if (doubting !== undefined) return doubting
  }
  const whole = path === 'contact.name' ? withWholeName(known, event) : undefined
  if (whole !== undefined) return whole
  return better(provenanceOf(known, path), provenanceOf(event, path)) ? known : event
}

/** Two records have one and the same statement, and only in one of them it was contradicted since. */
function whoDoubts(known: Lead, event: Lead, path: string): Lead | undefined {
  const [ours, theirs] = [provenanceOf(known, path), provenanceOf(event, path)]
  if (ours.source !== theirs.source || ours.observedAt !== theirs.observedAt) return undefined
  if ((ours.method === 'conflict') === (theirs.method === 'conflict')) return undefined
  return ours.method === 'conflict' ? known : event
}

/** A form that asks for the first name only does not take the last one away. */
function withWholeName(known: Lead, event: Lead): Lead | undefined {
  const [ours, theirs] = [known.contact.nameKey, event.contact.nameKey]
  if (ours === undefined || theirs === undefined) return undefined
  if (isPartOfName(theirs, ours)) return known
  return isPartOfName(ours, theirs) ? event : undefined
}

/** True when `a` is to be believed rather than the newer `b`. */
function better(a: Provenance, b: Provenance): boolean {
  const byMethod = (METHOD_RANK[a.method] ?? 3) - (METHOD_RANK[b.method] ?? 3)
  if (byMethod !== 0) return byMethod > 0
  if (a.confidence !== b.confidence) return a.confidence > b.confidence
  return isLater(a, b)
}

function isLater(a: Provenance, b: Provenance): boolean {
  return instantMs(a.observedAt) > instantMs(b.observedAt)
}

const MODEL = 'model.score'

/** A judgement is taken whole: the later one. */
function mergeModel(merged: Lead, known: Lead, event: Lead): void {
  const ours = provenanceOf(known, MODEL)
  if (known.model === undefined) return
  if (event.model !== undefined && !isLater(ours, provenanceOf(event, MODEL))) return
  merged.model = known.model
  for (const path of Object.keys(merged.provenance))
    if (isOfModel(path)) delete merged.provenance[path]
  for (const [path, entry] of Object.entries(known.provenance))
    if (isOfModel(path)) merged.provenance[path] = entry
  merged.provenance[MODEL] = ours
}

function isOfModel(path: string): boolean {
  return path.startsWith('model.')
}

const FIRST_TOUCH = 'source.originalTouch'

/** A person's first event, with the time of the first touch that it states: later events are dated anew. */
export function withDatedTouch(event: Lead): Lead {
  const { source, provenance } = event
  if (source.originalTouch === undefined || provenance[FIRST_TOUCH] !== undefined) return event
  return {
    ...event,
    provenance: { ...provenance, [FIRST_TOUCH]: provenanceOf(event, FIRST_TOUCH) },
  }
}

/**
 * The earliest campaign or source that is known; its time goes with it. One that was kept without its time, as
 * early versions did, stays: it may be older than the event by which the lead is dated.
 */
function mergeFirstTouch(merged: Lead, known: Lead, event: Lead): void {
  const touches = [known, event].flatMap((of) => {
    const touch = of.source.originalTouch ?? of.source.campaign
    return touch === undefined ? [] : [{ touch, provenance: provenanceOf(of, FIRST_TOUCH) }]
  })
  const [first, second] = touches
  if (first === undefined) return
  const isUndated =
    known.source.originalTouch !== undefined && known.provenance[FIRST_TOUCH] === undefined
  const isSecond =
    !isUndated && second !== undefined && isLater(first.provenance, second.provenance)
  const { touch, provenance } = isSecond ? second : first
  merged.source = { ...event.source, originalTouch: touch }
  merged.provenance[FIRST_TOUCH] = provenance
}
