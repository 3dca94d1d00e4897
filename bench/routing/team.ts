/** The team of the simulation and the lead that it is given, as our policy and as plain figures. */
import type { Lead } from '../../engine/lead/lead'
import type { Policy } from '../../engine/policy/policy'
import { built } from '../lib/built'

const { loadPolicy } = built<typeof import('../../engine/policy/load')>('engine/policy/load')

export const START_MS = Date.parse('2026-03-02T15:00:00Z')

export function policyOf(spec: object): Policy {
  const tiers = [{ id: 'routine', respond: '1h', clock: 'always' }]
  const text = JSON.stringify({ policy: 'bench', version: '1.0.0', tiers, ...spec })
  const { policy, problems } = loadPolicy(text)
  if (policy === undefined) throw new Error(`the benchmark's policy: ${problems[0]?.message}`)
  return policy
}

/** Ten reps, the largest with six times the room of the smallest; the share goes by the room. */
export const CAPACITIES = [5, 8, 10, 13, 16, 19, 22, 25, 28, 30] as const

export function smallTeam(): Policy {
  const reps = CAPACITIES.map((capacity, index) => ({
    id: `rep${index}`,
    name: `Rep ${index}`,
    capacity,
    weight: capacity,
  }))
  return policyOf({
    reps,
    pools: [{ id: 'all', members: reps.map(({ id }) => id), catchUp: '1d' }],
    routes: [{ id: 'all', pool: 'all' }],
  })
}

const ZONES = ['Europe/Berlin', 'Europe/London', 'America/New_York']

/** Offices on two continents that are open together in the afternoon, some reps without the skill. */
export function largeTeam(size: number): Policy {
  const reps = Array.from({ length: size }, (_, index) => ({
    id: `rep${index}`,
    name: `Rep ${index}`,
    capacity: 5 + (index % 26),
    weight: 5 + (index % 26),
    calendar: `office${index % ZONES.length}`,
    skills: index % 10 === 0 ? [] : ['de'],
  }))
  const hours = { 'mon-fri': ['09:00-18:00'] }
  return policyOf({
    calendars: Object.fromEntries(
      ZONES.map((timezone, index) => [`office${index}`, { timezone, hours }]),
    ),
    reps,
    pools: [{ id: 'all', members: reps.map(({ id }) => id) }],
    routes: [{ id: 'all', when: { 'company.country': 'DE' }, pool: 'all', skills: ['de'] }],
  })
}

export const LEAD: Lead = {
  id: 'L1',
  cycle: 1,
  event: { id: 'bench:1', receivedAt: new Date(START_MS).toISOString() },
  contact: {},
  company: { country: 'DE' },
  source: {},
  consent: {},
  attributes: {},
  provenance: {},
  signals: [],
}
