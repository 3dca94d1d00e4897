/**
 * A trail in words: what happened to a lead, step by step, with the rules and values that counted.
 */
import type { Input, Reason } from '../lead/lead'
import { whyNot } from '../routing/verdicts'
import type { PrivateEntry, PublicEntry } from './entry'

export interface TrailEntry {
  readonly seq: number
  readonly entry: PublicEntry
  /** Absent after erasure. */
  readonly detail?: PrivateEntry
}

const STEP_WORDS: Readonly<Record<string, string>> = {
  ingest: 'Taken in',
  enrich: 'Enriched',
  dedupe: 'Identified',
  qualify: 'Decided',
  route: 'Routed',
  offer: 'Offer',
  presence: 'Presence',
  'sla-start': 'SLA clock',
  'sla-fire': 'SLA timer',
  outcome: 'Sales',
  retention: 'Retention',
}

/** One paragraph per entry, oldest first, as lines of plain text. */
export function explainTrail(trail: readonly TrailEntry[]): string[] {
  return trail.flatMap(explainEntry)
}

function explainEntry({ seq, entry, detail }: TrailEntry): string[] {
  const by = entry.artefact ? ` by ${entry.artefact.name} ${entry.artefact.version}` : ''
  const actor = detail && detail.actor !== 'system' ? `, said ${detail.actor}` : ''
  const head = `${entry.at}  ${STEP_WORDS[entry.step] ?? entry.step}: ${entry.outcome}${by}${actor}  [entry ${seq}]`
  if (detail === undefined) return [head, '    (personal details were erased)']
  const others = otherWords(entry, detail)
  return [head, ...detail.because.map(explainReason), ...others.map((line) => `    ${line}`)]
}

/** Who did not get it, and which signals counted for nothing. */
function otherWords({ step }: PublicEntry, { patch, seen, lead }: PrivateEntry): string[] {
  if (step === 'route' || step === 'offer') return whyNot(patch.assignment?.candidates ?? [])
  const unscored = (seen ?? lead)?.intent?.unscored ?? []
  if (step !== 'qualify' || unscored.length === 0) return []
  return [`no intent rule is about: ${unscored.join(', ')}`]
}

function explainReason({ rule, points, why, unknown, inputs }: Reason): string {
  const score = points === undefined || unknown ? '' : `${points > 0 ? '+' : ''}${points} `
  const doubt = unknown ? 'unknown: ' : ''
  const words = unknown ? explainUnsureInput : explainInput
  const values = inputs.slice(0, 4).map(words).join(', ')
  return `    ${score}${doubt}${why} [${rule}]${values === '' ? '' : ` — ${values}`}`
}

function explainInput({ path, value, source, confidence }: Input): string {
  const shown =
    value === null ? 'not known' : typeof value === 'string' ? value : JSON.stringify(value)
  if (source === undefined) return `${path}: ${shown}`
  return `${path}: ${shown} (${source}, ${Math.round((confidence ?? 1) * 100)} % sure)`
}

/** "7" is not 7 (engine/conditions/operators), which nobody sees unless it is said. */
function explainUnsureInput(input: Input): string {
  const { value } = input
  if (typeof value !== 'string' || !LOOKS_LIKE_ANOTHER_TYPE.test(value)) return explainInput(input)
  return explainInput({ ...input, value: `"${value}" as text` })
}

const LOOKS_LIKE_ANOTHER_TYPE = /^\s*(-?\d+(\.\d+)?|true|false)\s*$/i
