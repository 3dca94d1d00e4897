/**
 * Turns an industry as typed into a slug: "Financial Services" and "FINANCIAL_SERVICES" are both
 * `financial-services`.
 *
 * It only spells; it does not know a classification and maps no synonyms ("banking" stays
 * "banking"), because which industries are one is a choice of the contract's owner.
 */
import { matchingKey } from './matching-key'
import { EMPTY, type Normalised, normalised, refused } from './result'
import { cleanStated, isPlaceholder } from './text'

const LENGTH_MAX = 100
const EXPECTED = 'an industry such as Financial Services'

/** The industry as a lower-case ASCII slug, words joined by "-". */
export function normaliseIndustry(input: unknown): Normalised<string> {
  const text = cleanStated(input, LENGTH_MAX, EXPECTED)
  if (!text.ok) return text
  const slug = matchingKey(text.value).replaceAll(' ', '-')
  // What only spells a stand-in ("Nóne") would be one the next time it is read.
  if (isPlaceholder(slug)) return EMPTY
  return slug === '' ? refused(EXPECTED) : normalised(slug)
}
