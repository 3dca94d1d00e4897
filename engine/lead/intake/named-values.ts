/**
 * Values that stand beside their names, as form builders and ad networks send them:
 * `[{ "name": "email", "values": ["ana@acme.example"] }]`, and values in a wrapper: `{ "value": 5 }`.
 *
 * One reading for all of them: what names an entry, and what it holds. Names are only compared, never
 * made keys of an object, so `__proto__` is a name like any other.
 */
import { isNothing, isRecord, type RawRecord } from './raw-record'

/** What an entry may be called by; an entry often has several, and any of them names it. */
const NAMES = [
  'name',
  'key',
  'label',
  'title',
  'question',
  'ref',
  'field',
  'column_id',
  'column_name',
  'field_name',
  'fieldName',
  'field_id',
  'questionId',
  'question_id',
  'checkbox_key',
  'text',
  'id',
] as const
/** Where an entry holds what was answered; the first that says something. */
const VALUES = [
  'prettyFormat',
  'value',
  'values',
  'answer',
  'string_value',
  'stringValue',
  'field_value',
  'fieldValue',
  'answerDetails',
  'response',
  'is_checked',
] as const
/** Inside of a value: a choice that has a label, an answer in the box of its kind. */
const INNER = ['value', 'label', 'labels', 'text', 'answer', 'full'] as const
/** More boxes in boxes than any form builder has. */
const DEPTH_MAX = 5
/** More answers and questions than any form has; each mapping looks at all of them. */
const FORM_MAX = 2_000

/** What else an entry is called, by its id: a form's own questions, where it is sent along. */
export type Titles = ReadonlyMap<string, readonly string[]>
export const NO_TITLES: Titles = new Map()

/** As names are compared: without case, spaces, dashes, underscores and dots. */
export function folded(name: string): string {
  return name.toLowerCase().replace(/[\s_\-.]/g, '')
}

/** Where the entry's value stands; `{ type: "email", email: … }` holds it under its type. */
function valueKey(entry: RawRecord): string | undefined {
  let empty: string | undefined
  for (const key of VALUES) {
    if (!Object.hasOwn(entry, key)) continue
    if (!isNothing(entry[key])) return key
    empty ??= key
  }
  if (empty !== undefined || !Object.hasOwn(entry, 'type')) return empty
  const { type } = entry
  return typeof type === 'string' && type !== 'type' && Object.hasOwn(entry, type)
    ? type
    : undefined
}

/** Whether it is an object that holds a value in a place for values. */
export function holdsValue(entry: unknown): entry is RawRecord {
  return isRecord(entry) && valueKey(entry) !== undefined
}

/** Whether it is a value with a name beside it. */
export function isNamed(entry: unknown): entry is RawRecord {
  return holdsValue(entry) && namesOf(entry).length > 0
}

export function namesOf(entry: RawRecord, titles: Titles = NO_TITLES): readonly string[] {
  const value = valueKey(entry)
  const names: string[] = []
  for (const key of NAMES) {
    if (key === value || !Object.hasOwn(entry, key)) continue
    const name = entry[key]
    if (isRecord(name)) names.push(...namesOf(name))
    else if (typeof name === 'string' || typeof name === 'number') names.push(String(name).trim())
  }
  if (titles.size === 0) return names
  return [...new Set([...names, ...names.flatMap((name) => titles.get(name) ?? [])])]
}

/** What the entry holds, out of every box: one of one is itself, several stay a list. */
export function heldBy(entry: RawRecord): unknown {
  const key = valueKey(entry)
  if (key === undefined) return undefined
  const options = Object.hasOwn(entry, 'options') ? entry.options : undefined
  return unboxed(optionTexts(entry[key], options), true)
}

/**
 * Out of the boxes of a choice or a kind of answer: `{ "label": "CFO" }`, `{ "full": "+49 30 1" }`.
 * `isAnswer`: a box with one thing in it holds that, whatever the box is called.
 */
export function unboxed(boxed: unknown, isAnswer = false): unknown {
  let value = boxed
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    if (Array.isArray(value) && value.length === 1) value = value[0]
    else if (isRecord(value)) {
      const inner = innerKey(value, isAnswer)
      if (inner === undefined) return value
      value = value[inner]
    } else return value
  }
  return value
}

function innerKey(box: RawRecord, isAnswer: boolean): string | undefined {
  const inner = INNER.find((key) => Object.hasOwn(box, key) && !isNothing(box[key]))
  if (inner !== undefined || !isAnswer) return inner
  const keys = Object.keys(box)
  return keys.length === 1 ? keys[0] : undefined
}

/** Ids of options as the texts that the person saw, where the options are sent along. */
function optionTexts(value: unknown, options: unknown): unknown {
  if (!Array.isArray(options)) return value
  const texts = new Map<unknown, unknown>()
  for (const one of options)
    if (isRecord(one) && typeof one.text === 'string') texts.set(one.id, one.text)
  if (Array.isArray(value)) return value.map((id: unknown) => texts.get(id) ?? id)
  return texts.get(value) ?? value
}

/**
 * What a place holds, out of its wrapper. A list of wrappers is several of one kind, as a CRM lists
 * addresses: the one marked as `primary`, or else the first that says something.
 */
export function said(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (!Array.isArray(value)) return isWrapper(value) ? heldBy(value) : value
  if (value.length === 0 || !value.every(isWrapper)) return value
  const wrappers = value as readonly RawRecord[]
  const stated = wrappers.filter((one) => !isNothing(heldBy(one)))
  const first = stated.find(({ primary }) => primary === true) ?? stated[0]
  return first === undefined ? undefined : heldBy(first)
}

/** Everything a place says: of several wrappers each counts, where none may be lost. */
export function everythingSaid(value: unknown): readonly unknown[] {
  const isList = Array.isArray(value) && value.length > 0 && value.every(isWrapper)
  return isList ? (value as readonly RawRecord[]).map(heldBy) : [said(value)]
}

function isWrapper(value: unknown): value is RawRecord {
  return isRecord(value) && (Object.hasOwn(value, 'value') || isNamed(value))
}

/** The entry of a list, or of an object's values, that is called so: as written, or else in any spelling. */
export function entryNamed(
  entries: object,
  name: string,
  titles: () => Titles,
): RawRecord | undefined {
  const named = (Object.values(entries) as unknown[]).slice(0, FORM_MAX).filter(isNamed)
  if (named.length === 0) return undefined
  const known = titles()
  const wanted = folded(name)
  let alike: RawRecord | undefined
  for (const entry of named) {
    const names = namesOf(entry, known)
    if (names.includes(name)) return entry
    if (alike === undefined && names.some((one) => folded(one) === wanted)) alike = entry
  }
  return alike
}

/** Where forms send their questions along: Typeform's `definition`, LinkedIn's `form`. */
const QUESTIONS = [
  ['definition', 'fields'],
  ['form', 'fields'],
  ['form', 'questions'],
  ['form', 'content', 'questions'],
] as const
const QUESTION_IDS = ['id', 'ref', 'questionId'] as const
const QUESTION_NAMES = ['predefinedField', 'title', 'label', 'name'] as const

/** What the questions are called that an object sends along, beside those that are known. */
export function titlesIn(container: object, known: Titles = NO_TITLES): Titles {
  if (!Object.hasOwn(container, 'definition') && !Object.hasOwn(container, 'form')) return known
  let titles: Map<string, readonly string[]> | undefined
  for (const path of QUESTIONS) {
    let list: unknown = container
    for (const key of path)
      list = isRecord(list) && Object.hasOwn(list, key) ? list[key] : undefined
    if (!Array.isArray(list)) continue
    titles ??= new Map(known)
    for (const question of list.slice(0, FORM_MAX))
      if (isRecord(question) && titles.size < FORM_MAX) addTitles(titles, question)
  }
  return titles ?? known
}

function addTitles(titles: Map<string, readonly string[]>, question: RawRecord): void {
  const names = QUESTION_NAMES.flatMap((key) => {
    const name = Object.hasOwn(question, key) ? question[key] : undefined
    return typeof name === 'string' ? [name.trim()] : []
  })
  for (const key of QUESTION_IDS) {
    const id = Object.hasOwn(question, key) ? question[key] : undefined
    if (typeof id === 'string' || typeof id === 'number') titles.set(String(id), names)
  }
}
