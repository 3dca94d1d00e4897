/**
 * Reading places in a source's record. Only own properties are read, so that a record cannot reach
 * into the language's own objects whatever its keys are called.
 */

export type RawRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is RawRecord {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
  )
}

/** The value at `place`: a key as it stands, or a dotted path; undefined when there is none. */
export function readPlace(record: unknown, place: string): unknown {
  if (typeof record !== 'object' || record === null) return undefined
  if (Object.hasOwn(record, place)) return (record as RawRecord)[place]
  let value: unknown = record
  for (const key of place.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as RawRecord)[key]
  }
  return value
}

/** Words by which a source says "nothing", lower case, e.g. `select` or `n/a`. */
export type MissingWords = ReadonlySet<string>
const NO_WORDS: MissingWords = new Set()

/** The first of several places, separated by `|`, that holds something. */
export function readPlaces(
  record: RawRecord,
  places: string,
  missing: MissingWords = NO_WORDS,
): unknown {
  for (const place of places.split('|')) {
    const value = readPlace(record, place.trim())
    if (!isNothing(value) && !isMissing(value, missing)) return value
  }
  return undefined
}

/** Whether a value states nothing: empty cells of a table are texts without characters. */
export function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** Whether a value is one of the source's words for nothing, compared without case. */
export function isMissing(value: unknown, missing: MissingWords): boolean {
  return missing.size > 0 && typeof value === 'string' && missing.has(value.trim().toLowerCase())
}

/** Database nodes give times as Date objects; as ISO text they are plain data like everything else. */
export function datesAsText(value: unknown, seen = new Map<unknown, unknown>()): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? value : value.toISOString()
  if (!Array.isArray(value) && !isPlain(value)) return value
  if (seen.has(value)) return seen.get(value)
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : Object.create(null)
  // Before its content, so that what holds itself still does, and is refused as such.
  seen.set(value, copy)
  for (const [key, inner] of Object.entries(value))
    copy[key as never] = datesAsText(inner, seen) as never
  return copy
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const NOTHING = new Set(['', 'false', 'no', '0', 'nein', 'none', 'null', 'undefined'])

/** Whether a place says "yes": anything but nothing, false, no and 0. */
export function saysYes(value: unknown): boolean {
  if (value === undefined || value === null) return false
  return !NOTHING.has(String(value).trim().toLowerCase())
}
