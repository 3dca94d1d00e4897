/**
 * Reads a person's name into given and family name, without titles, in its usual case.
 *
 * Stated parts win over a full name, which fills the part that is missing (see `split-name`). The
 * key is made of the whole name, because where it is split is a guess. One word is a name. It
 * knows no genders, expands no nicknames, and does not tell a person from a company.
 */
import { matchingKey } from './matching-key'
import { isAsWritten, isShouting, recase } from './name-case'
import { EMPTY, type Normalised, normalised, refused } from './result'
import { familyWords, givenWords, type Halves, joinHalves, splitName } from './split-name'
import { clean, isPlaceholder } from './text'

export interface PersonName {
  readonly firstName?: string
  readonly lastName?: string
  /** First and last name as one text. */
  readonly name: string
  /** For matching: the whole name in lower-case ASCII words. */
  readonly key: string
}

type Fields = Readonly<Record<'name' | 'firstName' | 'lastName', unknown>>

const LENGTH_MAX = 200
const EXPECTED = 'the name of a person such as Ana Ruiz'

/** Takes a text, or `{ name, firstName, lastName }` with any of the three. */
export function normalisePersonName(input: unknown): Normalised<PersonName> {
  const fields = fieldsOf(input)
  if (fields === undefined) return refused(EXPECTED)
  const whole = nameText(fields.name)
  const first = nameText(fields.firstName)
  const last = nameText(fields.lastName)
  if (whole === undefined || first === undefined || last === undefined) return refused(EXPECTED)
  return nameAsWritten(whole, first, last) ?? nameWithCare(whole, first, last)
}

/** A name that is written as it is read: nothing to drop, to split by sense or to recase. */
function nameAsWritten(
  whole: string,
  first: string,
  last: string,
): Normalised<PersonName> | undefined {
  if (first !== '' && last !== '') return pair(first, last)
  if (first !== '' || last !== '') return undefined
  const gap = whole.lastIndexOf(' ')
  return gap === -1 ? undefined : pair(whole.slice(0, gap), whole.slice(gap + 1))
}

function pair(firstName: string, lastName: string): Normalised<PersonName> | undefined {
  if (!isAsWritten(firstName) || !isAsWritten(lastName)) return undefined
  const name = `${firstName} ${lastName}`
  return normalised({ firstName, lastName, name, key: matchingKey(name) })
}

/** Any name, by all the rules; exported for its test, which holds the short way against it. */
export function nameWithCare(whole: string, first: string, last: string): Normalised<PersonName> {
  const stated = { first: givenWords(first), last: familyWords(last) }
  const isWhole = stated.first.length > 0 && stated.last.length > 0
  const halves = isWhole ? stated : joinHalves(stated, splitName(whole))
  // Null may be a surname, but "null null" is a form that was filled by a program.
  if (![...halves.first, ...halves.last].every(isPlaceholder)) return fromHalves(halves)
  return [whole, first, last].every(saysNothing) ? EMPTY : refused(EXPECTED)
}

function fromHalves({ first, last }: Halves): Normalised<PersonName> {
  const shouting = isShouting([...first, ...last])
  const firstName = recase(first, { shouting, family: false }).join(' ')
  const lastName = recase(last, { shouting, family: true }).join(' ')
  const name = `${firstName} ${lastName}`.trim()
  const key = matchingKey(name)
  if (key === '' || !/\p{L}/u.test(name)) return refused(EXPECTED)
  return normalised({
    ...(firstName === '' ? {} : { firstName }),
    ...(lastName === '' ? {} : { lastName }),
    name,
    key,
  })
}

function fieldsOf(input: unknown): Fields | undefined {
  if (typeof input !== 'object' || input === null) {
    return { name: input, firstName: undefined, lastName: undefined }
  }
  if (Array.isArray(input)) return undefined
  try {
    const { name, firstName, lastName } = input as Fields
    return { name, firstName, lastName }
  } catch {
    // A getter of somebody else's threw; a normaliser passes no exception on.
    return undefined
  }
}

/** The clean text, '' when nothing is stated, undefined when it cannot be a name. */
function nameText(value: unknown): string | undefined {
  const text = clean(value, LENGTH_MAX, EXPECTED)
  if (!text.ok) return text.empty ? '' : undefined
  // Addresses and links in a name field are mistakes or spam.
  return /@|:\/\//.test(text.value) ? undefined : text.value
}

function saysNothing(text: string): boolean {
  return text === '' || text.split(' ').every(isPlaceholder)
}
