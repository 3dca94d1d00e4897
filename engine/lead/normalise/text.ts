/**
 * Cleans a text as typed: NFC, no invisible or control characters, single spaces, no outer blanks.
 *
 * Length is counted in UTF-16 units. An input longer than four times the allowed length is refused
 * unread, so that no input can buy more work than its field is worth; a text is never cut short,
 * because half an answer looks like an answer. It does not evaluate, unescape or judge what it
 * keeps: `=cmd(…)` stays that text, and whoever writes a spreadsheet calls `neutraliseFormula`.
 */
import { EMPTY, type Normalised, normalised, refused } from './result'

/** The longest text a lead's field may hold, as in the lead's schema. */
export const TEXT_LENGTH_MAX = 512

const RAW_FACTOR = 4

/** One run of printable ASCII words: nothing below would change it. */
const ALREADY_CLEAN = /^[!-~]+(?: [!-~]+)*$/

/**
 * Controls, formats (zero-width, bidi overrides), lone surrogates and everything else that is drawn
 * as nothing. A store may refuse NUL and lone surrogates, and an invisible character makes two
 * texts that look the same differ. The lookahead spares tab, line breaks and NEL: they are blanks.
 */
const INVISIBLE = /(?![\t-\r\x85])[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu
const BLANKS = /[\s\x85]+/g

/** Stand-ins that forms collect for "nothing"; matching two leads on one of them would merge strangers. */
const PLACEHOLDER = /^(?:[\p{P}\p{S}\s]+|#?n\.?\/?a\.?|none|null|nil|undefined|unknown|tbd)$/iu

/**
 * The text with blanks collapsed and invisible characters gone; finite numbers become texts.
 * Requires maxLength >= 1. Anything else (objects, arrays, booleans) is refused, with `expected`.
 */
export function clean(
  value: unknown,
  maxLength: number = TEXT_LENGTH_MAX,
  expected?: string,
): Normalised<string> {
  if (value === null || value === undefined) return EMPTY
  if (typeof value === 'number' && Number.isFinite(value)) return normalised(String(value))
  if (typeof value !== 'string' || value.length > maxLength * RAW_FACTOR)
    return refused(expected ?? atMost(maxLength))

  const text = ALREADY_CLEAN.test(value) ? value : tidy(value)
  if (text === '') return EMPTY
  return text.length > maxLength ? refused(expected ?? atMost(maxLength)) : normalised(text)
}

function atMost(maxLength: number): string {
  return `a text of at most ${maxLength} characters`
}

/** As `clean`, and a stand-in such as "n/a", "none" or "--" counts as nothing stated. */
export function cleanStated(
  value: unknown,
  maxLength: number,
  expected: string,
): Normalised<string> {
  const text = clean(value, maxLength, expected)
  return text.ok && isPlaceholder(text.value) ? EMPTY : text
}

/** Whether a clean text only says that there is no answer. Not for people: Null is a surname. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text)
}

/**
 * The text as a spreadsheet cell that is shown and never evaluated: a leading ' before anything a
 * spreadsheet may read as a formula, phone numbers in E.164 included. For exports only.
 */
export function neutraliseFormula(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
}

function tidy(text: string): string {
  // Invisible ones go before NFC: a zero-width joiner may keep a letter and its accent apart.
  return text.replace(INVISIBLE, '').normalize('NFC').replace(BLANKS, ' ').trim()
}
