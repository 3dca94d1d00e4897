/**
 * Fields of which the intake keeps one spelling, whatever a source writes: rules must use the same.
 *
 * The normalisers themselves say which it is, so that a rule and the intake never disagree.
 */
import {
  type Normalised,
  normaliseCountry,
  normaliseDomain,
  normaliseIndustry,
  normaliseSlug,
} from '../lead/normalise'

export interface Spelling {
  /** The form in words: "…is kept as an ISO country code". */
  readonly form: string
  readonly expected: string
  /** What the intake makes of a text; undefined when it refuses it. */
  readonly kept: (value: string) => string | undefined
}

const textOf = (result: Normalised<string>) => (result.ok ? result.value : undefined)

const COUNTRY: Spelling = {
  form: 'an ISO country code',
  expected: 'write a code such as DE',
  kept: (value) => textOf(normaliseCountry(value)),
}

const DOMAIN: Spelling = {
  form: 'a registrable domain',
  expected: 'write a domain such as acme.example',
  kept: (value) => textOf(normaliseDomain(value)),
}

const INDUSTRY: Spelling = {
  form: 'a lower-case slug',
  expected: 'write one such as financial-services',
  kept: (value) => textOf(normaliseIndustry(value)),
}

const SLUG: Spelling = {
  form: 'a lower-case word with _ for blanks',
  expected: 'write one such as demo_request',
  kept: (value) => textOf(normaliseSlug(value)),
}

const SPELLINGS: ReadonlyMap<string, Spelling> = new Map([
  ['contact.country', COUNTRY],
  ['company.country', COUNTRY],
  ['contact.domain', DOMAIN],
  ['company.domain', DOMAIN],
  ['account.domain', DOMAIN],
  ['company.industry', INDUSTRY],
  ['source.type', SLUG],
  ['source.trigger', SLUG],
])

/** The one spelling of a field's values, if it has one. */
export function spelling(path: string): Spelling | undefined {
  return SPELLINGS.get(path)
}
