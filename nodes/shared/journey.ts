/**
 * At which outputs a lead's way ends: those behind which no further lead node stands.
 *
 * Walks the deployed flow from each port, through links and into and out of subflows. Where a way is
 * only known at run time (who called a link, which instance of a subflow) it takes every possible one.
 */
import { onFlowsStarted } from './flows-started'
import type { Red, RedNode } from './red'

interface Config {
  readonly id: string
  readonly type: string
  readonly z?: string
  readonly d?: boolean
  /** Of a tab. */
  readonly disabled?: boolean
  readonly wires?: readonly (readonly string[])[]
  readonly links?: readonly string[]
  readonly mode?: string
  readonly linkType?: string
  /** Of a subflow: where its messages come in, and what each of its outputs is wired to. */
  readonly in?: readonly { readonly wires: readonly { readonly id: string }[] }[]
  readonly out?: readonly {
    readonly wires: readonly { readonly id: string; readonly port?: number }[]
  }[]
}

type Configs = ReadonlyMap<string, Config>

/** Lead nodes that take no part in a lead's way. */
export const BYSTANDERS = new Set([
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
  // In a subflow a node has an id of its own; the flow file knows it by its alias.
  const alias = (node as RedNode & { readonly _alias?: string })._alias
  const own = configs.get(alias ?? node.id)
  if (own === undefined) return new Set()
  return new Set(outcomes.filter((_, port) => !goesOn(configs, behind(configs, own, port))))
}

function goesOn(configs: Configs, from: readonly string[]): boolean {
  const seen = new Set<string>()
  const queue = [...from]
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const config = configs.get(id)
    if (config === undefined || seen.has(id) || isOff(configs, config)) continue
    seen.add(id)
    if (config.type.startsWith('lead-') && !BYSTANDERS.has(config.type)) return true
    queue.push(...next(configs, config))
  }
  return false
}

function isOff(configs: Configs, { d, z }: Config): boolean {
  return d === true || configs.get(z ?? '')?.disabled === true
}

/** Where a message may be next after it left this node by one of its ports. */
function behind(configs: Configs, config: Config, port: number): string[] {
  return [...(config.wires?.[port] ?? []), ...outOfSubflow(configs, config, port)]
}

/** Where a message may be next after it came to this node. */
function next(configs: Configs, config: Config): string[] {
  const ports = Math.max(1, config.wires?.length ?? 0)
  return [
    ...Array.from({ length: ports }, (_, port) => behind(configs, config, port)).flat(),
    ...linked(configs, config),
    ...intoSubflow(configs, config),
  ]
}

function linked(configs: Configs, { type, mode, linkType, links = [] }: Config): readonly string[] {
  if (type === 'link call') return linkType === 'dynamic' ? idsOf(configs, 'link in') : links
  if (type !== 'link out') return []
  if (mode !== 'return') return links
  return idsOf(configs, 'link call').flatMap((id) => (configs.get(id)?.wires ?? []).flat())
}

function intoSubflow(configs: Configs, { type }: Config): string[] {
  const inputs = type.startsWith('subflow:') ? configs.get(type.slice('subflow:'.length))?.in : []
  return (inputs ?? []).flatMap(({ wires }) => wires.map(({ id }) => id))
}

/** Behind an output of a subflow stands what follows any of its instances. */
function outOfSubflow(configs: Configs, { id, z = '' }: Config, port: number): string[] {
  const outputs = configs.get(z)?.out ?? []
  return outputs.flatMap(({ wires }, output) => {
    if (!wires.some((from) => from.id === id && (from.port ?? 0) === port)) return []
    const instances = idsOf(configs, `subflow:${z}`).map((instance) => configs.get(instance)!)
    return instances
      .filter((instance) => !isOff(configs, instance))
      .flatMap((instance) => behind(configs, instance, output))
  })
}

function idsOf(configs: Configs, type: string): string[] {
  return [...configs.values()].filter((config) => config.type === type).map(({ id }) => id)
}
