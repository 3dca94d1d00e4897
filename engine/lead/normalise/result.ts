/**
 * What every normaliser answers: the value in the form on which identities and rules are matched,
 * or that nothing was stated, or what was expected instead.
 *
 * "Nothing stated" and "not usable" are two answers: the first leaves a field unknown, the second
 * is a problem that an ops person reads. A normaliser never throws; it does not keep the input.
 */
export type Normalised<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly empty: true }
  | { readonly ok: false; readonly empty: false; readonly expected: string }

/** Nothing was stated: null, undefined, blanks, or a stand-in such as "n/a". */
export const EMPTY: Normalised<never> = Object.freeze({ ok: false, empty: true })

/** The value, normalised. */
export function normalised<T>(value: T): Normalised<T> {
  return { ok: true, value }
}

/** Something was stated that cannot be used; `expected` completes "expected …" for an ops person. */
export function refused(expected: string): Normalised<never> {
  return { ok: false, empty: false, expected }
}
