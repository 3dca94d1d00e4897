/**
 * How two names of people compare, by their keys (`ana ruiz`): one may be a part of the other, and
 * one word alone, mostly a given name, is shared by too many to tell who it is.
 */

/** `ana` is a part of `ana ruiz`, and so is `ruiz`; no name is a part of itself. */
export function isPartOfName(part: string, whole: string): boolean {
  const [words, all] = [part.split(' '), whole.split(' ')]
  return words.length < all.length && words.every((word) => all.includes(word))
}

/** More than one word. */
export function isFullName(key: string): boolean {
  return key.includes(' ')
}
