/** What a source sends as one record, and what says nothing in it. */

import { isSurelyPlain } from './plain-data'
import { RECORD_CHARS_MAX } from './settings'

export type RawRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is RawRecord {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
  )
}

/** A record that came as the text of its JSON, as form posts carry it; any other text is none. */
export function recordOfText(value: unknown): RawRecord | undefined {
  if (typeof value !== 'string' || !value.startsWith('{')) return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return isRecord(parsed) && isSurelyPlain(parsed, RECORD_CHARS_MAX) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Whether a value states nothing: empty cells of a table are texts without characters. */
export function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}
