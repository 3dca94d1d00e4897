/**
 * At which outputs a lead's way ends, those behind which no further lead node stands, and at which
 * it goes straight on to the next one.
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

type Configs = ReadonlyMap<string, Config>

/** Lead nodes that a lead only passes by. */
export const BYSTANDERS = new Set([
  'lead-audit',
  'lead-outcome',
  'lead-store',
  'lead-contract',
  'lead-policy',
])

/** Lead nodes that take part in a lead's way, and at which it can end. */
export const STATIONS = new Set([
  'lead-ingest',
  'lead-enrich',
  'lead-dedupe',
  'lead-qualify',
  'lead-route-by-capacity',
  'lead-sla-timer',
])

/** Lead nodes that only look at the lead and write to the message: they keep nothing. */
export const SCORERS = new Set(['lead-score-fit', 'lead-score-intent'])

export interface Journey {
  /** Outcomes behind which no further lead node that keeps something stands: there the lead's way ends. */
  readonly ends: ReadonlySet<string>
  /**
   * Outcomes with which a message goes to such nodes at once, or through scoring nodes, and to
   * nothing else.
   */
  readonly straightOn: ReadonlySet<string>
}

/** Reads the journey of a node, anew after every deploy; `outcomes` are its outputs, in order. */
export function journeyOf(red: Red, node: RedNode, outcomes: readonly string[]): () => Journey {
  let journey: Journey | undefined
  const forget = () => {
    journey = undefined
  }
  onFlowsStarted(red, node, forget)
  return () => {
    journey ??= findJourney(red, node, outcomes)
    return journey
  }
}

function findJourney(red: Red, node: RedNode, outcomes: readonly string[]): Journey {
  const configs = new Map<string, Config>()
  red.nodes.eachNode((config) => {
    configs.set(config.id, config as unknown as Config)
  })
  // In a subflow a node has an id of its own; the flow file knows it by its alias.
  const alias = (node as RedNode & { readonly _alias?: string })._alias
  const own = configs.get(alias ?? node.id)
  if (own === undefined) return { ends: new Set(), straightOn: new Set() }
  return {
    ends: new Set(outcomes.filter((_, port) => !goesOn(configs, behind(configs, own, port)))),
    straightOn: new Set(
      outcomes.filter(
        (_, port) =>
          !isHeard(configs, own) &&
          goesStraightOn(configs, own, behind(configs, own, port), new Set()),
      ),
    ),
  }
}

/** Only where the next step waits for the same disk. Another lead-ingest may reject what comes, at once. */
function goesStraightOn(
  configs: Configs,
  own: Config,
  next: readonly string[],
  passed: ReadonlySet<string>,
): boolean {
  return (
    next.length > 0 &&
    next.every((id) => {
      const config = configs.get(id)
      if (config === undefined || isOff(configs, config)) return false
      if (!SCORERS.has(config.type))
        return isStation(config) && config.type !== 'lead-ingest' && sharesStore(own, config)
      // Scoring nodes in a circle lead nowhere.
      if (passed.has(id) || isHeard(configs, config)) return false
      return goesStraightOn(configs, own, behind(configs, config, 0), new Set([...passed, id]))
    })
  )
}

/** A node without a store has nothing on its way to a disk. */
function sharesStore(own: Config, next: Config): boolean {
  return own.store === undefined || own.store === next.store
}

/** Whether a Complete node gets each message of the node as soon as the node is done with it. */
function isHeard(configs: Configs, { id }: Config): boolean {
  return idsOf(configs, 'complete').some((listener) => {
    const config = configs.get(listener)!
    return !isOff(configs, config) && Array.isArray(config.scope) && config.scope.includes(id)
  })
}

function isStation({ type }: Config): boolean {
  return STATIONS.has(type)
}

function goesOn(configs: Configs, from: readonly string[]): boolean {
  const seen = new Set<string>()
  const queue = [...from]
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const config = configs.get(id)
    if (config === undefined || seen.has(id) || isOff(configs, config)) continue
    seen.add(id)
    if (isStation(config)) return true
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
