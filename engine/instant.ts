/** The last instant that was written: the steps of many leads write the same one. */
let last = { ms: Number.NaN, text: '' }

/** ISO 8601, UTC, as the lead writes all its times. */
export function iso(ms: number): string {
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() }
  return last.text
}
