/**
 * Takes up leads whose way was cut off: by a process that was killed, a deploy, or a fault. They
 * leave lead-ingest again as they came in; what was decided before is answered, not decided anew.
 */
import { Alarm } from '../shared/alarm'
import { serve, storeOf } from '../shared/config-nodes'
import { onFlowsStarted } from '../shared/flows-started'
import { isSameWay, type Way, wayOf } from '../shared/journey'
import { guarded, type LeadNode } from '../shared/lead-node'
import { onStoreNews } from '../shared/store-news'
import { attemptsOf, type IngestDef } from './config'

const PAGE = 500
/** Between two pages, so that the leads of one are mostly done before the next are in memory. */
const PAGE_PAUSE_MS = 250
/** After so long, a lead that is not done does not move any more. */
const SETTLE_MS = 30_000
/** Nodes that have run in this process before: what they sent may still be moving. */
const ranBefore = new Set<string>()

/**
 * After the process has started: at once, and from then on what others leave behind. After a later
 * deploy that started something anew on the way: first, what came before it and has not arrived when
 * whatever still moved must have. Where nothing was, a slow node still has what it had.
 */
export function takeUpCutOff(self: LeadNode, config: IngestDef): void {
  const { red, node, status } = self
  const open = () => storeOf(red, node, config.store)
  const scope = serve(red, node, config.store, {
    kind: 'leads',
    of: () => [config.system || 'intake'],
  })
  let settled = false
  let carriedBeforeMs: number | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const ring = async () => {
    const { store, now } = open()
    for (let full = settled; full && !closed; ) {
      const taken = await store.claimUnderway(await scope(), {
        nowMs: now(),
        limit: PAGE,
        attemptsMax: attemptsOf(config),
        ...(carriedBeforeMs === undefined ? {} : { carriedBeforeMs }),
      })
      for (const { lead } of taken) {
        status.count('resumed')
        node.send([{ payload: lead, topic: lead.id } as never, null, null] as never)
      }
      full = taken.length === PAGE
      if (full) await pause()
    }
    if (settled) carriedBeforeMs = undefined
  }
  let endPause = () => {}
  const pause = () =>
    new Promise<void>((resolve) => {
      endPause = resolve
      timer = setTimeout(resolve, PAGE_PAUSE_MS)
    })
  const alarm = new Alarm(self, {
    open,
    nextMs: async () => undefined,
    ring,
  })
  const settleFrom = (startedMs: number) => {
    timer = setTimeout(() => {
      settled = true
      carriedBeforeMs = startedMs + 1
      void alarm.wake()
    }, SETTLE_MS)
    timer.unref()
  }
  let way: Way | undefined
  onFlowsStarted(red, node, () => {
    const before = way
    way = wayOf(red, node)
    if (before !== undefined && isSameWay(before, way)) return
    clearTimeout(timer)
    endPause()
    const mayMove = ranBefore.has(node.id)
    ranBefore.add(node.id)
    settled = !mayMove
    if (mayMove) void guarded(self, async () => settleFrom(open().now()))
  })
  onStoreNews(
    self,
    config.store,
    ({ orphans }) => {
      if (orphans) void alarm.wake()
    },
    () => alarm.wake(),
  )
  node.on('close', () => {
    closed = true
    clearTimeout(timer)
    endPause()
  })
}
