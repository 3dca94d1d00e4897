/**
 * Tells our nodes that the flows have started, through one listener for all of them: an emitter
 * warns of a leak when more than ten listen, and a flow of ours soon has more nodes than that.
 */
import type { Red, RedNode } from './red'

const EVENT = 'flows:started'

interface Subscribers {
  readonly runs: Set<() => void>
  readonly tellAll: () => void
}

const subscribers = new WeakMap<Red['events'], Subscribers>()

/** Runs `run` after every deploy, until the node closes. */
export function onFlowsStarted({ events }: Red, node: RedNode, run: () => void): void {
  const { runs, tellAll } = subscribersOf(events)
  if (runs.size === 0) events.on(EVENT, tellAll)
  runs.add(run)
  node.on('close', () => {
    runs.delete(run)
    if (runs.size === 0) events.removeListener(EVENT, tellAll)
  })
}

function subscribersOf(events: Red['events']): Subscribers {
  const known = subscribers.get(events)
  if (known !== undefined) return known
  const runs = new Set<() => void>()
  const made: Subscribers = {
    runs,
    tellAll: () => {
      for (const run of [...runs]) run()
    },
  }
  subscribers.set(events, made)
  return made
}
