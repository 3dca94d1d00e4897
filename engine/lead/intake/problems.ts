/** What is wrong with a record, field by field, for an ops person. */
import { shown } from '../../artefact'
import type { Problem } from '../lead'
import type { Normalised } from '../normalise'

const FROM_CHARS_MAX = 100

export class Problems {
  readonly list: Problem[] = []

  /** `from`: the place in the record, where it is called otherwise than the field. */
  add(field: string, value: unknown, expected: string, from?: string): void {
    const problem = { field, value: shownSafely(value), expected }
    this.list.push(
      from === undefined ? problem : { ...problem, from: from.slice(0, FROM_CHARS_MAX) },
    )
  }

  /** What is beyond a limit is left out, and never without a word. */
  limit(field: string, count: number, max: number): void {
    if (count <= max) return
    const expected = `at most ${max}; the others are left out`
    this.list.push({ field, value: `${count} of them`, expected })
  }

  /** Notes a value that could not be used; nothing stated is no problem. */
  note(
    field: string,
    value: unknown,
    result: Normalised<unknown>,
    from?: () => string | undefined,
  ) {
    if (!result.ok && !result.empty) this.add(field, value, result.expected, from?.())
  }
}

/** As `shown`, whatever the value is. */
export function shownSafely(value: unknown): string {
  try {
    return shown(value)
  } catch {
    return typeof value
  }
}

/** For a fault, which may be logged: what is inside of an object may be personal. */
export function shownScalar(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shownSafely(value)
  return Array.isArray(value) ? 'a list' : 'an object'
}
