/**
 * Reads an instant: ISO 8601 / RFC 3339, RFC 2822, epoch seconds or milliseconds, or a plain date.
 *
 * Only forms with one meaning are read; 03/04/2026 is refused. A date alone is its UTC midnight and
 * a time without an offset is UTC, so the answer never depends on where the process runs. Instants
 * outside the years 1990–2100 (UTC) are refused: they are typing errors, or epochs in another unit.
 */
import { type Normalised, normalised, refused } from './result'
import { cleanStated } from './text'

const LENGTH_MAX = 64
export const TIME_EXPECTED = 'a time such as 2026-03-31T09:30:00Z, between 1990 and 2100'

const FIRST_MS = Date.UTC(1990, 0, 1)
const END_MS = Date.UTC(2101, 0, 1)

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i
/** As we write instants ourselves. */
const AS_WRITTEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const RFC_2822 =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun), ?)?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? ([+-]\d{4}|[a-z]{1,3})(?: \([a-z ]{1,40}\))?$/i
const EPOCH = /^\d{9,13}(?:\.\d{1,9})?$/

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')

/** Whether epoch `ms` lies within the years that are read; NaN does not. */
export function isInstantMs(ms: number): boolean {
  return ms >= FIRST_MS && ms < END_MS
}

/** The zone names that RFC 2822 defines, in minutes east of UTC. */
const ZONES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    z: 0,
    ut: 0,
    gmt: 0,
    utc: 0,
    est: -300,
    edt: -240,
    cst: -360,
    cdt: -300,
  }).concat(Object.entries({ mst: -420, mdt: -360, pst: -480, pdt: -420 })),
)

/** The instant as ISO 8601 in UTC with milliseconds; a valid Date is taken as it is. */
export function normaliseTimestamp(input: unknown): Normalised<string> {
  const dateMs = msOfDate(input)
  if (dateMs !== undefined) return fromMs(dateMs)
  if (typeof input === 'number') return fromEpoch(input)

  if (typeof input === 'string' && AS_WRITTEN.test(input) && isOurs(input)) return normalised(input)
  const text = cleanStated(input, LENGTH_MAX, TIME_EXPECTED)
  if (!text.ok) return text
  if (EPOCH.test(text.value)) return fromEpoch(Number(text.value))
  return fromMs(readIso(text.value) ?? readRfc2822(text.value) ?? Number.NaN)
}

function isOurs(text: string): boolean {
  const ms = Date.parse(text)
  // A day that the month does not have comes back as another; so does 24 o'clock.
  return isInstantMs(ms) && new Date(ms).getUTCDate() === Number(text.slice(8, 10))
}

/** Seconds and milliseconds of 1990–2100 do not overlap, so the size of the number tells the unit. */
function fromEpoch(epoch: number): Normalised<string> {
  const inSeconds = epoch * 1000 < END_MS
  return fromMs(Math.round(inSeconds ? epoch * 1000 : epoch))
}

function fromMs(ms: number): Normalised<string> {
  if (!isInstantMs(ms)) return refused(TIME_EXPECTED)
  return normalised(new Date(ms).toISOString())
}

function msOfDate(input: unknown): number | undefined {
  if (typeof input !== 'object' || input === null) return undefined
  try {
    // Throws for everything that is not a real Date, whatever its prototype claims.
    return Date.prototype.getTime.call(input)
  } catch {
    return undefined
  }
}

function readIso(text: string): number | undefined {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] =
    match
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const date: Day = [Number(year), Number(month), Number(day)]
  return instantMs(date, Number(hour), Number(minute), Number(second), zone) + ms
}

function readRfc2822(text: string): number | undefined {
  const match = RFC_2822.exec(text)
  if (match === null) return undefined
  const [, day, monthName = '', year, hour = '0', minute = '0', second = '0', zone = ''] = match
  const month = MONTHS.indexOf(monthName.toLowerCase()) + 1
  const date: Day = [Number(year), month, Number(day)]
  return instantMs(date, Number(hour), Number(minute), Number(second), zone)
}

type Day = readonly [year: number, month: number, day: number]

/** NaN when the calendar has no such day, the clock no such time or the map no such zone. */
function instantMs(
  [year, month, day]: Day,
  hour: number,
  minute: number,
  second: number,
  zone: string,
): number {
  const offset = offsetMinutes(zone)
  if (hour > 23 || minute > 59 || second > 59 || offset === undefined) return Number.NaN
  const date = new Date(Date.UTC(year, month - 1, day))
  // 31 February would roll over into March, and Date reads the year 95 as 1995.
  const isOnCalendar =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isOnCalendar ? Date.UTC(year, month - 1, day, hour, minute - offset, second) : Number.NaN
}

function offsetMinutes(zone: string): number | undefined {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  if (match === null) return ZONES.get(zone.toLowerCase())
  const [, sign, hours, minutes = '0'] = match
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
