/**
 * At which outputs a lead's way ends, those behind which no further lead node stands, and at which
 * it goes straight on to the next one.
 *
 * Walks the deployed flow from each port, through links and into and out of subflows. Where a way is
 * only known at run time (who called a link) it takes every possible one.
 */
import { type Config, type Configs, configsOf, instancesAround, ownConfig } from './flow-configs'
import { onFlowsStarted } from './flows-started'
import type { Red, RedNode } from './red'

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

/** What runs on the way of a lead, and the stores that remember it, by id and wires. */
export type Way = ReadonlyMap<string, WeakRef<object>>

/** In a subflow the flow file's ids are nobody's: there the instance stands for what is in it. */
const NOTHING = {}

/** Everything that a lead of this node may come to. While it stays the same, a deploy has cut nothing off. */
export function wayOf(red: Red, node: RedNode): Way {
  const configs = configsOf(red)
  const own = ownConfig(configs, node)
  const exits = exitsFor(configs, node)
  const from = [...idsOf(configs, 'lead-store'), ...(own === undefined ? [] : [own.id])]
  const way = new Map([[node.id, new WeakRef<object>(node)]])
  for (const { id, wires } of reached(configs, from, exits)) {
    const running = red.nodes.getNode(id) as RedNode | null | undefined
    // What was taken out is not to be kept here.
    way.set(`${id} ${JSON.stringify(wires)}`, new WeakRef(running ?? NOTHING))
  }
  return way
}

export function isSameWay(before: Way, now: Way): boolean {
  if (before.size !== now.size) return false
  return [...now].every(([key, ref]) => before.get(key)?.deref() === ref.deref())
}

function findJourney(red: Red, node: RedNode, outcomes: readonly string[]): Journey {
  const configs = configsOf(red)
  const own = ownConfig(configs, node)
  if (own === undefined) return { ends: new Set(), straightOn: new Set() }
  const exits = exitsFor(configs, node)
  const after = outcomes.map((_, port) => behind(configs, own, port, exits))
  const heard = isHeard(configs, own)
  return {
    ends: new Set(outcomes.filter((_, port) => !goesOn(configs, after[port]!, exits))),
    straightOn: new Set(
      outcomes.filter(
        (_, port) => !heard && goesStraightOn(configs, own, after[port]!, exits, new Set()),
      ),
    ),
  }
}

/** Only where the next step waits for the same disk. Another lead-ingest may reject what comes, at once. */
function goesStraightOn(
  configs: Configs,
  own: Config,
  next: readonly string[],
  exits: Exits,
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
      const after = behind(configs, config, 0, exits)
      return goesStraightOn(configs, own, after, exits, new Set([...passed, id]))
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

function goesOn(configs: Configs, from: readonly string[], exits: Exits): boolean {
  for (const config of reached(configs, from, exits)) if (isStation(config)) return true
  return false
}

/** Every node that a message may come to from these, and these, without those that are off. */
function* reached(configs: Configs, from: readonly string[], exits: Exits): Generator<Config> {
  const seen = new Set<string>()
  const queue = [...from]
  // A message leaves a subflow where it came in, and what follows that instance is in the queue by
  // then; unless it was called from anywhere.
  const isCalled = idsOf(configs, 'link call').some((id) => isDynamic(configs.get(id)!))
  const exitsOf: Exits = (subflow) => {
    const instances = exits(subflow)
    return !isCalled && instances.some(({ id }) => seen.has(id)) ? [] : instances
  }
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const config = configs.get(id)
    if (config === undefined || seen.has(id) || isOff(configs, config)) continue
    seen.add(id)
    yield config
    queue.push(...next(configs, config, exitsOf))
  }
}

/** The instances by which a message may leave a subflow. */
type Exits = (subflow: string) => readonly Config[]

/** Of a subflow that the node is in, its own; into others a link may lead, and then it may be any. */
function exitsFor(configs: Configs, node: RedNode): Exits {
  const around = instancesAround(node)
  return (subflow) => {
    const own = around.get(subflow)
    const ids = own === undefined ? idsOf(configs, `subflow:${subflow}`) : [own]
    return ids.flatMap((id) => configs.get(id) ?? [])
  }
}

function isOff(configs: Configs, { d, z }: Config): boolean {
  return d === true || configs.get(z ?? '')?.disabled === true
}

/** Where a message may be next after it left this node by one of its ports. */
function behind(configs: Configs, config: Config, port: number, exits: Exits): string[] {
  return [...(config.wires?.[port] ?? []), ...outOfSubflow(configs, config, port, exits)]
}

/** Where a message may be next after it came to this node. */
function next(configs: Configs, config: Config, exits: Exits): string[] {
  const ports = Math.max(1, config.wires?.length ?? 0)
  return [
    ...Array.from({ length: ports }, (_, port) => behind(configs, config, port, exits)).flat(),
    ...linked(configs, config),
    ...intoSubflow(configs, config),
  ]
}

function linked(configs: Configs, config: Config): readonly string[] {
  const { type, mode, links = [] } = config
  if (type === 'link call') return isDynamic(config) ? idsOf(configs, 'link in') : links
  if (type !== 'link out') return []
  if (mode !== 'return') return links
  return idsOf(configs, 'link call').flatMap((id) => (configs.get(id)?.wires ?? []).flat())
}

function isDynamic({ linkType }: Config): boolean {
  return linkType === 'dynamic'
}

function intoSubflow(configs: Configs, { type }: Config): string[] {
  const inputs = type.startsWith('subflow:') ? configs.get(type.slice('subflow:'.length))?.in : []
  return (inputs ?? []).flatMap(({ wires }) => wires.map(({ id }) => id))
}

/** Behind an output of a subflow stands what follows the instance by which the message leaves it. */
function outOfSubflow(
  configs: Configs,
  { id, z = '' }: Config,
  port: number,
  exits: Exits,
): string[] {
  const outputs = configs.get(z)?.out ?? []
  return outputs.flatMap(({ wires }, output) => {
    if (!wires.some((from) => from.id === id && (from.port ?? 0) === port)) return []
    return exits(z)
      .filter((instance) => !isOff(configs, instance))
      .flatMap((instance) => behind(configs, instance, output, exits))
  })
}

function idsOf(configs: Configs, type: string): string[] {
  return [...configs.values()].filter((config) => config.type === type).map(({ id }) => id)
}
