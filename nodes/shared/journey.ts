/**
 * At which outputs a lead's way ends: those behind which no further lead node stands.
 *
 * Walks the deployed flow from each port, through links. Where the walk cannot see on (a subflow, a
 * link that is chosen at run time) it assumes that the way goes on: then the event merely stays
 * open until it is sent again after a restart, and nothing is forgotten.
 */
import { onFlowsStarted } from './flows-started'
import type { Red, RedNode } from './red'

interface Config {
  readonly id: string
  readonly type: string
  readonly d?: boolean
  readonly wires?: readonly (readonly string[])[]
  readonly links?: readonly string[]
  readonly mode?: string
  readonly linkType?: string
}

/** Lead nodes that take no part in a lead's way. */
const BYSTANDERS = new Set([
  'lead-audit',
  'lead-outcome',
  'lead-store',
  'lead-contract',
  'lead-policy',
])

/**
 * A function that gives the outcomes at which the way ends; read anew after every deploy. `portOf`
 * maps an outcome to the index of its output.
 */
export function journeyEnds(
  red: Red,
  node: RedNode,
  outcomes: readonly string[],
): () => ReadonlySet<string> {
  let ends: ReadonlySet<string> | undefined
  const forget = () => {
    ends = undefined
  }
  onFlowsStarted(red, node, forget)
  return () => {
    ends ??= findEnds(red, node, outcomes)
    return ends
  }
}

function findEnds(red: Red, node: RedNode, outcomes: readonly string[]): ReadonlySet<string> {
  const configs = new Map<string, Config>()
  red.nodes.eachNode((config) => {
    configs.set(config.id, config as unknown as Config)
  })
  const own = configs.get(node.id)
  // A node inside a subflow has an id that the flow file does not know.
  if (own === undefined) return new Set()
  return new Set(outcomes.filter((_, port) => !goesOn(configs, own.wires?.[port] ?? [])))
}

function goesOn(configs: ReadonlyMap<string, Config>, from: readonly string[]): boolean {
  const seen = new Set<string>()
  const queue = [...from]
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const config = configs.get(id)
    if (config === undefined || config.d === true || seen.has(id)) continue
    seen.add(id)
    if (config.type.startsWith('lead-') && !BYSTANDERS.has(config.type)) return true
    if (config.type.startsWith('subflow:')) return true
    if (config.type === 'link out' && config.mode === 'return') return true
    if (config.type === 'link call' && config.linkType === 'dynamic') return true
    queue.push(
      ...(config.wires ?? []).flat(),
      ...(config.type === 'link out' || config.type === 'link call' ? (config.links ?? []) : []),
    )
  }
  return false
}
