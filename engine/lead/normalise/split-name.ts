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

/** The halves of a full name, and all its words in their spoken order. */
export interface Split extends Halves {
  readonly full: Words
}

/** The words of a field that is stated to be a given name. */
export function givenWords(text: string): Words {
  return given(commaParts(text).flat())
}

/** The words of a field that is stated to be a family name. */
export function familyWords(text: string): Words {
  return family(commaParts(text).flat())
}

/** The halves of a full name; one word alone is a given name. */
export function splitName(text: string): Split {
  const [head = [], ...tail] = commaParts(text)
  if (tail.length > 0 && !isGeneration(tail[0]![0]!)) {
    const [first, last] = [given(tail.flat()), family(head)]
    return { first, last, full: [...first, ...last] }
  }
  const full = bare([head, ...tail].flat())
  const at = familyStart(full, text !== text.toLowerCase())
  return { first: given(full.slice(0, at)), last: family(full.slice(at)), full }
}

/** Requires that at most one half is stated; the split name fills the other. */
export function joinHalves(stated: Halves, split: Split): Halves {
  const { full } = split
  const { first, last } = stated
  if (first.length > 0) {
    const behind = startsWith(full, first) ? full.slice(first.length) : split.last
    return { first, last: family(behind) }
  }
  if (last.length > 0) {
    const rest = full.length - last.length
    const isBehind = rest >= 0 && startsWith(full.slice(rest), last)
    return { first: given(isBehind ? full.slice(0, rest) : split.first), last }
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
  const unbracketed = text.replace(/\([^()]*\)/g, ' ')
  const parts = (/\p{L}/u.test(unbracketed) ? unbracketed : text)
    .split(/[,;]/)
    .map((part) => part.split(/[\s()]+/).filter((word) => /[\p{L}\p{N}]/u.test(word)))
    .filter((words) => words.length > 0)
  while (parts.length > 1 && parts.at(-1)!.every(isCommaCredential)) parts.pop()
  return parts
}

/** Na and Nil are given names. */
function given(words: Words): Words {
  return stated(bare(words), /^(?:na|nil)$/i)
}

/** Null and None are family names as well. */
function family(words: Words): Words {
  return stated(bare(words), /^(?:na|nil|null|none)$/i)
}

function stated(words: Words, name: RegExp): Words {
  const text = words.join(' ')
  return isPlaceholder(text) && !name.test(text) ? [] : words
}

/** Without titles in front and credentials behind, but never without a word. */
function bare(words: Words): Words {
  const from = words.findIndex((word, i) => !isTitle(word) || i === words.length - 1)
  const to = words.findLastIndex((word, i) => !CREDENTIALS.has(undotted(word)) || i <= from)
  return words.slice(Math.max(from, 0), to + 1)
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
