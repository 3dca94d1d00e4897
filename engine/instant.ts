/** ISO 8601, UTC, as the lead writes all its times. */
export function iso(ms: number): string {
  if (ms !== lastMs) {
    lastIso = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastIso
}

/** Steps write the present many times in one millisecond. */
let lastMs: number | undefined
let lastIso = ''
