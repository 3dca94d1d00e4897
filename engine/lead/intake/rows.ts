/**
 * The records in what a source sent: one object, a list of them, JSON text, or CSV text.
 *
 * CSV is read row by row: a broken row is reported with its number and the others go on. A byte
 * order mark is dropped, and so is nothing else. Columns are parted by what parts the header: a
 * comma, a semicolon (as spreadsheets write it where the comma is a decimal point) or a tab.
 */
import { parse } from 'csv-parse/sync'
import type { Problem } from '../lead'
import { RECORD_CHARS_MAX } from './settings'

const HEADER_CHARS_MAX = 65_536

export type Format = 'auto' | 'json' | 'csv'

export interface Rows {
  readonly records: readonly { readonly record: unknown; readonly row?: number }[]
  readonly problems: readonly (Problem & { readonly row?: number })[]
}

/** Total: unreadable input gives a problem, never a throw. */
export function readRows(payload: unknown, format: Format): Rows {
  if (Buffer.isBuffer(payload)) return readRows(decoded(payload), format)
  if (Array.isArray(payload) && payload.length === 0) {
    return problem('payload', '[]', 'a list with at least one record')
  }
  if (Array.isArray(payload))
    return { records: payload.map((record, index) => ({ record, row: index + 1 })), problems: [] }
  if (typeof payload !== 'string') return { records: [{ record: payload }], problems: [] }
  const text = payload.replace(/^\uFEFF/, '')
  const json = format === 'json' || (format === 'auto' && /^\s*[[{]/.test(text))
  return json ? readJson(text) : readCsv(text, format)
}

/** UTF-8, or as spreadsheets write it: UTF-16 with its mark, or Windows-1252 where it is no UTF-8. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

function readJson(text: string): Rows {
  try {
    const value: unknown = JSON.parse(text)
    return readRows(typeof value === 'string' ? [value] : value, 'json')
  } catch (raw) {
    return problem('payload', text, `valid JSON (${(raw as Error).message})`)
  }
}

function readCsv(text: string, format: Format): Rows {
  if (format === 'auto' && !text.includes('\n')) {
    return problem(
      'payload',
      text,
      'an object, a list of objects, JSON text or CSV text with a header line',
    )
  }
  const skipped: (Problem & { row?: number })[] = []
  try {
    const rows = parse(text, {
      columns: (header: string[]) => header.map((name) => name.trim() || null),
      bom: true,
      delimiter: delimiterOf(text),
      skip_empty_lines: true,
      relax_column_count: false,
      skip_records_with_error: true,
      max_record_size: RECORD_CHARS_MAX,
      info: true,
      on_skip: (error) => {
        skipped.push({
          row: Number(error?.lines ?? 0),
          field: 'row',
          value: `line ${error?.lines ?? '?'}`,
          expected: `a row that fits the header: ${firstSentence(error?.message ?? 'it does not')}`,
        })
        return undefined
      },
    }) as unknown as { record: Record<string, string>; info: { lines: number } }[]
    const records = rows.map(({ record, info }) => ({ record: plain(record), row: info.lines }))
    if (records.length === 0 && skipped.length === 0)
      return problem('payload', text, 'CSV with a header line and at least one row')
    return { records, problems: skipped }
  } catch (raw) {
    return problem('payload', text, `readable CSV: ${firstSentence((raw as Error).message)}`)
  }
}

const DELIMITERS = [',', ';', '\t'] as const

/** The one that stands most often in the header, outside of quotes; a comma when none does. */
function delimiterOf(text: string): string {
  const header = /^\s*((?:"(?:[^"]|"")*"|[^"\r\n])*)/.exec(text.slice(0, HEADER_CHARS_MAX))![1]!
  const bare = header.replace(/"(?:[^"]|"")*"/g, '')
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!
}

/** csv-parse makes objects by assignment; a column called __proto__ must stay a plain key. */
function plain(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== '__proto__'))
}

function firstSentence(text: string): string {
  return text.split('\n', 1)[0]!.slice(0, 200)
}

function problem(field: string, value: string, expected: string): Rows {
  const short = value.length > 60 ? `${value.slice(0, 57)}…` : value
  return { records: [], problems: [{ field, value: JSON.stringify(short), expected }] }
}
