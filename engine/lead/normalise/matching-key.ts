/**
 * Folds a clean text to the ASCII key by which names are compared: any script is transliterated,
 * accents and case vanish, "&" reads "and", apostrophes close up and other punctuation separates.
 *
 * A key is for comparing, never for showing. It does not know what the text is: legal forms, titles
 * and country names are the business of the callers. Two spellings of one sound (ü and ue) stay two.
 */
import anyAscii from 'any-ascii'

const PLAIN = /^[a-z0-9]+(?: [a-z0-9]+)*$/i
const ASCII = /^\p{ASCII}*$/u
const APOSTROPHES = /['’‘`´ʼ]/g

export function isAscii(text: string): boolean {
  return ASCII.test(text)
}

/** The text in ASCII letters; characters nobody can spell in ASCII vanish. */
export function toAscii(text: string): string {
  return isAscii(text) ? text : anyAscii(text.normalize('NFKC'))
}

/** Lower-case ASCII words, one space between; '' when nothing can be spelt. */
export function matchingKey(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase()
  return wordsOf(toAscii(text.replace(APOSTROPHES, '')).toLowerCase())
}

/** Requires lower-case ASCII. */
export function wordsOf(ascii: string): string {
  if (PLAIN.test(ascii)) return ascii
  const bare = ascii.replace(/['`]/g, '').replaceAll('&', ' and ')
  return bare.replace(/[^a-z0-9]+/g, ' ').trim()
}
