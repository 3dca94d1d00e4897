/**
 * Problems of an authored calendar: where it is wrong and what to write instead, in an ops person's words.
 */
export interface CalendarProblem {
  /** Like "calendars.berlin.hours.mon-fri[1]". */
  readonly path: string
  readonly message: string
}

export type AddProblem = (path: string, message: string) => void

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as an author would recognise it, cut to a readable length. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
