/**
 * Who takes what belongs to nodes that are gone. Timers and leads on their way bear the id of a
 * node; when that is not deployed any more, another node of the same store that does the same takes
 * them: a lead-sla-timer with the same policy, a lead-ingest with the same source system. Leads that
 * wait belong to whoever routes by their policy. A policy goes on with what was begun under its former
 * names.
 */
import type { Home } from '../../store/store'

/** A deployed node and what it does. */
export interface Server {
  readonly kind: Exclude<Home['kind'], 'waiting'>
  readonly nodeId: string
  /** The names of its policy, or its source system; none while it has none that can be used. */
  readonly of: () => readonly string[]
}

export interface Adoptions {
  /** The ids of the gone nodes whose work each node takes. */
  readonly byNode: ReadonlyMap<string, readonly string[]>
  /** What belongs to nodes that are gone and that nobody replaces. */
  readonly homeless: readonly Home[]
}

export const NO_ADOPTIONS: Adoptions = { byNode: new Map(), homeless: [] }

/** Of several that could, the one whose id comes first takes it, so that not two do. */
export function adoptions(homes: readonly Home[], servers: Iterable<Server>): Adoptions {
  const deployed = [...servers].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1))
  const ids = new Set(deployed.map(({ kind, nodeId }) => `${kind} ${nodeId}`))
  const byNode = new Map<string, string[]>()
  const homeless: Home[] = []
  for (const home of homes) {
    const { kind, nodeId, of } = home
    if (ids.has(`${kind} ${nodeId}`)) continue
    const does = kind === 'waiting' ? 'offers' : kind
    const heir = deployed.find((one) => one.kind === does && of !== '' && one.of().includes(of))
    if (heir === undefined) homeless.push(home)
    else if (kind !== 'waiting')
      byNode.set(heir.nodeId, [...(byNode.get(heir.nodeId) ?? []), nodeId])
  }
  return { byNode, homeless }
}
