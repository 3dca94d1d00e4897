/**
 * Reads a country into ISO 3166-1 alpha-2: its codes (alpha-2, alpha-3, numeric) or its name in
 * English, German, French, Spanish, Portuguese, Italian or Dutch, whatever the case and accents.
 *
 * A name that two countries share ("Congo", "Virgin Islands") is refused rather than guessed. It
 * knows no cities, states or regions. XK (Kosovo) is accepted although ISO only reserves it.
 */
import codes from 'i18n-iso-countries/codes.json'
import { COUNTRY_ALIASES } from './country-aliases'
import { matchingKey } from './matching-key'
import { EMPTY, type Normalised, normalised, refused } from './result'
import { clean, isPlaceholder } from './text'

const LENGTH_MAX = 100
const EXPECTED = 'a country such as Germany, DE or DEU'

const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'it', 'nl']

/** Codes that ISO reserves and people use. */
const RESERVED_CODES: ReadonlyArray<readonly [string, string]> = [
  ['UK', 'GB'],
  ['EL', 'GR'],
  ['KOS', 'XK'],
]

const BY_CODE: ReadonlyMap<string, string> = new Map([
  ...codes.flatMap(([alpha2 = '', alpha3 = '', numeric = '']) =>
    [alpha2, alpha3, numeric].map((code) => [code, alpha2] as const),
  ),
  ...RESERVED_CODES,
])

/** Built on first use: most leads carry a code, and the seven languages are 200 kB of JSON. */
let byName: ReadonlyMap<string, string> | undefined

/** Texts that named a country, as typed: a source writes the same few in every record. */
const read = new Map<string, Normalised<string>>()
const READ_MAX = 1_000

/** The country as an upper-case alpha-2 code. */
export function normaliseCountry(input: unknown): Normalised<string> {
  const known = typeof input === 'string' ? read.get(input) : undefined
  if (known !== undefined) return known
  const result = readCountry(input)
  if (result.ok && typeof input === 'string' && input.length <= LENGTH_MAX) {
    if (read.size === READ_MAX) read.clear()
    read.set(input, result)
  }
  return result
}

function readCountry(input: unknown): Normalised<string> {
  const text = clean(input, LENGTH_MAX, EXPECTED)
  if (!text.ok) return text
  const country = countryOfCode(text.value) ?? countryOfName(text.value)
  if (country !== undefined) return normalised(country)
  return isPlaceholder(text.value) ? EMPTY : refused(EXPECTED)
}

/** "40" is Austria's 040: spreadsheets drop leading zeros. */
function countryOfCode(text: string): string | undefined {
  const code = /^\d{1,3}$/.test(text) ? text.padStart(3, '0') : text.toUpperCase()
  return code.length > 3 ? undefined : BY_CODE.get(code)
}

function countryOfName(text: string): string | undefined {
  byName ??= readNames()
  return byName.get(nameKey(text))
}

/** "U.A.E." is "UAE". */
function nameKey(name: string): string {
  const key = matchingKey(name).replace(/^the /, '')
  return key.replace(/\b([a-z]) (?=[a-z]\b)/g, '$1')
}

function readNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const shared = new Set<string>()
  const add = (name: string, country: string): void => {
    for (const key of [nameKey(name), nameKey(umlautsSpelt(name))]) {
      if (names.has(key) && names.get(key) !== country) shared.add(key)
      names.set(key, country)
    }
  }

  for (const language of LANGUAGES) {
    for (const [country, name] of Object.entries(namesIn(language))) {
      for (const one of [name].flat()) add(one, country)
    }
  }
  for (const name of shared) names.delete(name)
  // Last, because an alias may settle a shared name.
  for (const [country, aliases] of Object.entries(COUNTRY_ALIASES)) {
    for (const alias of aliases.split(',')) names.set(nameKey(alias), country)
  }
  return names
}

/** Österreich is Osterreich without its dots and Oesterreich without an umlaut key. */
function umlautsSpelt(name: string): string {
  return name.replace(/[äöüÄÖÜ]/g, (letter) => `${letter.normalize('NFD')[0]}e`)
}

function namesIn(language: string): Record<string, string | string[]> {
  return require(`i18n-iso-countries/langs/${language}.json`).countries
}
