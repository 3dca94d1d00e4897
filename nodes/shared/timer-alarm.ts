/**
 * Fires the durable timers of a node when they are due, in the order in which they were due. A page is
 * begun all at once: leads stand for themselves, and one flush to disk then serves many.
 */
import type { DueTimer, Scope } from '../../store/store'
import { Alarm } from './alarm'
import { storeOf } from './config-nodes'
import type { LeadNode } from './lead-node'

/** So many are fired at once; more would keep the first of them waiting for the last. */
const PAGE = 100

/** `fire` gives what is to be sent for the timer, if anything, once what it decided is kept. */
export function timerAlarm(
  self: LeadNode,
  storeId: string,
  scope: () => Promise<Scope>,
  fire: (due: DueTimer) => Promise<(() => void) | undefined>,
): Alarm {
  const open = () => storeOf(self.red, self.node, storeId)
  const claim = async (limit: number) => {
    const { store, now } = open()
    return store.claimTimers(await scope(), now(), limit)
  }
  const firePage = async (due: readonly DueTimer[]) => {
    const fired = due.map((one) =>
      fire(one).then(
        (send) => ({ send }),
        (thrown) => ({ thrown }),
      ),
    )
    const faults: unknown[] = []
    for (const firing of fired) {
      const ended = await firing
      if ('thrown' in ended) faults.push(ended.thrown)
      else ended.send?.()
    }
    return faults
  }
  return new Alarm(self, {
    open,
    nextMs: async (rangMs) => open().store.nextTimerMs(await scope(), rangMs),
    ring: () => firePages(claim, firePage),
  })
}

/**
 * Fires page after page of what is due until there is no more. `firePage` gives what went wrong; the
 * first of it is thrown in the end: what failed is due still, and is tried again later.
 */
export async function firePages(
  claim: (limit: number) => Promise<readonly DueTimer[]>,
  firePage: (due: readonly DueTimer[]) => Promise<readonly unknown[]>,
): Promise<void> {
  const faults: unknown[] = []
  for (let more = true; more; ) {
    const due = await claim(PAGE)
    const failed = await firePage(due)
    faults.push(...failed)
    // One that cannot be fired is claimed with each page, and must not keep the others back.
    more = due.length === PAGE && failed.length < PAGE
  }
  if (faults.length > 0) throw faults[0]
}
