/**
 * Compares two things fairly on a machine that is not quiet: short rounds of one and the other in
 * turn, the ratio taken within each pair of rounds, and of all pairs the median.
 */

/** Runs once and gives its rate, in things per second. */
export type Round = () => Promise<number>

export interface Comparison {
  /** Medians, per second. */
  readonly ours: number
  readonly theirs: number
  /** Median of the pairs' ratios, ours ÷ theirs. */
  readonly ratio: number
  readonly ratioMin: number
  readonly ratioMax: number
  readonly rounds: number
}

/** Requires rounds >= 1. Who goes first alternates, so that neither always runs on the warmer machine. */
export async function compare(ours: Round, theirs: Round, rounds: number): Promise<Comparison> {
  const pairs: { ours: number; theirs: number }[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await ours()
      pairs.push({ ours: first, theirs: await theirs() })
    } else {
      const first = await theirs()
      pairs.push({ ours: await ours(), theirs: first })
    }
  }
  const ratios = pairs.map((pair) => pair.ours / pair.theirs)
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.theirs)),
    ratio: median(ratios),
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
    rounds,
  }
}

/** The middle value; of two, their mean. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length % 2 === 1) return sorted[middle]!
  return (sorted[middle - 1]! + sorted[middle]!) / 2
}
