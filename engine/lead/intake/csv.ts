/**
 * CSV text, record by record, as RFC 4180 has it: a value in quotes may hold line breaks, columns and
 * doubled quotes. Each of CRLF, LF and CR ends a record, in whatever mixture. A quote inside of a
 * value that does not begin with one is part of the value.
 *
 * A record that cannot be read costs its first line only: reading goes on at the line behind that one.
 * No library we know resumes there: a quote that is never closed swallows all good rows behind it.
 * It knows nothing of headers; rows.ts makes objects of what is read here.
 */
import { RECORD_CHARS_MAX } from './settings'

export const COLUMNS_MAX = 1_000

export type CsvFault = 'open-quote' | 'behind-quote' | 'too-long' | 'too-many-columns'

export interface CsvRecord {
  /** Where in the text it begins. */
  readonly at: number
  /** The line on which it begins; the first is 1. */
  readonly line: number
  /** None on an empty line; those before the fault, if there is one. */
  readonly cells: readonly string[]
  readonly fault?: CsvFault
}

const LINE_END = /\r\n?|\n/g
const UNQUOTED = { ',': /[^,\r\n]*/y, ';': /[^;\r\n]*/y, '\t': /[^\t\r\n]*/y }

export type Delimiter = keyof typeof UNQUOTED
export const DELIMITERS = Object.keys(UNQUOTED) as Delimiter[]

export class CsvReader {
  readonly #text: string
  readonly #delimiter: Delimiter
  #at = 0
  #line = 1
  /** How far the records that cannot be read were followed. */
  #followedTo = 0

  constructor(text: string, delimiter: Delimiter) {
    this.#text = text
    this.#delimiter = delimiter
  }

  /** How many characters have been read. */
  get at(): number {
    return this.#at
  }

  /** What `next` reads then is the record that begins there, on that line. */
  seek(at: number, line: number): void {
    this.#at = at
    this.#line = line
    this.#followedTo = 0
  }

  /** Undefined at the end. Takes time for one record, of `RECORD_CHARS_MAX` at most. */
  next(): CsvRecord | undefined {
    if (this.#at >= this.#text.length) return undefined
    const from = this.#at
    const line = this.#line
    const cells: string[] = []
    const fault = this.#isLineEnd() ? undefined : this.#readCells(cells, from)
    if (fault !== undefined) {
      this.#followedTo = Math.max(this.#followedTo, this.#at)
      this.#at = this.#lineEndAfter(from)
      this.#line = line
    }
    this.#passLineEnd()
    return fault === undefined ? { at: from, line, cells } : { at: from, line, cells, fault }
  }

  #readCells(cells: string[], from: number): CsvFault | undefined {
    for (;;) {
      const fault = this.#text[this.#at] === '"' ? this.#quoted(cells, from) : this.#unquoted(cells)
      if (fault !== undefined) return fault
      if (this.#at - from > RECORD_CHARS_MAX) return 'too-long'
      if (cells.length > COLUMNS_MAX) return 'too-many-columns'
      if (this.#text[this.#at] !== this.#delimiter) return undefined
      this.#at++
    }
  }

  #unquoted(cells: string[]): undefined {
    const rule = UNQUOTED[this.#delimiter]
    rule.lastIndex = this.#at
    rule.test(this.#text)
    cells.push(this.#text.slice(this.#at, rule.lastIndex))
    this.#at = rule.lastIndex
  }

  #quoted(cells: string[], from: number): CsvFault | undefined {
    const opened = this.#at + 1
    const closed = this.#closingQuote(opened, from + RECORD_CHARS_MAX)
    this.#at = closed + 1
    if (closed === this.#text.length) return 'open-quote'
    if (closed - from > RECORD_CHARS_MAX)
      return this.#lineEndAfter(opened) < closed ? 'open-quote' : 'too-long'
    const value = this.#text.slice(opened, closed)
    const lineEnds = value.match(LINE_END)?.length ?? 0
    if (!this.#isCellEnd()) return lineEnds > 0 ? 'open-quote' : 'behind-quote'
    if (lineEnds > 0 && this.#isFollowed(opened + value.search(LINE_END))) return 'open-quote'
    this.#line += lineEnds
    cells.push(value.replaceAll('""', '"'))
    return undefined
  }

  /**
   * A quote that is still open at the end of a line at which the quote of a broken record was, goes the
   * way of that one. To follow it anew from every line would take time by the square.
   */
  #isFollowed(lineEnd: number): boolean {
    return lineEnd < this.#followedTo
  }

  /** The end of the text when there is none; behind `limit` where it stopped looking. */
  #closingQuote(from: number, limit: number): number {
    for (let at = from; ; at += 2) {
      at = this.#text.indexOf('"', at)
      if (at === -1) return this.#text.length
      if (this.#text[at + 1] !== '"' || at > limit) return at
    }
  }

  #isCellEnd(): boolean {
    return this.#isLineEnd() || this.#text[this.#at] === this.#delimiter
  }

  #isLineEnd(): boolean {
    const char = this.#text[this.#at]
    return char === undefined || char === '\n' || char === '\r'
  }

  #lineEndAfter(from: number): number {
    LINE_END.lastIndex = from
    return LINE_END.exec(this.#text)?.index ?? this.#text.length
  }

  #passLineEnd(): void {
    this.#at += this.#text.startsWith('\r\n', this.#at) ? 2 : 1
    this.#line++
  }
}
