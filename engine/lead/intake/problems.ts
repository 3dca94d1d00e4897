/** What is wrong with a record, field by field, for an ops person. */
import { shown } from '../../artefact'
import type { Problem } from '../lead'
import type { Normalised } from '../normalise'

export class Problems {
  readonly list: Problem[] = []

  add(field: string, value: unknown, expected: string): void {
    this.list.push({ field, value: shownSafely(value), expected })
  }

  /** Notes a value that could not be used; nothing stated is no problem. */
  note(field: string, value: unknown, result: Normalised<unknown>): void {
    if (!result.ok && !result.empty) this.add(field, value, result.expected)
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
