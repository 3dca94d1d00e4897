/**
 * Reads a phone number into E.164. A national number needs the country it was typed in; without
 * one it is refused, because the same digits ring elsewhere in another country.
 *
 * Validity is the numbering plan's own (libphonenumber's small metadata): 555-555-5555 fails, a
 * number that nobody has passes. Letters ("1-800-FLOWERS") and several numbers in one field are
 * refused. It calls nobody and looks nothing up.
 */
import {
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min'
import { type Normalised, normalised, refused } from './result'
import { cleanStated } from './text'

export interface PhoneContext {
  /** ISO 3166-1 alpha-2 of the place where the number was typed, for numbers without "+". */
  readonly country?: string | undefined
}

export interface Phone {
  readonly e164: string
  /** Missing for numbers of no country, such as +800. */
  readonly country?: string
  /** Digits behind "ext." or "x"; no part of the number's identity. */
  readonly extension?: string
}

const LENGTH_MAX = 64
const EXPECTED = 'a phone number such as +49 30 901820'
const EXPECTED_WITH_COUNTRY =
  'a phone number with its country code, such as +49 30 901820: the country is needed and not known'

/** The number in E.164; `ctx.country` reads national numbers, an unknown country reads none. */
export function normalisePhone(input: unknown, ctx: PhoneContext = {}): Normalised<Phone> {
  const text = cleanStated(input, LENGTH_MAX, EXPECTED)
  if (!text.ok) return text

  const typed = digitsAndMarks(text.value)
  const country = supported(ctx)
  const phone = parse(typed, country) ?? parse(typed.replace(/^00(?=[1-9])/, '+'), country)
  if (phone !== undefined) return normalised(phoneOf(phone))
  const national = country === undefined && !/^(?:\+|00)/.test(typed)
  return refused(national ? EXPECTED_WITH_COUNTRY : EXPECTED)
}

type CountryCode = NonNullable<PhoneNumber['country']>

function digitsAndMarks(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/^(?:tel|phone|callto):/i, '')
    .replace(/;ext=/i, ' ext. ')
    .trim()
}

function supported(ctx: PhoneContext): CountryCode | undefined {
  const code: unknown = ctx?.country
  if (typeof code !== 'string' || code.length !== 2) return undefined
  const upper = code.toUpperCase()
  return isSupportedCountry(upper) ? upper : undefined
}

function parse(text: string, country: CountryCode | undefined): PhoneNumber | undefined {
  const options = { extract: false, ...(country === undefined ? {} : { defaultCountry: country }) }
  const phone = parsePhoneNumberFromString(text, options)
  return phone?.isValid() ? phone : undefined
}

function phoneOf(phone: PhoneNumber): Phone {
  return {
    e164: phone.number,
    ...(phone.country === undefined ? {} : { country: phone.country }),
    ...(phone.ext ? { extension: phone.ext } : {}),
  }
}
