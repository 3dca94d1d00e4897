/**
 * Reads a yes or a no from a form: booleans, 1 and 0, and the plain words of the larger European
 * languages.
 *
 * A closed list, because this decides consent: "maybe", "ok" or "2" are refused, never guessed.
 */
import { EMPTY, type Normalised, normalised, refused } from './result'
import { clean, isPlaceholder } from './text'

const LENGTH_MAX = 20
const EXPECTED = 'yes or no'

const YES = 'true t yes y 1 on checked ✓ ✔ ja j oui si sí sim tak да'.split(' ')
const NO = 'false f no n 0 off unchecked ✗ ✘ nein nee nej nei non não nao nie нет'.split(' ')

const ANSWERS: ReadonlyMap<string, boolean> = new Map([
  ...YES.map((word) => [word, true] as const),
  ...NO.map((word) => [word, false] as const),
])

/** true for yes, false for no; anything that is not plainly one of them is refused. */
export function normaliseBoolean(input: unknown): Normalised<boolean> {
  if (typeof input === 'boolean') return normalised(input)
  const text = clean(input, LENGTH_MAX, EXPECTED)
  if (!text.ok) return text
  const answer = ANSWERS.get(text.value.toLowerCase())
  if (answer !== undefined) return normalised(answer)
  return isPlaceholder(text.value) ? EMPTY : refused(EXPECTED)
}
