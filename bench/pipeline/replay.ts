/**
 * Opportunities replayed over the agents in virtual time: each goes through the route step's own
 * `route`, an agent who has no room gets none, and what has to wait is taken oldest first.
 */
import type { Lead } from '../../engine/lead/lead'
import type { Policy } from '../../engine/policy/policy'
import type { Routing } from '../../engine/routing/route'
import type { FairnessRecord } from '../../engine/step'
import { built } from '../lib/built'
import { Agenda } from '../lib/fairness'
import type { Opportunity, Pipeline } from './read'

const { loadPolicy } = built<typeof import('../../engine/policy/load')>('engine/policy/load')
const { route } = built<typeof import('../../engine/routing/route')>('engine/routing/route')

export interface Placed {
  readonly opportunity: Opportunity
  readonly routing: Routing
  readonly atMs: number
}

export interface Agent {
  readonly id: string
  readonly name: string
  readonly region: string
  readonly capacity: number
  got: number
  open: number
  openMax: number
}

export interface Replay {
  readonly policy: Policy
  readonly agents: readonly Agent[]
  /** The last routing of each, by opportunity id. */
  readonly placed: ReadonlyMap<string, Placed>
  readonly waiting: readonly Opportunity[]
  readonly overCapacity: number
}

/** `capacity`: of every agent; absent: as many as the agent once had open at the same time. */
export function replay({ opportunities, agents: regions }: Pipeline, capacity?: number): Replay {
  const peaks = peaksOf(opportunities)
  const agents = [...regions].sort().map(([name, region]): Agent => {
    const room = capacity ?? peaks.get(name)!
    return { id: idOf(name), name, region, capacity: room, got: 0, open: 0, openMax: 0 }
  })
  const policy = policyOf(agents)
  const byId = new Map(agents.map((agent) => [agent.id, agent]))
  const loads = new Map<string, number>()
  const fairness = new Map<string, Map<string, FairnessRecord>>()
  for (const poolId of policy.pools.keys()) fairness.set(poolId, new Map())
  const placed = new Map<string, Placed>()
  const closes = new Agenda<Agent>()
  let waiting: Opportunity[] = []
  let overCapacity = 0

  const place = (opportunity: Opportunity, atMs: number): boolean => {
    const request = { units: 1, exclude: new Set<string>() }
    const routing = route(policy, leadOf(opportunity), { loads, fairness }, request, atMs)
    placed.set(opportunity.id, { opportunity, routing, atMs })
    for (const { poolId, repId, ...record } of routing.standings)
      fairness.get(poolId)!.set(repId, record)
    if (routing.kind !== 'assigned') return false
    const agent = byId.get(routing.rep.id)!
    agent.got += 1
    agent.open += 1
    agent.openMax = Math.max(agent.openMax, agent.open)
    if (agent.open > agent.capacity) overCapacity += 1
    loads.set(agent.id, agent.open)
    if (Number.isFinite(opportunity.takesMs)) closes.add(atMs + opportunity.takesMs, agent)
    return true
  }
  /** Room for one frees in one region, so the oldest of that region is tried; nobody else could be placed. */
  const close = () => {
    const { atMs, what: agent } = closes.take()
    agent.open -= 1
    loads.set(agent.id, agent.open)
    const next = waiting.find(({ region }) => region === agent.region)
    if (next !== undefined && place(next, atMs)) waiting = waiting.filter((one) => one !== next)
  }
  for (const opportunity of opportunities) {
    while (closes.nextMs <= opportunity.cameMs) close()
    if (!place(opportunity, opportunity.cameMs)) waiting.push(opportunity)
  }
  while (closes.nextMs < Number.POSITIVE_INFINITY) close()
  return { policy, agents, placed, waiting, overCapacity }
}

export const idOf = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-')

function policyOf(agents: readonly Agent[]): Policy {
  const regions = [...new Set(agents.map(({ region }) => region))].sort()
  const text = JSON.stringify({
    policy: 'maven',
    version: '1.0.0',
    reps: agents.map(({ id, name, capacity }) => ({ id, name, capacity, weight: capacity })),
    pools: regions.map((region) => ({
      id: idOf(region),
      members: agents.filter((agent) => agent.region === region).map(({ id }) => id),
      catchUp: '30d',
    })),
    routes: regions.map((region) => ({
      id: `route.${idOf(region)}`,
      territory: { regions: [region] },
      pool: idOf(region),
      why: `${region} is served by its own office`,
    })),
    tiers: [{ id: 'routine', respond: '3d', clock: 'always' }],
  })
  const { policy, problems } = loadPolicy(text)
  if (policy === undefined) throw new Error(`the replay's policy: ${problems[0]?.message}`)
  return policy
}

function leadOf({ id, region, account, cameMs }: Opportunity): Lead {
  return {
    id,
    cycle: 1,
    event: { id: `maven:${id}`, receivedAt: new Date(cameMs).toISOString() },
    contact: {},
    company: { region, ...(account === undefined ? {} : { name: account.account! }) },
    source: { system: 'maven' },
    consent: {},
    attributes: {},
    provenance: {},
    signals: [],
  }
}

/** How many opportunities each agent really had open at the same time, at most. */
function peaksOf(opportunities: readonly Opportunity[]): Map<string, number> {
  const closes = new Agenda<string>()
  const open = new Map<string, number>()
  const peaks = new Map<string, number>()
  for (const { agent, cameMs, takesMs } of opportunities) {
    while (closes.nextMs <= cameMs) {
      const { what } = closes.take()
      open.set(what, open.get(what)! - 1)
    }
    const now = (open.get(agent) ?? 0) + 1
    open.set(agent, now)
    peaks.set(agent, Math.max(peaks.get(agent) ?? 0, now))
    if (Number.isFinite(takesMs)) closes.add(cameMs + takesMs, agent)
  }
  return peaks
}
