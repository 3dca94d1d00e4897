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
  const ring = async () => {
    const { store, now } = open()
    for (let full = true; full; ) {
      const due = await store.claimTimers(await scope(), now(), PAGE)
      full = due.length === PAGE
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
      // What failed is due still, and is tried again with the next ring.
      if (faults.length > 0) throw faults[0]
    }
  }
  return new Alarm(self, {
    now: () => open().now(),
    nextMs: async () => open().store.nextTimerMs(await scope()),
    everyMs: () => open().store.lookEveryMs,
    ring,
  })
}
