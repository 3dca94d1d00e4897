/**
 * A moment as a policy writes it, e.g. when a rep is away: a date (its midnight), a time, or an instant
 * with its offset. A date or a time alone is meant as the rep's wall clock shows it.
 */
import { instantOfLocal, zoneName } from '../calendar/zone'
import { normaliseTimestamp } from '../lead/normalise'
import type { PolicySpec, RepSpec } from './schema'

/** The zone of a rep who has no calendar, or one that says none. */
const DEFAULT_ZONE = 'Etc/UTC'

/** The time zone in which a rep works. */
export function zoneOfRep({ calendar }: RepSpec, { calendars = {} }: PolicySpec): string {
  const { timezone } = (calendars[calendar ?? ''] ?? {}) as { timezone?: unknown }
  return (typeof timezone === 'string' && zoneName(timezone)) || DEFAULT_ZONE
}

const WALL_CLOCK = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?$/

/** Epoch ms, or undefined when `text` is no moment with one meaning. */
export function momentMs(text: string, timezone: string): number | undefined {
  const [, date, time = '00:00'] = WALL_CLOCK.exec(text) ?? []
  if (date !== undefined) return instantOfLocal(timezone, `${date}T${time}`)
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const instant = normaliseTimestamp(text)
  return instant.ok ? Date.parse(instant.value) : undefined
}
