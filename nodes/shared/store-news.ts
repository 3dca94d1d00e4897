/** Subscribes a node to its store once the flow has started, and ends it when the node closes. */
import type { StoreEvent } from '../../store/store'
import { storeOf } from './config-nodes'
import { onFlowsStarted } from './flows-started'
import { guarded, type LeadNode } from './lead-node'

/** `started` runs after every deploy, when other nodes can receive what this one sends. */
export function onStoreNews(
  self: LeadNode,
  storeId: string,
  listener: (event: StoreEvent) => void,
  started: () => Promise<void>,
): void {
  const { red, node } = self
  let unsubscribe: (() => void) | undefined
  const start = () => {
    void guarded(self, async () => {
      unsubscribe?.()
      unsubscribe = storeOf(red, node, storeId).store.subscribe(listener)
      await started()
    })
  }
  onFlowsStarted(red, node, start)
  node.on('close', () => {
    unsubscribe?.()
  })
}
