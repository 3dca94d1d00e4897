/**
 * The signals that a record stands for: what triggered it, those the mapping finds, and those it
 * lists itself.
 */
import { instantMs } from '../../instant'
import type { Signal } from '../lead'
import { clean, normaliseSlug, normaliseTimestamp } from '../normalise'
import { bounded, keepEveryType, SIGNALS_MAX, signalId } from '../signals'
import { notAhead } from './ahead'
import { withdrawnBy } from './consent'
import type { MappedSignal, Plan } from './plan'
import { Problems } from './problems'
import { firstStated, isRecord, type RawRecord, saysYes, wordOf } from './record'

export interface SignalContext {
  readonly plan: Plan
  /** Of the event; names the signals that have no id of their own. */
  readonly key: string
  /** Whose ids the listed signals have. */
  readonly system: string | undefined
  /** ISO time of the event. */
  readonly at: string
  readonly receivedMs: number
  readonly problems: Problems
  /** The record's own list of signals. */
  readonly listed: unknown
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
    const signal: Signal = { id: bounded(`${key}/${type}/${index}`), type, at }
    signals.push(withDetails(signal, mapping, record, plan))
  })
  addListed(signals, context.listed, context)
  // A source that names its trigger and lists or maps it as well means one signal.
  const isTold = signals.some((signal) => signal.type === trigger && signal.at === at)
  if (trigger !== undefined && trigger !== '' && !isTold)
    signals.unshift({ id: bounded(key), type: trigger, at })
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
  context.problems.limit('signals', raw.length, SIGNALS_MAX)
  const kept = raw.length <= SIGNALS_MAX ? undefined : latestOfEveryType(raw, context)
  const taken = new Map<string, Signal>()
  raw.forEach((one: unknown, index) => {
    if (kept?.has(index) === false) return
    const signal = listedSignal(one, index, context)
    if (signal === undefined) return
    const same = taken.get(signal.id)
    if (same === undefined) signals.push(signal)
    else if (same.type !== signal.type || same.at !== signal.at)
      signals.push(withIdOfItsOwn(signal, one, index, context))
    taken.set(signal.id, signal)
  })
}

/**
 * The places of a list that is too long which are read: of every type the latest, in whatever order they are
 * listed. What is no signal takes no place from one, and is told as far as there is room.
 */
function latestOfEveryType(raw: readonly unknown[], context: SignalContext): ReadonlySet<number> {
  const unheard = { ...context, problems: new Problems() }
  const read = raw.map((one, place) => ({ place, signal: listedSignal(one, place, unheard) }))
  const latestFirst = read
    .flatMap(({ place, signal }) => (signal === undefined ? [] : [{ place, signal }]))
    .sort((a, b) => instantMs(b.signal.at) - instantMs(a.signal.at))
  const types = latestFirst.map(({ signal }) => signal.type)
  const kept = keepEveryType(types, SIGNALS_MAX)
  const places = latestFirst.filter((_, rank) => kept.has(rank)).map(({ place }) => place)
  const others = read.filter(({ signal }) => signal === undefined).map(({ place }) => place)
  return new Set([...places, ...others].slice(0, SIGNALS_MAX))
}

function typeOf(one: unknown): string {
  const type = isRecord(one) ? normaliseSlug(one.type) : undefined
  return type?.ok ? type.value : ''
}

/** Of two signals with one id only one would be kept. */
function withIdOfItsOwn(
  signal: Signal,
  one: unknown,
  index: number,
  { key, problems }: SignalContext,
): Signal {
  const { id } = one as RawRecord
  problems.add(`signals[${index}].id`, id, 'an id that no other signal of this event has')
  return { ...signal, id: bounded(`${key}/signals/${index}`) }
}

function listedSignal(
  one: unknown,
  index: number,
  { key, system, at, receivedMs, problems }: SignalContext,
): Signal | undefined {
  const type = typeOf(one)
  if (!isRecord(one) || type === '') {
    const expected = 'the type of the signal, such as demo_request'
    problems.add(`signals[${index}].type`, one, expected)
    return undefined
  }
  const time = normaliseTimestamp(one.at)
  if (!time.ok && !time.empty) {
    problems.note(`signals[${index}].at`, one.at, time)
    // A refusal holds whenever it was; it counts from this event.
    if (withdrawnBy(type) === undefined) return undefined
  }
  const past = notAhead(time, receivedMs)
  if (time.ok) problems.note(`signals[${index}].at`, one.at, past)
  const own = clean(one.id, 200)
  const id = own.ok ? signalId(system, own.value) : bounded(`${key}/signals/${index}`)
  const signal: Signal & Record<string, unknown> = {
    id,
    type,
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
