/**
 * Time zones: the stretches of constant offset between clock changes, and the instant of a wall time.
 *
 * The one place that knows moment-timezone; it brings its own IANA data, so that every container of a
 * fleet answers alike, whatever its operating system or Node build carries.
 */
import moment from 'moment-timezone'
import { DAY_MS, MINUTE_MS, parseDate } from './local-date'

export interface OffsetStretch {
  readonly startMs: number
  readonly endMs: number
  /** Wall time minus UTC. */
  readonly offsetMs: number
}

/** The database's spelling of a zone name ("europe/berlin" is "Europe/Berlin"); undefined if unknown. */
export function zoneName(name: string): string | undefined {
  return moment.tz.zone(name)?.name
}

/** The stretches of constant offset within [fromMs, toMs), in order. Throws when the zone is unknown. */
export function offsetStretches(timezone: string, fromMs: number, toMs: number): OffsetStretch[] {
  const { untils, offsets } = zoneOf(timezone)
  const stretches: OffsetStretch[] = []
  let startMs = fromMs
  for (let i = 0; i < untils.length && startMs < toMs; i++) {
    const endMs = Math.min(untils[i]!, toMs)
    if (endMs <= startMs) continue
    stretches.push({ startMs, endMs, offsetMs: offsetMsOf(offsets[i]!) })
    startMs = endMs
  }
  return stretches
}

const LOCAL = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?$/

/**
 * The instant (epoch ms) of a local wall time "2026-03-29T09:30" or "…:00"; undefined when it is no time.
 * A time in a skipped hour moves on by the length of the gap; in a repeated hour the first one counts.
 * This is for single moments; a window's edge follows the wall reading that the facade describes.
 */
export function instantOfLocal(timezone: string, local: string): number | undefined {
  const [, date = '', hours, minutes, seconds = '0'] = LOCAL.exec(local) ?? []
  const day = parseDate(date)
  if (day === undefined) return undefined
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const minuteMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS
  const localMs = day * DAY_MS + minuteMs + Number(seconds) * 1000
  return localMs - offsetMsOf(zoneOf(timezone).parse(localMs))
}

function zoneOf(timezone: string) {
  const zone = moment.tz.zone(timezone)
  if (zone === null) throw new RangeError(`unknown time zone "${timezone}"`)
  return zone
}

/** The library counts minutes west of UTC, with fractions before standard time came. */
function offsetMsOf(minutesWest: number): number {
  return -Math.round(minutesWest * 60) * 1000
}
