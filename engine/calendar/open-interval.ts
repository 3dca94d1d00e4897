/**
 * Open intervals [startMs, endMs) of instants, and the two ways to combine lists of them.
 *
 * A list is in order when its intervals are non-empty, sorted, and neither overlap nor touch.
 */
export interface OpenInterval {
  readonly startMs: number
  readonly endMs: number
}

/** The union of any intervals, in order. Empty and reversed ones vanish. */
export function unite(intervals: readonly OpenInterval[]): OpenInterval[] {
  const sorted = intervals
    .filter(({ startMs, endMs }) => startMs < endMs)
    .sort((a, b) => a.startMs - b.startMs)
  const united: OpenInterval[] = []
  for (const interval of sorted) {
    const last = united.at(-1)
    if (last === undefined || interval.startMs > last.endMs) united.push(interval)
    else if (interval.endMs > last.endMs) {
      united[united.length - 1] = { startMs: last.startMs, endMs: interval.endMs }
    }
  }
  return united
}

/** The instants that two lists share, in order. Requires both lists in order. */
export function common(a: readonly OpenInterval[], b: readonly OpenInterval[]): OpenInterval[] {
  const shared: OpenInterval[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const startMs = Math.max(a[i]!.startMs, b[j]!.startMs)
    const endMs = Math.min(a[i]!.endMs, b[j]!.endMs)
    if (startMs < endMs) shared.push({ startMs, endMs })
    if (a[i]!.endMs < b[j]!.endMs) i++
    else j++
  }
  return shared
}
