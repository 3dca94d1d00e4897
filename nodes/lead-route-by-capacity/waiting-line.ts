/**
 * One pass over the leads that wait, oldest first, each tried once: those behind may ask for another
 * pool than those in front. Only a page of them is in memory and claimed at a time, and a pass over
 * many lets everything else have its turn: trying in vain may wait for nothing, not even the disk.
 */
import type { Lead } from '../../engine/lead/lead'
import type { Cursor } from '../../store/page'
import type { Store } from '../../store/store'
import { isStoreBusy } from '../shared/lead-node'

const PAGE = 500
/**
 * They are placed in their order all the same, as they share a lock, and one commit serves many. More
 * would keep new leads from theirs for too long.
 */
const AT_ONCE = 32

/**
 * What could not even be tried keeps nobody else back; the first fault is thrown in the end. `goOn` is
 * asked before each few leads, and ends the pass.
 */
export async function tryEach(
  store: Pick<Store, 'claimWaiting' | 'releaseWaiting'>,
  policies: readonly string[],
  place: (lead: Lead) => Promise<void>,
  goOn: () => Promise<boolean> = async () => true,
): Promise<void> {
  const faults: unknown[] = []
  let after: Cursor<string> | undefined
  do {
    if (!(await goOn())) break
    const { items, next } = await store.claimWaiting(policies, PAGE, after)
    try {
      const { failed, ended } = await tryPage(items, place, goOn)
      faults.push(...failed)
      after = ended || isHopeless(failed, items.length) ? undefined : next
    } finally {
      if (items.length > 0) await store.releaseWaiting(items.map(({ id }) => id))
    }
  } while (after !== undefined)
  if (faults.length > 0) throw faults[0]
}

/** Where nothing of a page could be tried, or the store is away, it is not for the leads in it. */
function isHopeless(failed: readonly unknown[], tried: number): boolean {
  return failed.some(isStoreBusy) || (tried > 0 && failed.length === tried)
}

async function tryPage(
  leads: readonly Lead[],
  place: (lead: Lead) => Promise<void>,
  goOn: () => Promise<boolean>,
): Promise<{ readonly failed: readonly unknown[]; readonly ended?: true }> {
  const failed: unknown[] = []
  for (let at = 0; at < leads.length; at += AT_ONCE) {
    if (at > 0 && !(await goOn())) return { failed, ended: true }
    // All are waited for: a lead is given back only when nobody is placing it any more.
    const placed = await Promise.allSettled(leads.slice(at, at + AT_ONCE).map(place))
    for (const one of placed) if (one.status === 'rejected') failed.push(one.reason)
    if (failed.some(isStoreBusy)) break
    await turn()
  }
  return { failed }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
