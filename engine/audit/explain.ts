/**
 * A trail in words: what happened to a lead, step by step, with the rules and values that counted.
 */
import { iso } from '../instant'
import type { Input, Reason } from '../lead/lead'
import { inOneLine } from '../one-line'
import { whyNot } from '../routing/verdicts'
import { OPTED_IN } from '../steps/opt-in'
import type { PrivateEntry, PublicEntry } from './entry'

export interface TrailEntry {
  readonly seq: number
  readonly entry: PublicEntry
  /** Absent after erasure. */
  readonly detail?: PrivateEntry
}

type Patch = PrivateEntry['patch']

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

/** How a lead stands now. */
export interface Stands {
  readonly id: string
  readonly state: string
  readonly reason: string
  /** Epoch ms. */
  readonly sinceMs: number
  readonly rep?: string
  readonly offeredTo?: readonly string[]
}

/** One line: where the lead is, since when, and why. */
export function explainStanding({ id, state, reason, sinceMs, rep, offeredTo }: Stands): string {
  const to = state === 'offered' ? offeredTo?.join(', ') : state === 'assigned' ? rep : undefined
  const why = reason === '' ? '' : `: ${reason}`
  return inOneLine(
    `Lead ${id} is ${state}${to === undefined ? '' : ` to ${to}`} since ${iso(sinceMs)}${why}`,
  )
}

/**
 * One paragraph per entry, oldest first, as lines of plain text. Entries that stand under another id than
 * `leadId` say so: they are of events that came before it was known whose they are.
 */
export function explainTrail(trail: readonly TrailEntry[], leadId?: string): string[] {
  return trail.flatMap((one) => explainEntry(one, leadId ?? one.entry.lead)).map(inOneLine)
}

function explainEntry({ seq, entry, detail }: TrailEntry, leadId: string): string[] {
  const by = entry.artefact ? ` by ${entry.artefact.name} ${entry.artefact.version}` : ''
  const actor = detail && detail.actor !== 'system' ? `, said ${detail.actor}` : ''
  const result = resultWords(entry, detail?.patch)
  const came = entry.lead === leadId ? '' : `, ${arrivalWords(entry, detail)}`
  const head = `${entry.at}  ${stepWords(entry)}: ${result}${by}${came}${actor}  [entry ${seq}]`
  if (detail === undefined) return [head, '    (personal details were erased)']
  return [
    head,
    ...summary(entry, detail).map(indented),
    ...detail.because.map(explainReason),
    ...otherWords(entry, detail).map(indented),
  ]
}

/** A person's consent is no doing of sales, though the same node reports it. */
function stepWords({ step, rules }: PublicEntry): string {
  if (rules.some(([rule]) => rule === OPTED_IN)) return 'Consent'
  return STEP_WORDS[step] ?? step
}

function arrivalWords({ lead }: PublicEntry, detail: PrivateEntry | undefined): string {
  const event = detail?.because
    .flatMap(({ inputs }) => inputs)
    .find(({ path }) => path === 'event.id')
  return event === undefined ? `came as ${lead}` : `event ${event.value} came as ${lead}`
}

function indented(line: string): string {
  return `    ${line}`
}

/** The outcome with what it was about: who got the lead, or what it was decided to be. */
function resultWords({ step, outcome, changes, rules }: PublicEntry, patch: Patch = {}): string {
  if (step === 'sla-start' && rules.some(([rule]) => rule === 'sla.running'))
    return 'already running'
  const { assignment, decision } = patch
  if (step === 'qualify' && decision) {
    const decided = decision.outcome === outcome ? outcome : `${outcome} · ${decision.outcome}`
    return decision.grade === undefined ? decided : `${decided}, ${decision.grade}`
  }
  if (!assignment?.rep) return outcome
  const to = ` to ${assignment.rep.name}${assignment.pool ? ` (${assignment.pool})` : ''}`
  if (outcome === 'assigned') return `assigned${to}`
  // Whoever accepts an offer gets the lead by a report of sales.
  return changes.includes('assignment.open') ? `${outcome}, assigned${to}` : outcome
}

/** What to do next, or how the routing came out; a reason may say the same. */
function summary({ step }: PublicEntry, { patch, because }: PrivateEntry): string[] {
  if (step === 'qualify') return patch.decision?.next ? [`next: ${patch.decision.next}`] : []
  const why = step === 'route' ? patch.assignment?.why : undefined
  return why === undefined || because.some((reason) => reason.why === why) ? [] : [why]
}

/** Who did not get it, who it may be, and which signals counted for nothing. */
function otherWords({ step }: PublicEntry, { patch, seen, lead }: PrivateEntry): string[] {
  if (step === 'route' || step === 'offer') return whyNot(patch.assignment?.candidates ?? [])
  const people = patch.identity?.candidates ?? []
  if (step === 'dedupe' && people.length > 0) return [`may be ${people.join(' or ')}`]
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
