/**
 * Cleans a company name for showing and makes the key on which two spellings of it meet.
 *
 * The key is ASCII without its legal form: "Müller & Söhne GmbH & Co. KG" is `muller and sohne`.
 * Forms come off the end, and a few off the front, until none is left, but never the last word.
 * It does not know that IBM is International Business Machines, nor which words are generic.
 */
import { PREFIX_FORMS, SUFFIX_FORMS, UNSPACED_FORMS } from './legal-forms'
import { isAscii, toAscii, wordsOf } from './matching-key'
import { type Normalised, normalised, refused } from './result'
import { cleanStated } from './text'

export interface CompanyName {
  /** As stated, cleaned; legal form and case are kept. */
  readonly name: string
  /** For matching: lower-case ASCII words without the legal form. */
  readonly key: string
}

const LENGTH_MAX = 200
const EXPECTED = 'a company name such as Acme GmbH'

/** "s.p.a.", "S. p. A." or "j.p.": single letters behind dots are one word. Requires lower case. */
const INITIALS = /(?<![a-z0-9.])[a-z]\.(?: ?[a-z](?:\.|(?![a-z0-9])))+/g

/** The name and its key; refused when nothing of it can be spelt. */
export function normaliseCompanyName(input: unknown): Normalised<CompanyName> {
  const text = cleanStated(input, LENGTH_MAX, EXPECTED)
  if (!text.ok) return text
  const key = companyKey(text.value)
  return key === '' ? refused(EXPECTED) : normalised({ name: text.value, key })
}

function companyKey(name: string): string {
  const words = spell(isAscii(name) ? name : name.normalize('NFKC').replace(UNSPACED_FORMS, ' '))
  // A firm may be called like a form; then the form is all there is to match on.
  return (words.length > 0 ? withoutForms(words) : spell(name)).join(' ')
}

function spell(name: string): string[] {
  const ascii = toAscii(name.replace(/['’‘ʼ]/g, '')).toLowerCase()
  const joined = ascii.includes('.')
    ? ascii.replace(INITIALS, (initials) => `${initials.replace(/[. ]/g, '')} `)
    : ascii
  const spelt = wordsOf(joined)
  return spelt === '' ? [] : spelt.split(' ')
}

function withoutForms(words: readonly string[]): readonly string[] {
  const from = prefixLength(words)
  const to = words.length - suffixLength(words)
  const isWhole = from === 0 && to === words.length
  return isWhole || from >= to ? words : withoutForms(words.slice(from, to))
}

function suffixLength(words: readonly string[]): number {
  const forms = SUFFIX_FORMS.get(words.at(-1)!)
  const form = forms?.find((form) => form.length < words.length && endsWith(words, form))
  // "Hotel & Spa" is no società per azioni.
  if (form === undefined || (form[0] === 'spa' && words.at(-2) === 'and')) return 0
  return form.length
}

function endsWith(words: readonly string[], form: readonly string[]): boolean {
  return form.every((word, i) => words[words.length - form.length + i] === word)
}

function prefixLength(words: readonly string[]): number {
  const forms = PREFIX_FORMS.get(words[0]!)
  const form = forms?.find(
    (form) => form.length < words.length && form.every((w, i) => w === words[i]),
  )
  return form?.length ?? 0
}
