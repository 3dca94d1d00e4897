/**
 * Reads the id that another system gives a person or an account, as that system writes it.
 *
 * An id names one person by itself, so a program's word for "no id" would make one person of all
 * strangers who bear it. Such words count as nothing stated, which for ids are more than for texts.
 */
import { EMPTY, type Normalised } from './result'
import { clean, isPlaceholder } from './text'

/** Zeros alone are the empty UUID too, and the advertising id of everybody who wants none. */
const NO_ID =
  /^(?:[0-]+|-1|nan|true|false|not (?:set|provided|available)|anonymous|guest|object object)$/i
const BRACKETS = /^[([{<"' ]+|[)\]}>"' ]+$/g

/** The id; also numbers, as texts. */
export function normaliseOutsideId(value: unknown): Normalised<string> {
  const text = clean(value)
  if (!text.ok) return text
  const bare = text.value.replace(BRACKETS, '')
  return bare === '' || isPlaceholder(bare) || NO_ID.test(bare) ? EMPTY : text
}
