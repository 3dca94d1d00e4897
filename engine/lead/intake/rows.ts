/**
 * The records in what a source sent: one object, a list of them, JSON text, or CSV text.
 *
 * CSV is read row by row: a broken row is reported with the line on which it begins and the others go
 * on. A byte order mark is dropped, and so is nothing else. Columns are parted by what parts the
 * header: a comma, a semicolon (as spreadsheets write it where the comma is a decimal point) or a tab.
 *
 * Reading pauses now and then; who reads gives others a turn meanwhile, or goes on at once.
 */
import type { Problem } from '../lead'
import { COLUMNS_MAX, type CsvFault, CsvReader, type CsvRecord, DELIMITERS } from './csv'
import { RECORD_CHARS_MAX } from './settings'

/** How much of the header is looked at to find what parts the columns. */
const HEADER_CHARS_MAX = 65_536
/** Between two pauses, whichever is reached first. */
const SLICE_ROWS = 500
const SLICE_CHARS = 100_000

export type Format = 'auto' | 'json' | 'csv'

export interface Row {
  readonly record: unknown
  /** The entry of a list, or the line on which it begins. */
  readonly row?: number
}

export interface Rows {
  readonly recordCount: number
  /** Made one by one when they are asked for: all at once may be a hundred times the text. */
  readonly records: Iterable<Row>
  readonly problems: readonly (Problem & { readonly row?: number })[]
}

/** Gives the rows at the end, and nothing at each pause. */
export type Reading = Generator<void, Rows>

/** Total: unreadable input gives a problem, never a throw. */
export function* readRows(payload: unknown, format: Format): Reading {
  if (Buffer.isBuffer(payload)) return yield* readRows(decoded(payload), format)
  if (Array.isArray(payload)) return listed(payload)
  if (typeof payload !== 'string')
    return { recordCount: 1, records: [{ record: payload }], problems: [] }
  const text = payload.replace(/^\uFEFF/, '')
  const first = /\S/.exec(text)?.[0]
  const json = format === 'json' || (format === 'auto' && (first === '[' || first === '{'))
  return json ? readJson(text) : yield* readCsv(text, format)
}

function listed(list: readonly unknown[]): Rows {
  if (list.length === 0) return problem('payload', '[]', 'a list with at least one record')
  const records = iterable(function* () {
    for (const [index, record] of list.entries()) yield { record, row: index + 1 }
  })
  return { recordCount: list.length, records, problems: [] }
}

function iterable<Item>(items: () => Iterator<Item>): Iterable<Item> {
  return { [Symbol.iterator]: items }
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
    if (Array.isArray(value)) return listed(value)
    // A text of JSON is no text of JSON or CSV in turn.
    const row = typeof value === 'string' ? { record: value, row: 1 } : { record: value }
    return { recordCount: 1, records: [row], problems: [] }
  } catch (raw) {
    return problem('payload', text, `valid JSON (${firstSentence((raw as Error).message)})`)
  }
}

function* readCsv(text: string, format: Format): Reading {
  if (format === 'auto' && !text.includes('\n')) {
    return problem(
      'payload',
      text,
      'an object, a list of objects, JSON text or CSV text with a header line',
    )
  }
  const reader = new CsvReader(text, delimiterOf(text))
  const header = yield* readHeader(reader)
  if (header?.fault !== undefined) {
    const [value, expected] = FAULTS[header.fault]
    return nothing(rowProblem(header.line, value, `a header that can be read: ${expected}`))
  }
  const rows = yield* readBody(reader, header?.cells ?? [])
  if (rows.recordCount > 0 || rows.problems.length > 0) return rows
  return problem('payload', text, 'CSV with a header line and at least one row')
}

function* readBody(reader: CsvReader, header: readonly string[]): Reading {
  const found: { readonly at: number[]; readonly lines: number[] } = { at: [], lines: [] }
  const problems: Rows['problems'][number][] = []
  const fits = `a row that fits the header: ${columnCount(header.length)}`
  let pausedAt = reader.at
  for (let read = reader.next(), count = 1; read !== undefined; read = reader.next(), count++) {
    if (read.fault !== undefined) problems.push(rowProblem(read.line, ...FAULTS[read.fault]))
    else if (read.cells.length === header.length) {
      found.at.push(read.at)
      found.lines.push(read.line)
    } else if (read.cells.length > 0)
      problems.push(rowProblem(read.line, columnCount(read.cells.length), fits))
    if (count % SLICE_ROWS !== 0 && reader.at - pausedAt < SLICE_CHARS) continue
    pausedAt = reader.at
    yield
  }
  const columns = columnsOf(header)
  const records = iterable(function* () {
    for (const [index, at] of found.at.entries()) {
      const row = found.lines[index]!
      reader.seek(at, row)
      yield { record: recordOf(columns, reader.next()!.cells), row }
    }
  })
  return { recordCount: found.at.length, records, problems }
}

/** The first that is not an empty line. */
function* readHeader(reader: CsvReader): Generator<void, CsvRecord | undefined> {
  for (let read = reader.next(), count = 1; read !== undefined; read = reader.next(), count++) {
    if (read.cells.length > 0 || read.fault !== undefined) return read
    if (count % SLICE_ROWS === 0) yield
  }
  return undefined
}

/** What it is, and what it should be. */
const FAULTS: Readonly<Record<CsvFault, readonly [string, string]>> = {
  'open-quote': [
    'a quote is opened and never closed',
    'a value in quotes with a quote at its end, before the next column or line; a quote inside is doubled',
  ],
  'behind-quote': [
    'a value goes on behind its closing quote',
    'the next column or line behind the closing quote; a quote inside of a value in quotes is doubled',
  ],
  'too-long': [
    `a row of more than ${RECORD_CHARS_MAX} characters`,
    `a row of at most ${RECORD_CHARS_MAX} characters`,
  ],
  'too-many-columns': [
    `a row of more than ${COLUMNS_MAX} columns`,
    `a row of at most ${COLUMNS_MAX} columns`,
  ],
}

function rowProblem(line: number, value: string, expected: string): Rows['problems'][number] {
  return { row: line, field: 'row', value: `line ${line}: ${value}`, expected }
}

function columnCount(count: number): string {
  return count === 1 ? '1 column' : `${count} columns`
}

/** The one that makes the most columns of the header; the first of them, a comma, when none does. */
function delimiterOf(text: string): (typeof DELIMITERS)[number] {
  const from = Math.max(0, text.search(/[^\r\n]/))
  const body = text.slice(from, from + HEADER_CHARS_MAX)
  const counts = DELIMITERS.map((one) => new CsvReader(body, one).next()?.cells.length ?? 0)
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!
}

type Columns = readonly (readonly [name: string, places: readonly number[]])[]

/** By name, without those that have none. `__proto__` would be no key of an object like others. */
function columnsOf(header: readonly string[]): Columns {
  const columns = new Map<string, number[]>()
  for (const [place, cell] of header.entries()) {
    const name = cell.trim()
    if (name !== '' && name !== '__proto__')
      columns.set(name, [...(columns.get(name) ?? []), place])
  }
  return [...columns]
}

/** Exports name columns twice, and mostly fill one of them: the first that says something counts. */
function recordOf(columns: Columns, cells: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {}
  for (const [name, places] of columns) {
    const place = places.find((one) => cells[one]!.trim() !== '') ?? places[0]!
    record[name] = cells[place]!
  }
  // Parts of a text keep all of it in memory, and a lead may stay for days: a copy does not.
  return JSON.parse(JSON.stringify(record)) as Record<string, string>
}

function firstSentence(text: string): string {
  return text.split('\n', 1)[0]!.slice(0, 200)
}

function problem(field: string, value: string, expected: string): Rows {
  const short = value.length > 60 ? `${value.slice(0, 57)}…` : value
  return nothing({ field, value: JSON.stringify(short), expected })
}

function nothing(because: Rows['problems'][number]): Rows {
  return { recordCount: 0, records: [], problems: [because] }
}
