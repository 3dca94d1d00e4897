/** Long work of lead-ingest in small pieces, so that other nodes and requests get their turn meanwhile. */

/** How much of a list is under way at once. */
const PORTION_ITEMS = 100
/** After so long a portion is large enough, whatever it holds. */
const PORTION_MS = 20

/** At every pause of the work all others get a turn. */
export async function inTurns<Result>(work: Generator<void, Result>): Promise<Result> {
  let step = work.next()
  while (!step.done) {
    await turn()
    step = work.next()
  }
  return step.value
}

/**
 * Starts the work on the items in their order, the next portion when all of this one is done, and the
 * last item when all others are: it may carry a request, and answers for all. At the first fault
 * nothing more is started.
 */
export async function inPortions<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void> | void,
): Promise<void> {
  let underway: (Promise<void> | void)[] = []
  let startMs = performance.now()
  let last: { readonly item: Item } | undefined
  for (const item of items) {
    if (last !== undefined) underway.push(work(last.item))
    last = { item }
    if (underway.length < PORTION_ITEMS && performance.now() - startMs < PORTION_MS) continue
    await Promise.all(underway)
    await turn()
    underway = []
    startMs = performance.now()
  }
  await Promise.all(underway)
  if (last !== undefined) await work(last.item)
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
