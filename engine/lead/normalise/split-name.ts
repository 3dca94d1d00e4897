/**
 * Splits a person's name into the words of the given and of the family name, dropping titles.
 *
 * "Last, First" is turned round; otherwise the last word, the particles before it (van der, de la)
 * and a generation behind it (Jr.) are the family name. That misreads two family names without a
 * comma (Ana Ruiz Garcia) and names that put the family first. Case is left to `name-case`.
 */
import {
  COMMA_CREDENTIALS,
  CREDENTIALS,
  DOTTED_TITLES,
  GENERATIONS,
  PARTICLES,
  TITLES,
} from './person-titles'
import { isPlaceholder } from './text'

type Words = readonly string[]

/** Either half may be empty. */
export interface Halves {
  readonly first: Words
  readonly last: Words
}

/** The words of a field that is stated to be a given name. */
export function givenWords(text: string): Words {
  return stated(withoutTitles(commaParts(text).flat()))
}

/** The words of a field that is stated to be a family name. */
export function familyWords(text: string): Words {
  return stated(withoutCredentials(withoutTitles(commaParts(text).flat())))
}

/** The halves of a full name; one word alone is a given name. */
export function splitName(text: string): Halves {
  const [head = [], ...tail] = commaParts(text)
  if (tail.length > 0 && !isGeneration(tail[0]![0]!)) {
    const last = withoutCredentials(withoutTitles(head))
    return { first: withoutTitles(tail.flat()), last }
  }
  const words = stated(withoutCredentials(withoutTitles([head, ...tail].flat())))
  const at = familyStart(words, text !== text.toLowerCase())
  return { first: words.slice(0, at), last: words.slice(at) }
}

/** Requires that at most one half is stated; the split name fills the other. */
export function joinHalves(stated: Halves, split: Halves): Halves {
  const full = [...split.first, ...split.last]
  const { first, last } = stated
  if (first.length > 0) {
    const behind = startsWith(full, first) ? full.slice(first.length) : split.last
    return { first, last: withoutCredentials(withoutTitles(behind)) }
  }
  if (last.length > 0) {
    const rest = full.length - last.length
    const before =
      rest >= 0 && startsWith(full.slice(rest), last) ? full.slice(0, rest) : split.first
    return { first: withoutTitles(before), last }
  }
  return split
}

/** Index of the first word of the family name; 1 for a single word, which is a given name. */
function familyStart(words: Words, hasCapitals: boolean): number {
  if (words.length < 2) return words.length
  let at = words.length - 1
  if (isGeneration(words[at]!)) at -= 1
  while (at > 1 && isParticle(words[at - 1]!)) at -= 1
  // "van der Berg" is a family name alone; "Van Morrison" and "Al Gore" are not.
  const first = words[0]!
  return at === 1 && hasCapitals && isParticle(first) && first === first.toLowerCase() ? 0 : at
}

/** Words between commas; what stands in brackets (pronouns, nicknames) and pure punctuation is gone. */
function commaParts(text: string): Words[] {
  const bare = text.replace(/\([^()]*\)/g, ' ')
  const kept = /\p{L}/u.test(bare) ? bare : text
  const parts = kept
    .split(/[,;]/)
    .map((part) => part.split(/[\s()]+/).filter((word) => /[\p{L}\p{N}]/u.test(word)))
    .filter((words) => words.length > 0)
  while (parts.length > 1 && parts.at(-1)!.every(isCommaCredential)) parts.pop()
  return parts
}

/** Null and None are family names; "n/a" and "unknown" are nobody's. */
function stated(words: Words): Words {
  const text = words.join(' ')
  return isPlaceholder(text) && !/^(?:null|none|nil|na)$/i.test(text) ? [] : words
}

function withoutTitles(words: Words): Words {
  const from = words.findIndex((word, i) => !isTitle(word) || i === words.length - 1)
  return words.slice(Math.max(from, 0))
}

function withoutCredentials(words: Words): Words {
  const to = words.findLastIndex((word, i) => !CREDENTIALS.has(undotted(word)) || i === 0)
  return words.slice(0, to + 1)
}

function startsWith(words: Words, start: Words): boolean {
  return start.every((word, i) => word.toLowerCase() === words[i]?.toLowerCase())
}

function isTitle(word: string): boolean {
  const plain = undotted(word)
  return TITLES.has(plain) || (word.endsWith('.') && DOTTED_TITLES.has(plain))
}

function isCommaCredential(word: string): boolean {
  const plain = undotted(word)
  return CREDENTIALS.has(plain) || COMMA_CREDENTIALS.has(plain)
}

function isGeneration(word: string): boolean {
  return GENERATIONS.has(undotted(word))
}

function isParticle(word: string): boolean {
  return PARTICLES.has(word.toLowerCase())
}

function undotted(word: string): string {
  return word.toLowerCase().replaceAll('.', '')
}
