/**
 * Areas of postcodes as territories name them: `80` and `SW1` are everything that begins so,
 * `10000-14999` and `SW1-SW9` everything between, both ends included.
 *
 * Case, blanks and hyphens in a postcode do not count. A range compares the digits at its place, so
 * both ends need the same letters and the same number of digits. Of a British postcode the outward
 * code is compared, and as a whole: `S` is Sheffield and not SW19, `SW1` is not SW19 either, but it
 * is SW1A. It knows no countries: 10115 is in Berlin and in New York.
 */
const LENGTH_MAX = 12
const RANGE = /^([A-Z]*)(\d+)\s*-\s*([A-Z]*)(\d+)$/
const PREFIX = /^[A-Z0-9]+$/
const BRITISH = /^([A-Z]{1,2}\d[A-Z\d]?)\d[A-Z]{2}$/

/** What is wrong with an area, or undefined. */
export function postcodeProblem(area: unknown): string | undefined {
  if (typeof area !== 'string') {
    return `expected a postcode as text such as "10115", got ${JSON.stringify(area)}`
  }
  const range = RANGE.exec(area.trim().toUpperCase())
  if (range === null) {
    return PREFIX.test(compact(area))
      ? undefined
      : `"${area}" is no postcode; expected 80, 10000-14999 or SW1`
  }
  const [, lettersFrom, from = '', lettersTo, to = ''] = range
  if (lettersFrom !== lettersTo || (lettersFrom === '' && from.length !== to.length))
    return `"${area}" needs the same letters and as many digits at both ends, as in 10000-14999`
  return Number(from) <= Number(to) ? undefined : `"${area}" runs backwards`
}

/** Requires an area without a problem. */
export function postcodeArea(area: string): (postcode: string) => boolean {
  const range = RANGE.exec(area.trim().toUpperCase())
  if (range === null) {
    const prefix = compact(area)
    return (postcode) => beginsWith(compact(postcode), prefix)
  }
  const [, letters = '', from = '', , to = ''] = range
  const [low, high] = [Number(from), Number(to)]
  const digits = letters === '' ? from.length : undefined
  return (postcode) => {
    const place = numberAfter(outward(compact(postcode)), letters, digits)
    return place !== undefined && low <= place && place <= high
  }
}

function compact(postcode: string): string {
  return postcode
    .slice(0, 4 * LENGTH_MAX)
    .toUpperCase()
    .replace(/[\s-]/g, '')
}

function beginsWith(postcode: string, prefix: string): boolean {
  if (postcode === prefix) return true
  const code = outward(postcode)
  if (code === postcode) return postcode.startsWith(prefix)
  if (!code.startsWith(prefix)) return prefix.length > code.length && postcode.startsWith(prefix)
  return code.length === prefix.length || isDigit(code[prefix.length]!) !== isDigit(prefix.at(-1)!)
}

/** The outward code of a British postcode; any other as it is. */
function outward(postcode: string): string {
  return BRITISH.exec(postcode)?.[1] ?? postcode
}

/** The number behind the letters: of so many digits, or of all that follow. */
function numberAfter(
  code: string,
  letters: string,
  digits: number | undefined,
): number | undefined {
  if (!code.startsWith(letters)) return undefined
  const [all] = /^\d*/.exec(code.slice(letters.length))!
  if (all === '' || (digits !== undefined && all.length < digits)) return undefined
  return Number(digits === undefined ? all : all.slice(0, digits))
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}
