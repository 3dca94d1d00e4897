/**
 * Carries retention out: page by page, each page one transaction with its audit entries, so that nothing
 * is held up for long and a stop in between leaves what was done and no more. Several processes may do
 * it at once; who comes second finds the work done.
 */
import { AT_REST } from '../engine/decision'
import { cutoffs, type Retention } from '../engine/retention'
import { eraseDetailsStep, eraseLeadStep, retentionSubject } from '../engine/steps/retention'
import type { Cursor, Page } from './page'
import { perform, performTogether } from './perform'
import type { Store } from './store'

/** Erased by this process in one go. */
export interface Retained {
  readonly leads: number
  /** Entries that lost their private part. */
  readonly entries: number
}

/** A lead costs a dozen questions, an entry one or two: a few milliseconds either way. */
const LEADS_PER_PAGE = 10
const ENTRIES_PER_PAGE = 100

export async function retain(store: Store, retention: Retention, nowMs: number): Promise<Retained> {
  const leads = await retainLeads(store, retention, nowMs)
  const entries = await retainTrail(store, retention, nowMs)
  return { leads, entries }
}

async function retainLeads(store: Store, retention: Retention, nowMs: number): Promise<number> {
  const { leadsMonths: months } = retention
  if (months === undefined) return 0
  const { leadsBeforeMs } = cutoffs(retention, nowMs)
  let erased = 0
  for (const state of AT_REST) {
    const page = (after?: Cursor<string>) =>
      store.dormantLeads(state, leadsBeforeMs, after, LEADS_PER_PAGE)
    for await (const leads of pages(page)) {
      const cases = leads.map(({ lead, keys }) => ({ lead, settings: { months, keys } }))
      const results = await performTogether(store, eraseLeadStep, cases, { nowMs })
      for (const result of results) {
        if (result.status === 'rejected') throw result.reason
        if (result.value.outcome === 'erased') erased += 1
      }
    }
  }
  return erased
}

async function retainTrail(store: Store, retention: Retention, nowMs: number): Promise<number> {
  const { trailMonths: months } = retention
  if (months === undefined) return 0
  const { trailBeforeMs } = cutoffs(retention, nowMs)
  let erased = 0
  const page = (after?: Cursor<number>) =>
    store.expiredEntries(trailBeforeMs, after, ENTRIES_PER_PAGE)
  for await (const seqs of pages(page)) {
    const settings = { months, seqs }
    const done = await perform(store, eraseDetailsStep, retentionSubject(nowMs), settings, {
      nowMs,
    })
    if (done.outcome === 'erased') erased += seqs.length
  }
  return erased
}

/** Pages with something in them, until the last. */
async function* pages<Item, Id>(
  ask: (after?: Cursor<Id>) => Promise<Page<Item, Id>>,
): AsyncGenerator<readonly Item[]> {
  let after: Cursor<Id> | undefined
  do {
    const { items, next } = await ask(after)
    if (items.length > 0) yield items
    after = next
  } while (after !== undefined)
}
