/**
 * Applies a decision's changes: to memory, where the next step sees them at once, and to the write
 * set of the open batch. To add a kind of change, add its function here.
 */
import { privatePart, publicFacts, publicText } from '../../engine/audit/entry'
import type { Change } from '../../engine/decision'
import { LeadFault } from '../../engine/faults'
import { bodyOf, standingOf } from '../../engine/lead/standing'
import type { OfferRecord } from '../../engine/step'
import type { Commit } from '../store'
import type { Mirror } from './mirror'
import type { SqliteReads } from './reads'
import {
  nameOf,
  type PendingTimer,
  type Recent,
  type RecentIntake,
  type RecentStanding,
  type Written,
} from './recent'
import { eraseDetails, eraseLead } from './retention'
import { timerOwner, timerRange } from './statements'
import type { WriteSet } from './write-set'

/** Where a commit goes: the realm's memory, and what the open batch writes. */
export interface Target {
  readonly realm: string
  readonly recent: Recent
  readonly mirror: Mirror
  readonly reads: SqliteReads
  readonly out: WriteSet
  readonly written: Written
  /** What subscribers hear when the batch is on disk. */
  readonly news: { freed: boolean; timers: boolean }
  readonly batch: number
}

export interface Context extends Target {
  readonly commit: Commit
}

type Apply<K extends Change['kind']> = (
  context: Context,
  change: Extract<Change, { kind: K }>,
) => void

const APPLY: { readonly [K in Change['kind']]: Apply<K> } = {
  'intake.accept': (context, { key, expiresMs, nodeId }) => {
    const { recent, out, batch, commit } = context
    const { lead, nowMs } = commit
    recent.touch(lead.id, batch).born = true
    recent.setIntake(key, { leadId: lead.id, done: false, expiresMs }, batch)
    out.add('acceptIntake', key, lead.id, nodeId, nowMs, expiresMs, bodyOf(lead))
  },
  'intake.link': (context, { key, leadId }) => {
    changeIntake(context, key, { leadId })
    context.out.add('linkIntake', key, leadId)
  },
  'intake.done': (context, { key }) => {
    changeIntake(context, key, { done: true })
    context.out.add('endIntake', key)
  },
  'intake.again': (context, { key }) => {
    changeIntake(context, key, { done: false })
    context.out.add('restartIntake', key, bodyOf(context.commit.lead))
  },
  'lead.save': (context, { state, reason, poolId = null, retryAtMs = null, standingOnly }) => {
    const { out, reads, written, commit, batch } = context
    const { lead, nowMs } = commit
    const before = reads.standingRecord(lead.id)
    const hasBody = reads.hasBody(lead.id)
    const recent = context.recent.touch(lead.id, batch)
    // Since when the lead stands as it does; saving it again does not start anew.
    const sinceMs = before?.state === state ? before.sinceMs : nowMs
    const standing = standingOf(lead)
    const record: RecentStanding = { standing, text: undefined, state, sinceMs }
    recent.standing = record
    written.standings.push(record)
    const text = () => {
      record.text = JSON.stringify(standing)
      return record.text
    }
    out.save('saveStanding', lead.id, lead.id, state, reason, sinceMs, poolId, retryAtMs, text)
    if (standingOnly && hasBody) return
    recent.body = { lead, batch }
    recent.hasBody = true
    written.bodies.push(recent)
    out.save('saveLead', lead.id, lead.id, () => bodyOf(lead))
  },
  'identity.link': ({ recent, out, batch }, { key, leadId }) => {
    recent.setIdentity(key, leadId, batch)
    out.save('linkIdentity', key, key, leadId)
  },
  'signals.add': ({ recent, out, written, batch }, { leadId, accountId, signals }) => {
    for (const signal of signals) {
      const body = JSON.stringify(signal)
      out.add('addSignal', leadId, signal.id, accountId ?? null, Date.parse(signal.at), body)
    }
    if (accountId === undefined) return
    recent.addSignals(
      accountId,
      signals.map((signal) => ({ ...signal, person: leadId })),
      batch,
    )
    written.accounts.add(accountId)
  },
  'account.owner': ({ recent, out, batch }, { accountId, repId }) => {
    if (recent.owner(accountId) === repId) return
    recent.setOwner(accountId, repId, batch)
    out.save('saveOwner', accountId, accountId, repId)
  },
  'assignment.open': (context, { leadId, cycle, repId, poolId, units }) => {
    const { out, commit } = context
    const recent = context.recent.touch(leadId, context.batch)
    recent.assignments ??= new Map()
    recent.assignments.set(cycle, { repId, poolId, units, open: true })
    out.add('openAssignment', leadId, cycle, repId, poolId, units, commit.nowMs)
    addLoad(context, repId, units)
  },
  'assignment.close': (context, { leadId, cycle, reason }) => {
    const { out, reads, commit } = context
    const assignment = reads.assignment(leadId, cycle)
    if (!assignment?.open) return
    const recent = context.recent.touch(leadId, context.batch)
    recent.assignments ??= new Map()
    recent.assignments.set(cycle, { ...assignment, open: false })
    out.add('closeAssignment', leadId, cycle, commit.nowMs, reason)
    addLoad(context, assignment.repId, -assignment.units)
    context.news.freed = true
  },
  'offer.open': (context, { leadId, token, repId, poolId, units, expiresMs }) => {
    const offer = { token, repId, poolId, units, expiresMs }
    setOffers(context, leadId, (before) => [...before, offer])
    const { out, mirror, commit } = context
    out.add('openOffer', leadId, token, repId, poolId, units, commit.nowMs, expiresMs)
    mirror.addOffer(repId, 1)
    addLoad(context, repId, units)
  },
  'offer.close': (context, { leadId, token, end }) => {
    const offer = context.reads.offerRecords(leadId).find((one) => one.token === token)!
    setOffers(context, leadId, (before) =>
      before.map((one) => (one === offer ? { ...offer, end } : one)),
    )
    context.out.add('closeOffer', leadId, token, context.commit.nowMs, end)
    context.mirror.addOffer(offer.repId, -1)
    addLoad(context, offer.repId, -offer.units)
    context.news.freed = true
  },
  'presence.save': ({ mirror, out, news }, { repId, misses, offlineSinceMs }) => {
    mirror.presences().set(repId, {
      misses,
      ...(offlineSinceMs === undefined ? {} : { offlineSinceMs }),
    })
    out.save('savePresence', repId, repId, misses, offlineSinceMs ?? null)
    // Who is there again may take what waits.
    if (offlineSinceMs === undefined) news.freed = true
  },
  'fairness.save': ({ mirror, out }, { poolId, repId, virtualTime, awaySinceMs }) => {
    mirror.fairness(poolId).set(repId, {
      virtualTime,
      ...(awaySinceMs === undefined ? {} : { awaySinceMs }),
    })
    const row = `${poolId} ${repId}`
    out.save('saveFairness', row, poolId, repId, virtualTime, awaySinceMs ?? null)
  },
  'tally.add': ({ recent, reads, out, batch }, key) => {
    const leads = reads.tally(key) + 1
    recent.setTally(key, leads, batch)
    out.save('saveTally', nameOf(key), key.repId, key.period, key.fromMs, leads)
  },
  'timer.set': (context, { timer }) => {
    const { id, dueMs, leadId, cycle, nodeId } = timer
    const before = context.reads.pendingTimers(leadId, cycle)
    if (before.some((one) => one.id === id)) return
    setTimers(context, leadId, cycle, [...before, { id, dueMs }])
    context.out.add('setTimer', id, nodeId, dueMs, JSON.stringify(timer))
  },
  'timer.fired': (context, { timerId, tells }) => {
    const [leadId, cycle] = timerOwner(timerId)
    const before = context.reads.pendingTimers(leadId, cycle)
    const left = before.filter(({ id }) => id !== timerId)
    keepTimers(context, leadId, cycle, left)
    if (tells) context.out.add('putOut', timerId)
    context.out.add('endTimer', timerId)
  },
  'timers.cancel': (context, { leadId, cycle }) => {
    setTimers(context, leadId, cycle, [])
    context.out.add('endTimers', ...timerRange(leadId, cycle))
  },
  'lead.erase': eraseLead,
  'details.erase': eraseDetails,
}

function changeIntake(
  { recent, batch, reads }: Context,
  key: string,
  change: Partial<RecentIntake>,
): void {
  const before = reads.intakeRecord(key)
  if (before !== undefined) recent.setIntake(key, { ...before, ...change }, batch)
}

function addLoad({ mirror, out }: Context, repId: string, units: number): void {
  mirror.addLoad(repId, units)
  out.save('saveLoad', repId, repId, mirror.load(repId))
}

function setOffers(
  context: Context,
  leadId: string,
  change: (before: readonly OfferRecord[]) => readonly OfferRecord[],
): void {
  const before = context.reads.offerRecords(leadId)
  context.recent.touch(leadId, context.batch).offers = change(before)
}

function setTimers(
  context: Context,
  leadId: string,
  cycle: number,
  timers: readonly PendingTimer[],
): void {
  keepTimers(context, leadId, cycle, timers)
  context.news.timers = true
}

/** One that has fired is no news: nobody need wake for it any more. */
function keepTimers(
  context: Context,
  leadId: string,
  cycle: number,
  timers: readonly PendingTimer[],
): void {
  const recent = context.recent.touch(leadId, context.batch)
  recent.timers ??= new Map()
  recent.timers.set(cycle, timers)
}

/** A commit with its private part written down, before anybody can change what it refers to. */
export interface Sealed {
  readonly commit: Commit
  readonly payload: string
}

export function sealed(commit: Commit): Sealed {
  return { commit, payload: privatePart(commit) }
}

/** Changes and audit entry, together. */
export function applyCommit(target: Target, { commit, payload }: Sealed): void {
  const { realm, recent, out, written, batch } = target
  const { decision, lead, key, nowMs } = commit
  const context: Context = { ...target, commit }
  for (const change of decision.changes)
    (APPLY[change.kind] as Apply<typeof change.kind>)(context, change as never)
  const { step, outcome } = decision
  const [head, tail] = publicText(publicFacts({ realm, ...commit }))
  out.audit.push(lead.id, step, key ?? null, nowMs, outcome, head, tail, payload)
  if (key === undefined) return
  const decided = { batch, outcome, payload }
  recent.setDecision(`${step} ${key}`, decided)
  written.decisions.push(decided)
}

/** The promises that must hold before a commit is applied, so that one bad commit harms no other. */
export function assertAllowed(reads: SqliteReads, changes: readonly Change[]): void {
  for (const change of changes) {
    const broken = brokenPromise(reads, change)
    if (broken !== undefined) throw new LeadFault('LEAD_STORE_INVARIANT', ...broken)
  }
}

function brokenPromise(
  reads: SqliteReads,
  change: Change,
): [promise: string, subject: string] | undefined {
  switch (change.kind) {
    case 'assignment.open': {
      const { leadId, cycle } = change
      if (reads.assignment(leadId, cycle) === undefined) return undefined
      return ['one assignment per cycle', `lead ${leadId}, cycle ${cycle}`]
    }
    case 'offer.open':
    case 'offer.close': {
      const { leadId, token } = change
      const offer = reads.offerRecords(leadId).find((one) => one.token === token)
      const subject = `lead ${leadId}, offer ${token}`
      if (change.kind === 'offer.open')
        return offer === undefined ? undefined : ['a token is used once', subject]
      return offer !== undefined && offer.end === undefined
        ? undefined
        : ['an offer ends once', subject]
    }
    case 'timer.fired': {
      const [leadId, cycle] = timerOwner(change.timerId)
      const timers = reads.pendingTimers(leadId, cycle)
      if (timers.some(({ id }) => id === change.timerId)) return undefined
      return ['a timer fires once', change.timerId]
    }
    default:
      return undefined
  }
}
