/**
 * Gives SHOUTED and whispered names their usual case and leaves every other name as its owner
 * wrote it: McDonald, O'Neill and van der Berg come out right from either, DuPont stays.
 *
 * Letters of Latin, Greek, Cyrillic and Armenian only; other scripts have no case, or (Georgian)
 * one that names do not use. "MACDONALD" becomes Macdonald: Mac also begins Macron and Machado.
 */
import { CREDENTIALS, GENERATIONS, PARTICLES, TITLES } from './person-titles'
import { isPlaceholder } from './text'

export interface CaseContext {
  /** The whole person is in capitals, so short words (AJ, DE) are no evidence of initials. */
  readonly shouting: boolean
  /** A family name may begin with a particle, a given name may not. */
  readonly family: boolean
}

const CASED =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{M}'’.-]+$/u

/** A capital, then words that each have a small letter, or are a number. */
const AS_WRITTEN = (() => {
  const word = "(?:[A-ZÀ-ÖØ-Þ'-]*[a-zß-öø-ÿ][A-Za-zÀ-ÖØ-öø-ÿ'-]*|\\d+)"
  return new RegExp(`^(?=[A-ZÀ-ÖØ-Þ])${word}(?: ${word})*$`)
})()

/** Whether a part of a name is as most people write theirs, so that every rule leaves it alone. */
export function isAsWritten(text: string): boolean {
  return AS_WRITTEN.test(text) && text.toLowerCase().split(' ').every(isPlainWord)
}

function isPlainWord(word: string): boolean {
  return !(
    TITLES.has(word) ||
    CREDENTIALS.has(word) ||
    PARTICLES.has(word) ||
    GENERATIONS.has(word) ||
    isPlaceholder(word)
  )
}

/** The words of one name part, each in its usual case. */
export function recase(words: readonly string[], ctx: CaseContext): string[] {
  const inFront = (i: number) => i < words.length - 1 && (i > 0 || ctx.family)
  const quiet = words.map((word, i) => (inFront(i) ? particleLowered(word) : word))
  const whispered = !quiet.some(hasUpper)
  return quiet.map((word, i) => {
    if (!CASED.test(word) || (inFront(i) && PARTICLES.has(word))) return word
    if (isShouted(word)) return staysUpper(word, i, ctx) ? word : capitalised(word)
    return whispered ? capitalised(word) : word
  })
}

/**
 * Whether a whole person is in capitals. Only a word of three letters proves it: AJ X may be as
 * meant, and taking it for shouted would change a name that has already been put right.
 */
export function isShouting(words: readonly string[]): boolean {
  const proves = (word: string) =>
    CASED.test(word) && /\p{L}{3}/u.test(word) && !isGeneration(word) && capitalised(word) !== word
  return isShouted(words.join(' ')) && words.some(proves)
}

function isShouted(text: string): boolean {
  return text === text.toUpperCase() && text !== text.toLowerCase()
}

/** DE and VAN in front of a name are shouted particles; De and Van are as their owner writes them. */
function particleLowered(word: string): string {
  const lower = word.toLowerCase()
  return isShouted(word) && PARTICLES.has(lower) ? lower : word
}

function hasUpper(text: string): boolean {
  return text !== text.toLowerCase()
}

function staysUpper(word: string, index: number, { shouting }: CaseContext): boolean {
  return (index > 0 && isGeneration(word)) || (!shouting && word.length <= 2)
}

/** II, III and IV; JR is a word like others. */
function isGeneration(word: string): boolean {
  return /^[IV]+$/.test(word) && GENERATIONS.has(word.toLowerCase())
}

/** Capitals at the start, behind a hyphen, a dot and an apostrophe that follows one letter, and in Mc. */
function capitalised(word: string): string {
  // Lower-casing İ leaves its dot behind as a mark, which only a capital takes back in.
  const lower = word.toLowerCase().replace(/(?<=\p{L})i\u0307/gu, 'i')
  return lower
    .replace(/(?<=^|[-.]|(?:^|-)\p{L}['’])\p{L}/gu, upperFirst)
    .replace(/(?<=(?:^|-)Mc)\p{L}(?=\p{L}{2})/gu, upperFirst)
    .normalize('NFC')
}

/** A letter whose capital is two letters (ß) stays: no name begins with SS. */
function upperFirst(letter: string): string {
  const upper = letter.toUpperCase()
  return upper.length === letter.length ? upper : letter
}
