// Shared by the engine and store tests: contracts and policies made from plain objects.
import assert from 'node:assert/strict'
import type { Contract } from '../../../engine/contract/contract'
import { loadContract } from '../../../engine/contract/load'
import { loadPolicy } from '../../../engine/policy/load'
import type { Policy } from '../../../engine/policy/policy'

type Spec = Readonly<Record<string, unknown>>

/** Two fit rules, two intent rules, three decisions: enough for most tests. */
export const CONTRACT: Spec = {
  contract: 'test',
  version: '1.0.0',
  fit: {
    rules: [
      { id: 'fit.size', when: { 'company.employees': { $gte: 50 } }, points: 40, why: 'Size' },
      { id: 'fit.country', when: { 'company.country': 'DE' }, points: 20, why: 'Country' },
    ],
  },
  intent: {
    halfLife: '7d',
    rules: [
      { id: 'intent.demo', on: 'demo_request', points: 60, why: 'Asked for a demo' },
      { id: 'intent.page', on: 'page_view', points: 5, why: 'Looked around' },
    ],
  },
  decide: [
    {
      id: 'decide.sql',
      when: { 'fit.points': { $gte: 50 }, 'intent.points': { $gte: 50 } },
      outcome: 'sql',
    },
    { id: 'decide.mql', when: { 'intent.points': { $gte: 50 } }, outcome: 'mql' },
    { id: 'decide.rest', outcome: 'nurture' },
  ],
}

/** The contract with some sections replaced; fails with its problems when it has any error. */
export function contract(changes: Spec = {}): Contract {
  const { contract: loaded, problems } = loadContract(JSON.stringify({ ...CONTRACT, ...changes }))
  assert.ok(loaded, JSON.stringify(problems))
  return loaded
}

/** Two reps in one pool, one tier; everybody is always on shift. */
export const POLICY: Spec = {
  policy: 'test',
  version: '1.0.0',
  reps: [
    { id: 'ana', name: 'Ana', capacity: 10 },
    { id: 'ben', name: 'Ben', capacity: 10 },
  ],
  pools: [{ id: 'all', members: ['ana', 'ben'] }],
  routes: [{ id: 'route.all', pool: 'all' }],
  tiers: [{ id: 'routine', respond: '1h', clock: 'always' }],
}

/** The policy with some sections replaced; fails with its problems when it has any error. */
export function policy(changes: Spec = {}): Policy {
  const { policy: loaded, problems } = loadPolicy(JSON.stringify({ ...POLICY, ...changes }))
  assert.ok(loaded, JSON.stringify(problems))
  return loaded
}
