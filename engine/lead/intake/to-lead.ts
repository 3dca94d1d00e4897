/**
 * A source's record as a lead, or what is wrong with it, field by field.
 *
 * A value that cannot be used is set aside with a problem, so that one bad field does not cost a
 * lead; a record that names nobody is rejected.
 */
import { shown } from '../../artefact'
import { canonicalJson } from '../../audit/canonical-json'
import { sha256Hex } from '../../audit/merkle/hash'
import type { Lead, Problem, Signal } from '../lead'
import { clean, normaliseTimestamp } from '../normalise'
import { pathProblem, pathReader } from '../paths'
import { type Draft, deriveFields, fillField, fillName } from './fields'
import { datesAsText, isRecord, type RawRecord, readPlace, readPlaces, saysYes } from './record'
import { type IntakeSettings, RECORD_CHARS_MAX } from './settings'
import { statedFields } from './stated-fields'

export type Intake =
  | { readonly kind: 'lead'; readonly lead: Lead; readonly byContent: boolean }
  | { readonly kind: 'rejected'; readonly problems: readonly Problem[] }

const NAME_PATHS = ['contact.name', 'contact.firstName', 'contact.lastName'] as const
const SIGNALS_MAX = 200
const EVENT_ID_CHARS_MAX = 300
const SIGNAL_ID_CHARS_MAX = 200

/** Total: whatever `record` is, the answer is a lead or a list of problems. */
export function toLead(record: unknown, settings: IntakeSettings, nowMs: number): Intake {
  const content = contentOf(record)
  if ('problem' in content) return { kind: 'rejected', problems: [content.problem] }
  return new Reading(content.record, content.json, settings, nowMs).read()
}

interface Content {
  readonly record: RawRecord
  readonly json: string
}

function contentOf(record: unknown): Content | { problem: Problem } {
  const problem = (expected: string) => ({
    problem: { field: 'record', value: shownSafely(record), expected },
  })
  if (!isRecord(record)) return problem('an object with the fields of one lead')
  try {
    const content = canonical(record)
    if (content.json.length <= RECORD_CHARS_MAX) return content
    return problem(
      `a record of at most ${RECORD_CHARS_MAX} characters; this one has ${content.json.length}`,
    )
  } catch (raw) {
    return problem(`plain JSON data (${(raw as Error).message.slice(0, 200)})`)
  }
}

function canonical(record: RawRecord): Content {
  try {
    return { record, json: canonicalJson(record) }
  } catch {
    const plain = datesAsText(record) as RawRecord
    return { record: plain, json: canonicalJson(plain) }
  }
}

/** An id that is too long is named by its hash: it stays the same, and stays its own. */
function bounded(id: string, charsMax: number): string {
  return id.length <= charsMax ? id : `#${sha256Hex(id).slice(0, 32)}`
}

function shownSafely(value: unknown): string {
  try {
    return shown(value)
  } catch {
    return typeof value
  }
}

/**
 * Deterministic in event and time. It begins with the time, so that leads of one time lie together
 * in every table and index, and sorts by it.
 */
function leadId(eventKey: string, nowMs: number): string {
  return `L${nowMs.toString(36).padStart(9, '0')}${sha256Hex(`${eventKey}\n${nowMs}`).slice(0, 12)}`
}

class Reading {
  readonly #draft: Draft = {
    contact: {},
    company: {},
    source: {},
    consent: {},
    attributes: {},
    provenance: {},
  }
  readonly #problems: Problem[] = []
  readonly #fields: Map<string, unknown>
  readonly #nowIso: string

  constructor(
    readonly record: RawRecord,
    readonly json: string,
    readonly settings: IntakeSettings,
    readonly nowMs: number,
  ) {
    this.#fields = statedFields(record, settings)
    this.#nowIso = new Date(nowMs).toISOString()
  }

  read(): Intake {
    const draft = this.#draft
    this.#fillAll()
    draft.source.system ??= this.settings.system
    this.#externalIds()
    deriveFields(draft, this.#nowIso)
    const occurredAt = this.#occurredAt()
    const { key, byContent } = this.#eventKey()
    const at = occurredAt ?? this.#nowIso
    const signals = this.#signals(key, at)
    this.#unsubscribe(signals)
    const missing = this.#missing({ ...(byContent ? {} : { id: key }), occurredAt })
    const refusedValue = this.settings.onInvalid === 'reject' && this.#problems.length > 0
    if (missing.length > 0 || refusedValue) {
      return { kind: 'rejected', problems: [...missing, ...this.#problems] }
    }
    const lead: Lead = {
      id: leadId(key, this.nowMs),
      cycle: 1,
      event: {
        id: key,
        receivedAt: this.#nowIso,
        ...(occurredAt === undefined ? {} : { occurredAt }),
      },
      ...draft,
      signals,
      ...(this.#problems.length === 0 ? {} : { problems: this.#problems }),
    }
    return { kind: 'lead', lead, byContent }
  }

  #fillAll(): void {
    // The country first: a national phone number is read in it.
    const order = (path: string) =>
      path.endsWith('.country') ? 0 : path === 'contact.phone' ? 2 : 1
    const paths = [...this.#fields.keys()].sort((a, b) => order(a) - order(b))
    const names: Record<string, unknown> = {}
    for (const path of paths) {
      if (path.startsWith('event.')) continue
      const value = this.#fields.get(path)
      const name = NAME_PATHS.find((one) => one === path)
      if (name !== undefined) names[name.slice('contact.'.length)] = value
      else this.#note(path, value, fillField(this.#draft, path, value, this.#country()))
    }
    if (Object.keys(names).length > 0) {
      const longest =
        Object.values(names).find((value) => typeof value === 'string' && value.length > 200) ??
        Object.values(names)[0]
      this.#note('contact.name', longest, fillName(this.#draft, names))
    }
    this.#completeModel()
  }

  #country(): string | undefined {
    return this.#draft.contact.country ?? this.#draft.company.country ?? this.settings.country
  }

  #note(
    field: string,
    value: unknown,
    result: { ok: boolean; empty?: boolean; expected?: string },
  ): void {
    if (result.ok || result.empty) return
    this.#problems.push({ field, value: shownSafely(value), expected: result.expected! })
  }

  /** A score without its confidence cannot be judged, nor a confidence without its score. */
  #completeModel(): void {
    const { model } = this.#draft as { model?: Partial<NonNullable<Lead['model']>> }
    if (model === undefined) return
    const features = readPlace(this.record, 'model.features')
    if (Array.isArray(features)) {
      model.features = features
        .filter(
          (one): one is { name: string; weight: number } =>
            isRecord(one) && typeof one.name === 'string' && Number.isFinite(one.weight),
        )
        .slice(0, 50)
        .map(({ name, weight }) => ({ name: name.slice(0, 200), weight }))
    }
    for (const part of ['score', 'confidence'] as const) {
      if (model[part] !== undefined) continue
      this.#problems.push({
        field: `model.${part}`,
        value: 'nothing',
        expected: 'a number from 0 to 1 beside the other',
      })
      delete this.#draft.model
    }
  }

  /** `externalIds` may also come as an object of its own. */
  #externalIds(): void {
    const raw = readPlace(this.record, 'externalIds')
    if (!isRecord(raw)) return
    for (const [system, id] of Object.entries(raw).slice(0, 20)) {
      if (pathProblem(`externalIds.${system}`) !== undefined) continue
      this.#note(`externalIds.${system}`, id, fillField(this.#draft, `externalIds.${system}`, id))
    }
  }

  #occurredAt(): string | undefined {
    const value = this.#fields.get('event.occurredAt')
    const result = normaliseTimestamp(value)
    this.#note('event.occurredAt', value, result)
    return result.ok ? result.value : undefined
  }

  /** The source's own id of the event, or else a hash of everything it sent. */
  #eventKey(): { key: string; byContent: boolean } {
    const { eventIdFrom, system } = this.settings
    const place = eventIdFrom === undefined ? this.#fields.get('event.id') : this.#at(eventIdFrom)
    const id = clean(place, 200)
    this.#note('event.id', place, id)
    const own = id.ok ? id.value : `#${sha256Hex(this.json).slice(0, 32)}`
    return { key: bounded(`${system}:${own}`, EVENT_ID_CHARS_MAX), byContent: !id.ok }
  }

  #signals(key: string, at: string): Signal[] {
    const { trigger } = this.#draft.source
    const own: Signal[] =
      trigger === undefined || trigger === ''
        ? []
        : [{ id: bounded(key, SIGNAL_ID_CHARS_MAX), type: trigger, at }]
    const mapped = this.settings.signals.flatMap((mapping, index): Signal[] => {
      const value = mapping.when === undefined ? true : this.#at(mapping.when)
      if (!saysYes(value)) return []
      const word = String(value).trim().toLowerCase()
      if (mapping.equals !== undefined && !mapping.equals.some((one) => one.toLowerCase() === word))
        return []
      return [
        {
          ...this.#details(mapping.details ?? {}),
          id: bounded(`${key}/${mapping.type}/${index}`, SIGNAL_ID_CHARS_MAX),
          type: mapping.type,
          at,
        },
      ]
    })
    return [...own, ...mapped, ...this.#listedSignals(key, at)]
  }

  #at(places: string): unknown {
    return readPlaces(this.record, places, this.settings.missing)
  }

  #details(places: Readonly<Record<string, string>>): Record<string, unknown> {
    const details: Record<string, unknown> = {}
    for (const [name, place] of Object.entries(places)) {
      const value = this.#at(place)
      if (value === undefined || typeof value === 'object') continue
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
      details[name] = Number.isFinite(number)
        ? number
        : typeof value === 'string'
          ? value.slice(0, 512)
          : value
    }
    return details
  }

  /** Signals that the record lists itself, each checked like every other field. */
  #listedSignals(key: string, at: string): Signal[] {
    const raw = readPlace(this.record, 'signals')
    if (raw === undefined || raw === null) return []
    if (!Array.isArray(raw)) {
      this.#problems.push({
        field: 'signals',
        value: shownSafely(raw),
        expected: 'a list of signals',
      })
      return []
    }
    return raw.slice(0, SIGNALS_MAX).flatMap((one: unknown, index): Signal[] => {
      const type = isRecord(one) ? clean(one.type, 100) : undefined
      if (!isRecord(one) || !type?.ok) {
        this.#problems.push({
          field: `signals[${index}].type`,
          value: shownSafely(one),
          expected: 'the type of the signal, such as demo_request',
        })
        return []
      }
      const time = normaliseTimestamp(one.at)
      this.#note(`signals[${index}].at`, one.at, time)
      if (!time.ok && !time.empty) return []
      const id = clean(one.id, 200)
      const details = Object.entries(one).filter(([name, value]) => isDetail(name, value))
      return [
        {
          ...Object.fromEntries(details),
          id: id.ok ? id.value : bounded(`${key}/signals/${index}`, SIGNAL_ID_CHARS_MAX),
          type: type.value,
          at: time.ok ? time.value : at,
        },
      ]
    })
  }

  /** An unsubscribe is a signal and a withdrawal of consent at once. */
  #unsubscribe(signals: readonly Signal[]): void {
    const types = new Set(signals.map(({ type }) => type))
    const { consent } = this.#draft
    if (types.has('unsubscribe')) Object.assign(consent, { marketing: 'denied', email: 'denied' })
    if (types.has('opt_out') || types.has('do_not_contact')) consent.optOut = true
  }

  #missing(event: { id?: string; occurredAt: string | undefined }): Problem[] {
    const { contact, externalIds } = this.#draft
    const problems: Problem[] = []
    if (
      contact.email === undefined &&
      contact.phone === undefined &&
      Object.keys(externalIds ?? {}).length === 0
    ) {
      problems.push({
        field: 'contact',
        value: 'nothing usable',
        expected: 'an e-mail address, a phone number or an id of another system',
      })
    }
    for (const path of this.settings.required) {
      const value = pathReader(path)({ ...this.#draft, event })
      if (value === undefined || value === null || value === '') {
        problems.push({
          field: path,
          value: shownSafely(this.#fields.get(path) ?? null),
          expected: 'a value, because this source must always give it',
        })
      }
    }
    return problems
  }
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
