/**
 * Intent: what the lead does. Each signal gives its rule's points, halved every half-life:
 * points × 2^(−age ÷ halfLife), at most once per cooldown, inside the rule's window, at most `max`
 * per rule; the sum stays within floor and cap. Negative rules decay alike.
 *
 * Evaluated for one moment `nowMs`, never stored as a running total, so that repeating, merging or
 * re-ordering signals cannot change the score.
 */
import { usedInputs } from '../conditions/rules'
import { TRUE } from '../conditions/tri'
import type { CompiledIntentRule, Contract } from '../contract/contract'
import { insert } from '../insert'
import { instantMs } from '../instant'
import type { Input, IntentSection, Lead, Reason, Signal } from '../lead/lead'
import { clamp } from './fit'

/** Signals beyond this many, per rule, are counted but not listed in the reasons. */
const LISTED_SIGNALS = 5
/** So many types of signal that no rule is about are named. */
const UNSCORED_MAX = 10

export type PersonSignal = Signal & { readonly person: string }

interface Tally {
  readonly rule: CompiledIntentRule
  points: number
  count: number
  lastCountedMs: number
  readonly inputs: Input[]
}

interface Timed {
  readonly signal: Signal
  readonly atMs: number
}

/** Scores one person; `others` are the signals of the account's other people in its window, for the roll-up. */
export function scoreIntent(
  contract: Contract,
  lead: Lead,
  others: readonly PersonSignal[],
  nowMs: number,
): IntentSection {
  const own = tally(contract, lead.signals, nowMs)
  const { points, because, signals } = own
  const section: IntentSection = { points, because, signals, contract: contract.ref }
  const unscored = unscoredTypes(contract, lead.signals)
  if (unscored.length > 0) section.unscored = unscored
  if (contract.intent.account === undefined) return section
  return { ...section, account: accountIntent(contract, lead.signals, own, others, nowMs) }
}

/** A type that no rule is about may be meant so, or misspelt where the signal comes from. */
function unscoredTypes({ intent }: Contract, signals: readonly Signal[]): string[] {
  if (intent.rules.length === 0) return []
  const types = new Set<string>()
  for (const { type } of signals) if (!intent.byType.has(type)) types.add(type)
  return types.size === 0 ? [] : [...types].sort().slice(0, UNSCORED_MAX)
}

/**
 * Sum over people, each person limited, so that one busy person is not a buying committee. The window
 * holds for everybody: an account has the same points whoever of its people is looked at.
 */
function accountIntent(
  contract: Contract,
  signals: readonly Signal[],
  all: ReturnType<typeof tally>,
  others: readonly PersonSignal[],
  nowMs: number,
) {
  const { perPerson, cap, windowMs } = contract.intent.account!
  const byPerson = Map.groupBy(others, ({ person }) => person)
  const inWindow = signals.filter(({ at }) => instantMs(at) >= nowMs - windowMs)
  const own = inWindow.length === signals.length ? all : tally(contract, inWindow, nowMs)
  const people = [own, ...[...byPerson.values()].map((signals) => tally(contract, signals, nowMs))]
  const active = people.filter(({ points }) => points > 0)
  const sum = people.reduce((total, { points }) => total + Math.min(points, perPerson), 0)
  return {
    points: clamp(round(sum), 0, cap),
    people: active.length,
    signals: people.reduce((total, { signals }) => total + signals, 0),
  }
}

function tally(
  contract: Contract,
  signals: readonly Signal[],
  nowMs: number,
): { points: number; because: Reason[]; signals: number } {
  const { byType, rules, fields, floor, cap } = contract.intent
  const tallies: Tally[] = []
  for (const timed of inOrder(signals)) {
    const candidates = byType.get(timed.signal.type)
    if (candidates === undefined) continue
    const inputs = fields.readPlain(timed.signal)
    for (const rule of candidates) {
      if (rule.evaluate(inputs) === TRUE) count(tallyOf(tallies, rule), timed, inputs, nowMs)
    }
  }
  let sum = 0
  let counted = 0
  const because: Reason[] = []
  for (const rule of rules) {
    const entry = find(tallies, rule)
    if (entry === undefined || entry.count === 0) continue
    const points = round(clamp(entry.points, -rule.max, rule.max))
    sum += points
    counted += entry.count
    because.push(reasonOf(rule, points, entry.inputs))
  }
  return { points: clamp(round(sum), floor, cap), because, signals: counted }
}

/**
 * Written with a fraction first: V8 takes the points of a reason for whole numbers as long as they
 * are, and compiles whoever makes one with a fraction over and over again.
 */
function reasonOf(rule: CompiledIntentRule, points: number, inputs: readonly Input[]): Reason {
  const reason = { rule: rule.spec.id, points: 0.5, why: rule.why, inputs: inputs as Input[] }
  reason.points = points
  return reason
}

/** Few rules meet a lead, so going through a short list beats a Map. */
function find(tallies: readonly Tally[], rule: CompiledIntentRule): Tally | undefined {
  for (const entry of tallies) if (entry.rule === rule) return entry
  return undefined
}

function tallyOf(tallies: Tally[], rule: CompiledIntentRule): Tally {
  const existing = find(tallies, rule)
  if (existing !== undefined) return existing
  const entry = { rule, points: 0, count: 0, lastCountedMs: Number.NEGATIVE_INFINITY, inputs: [] }
  tallies.push(entry)
  return entry
}

function count(
  entry: Tally,
  { signal, atMs }: Timed,
  inputs: readonly Input[],
  nowMs: number,
): void {
  const { rule } = entry
  // A source's clock may run ahead of ours; a signal from the future is as fresh as can be.
  const ageMs = Math.max(0, nowMs - atMs)
  if (rule.cooldownMs > 0 && atMs - entry.lastCountedMs < rule.cooldownMs) return
  // Also of one that is too old now: who leaves the window must not let in whom it kept out.
  entry.lastCountedMs = atMs
  if (ageMs > rule.windowMs) return
  entry.points += rule.spec.points * 2 ** (-ageMs / rule.halfLifeMs)
  entry.count += 1
  if (entry.count > LISTED_SIGNALS) return
  entry.inputs.push({ path: `signals.${signal.type}`, value: signal.id, observedAt: signal.at })
  for (const { path, value } of usedInputs(rule, inputs)) {
    entry.inputs.push({ path: `signals.${signal.type}.${path}`, value })
  }
}

/** Oldest first, each id once; ties by id, so that the order of arrival never matters. */
function inOrder(signals: readonly Signal[]): Timed[] {
  const timed: Timed[] = []
  const few = signals.length <= PAIRWISE_MAX
  let sorted = true
  for (const signal of eachOnce(signals)) {
    const before = timed.at(-1)
    // The signals of one event share its time.
    const atMs = before?.signal.at === signal.at ? before.atMs : instantMs(signal.at)
    if (Number.isNaN(atMs)) continue
    const next = { signal, atMs }
    if (few) {
      insert(timed, next, byTime)
      continue
    }
    sorted &&= before === undefined || byTime(before, next) < 0
    timed.push(next)
  }
  return sorted ? timed : timed.sort(byTime)
}

function byTime(a: Timed, b: Timed): number {
  return a.atMs - b.atMs || (a.signal.id < b.signal.id ? -1 : 1)
}

/** Of signals with the same id the one counts that is first by its text, wherever it stands. */
function eachOnce(signals: readonly Signal[]): Iterable<Signal> & readonly Signal[] {
  if (!repeatsAnId(signals)) return signals
  const chosen = new Map<string, { signal: Signal; text: string }>()
  for (const signal of signals) {
    const text = JSON.stringify(signal)
    const other = chosen.get(signal.id)
    if (other === undefined || text < other.text) chosen.set(signal.id, { signal, text })
  }
  return [...chosen.values()].map(({ signal }) => signal)
}

/** Up to this many signals, comparing each with each is cheaper than a Set or sorting. */
const PAIRWISE_MAX = 8

function repeatsAnId(signals: readonly Signal[]): boolean {
  if (signals.length > PAIRWISE_MAX)
    return new Set(signals.map(({ id }) => id)).size < signals.length
  for (let later = 1; later < signals.length; later++) {
    const { id } = signals[later]!
    for (let earlier = 0; earlier < later; earlier++) if (signals[earlier]!.id === id) return true
  }
  return false
}

/** One decimal: what people read, and the same on every machine. */
function round(points: number): number {
  return Math.round(points * 10) / 10
}
