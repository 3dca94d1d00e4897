// What the parts of the contract share: questions to a store, and decisions made by hand.
import assert from 'node:assert/strict'
import type { Change, Decision, Timer } from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import type { Commit, Store, TrailEntry } from '../../../store/store'
import { NOW } from '../../engine/support/leads'
import { dueTimers, Life, TIGHT } from '../life'

export type Open = (realm?: string) => Promise<Store>

/** A new store of the place, in which leads live by these rules. */
export const livesIn =
  (open: Open) =>
  async (rules = TIGHT) =>
    new Life(await open(), rules)

export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export async function entries(store: Store): Promise<readonly TrailEntry[]> {
  return store.entriesAfter(-1, 100_000)
}

export async function states(store: Store) {
  return (await store.census()).byState
}

export async function loads(store: Store): Promise<Record<string, number>> {
  const map = await store.transaction([], (tx) => tx.repLoads())
  return { ana: map.get('ana') ?? 0, ben: map.get('ben') ?? 0 }
}

export const opens = (leadId: string, repId: string, cycle: number): Change => ({
  kind: 'assignment.open',
  leadId,
  cycle,
  repId,
  poolId: 'all',
  units: 1,
})
export const link = (key: string, leadId: string): Change => ({
  kind: 'identity.link',
  key,
  leadId,
})

/** A decision made by hand. */
export function entry(lead: Lead, changes: readonly Change[] = []): Commit {
  const save: Change = { kind: 'lead.save', state: 'open', reason: 'test' }
  const list = changes.some(({ kind }) => kind === 'lead.save') ? changes : [...changes, save]
  const decision: Decision = {
    step: 'dedupe',
    outcome: 'new',
    patch: {},
    because: [],
    changes: list,
  }
  return { decision, lead, actor: 'test', nowMs: NOW }
}

export async function due(store: Store, nowMs: number, kind: Timer['kind']): Promise<Timer> {
  const found = (await dueTimers(store, nowMs)).find((one) => one.kind === kind)
  assert.ok(found, `no ${kind} is due`)
  return found
}

/** Scores travel with the message and are no part of a kept answer. */
export function withoutScores({ fit: _fit, intent: _intent, ...lead }: Lead) {
  return plain(lead)
}

/** News come in a task of their own after the commit that they are about. */
export async function settle(store: Store): Promise<void> {
  await store.census()
  await new Promise((resolve) => setImmediate(resolve))
}
