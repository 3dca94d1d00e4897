/**
 * Reads a count (employees, seats) or an amount (budget, revenue) from what people type.
 *
 * A range or an open end means its lower bound ("51-200" is 51, "500+" is 500): the one number that
 * is surely reached, so a rule "at least 50" is never true by guesswork. "1,200" is grouped. For an
 * amount "1.200" is refused: it is 1200 in Berlin and 1.2 in Boston, a factor that picks the wrong
 * route. It keeps no currency and converts none, and refuses negative numbers.
 */
import { type Normalised, normalised, refused } from './result'
import { cleanStated } from './text'

const LENGTH_MAX = 64
const COUNT_EXPECTED = 'a whole number such as 250, or a range such as 51-200'
const AMOUNT_EXPECTED = 'an amount such as 1200, 1,200.50, 1.2k or 10M'

const POWERS: ReadonlyMap<string, number> = new Map([
  ...words(3, 'k thousand tsd tausend'),
  ...words(6, 'm mm mn mio million millions millionen'),
  ...words(9, 'b bn mrd billion billions milliard milliards milliarde milliarden'),
])

/** Only dropped, never interpreted; a code must not touch another letter ("mio" is not a currency). */
const CURRENCY =
  /[€$£¥₹₽₺₩]|(?<![a-z])(?:usd|eur|gbp|chf|jpy|cad|aud|nzd|sek|nok|dkk|pln|czk|huf|inr|brl|mxn|zar|sgd|cny)(?![a-z])/gi
const PEOPLE =
  / ?(?:employees?|people|persons?|staff|ftes?|seats|users|mitarbeiter(?::?innen)?|personen|empleados|employés|dipendenti|funcionários|medewerkers)$/i
const AT_LEAST =
  /^(?:>=?|≥|~|≈|over|more than|at least|about|approx\.?|ca\.?|circa|über|mehr als|ab)(?![a-z]) ?/i
const RANGE = /^([^–—-]+?) ?(?:[–—-]| to | bis ) ?([^–—-]+)$/i

interface Quantity {
  readonly decimal: string
  readonly power: number | undefined
}

/** A whole number from 0 to 2^53 - 1; the lower bound of a range. */
export function normaliseCount(input: unknown): Normalised<number> {
  const number = readNumber(input, true, COUNT_EXPECTED)
  if (!number.ok || Number.isSafeInteger(number.value)) return number
  return refused(COUNT_EXPECTED)
}

/** A number from 0 to 2^53 - 1, without its currency; the lower bound of a range. */
export function normaliseAmount(input: unknown): Normalised<number> {
  return readNumber(input, false, AMOUNT_EXPECTED)
}

function readNumber(input: unknown, whole: boolean, expected: string): Normalised<number> {
  if (typeof input === 'number') return inRange(input, expected)
  const text = cleanStated(input, LENGTH_MAX, expected)
  if (!text.ok) return text
  const bare = whole ? text.value.replace(PEOPLE, '') : text.value.replace(CURRENCY, '').trim()
  return inRange(lowerBound(bare.replace(AT_LEAST, '').replace(/ ?\+$/, ''), whole), expected)
}

function inRange(value: number | undefined, expected: string): Normalised<number> {
  if (value === undefined || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
    return refused(expected)
  }
  return normalised(value + 0 === 0 ? 0 : value)
}

function lowerBound(text: string, whole: boolean): number | undefined {
  const range = RANGE.exec(text)
  if (range === null) return amountOf(readQuantity(text, whole))

  const low = readQuantity(range[1]!.trim(), whole)
  const high = readQuantity(range[2]!.trim(), whole)
  const highValue = amountOf(high)
  if (low === undefined || high === undefined || highValue === undefined) return undefined
  // "1-5M" starts at one million, "500-1k" at five hundred: the unit is shared when it fits.
  const shared = amountOf({ decimal: low.decimal, power: low.power ?? high.power })
  const own = amountOf(low)
  return [shared, own].find((value) => value !== undefined && value <= highValue)
}

function amountOf(quantity: Quantity | undefined): number | undefined {
  if (quantity === undefined) return undefined
  // Scaled in decimal: 1.15 * 1e6 is 1149999.9999999998.
  return Number(`${quantity.decimal}e${quantity.power ?? 0}`)
}

function readQuantity(text: string, whole: boolean): Quantity | undefined {
  const match = /^([\d.,'’ ]*\d) ?(\p{L}+)?\.?$/u.exec(text)
  if (match === null) return undefined
  const unit = match[2]?.toLowerCase()
  const power = unit === undefined ? undefined : POWERS.get(unit)
  const decimal = readNumeral(match[1]!, whole && unit === undefined)
  if (decimal === undefined || (unit !== undefined && power === undefined)) return undefined
  return { decimal, power }
}

/** The numeral with "." as its decimal point and no grouping; undefined when it is not one number. */
function readNumeral(numeral: string, whole: boolean): string | undefined {
  if (/^\d+$/.test(numeral)) return numeral
  if (/^\d{1,2}(?:,\d\d)+,\d{3}$/.test(numeral)) return numeral.replaceAll(',', '')

  const grouped = /^([1-9]\d{0,2}(?:([.,'’ ])\d{3})(?:\2\d{3})*)(?:([.,])(\d+))?$/.exec(numeral)
  if (grouped === null) return /^\d+[.,]\d+$/.test(numeral) ? numeral.replace(',', '.') : undefined

  const [, integer = '', separator = '', point, fraction = '0'] = grouped
  if (point === separator) return undefined
  const groups = integer.split(separator)
  if (separator === '.' && groups.length === 2 && point === undefined && !whole) return undefined
  return `${groups.join('')}.${fraction}`
}

function words(power: number, list: string): Array<readonly [string, number]> {
  return list.split(' ').map((word) => [word, power] as const)
}
