/** Reads a CSV file of leads: a header line, then one record per lead. */
import { CsvError, parse } from 'csv-parse/sync'

export type Row = Readonly<Record<string, string>>

export interface Table {
  /** Column names in their order, trimmed. */
  readonly header: readonly string[]
  readonly rows: readonly Row[]
}

/**
 * Throws with the line when a row does not fit the header: a table to judge by is either whole or
 * not used, unlike what lead-ingest takes, where a broken row must not stop the others.
 */
export function readTable(text: string): Table {
  const records = parseAll(text)
  const [header, ...rest] = records
  if (header === undefined) throw new Error('the file is empty; expected a header line')
  const names = header.map((name) => name.trim())
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw new Error(`the header names the column "${twice}" twice`)
  if (rest.length === 0) throw new Error('the file has a header line and no rows')
  return {
    header: names,
    rows: rest.map((cells) =>
      Object.fromEntries(names.map((name, index) => [name, cells[index]!])),
    ),
  }
}

function parseAll(text: string): string[][] {
  try {
    return parse(text, { bom: true, skip_empty_lines: true })
  } catch (raw) {
    throw raw instanceof CsvError ? new Error(`not readable as CSV: ${raw.message}`) : raw
  }
}
