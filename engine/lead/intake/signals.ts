/**
 * The signals that a record stands for: what triggered it, those the mapping finds, and those it
 * lists itself.
 */
import { sha256Hex } from '../../audit/merkle/hash'
import type { Signal } from '../lead'
import { clean, normaliseSlug, normaliseTimestamp } from '../normalise'
import { notAhead } from './ahead'
import { withdrawnBy } from './consent'
import type { MappedSignal, Plan } from './plan'
import type { Problems } from './problems'
import { firstStated, isRecord, type RawRecord, saysYes, wordOf } from './record'

/** As many as a lead keeps. */
const LISTED_MAX = 500
const SIGNAL_ID_CHARS_MAX = 200

export interface SignalContext {
  readonly plan: Plan
  /** Of the event; names the signals that have no id of their own. */
  readonly key: string
  /** ISO time of the event. */
  readonly at: string
  readonly receivedMs: number
  readonly problems: Problems
}

/** An id that is too long is named by its hash: it stays the same, and stays its own. */
export function bounded(id: string, charsMax: number): string {
  return id.length <= charsMax ? id : `#${sha256Hex(id).slice(0, 32)}`
}

export function signalsOf(
  record: RawRecord,
  trigger: string | undefined,
  context: SignalContext,
): Signal[] {
  const { key, at, plan } = context
  const signals: Signal[] = []
  plan.signals.forEach((mapping, index) => {
    if (!holds(mapping, record, plan)) return
    const { type } = mapping
    const signal: Signal = { id: bounded(`${key}/${type}/${index}`, SIGNAL_ID_CHARS_MAX), type, at }
    signals.push(withDetails(signal, mapping, record, plan))
  })
  if (Object.hasOwn(record, 'signals')) addListed(signals, record.signals, context)
  // A source that names its trigger and lists or maps it as well means one signal.
  const isTold = signals.some((signal) => signal.type === trigger && signal.at === at)
  if (trigger !== undefined && trigger !== '' && !isTold)
    signals.unshift({ id: bounded(key, SIGNAL_ID_CHARS_MAX), type: trigger, at })
  return signals
}

function holds({ when, equals }: MappedSignal, record: RawRecord, { missing }: Plan): boolean {
  const value = when === undefined ? true : firstStated(record, when, missing)
  if (!saysYes(value)) return false
  return equals === undefined || equals.includes(wordOf(value))
}

function withDetails(
  signal: Signal,
  { details }: MappedSignal,
  record: RawRecord,
  { missing }: Plan,
): Signal {
  const named: Record<string, unknown> = {}
  for (const [name, places] of details) {
    const value = firstStated(record, places, missing)
    if (value === undefined || typeof value === 'object') continue
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
    const text = typeof value === 'string' ? value.slice(0, 512) : value
    named[name] = Number.isFinite(number) ? number : text
  }
  return { ...named, ...signal }
}

/** Signals that the record lists itself, each checked like every other field. */
function addListed(signals: Signal[], raw: unknown, context: SignalContext): void {
  if (raw === undefined || raw === null) return
  if (!Array.isArray(raw)) {
    context.problems.add('signals', raw, 'a list of signals')
    return
  }
  context.problems.limit('signals', raw.length, LISTED_MAX)
  const taken = new Map<string, Signal>()
  raw.forEach((one: unknown, index) => {
    // A refusal counts wherever it stands.
    if (index >= LISTED_MAX && !isRefusal(one)) return
    const signal = listedSignal(one, index, context)
    if (signal === undefined) return
    const same = taken.get(signal.id)
    if (same === undefined) signals.push(signal)
    else if (same.type !== signal.type || same.at !== signal.at)
      signals.push(withIdOfItsOwn(signal, index, context))
    taken.set(signal.id, signal)
  })
}

function isRefusal(one: unknown): boolean {
  const type = isRecord(one) ? normaliseSlug(one.type) : undefined
  return type?.ok === true && withdrawnBy(type.value) !== undefined
}

/** Of two signals with one id only one would be kept. */
function withIdOfItsOwn(signal: Signal, index: number, { key, problems }: SignalContext): Signal {
  problems.add(`signals[${index}].id`, signal.id, 'an id that no other signal of this event has')
  return { ...signal, id: bounded(`${key}/signals/${index}`, SIGNAL_ID_CHARS_MAX) }
}

function listedSignal(
  one: unknown,
  index: number,
  { key, at, receivedMs, problems }: SignalContext,
): Signal | undefined {
  const type = isRecord(one) ? normaliseSlug(one.type) : undefined
  if (!isRecord(one) || !type?.ok) {
    const expected = 'the type of the signal, such as demo_request'
    problems.add(`signals[${index}].type`, one, expected)
    return undefined
  }
  const time = normaliseTimestamp(one.at)
  if (!time.ok && !time.empty) {
    problems.note(`signals[${index}].at`, one.at, time)
    // A refusal holds whenever it was; it counts from this event.
    if (withdrawnBy(type.value) === undefined) return undefined
  }
  const past = notAhead(time, receivedMs)
  if (time.ok) problems.note(`signals[${index}].at`, one.at, past)
  const own = clean(one.id, 200)
  const id = own.ok ? own.value : bounded(`${key}/signals/${index}`, SIGNAL_ID_CHARS_MAX)
  const signal: Signal & Record<string, unknown> = {
    id,
    type: type.value,
    at: past.ok ? past.value : at,
  }
  for (const name of Object.keys(one)) if (isDetail(name, one[name])) signal[name] = one[name]
  return signal
}

const RESERVED_DETAILS = new Set([
  'id',
  'type',
  'at',
  'person',
  '__proto__',
  'constructor',
  'prototype',
])

function isDetail(name: string, value: unknown): boolean {
  if (RESERVED_DETAILS.has(name) || name.length > 100) return false
  return (
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && value.length <= 512)
  )
}
