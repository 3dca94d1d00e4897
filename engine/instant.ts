/** ISO 8601, UTC, as the lead writes all its times. */
export function iso(ms: number): string {
  return new Date(ms).toISOString()
}
