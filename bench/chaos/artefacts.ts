/**
 * Contract and policy of the chaos run: little room, so that leads wait and overflow; short budgets,
 * so that reminders, breaches and escalations ring while processes are being killed.
 */
import { stringify } from 'yaml'

const DESK = 18
const ON_CALL = 6
const ROOM = 40

const reps = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)
const DESK_REPS = reps('desk', DESK)
const ON_CALL_REPS = reps('call', ON_CALL)

/** Units that a rep may have open at once. */
export const CAPACITIES: ReadonlyMap<string, number> = new Map(
  [...DESK_REPS, ...ON_CALL_REPS].map((id) => [id, ROOM]),
)

export function contractText(): string {
  return stringify({
    contract: 'chaos',
    version: '1.0.0',
    fit: {
      rules: [
        {
          id: 'fit.size',
          when: { 'company.employees': { $gte: 50 } },
          points: 60,
          why: 'Size is in the ICP',
        },
      ],
    },
    intent: {
      halfLife: '7d',
      rules: [
        { id: 'intent.demo', on: 'demo_request', points: 60, why: 'Asked for a demo' },
        { id: 'intent.live', on: 'live_demo', points: 80, why: 'Is in the demo now' },
      ],
    },
    decide: [
      { id: 'decide.sql', when: { 'fit.points': { $gte: 50 } }, outcome: 'sql', grade: 'A1' },
      { id: 'decide.nurture', outcome: 'nurture', grade: 'C3' },
    ],
  })
}

export function policyText(): string {
  return stringify({
    policy: 'chaos',
    version: '1.0.0',
    reps: [...CAPACITIES].map(([id, capacity]) => ({ id, name: id, capacity })),
    pools: [
      { id: 'desk', members: DESK_REPS, overflow: 'on-call' },
      { id: 'on-call', members: ON_CALL_REPS },
    ],
    routes: [{ id: 'route.all', pool: 'desk' }],
    tiers: [
      {
        id: 'live',
        when: { 'source.trigger': 'live_demo' },
        respond: '2s',
        clock: 'always',
        remind: ['1s'],
        escalate: [{ after: '3s', to: 'on-call', action: 'reassign' }],
        movesMax: 1,
      },
      {
        id: 'watched',
        when: { 'source.trigger': 'demo_request' },
        respond: '3s',
        clock: 'always',
        remind: ['2s'],
        escalate: [{ after: '4s', to: 'on-call', action: 'notify' }],
      },
      { id: 'slow', respond: '24h', clock: 'always' },
    ],
  })
}
