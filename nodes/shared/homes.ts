/**
 * Who takes what belongs to nodes that are gone. Timers and leads on their way bear the id of a
 * node; when that is not deployed any more, another node of the same store that does the same takes
 * them: a lead-sla-timer with the same policy, a lead-ingest with the same source system.
 */
import type { Home } from '../../store/store'

/** A deployed node and what it does. */
export interface Server {
  readonly kind: Home['kind']
  readonly nodeId: string
  /** Its policy's name, or its source system; undefined while it has none that can be used. */
  readonly of: () => string | undefined
}

export interface Adoptions {
  /** The ids of the gone nodes whose work each node takes. */
  readonly byNode: ReadonlyMap<string, readonly string[]>
  /** How much belongs to nodes that are gone and that nobody replaces. */
  readonly homeless: Readonly<Record<Home['kind'], number>>
}

export const NO_ADOPTIONS: Adoptions = {
  byNode: new Map(),
  homeless: { timers: 0, offers: 0, leads: 0 },
}

/** Of several that could, the one whose id comes first takes it, so that not two do. */
export function adoptions(homes: readonly Home[], servers: Iterable<Server>): Adoptions {
  const deployed = [...servers].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1))
  const ids = new Set(deployed.map(({ kind, nodeId }) => `${kind} ${nodeId}`))
  const byNode = new Map<string, string[]>()
  const homeless = { timers: 0, offers: 0, leads: 0 }
  for (const { kind, nodeId, of, count } of homes) {
    if (ids.has(`${kind} ${nodeId}`)) continue
    const heir = deployed.find((one) => one.kind === kind && of !== '' && one.of() === of)
    if (heir === undefined) homeless[kind] += count
    else byNode.set(heir.nodeId, [...(byNode.get(heir.nodeId) ?? []), nodeId])
  }
  return { byNode, homeless }
}
