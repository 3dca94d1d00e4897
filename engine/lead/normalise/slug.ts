/** One way to write the name of what happened, whoever says it: `Demo Request` is `demo_request`. */
import type { Normalised } from './result'
import { clean } from './text'

const CHARS_MAX = 100
const SLUG = /^[a-z0-9]+(?:_[a-z0-9]+)*$/

/** `Demo Request` → `demo_request`, the way signals and triggers are written in rules. */
export function normaliseSlug(value: unknown): Normalised<string> {
  const text = clean(value, CHARS_MAX)
  if (!text.ok || SLUG.test(text.value)) return text
  const words = text.value.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_')
  // Lowering may lengthen a text: İ becomes two characters.
  return clean(words.replace(/^_+|_+$/g, ''), CHARS_MAX)
}

/** As it stands where nothing would be left of it. */
export function slugOf(text: string): string {
  const slug = normaliseSlug(text)
  return slug.ok ? slug.value : text
}
