/**
 * Durations as people write them in a contract or policy: `90s`, `5m`, `2h`, `7d`, `1h30m`.
 * A day is 24 hours of clock time; business days are the calendar's affair.
 */
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/
const CHARS_MAX = 40
/** A thousand years: from any moment of ours there is an instant so much earlier and later. */
const MS_MAX = 365_000 * UNIT_MS.d!

/** Returns milliseconds, or undefined when `text` is not a duration, or one of over a thousand years. */
export function parseDuration(text: string): number | undefined {
  if (text.length > CHARS_MAX || !DURATION.test(text)) return undefined
  let totalMs = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    totalMs += Number(amount) * UNIT_MS[unit!]!
  }
  return totalMs > MS_MAX ? undefined : Math.round(totalMs)
}

/** As parseDuration, for text that a schema has already checked. */
export function durationMs(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new RangeError(`not a duration: ${text}`)
  return ms
}

/** Milliseconds in the two largest units, for people: 5400000 → `1h 30m`. */
export function formatDuration(ms: number): string {
  const sign = ms < 0 ? '-' : ''
  let rest = Math.abs(Math.round(ms / 1_000))
  const parts: string[] = []
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const n = Math.floor(rest / seconds)
    rest -= n * seconds
    if (n > 0) parts.push(`${n}${unit}`)
  }
  return parts.length === 0 ? '0s' : sign + parts.slice(0, 2).join(' ')
}
