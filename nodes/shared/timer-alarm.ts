/**
 * Fires the durable timers of a node when they are due, in the order in which they were due. A page is
 * begun all at once: leads stand for themselves, and one flush to disk then serves many.
 */
import type { DueTimer, Scope } from '../../store/store'
import { Alarm } from './alarm'
import { storeOf } from './config-nodes'
import { isStoreBusy, type LeadNode } from './lead-node'

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
    const failed: Failed[] = []
    for (const [index, firing] of fired.entries()) {
      const ended = await firing
      if ('thrown' in ended) failed.push({ id: due[index]!.timer.id, fault: ended.thrown })
      else ended.send?.()
    }
    return failed
  }
  return new Alarm(self, {
    open,
    nextMs: async (rangMs) => open().store.nextTimerMs(await scope(), rangMs),
    ring: () => firePages(claim, firePage),
  })
}

/** A timer that could not be fired, and why. */
export interface Failed {
  readonly id: string
  readonly fault: unknown
}

/** Where nothing of so many pages could be fired, it is not for the timers in them. */
const BARREN_PAGES_MAX = 5

/**
 * Fires page after page of what is due until there is no more. `firePage` gives what could not be
 * fired; the first fault is thrown in the end: what failed is due still, and is tried again later.
 * Until then it is claimed with each page, which is larger by so many, so that it keeps nobody back.
 */
export async function firePages(
  claim: (limit: number) => Promise<readonly DueTimer[]>,
  firePage: (due: readonly DueTimer[]) => Promise<readonly Failed[]>,
): Promise<void> {
  const faults = new Map<string, unknown>()
  let barren = 0
  for (let more = true; more; ) {
    const limit = PAGE + faults.size
    const due = await claim(limit)
    const fresh = due.filter(({ timer }) => !faults.has(timer.id))
    const failed = await firePage(fresh)
    for (const { id, fault } of failed) faults.set(id, fault)
    barren = failed.length < fresh.length ? 0 : barren + 1
    const hopeless = barren === BARREN_PAGES_MAX || failed.some(({ fault }) => isStoreBusy(fault))
    more = due.length === limit && fresh.length > 0 && !hopeless
  }
  for (const fault of faults.values()) throw fault
}
