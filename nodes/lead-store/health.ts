/**
 * For balancers and orchestrators, on the admin root: `lead-store/live` answers while the process
 * works, `lead-store/ready` while every lead-store is open. Both are open to anybody and tell
 * nothing more than that; what is inside (`lead-store/<id>/figures`) wants the right to read it.
 */
import type { StoreNode } from '../shared/config-nodes'
import { asError } from '../shared/lead-node'
import type { Red } from '../shared/red'

const stores = new Set<StoreNode>()

/** The store counts until the node closes. */
export function countForHealth(node: StoreNode): void {
  stores.add(node)
  node.on('close', () => {
    stores.delete(node)
  })
}

/** Without any, no flow of ours runs: stopped, in safe mode, or in the middle of a deploy. */
function isReady(): boolean {
  return stores.size > 0 && [...stores].every(({ store }) => store.health.presence === 'open')
}

export function serveHealth(red: Red): void {
  red.httpAdmin.get('/lead-store/live', (_request, response) => {
    response.json({ live: true })
  })
  red.httpAdmin.get('/lead-store/ready', (_request, response) => {
    const ready = isReady()
    response.status(ready ? 200 : 503).json({ ready })
  })
  red.httpAdmin.get(
    '/lead-store/:id/figures',
    red.auth.needsPermission('lead-store.read'),
    (request, response) => {
      const node = [...stores].find(({ id }) => id === request.params.id)
      if (node === undefined) {
        response.status(404).json({ error: 'no such store is deployed' })
        return
      }
      const { presence, fault, waiting } = node.store.health
      const health = { presence, held: waiting, ...(fault && { fault: fault.message }) }
      node.store.figures(node.clock()).then(
        (figures) => response.json({ ...health, ...figures }),
        (raw: unknown) => response.status(503).json({ ...health, fault: asError(raw).message }),
      )
    },
  )
  red.httpAdmin.post(
    '/lead-store/:id/backup',
    red.auth.needsPermission('lead-store.write'),
    (request, response) => {
      const node = [...stores].find(({ id }) => id === request.params.id)
      if (node === undefined) {
        response.status(404).json({ error: 'no such store is deployed' })
        return
      }
      // Where it goes is not the caller's to choose: beside the store.
      node.store.backup(undefined, node.clock()).then(
        (backup) => response.json(backup),
        (raw: unknown) => response.status(409).json({ error: asError(raw).message }),
      )
    },
  )
}
