/**
 * Kleene's three-valued logic: a rule over a missing or doubtful value is unknown, never
 * silently false. (S. C. Kleene, Introduction to Metamathematics, 1952, §64.)
 */
export const FALSE = 0
export const TRUE = 1
export const UNKNOWN = 2
export type Tri = typeof FALSE | typeof TRUE | typeof UNKNOWN

export function triNot(a: Tri): Tri {
  return a === UNKNOWN ? UNKNOWN : a === TRUE ? FALSE : TRUE
}

export const TRI_NAMES = ['no', 'yes', 'unknown'] as const
