/**
 * A source's record as a lead, or what is wrong with it, field by field.
 *
 * A value that cannot be used is set aside with a problem, so that one bad field does not cost a
 * lead; a record that names nobody is rejected.
 */
import { canonicalJson } from '../../audit/canonical-json'
import { sha256Hex } from '../../audit/merkle/hash'
import { iso } from '../../instant'
import type { Lead, Problem, Signal } from '../lead'
import { clean, normaliseTimestamp } from '../normalise'
import { isOpenName } from '../paths'
import { bounded } from '../signals'
import { notAhead } from './ahead'
import { withdrawnBy } from './consent'
import { deriveFields, emptyDraft, type Field, fieldAt, fillName, type Turn } from './fields'
import { isSurelyPlain } from './plain-data'
import { type Plan, planOf } from './plan'
import { Problems, shownSafely } from './problems'
import { datesAsText, firstStated, isRecord, type RawRecord, readPlace } from './record'
import { type IntakeSettings, RECORD_CHARS_MAX } from './settings'
import { signalsOf } from './signals'
import { ATTRIBUTES_MAX, placeStated, type StatedFields, statedFields } from './stated-fields'

export type Intake =
  | { readonly kind: 'lead'; readonly lead: Lead; readonly byContent: boolean }
  | { readonly kind: 'rejected'; readonly problems: readonly Problem[] }

const EVENT_ID_CHARS_MAX = 300
const EXTERNAL_IDS_MAX = 20
/** It is part of a key, and a database has no room in an index for a longer one. */
const SYSTEM_CHARS_MAX = 100
const SYSTEM_NAME = `the name of a system, of at most ${SYSTEM_CHARS_MAX} characters`

/** Total: whatever `record` is, the answer is a lead or a list of problems. */
export function toLead(record: unknown, settings: IntakeSettings, nowMs: number): Intake {
  const content = contentOf(record)
  if ('problem' in content) return { kind: 'rejected', problems: [content.problem] }
  return new Reading(content.record, content.json, planOf(settings), nowMs).read()
}

interface Content {
  readonly record: RawRecord
  /** The canonical JSON, when it had to be written. */
  readonly json: string | undefined
}

function contentOf(record: unknown): Content | { problem: Problem } {
  const problem = (expected: string) => ({
    problem: { field: 'record', value: shownSafely(record), expected },
  })
  if (!isRecord(record)) return problem('an object with the fields of one lead')
  try {
    if (isSurelyPlain(record, RECORD_CHARS_MAX)) return { record, json: undefined }
    const content = canonical(record)
    if (content.json.length <= RECORD_CHARS_MAX) return content
    return problem(
      `a record of at most ${RECORD_CHARS_MAX} characters; this one has ${content.json.length}`,
    )
  } catch (raw) {
    return problem(`plain JSON data (${(raw as Error).message.slice(0, 200)})`)
  }
}

function canonical(record: RawRecord): Content & { json: string } {
  try {
    return { record, json: canonicalJson(record) }
  } catch {
    const plain = datesAsText(record) as RawRecord
    return { record: plain, json: canonicalJson(plain) }
  }
}

/**
 * Deterministic in event, time and secret. It begins with the time, so that leads of one time lie
 * together in every table and index, and sorts by it. It outlives the lead in the public part of the log,
 * and the event may be known by an e-mail address alone: without the secret, a guess at it could be tried.
 */
function leadId(eventKey: string, nowMs: number, secret = ''): string {
  const mark = sha256Hex(`${secret}${eventKey}\n${nowMs}`).slice(0, 12)
  return `L${nowMs.toString(36).padStart(9, '0')}${mark}`
}

const EVENT_ID = fieldAt('event.id')
const OCCURRED_AT = fieldAt('event.occurredAt')
/** The country first: a national phone number is read in it. */
const TURNS: readonly Turn[] = ['country', 'plain', 'phone']

/** Which of several values is shown when they cannot be used together. */
function tooLongOrFirst(values: readonly unknown[]): unknown {
  return values.find((value) => typeof value === 'string' && value.length > 200) ?? values[0]
}

class Reading {
  readonly #draft = emptyDraft()
  readonly #problems = new Problems()
  readonly #stated: StatedFields
  readonly #nowIso: string

  constructor(
    readonly record: RawRecord,
    readonly json: string | undefined,
    readonly plan: Plan,
    readonly nowMs: number,
  ) {
    this.#stated = statedFields(record, plan)
    this.#nowIso = iso(nowMs)
  }

  read(): Intake {
    const draft = this.#draft
    this.#fillAll()
    draft.source.system ??= this.plan.settings.system
    this.#externalIds()
    this.#attributes()
    const occurredAt = this.#occurredAt()
    deriveFields(draft, occurredAt ?? this.#nowIso)
    const { key, byContent } = this.#eventKey()
    const signals = signalsOf(this.record, draft.source.trigger, {
      plan: this.plan,
      key,
      system: draft.source.system,
      listed: this.#ownPart('signals'),
      at: occurredAt ?? this.#nowIso,
      receivedMs: this.nowMs,
      problems: this.#problems,
    })
    this.#withdraw(signals)
    const missing = this.#missing(byContent ? undefined : key, occurredAt)
    const problems = this.#problems.list
    const refusedValue = this.plan.settings.onInvalid === 'reject' && problems.length > 0
    if (missing.length > 0 || refusedValue) {
      return { kind: 'rejected', problems: [...missing, ...problems] }
    }
    const lead: Lead = {
      id: leadId(key, this.nowMs, this.plan.settings.idSecret),
      cycle: 1,
      event: { id: key, receivedAt: this.#nowIso },
      ...draft,
      signals,
    }
    if (occurredAt !== undefined) lead.event.occurredAt = occurredAt
    if (problems.length > 0) lead.problems = problems
    return { kind: 'lead', lead, byContent }
  }

  #fillAll(): void {
    const { fields, values } = this.#stated
    for (const turn of TURNS) {
      for (let index = 0; index < fields.length; index++) {
        const field = fields[index]!
        if (field.turn === turn) this.#fill(field, values[index])
      }
    }
    this.#fillName()
    if (this.#draft.model !== undefined) this.#completeModel(this.#draft.model)
  }

  #fill(field: Field, value: unknown): void {
    const result = field.fill(this.#draft, field, value, this.#country())
    if (!result.ok) this.#problems.note(field.path, value, result, () => this.#from(field, value))
  }

  #fillName(): void {
    const { fields, values } = this.#stated
    const names: Record<string, unknown> = {}
    for (let index = 0; index < fields.length; index++) {
      const { turn, key } = fields[index]!
      if (turn === 'name') names[key] = values[index]
    }
    const result = fillName(this.#draft, names)
    if (!result.ok) {
      const value = tooLongOrFirst(Object.values(names))
      const of = fields[values.indexOf(value)]
      this.#problems.note('contact.name', value, result, () => of && this.#from(of, value))
    }
  }

  #from(field: Field, value: unknown): string | undefined {
    return placeStated(this.#stated, this.record, this.plan, field, value)
  }

  #country(): string | undefined {
    const { contact, company } = this.#draft
    return contact.country ?? company.country ?? this.plan.settings.country
  }

  /** A score without its confidence cannot be judged, nor a confidence without its score. */
  #completeModel(model: Partial<NonNullable<Lead['model']>>): void {
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
      const expected = 'a number from 0 to 1 beside the other'
      this.#problems.list.push({ field: `model.${part}`, value: 'nothing', expected })
      delete this.#draft.model
    }
  }

  /** `externalIds` may also come as an object of its own. */
  #externalIds(): void {
    const raw = this.#ownPart('externalIds')
    if (!isRecord(raw)) return
    const systems = Object.keys(raw)
    this.#problems.limit('externalIds', systems.length, EXTERNAL_IDS_MAX)
    for (const system of systems.slice(0, EXTERNAL_IDS_MAX)) {
      if (system.length > SYSTEM_CHARS_MAX) this.#problems.add('externalIds', system, SYSTEM_NAME)
      else if (isOpenName(system)) this.#fill(fieldAt(`externalIds.${system}`), raw[system])
    }
  }

  /** A part of a record in the lead's own shape, which may stand in an envelope. */
  #ownPart(name: 'externalIds' | 'signals'): unknown {
    const { shape } = this.#stated
    if (Object.hasOwn(this.record, name)) return this.record[name]
    return shape !== undefined && Object.hasOwn(shape, name) ? shape[name] : undefined
  }

  #attributes(): void {
    if (!Object.hasOwn(this.record, 'attributes')) return
    const raw = this.record.attributes
    if (isRecord(raw)) this.#problems.limit('attributes', Object.keys(raw).length, ATTRIBUTES_MAX)
  }

  #occurredAt(): string | undefined {
    const value = this.#stated.at(OCCURRED_AT)
    const result = notAhead(normaliseTimestamp(value), this.nowMs)
    this.#problems.note(OCCURRED_AT.path, value, result, () => this.#from(OCCURRED_AT, value))
    return result.ok ? result.value : undefined
  }

  /** The source's own id of the event, or else a hash of everything it sent. */
  #eventKey(): { key: string; byContent: boolean } {
    const { eventId, missing, settings } = this.plan
    const value =
      eventId === undefined ? this.#stated.at(EVENT_ID) : firstStated(this.record, eventId, missing)
    const id = clean(value, 200)
    this.#problems.note(EVENT_ID.path, value, id)
    const own = id.ok ? id.value : this.#contentHash()
    return { key: bounded(`${settings.system}:${own}`, EVENT_ID_CHARS_MAX), byContent: !id.ok }
  }

  #contentHash(): string {
    return `#${sha256Hex(this.json ?? canonicalJson(this.record)).slice(0, 32)}`
  }

  /** An unsubscribe is a signal and a withdrawal of consent at once. */
  #withdraw(signals: readonly Signal[]): void {
    for (const { type } of signals) Object.assign(this.#draft.consent, withdrawnBy(type))
  }

  #missing(eventId: string | undefined, occurredAt: string | undefined): Problem[] {
    const { contact, externalIds } = this.#draft
    const missing = new Problems()
    if (contact.email === undefined && contact.phone === undefined && externalIds === undefined) {
      missing.list.push({
        field: 'contact',
        value: 'nothing usable',
        expected: 'an e-mail address, a phone number or an id of another system',
      })
    }
    const { required } = this.plan
    if (required.length === 0) return missing.list
    const filled = { ...this.#draft, event: { id: eventId, occurredAt } }
    for (const { field, read } of required) {
      const value = read(filled)
      if (value === undefined || value === null || value === '') {
        const expected = 'a value, because this source must always give it'
        missing.add(field.path, this.#stated.at(field) ?? null, expected)
      }
    }
    return missing.list
  }
}
