import { median } from './rounds'

/**
 * By how much a series grows from its first to its last value, one measured after the other at the
 * same distance: the median of the slopes of all pairs (Sen, JASA 63, 1968), over the whole length.
 * A few values that stick out do not move it, as a difference of first and last would. NaN of fewer
 * than two.
 */
export function growth(values: readonly number[]): number {
  const slopes = values.flatMap((from, at) =>
    values.slice(at + 1).map((to, ahead) => (to - from) / (ahead + 1)),
  )
  return median(slopes) * (values.length - 1)
}
