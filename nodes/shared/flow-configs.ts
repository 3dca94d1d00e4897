/** What is deployed as the flow file has it, and what stands in the subflows of modules, which is in none. */
import type { Red, RedNode } from './red'
import { running } from './running'

export interface Config {
  readonly id: string
  readonly type: string
  readonly z?: string
  readonly d?: boolean
  /** Of a tab. */
  readonly disabled?: boolean
  readonly wires?: readonly (readonly string[])[]
  /** The lead-store of a lead node. */
  readonly store?: string
  /** Of a Complete node: the nodes that it hears of. */
  readonly scope?: readonly string[] | string | null
  readonly links?: readonly string[]
  readonly mode?: string
  readonly linkType?: string
  /** Of a subflow: where its messages come in, and what each of its outputs is wired to. */
  readonly in?: readonly { readonly wires: readonly { readonly id: string }[] }[]
  readonly out?: readonly {
    readonly wires: readonly { readonly id: string; readonly port?: number }[]
  }[]
}

export type Configs = ReadonlyMap<string, Config>

/** Where a node runs: a tab, or an instance of a subflow, in Node-RED's own keeping. */
interface Place {
  readonly parent?: Place
  readonly subflowDef?: Config & { readonly nodes?: Readonly<Record<string, Config>> }
  readonly subflowInstance?: Config & { readonly _alias?: string }
}

/** Everything that is deployed, by id; what is in a subflow stands there once. */
export function configsOf(red: Red): Configs {
  const configs = new Map<string, Config>()
  red.nodes.eachNode((config) => {
    configs.set(config.id, config as unknown as Config)
  })
  addModules(configs)
  return configs
}

/** In a subflow a node has an id of its own; the flow file knows it by its alias. */
export function ownConfig(configs: Configs, node: RedNode): Config | undefined {
  const alias = (node as RedNode & { readonly _alias?: string })._alias
  return configs.get(alias ?? node.id)
}

/**
 * The instances of subflows that the node is in, by subflow; where Node-RED does not say, none: then it
 * may be in any.
 */
export function instancesAround(node: RedNode): ReadonlyMap<string, string> {
  const pairs = subflowsAround(node).map(({ subflowDef, subflowInstance }) => [
    subflowDef.id,
    subflowInstance._alias ?? subflowInstance.id,
  ])
  return new Map(pairs as [string, string][])
}

/** From the inside to the outside. */
function subflowsAround(node: RedNode): Required<Place>[] {
  const around: Required<Place>[] = []
  let place = (node as unknown as { readonly _flow?: Place })._flow
  for (; place?.subflowDef !== undefined; place = place.parent)
    around.push(place as Required<Place>)
  return around
}

/**
 * A module may bring a subflow as a node (`registerSubflow`). Node-RED tells nobody what is in it, but each
 * of our nodes in it knows where it runs; where none is, it is a node like any other.
 */
function addModules(configs: Map<string, Config>): void {
  const types = new Map<string, string>()
  const around = [...running].flatMap(({ node }) => subflowsAround(node))
  for (const { subflowDef, subflowInstance } of around) {
    if (configs.has(subflowDef.id)) continue
    for (const inside of Object.values(subflowDef.nodes ?? {})) configs.set(inside.id, inside)
    configs.set(subflowDef.id, subflowDef)
    types.set(subflowInstance.type, subflowDef.id)
  }
  if (types.size === 0) return
  for (const [id, config] of configs) {
    const subflow = types.get(config.type)
    if (subflow !== undefined) configs.set(id, { ...config, type: `subflow:${subflow}` })
  }
}
