/**
 * Applies a decision's changes: to memory, where the next step sees them at once, and to the write
 * set of the open batch. To add a kind of change, add its function here.
 */
import { privatePart, publicFacts, publicText } from '../../engine/audit/entry'
import type { Change, ChangeOf } from '../../engine/decision'
import { LeadFault } from '../../engine/faults'
import { accountPlace } from '../../engine/identity/accounts'
import { instantMs } from '../../engine/instant'
import { bodyOf, standingOf } from '../../engine/lead/standing'
import type { OfferRecord } from '../../engine/step'
import type { Commit } from '../store'
import { changeAccount, NO_ACCOUNT, tie } from './accounts'
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
import { eraseDetails, eraseLead, suppress } from './retention'
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

type Apply<K extends Change['kind']> = (target: Target, change: ChangeOf<K>, commit: Commit) => void

const APPLY: { readonly [K in Change['kind']]: Apply<K> } = {
  'intake.accept': ({ recent, out, batch }, { key, expiresMs, nodeId }, { lead, nowMs }) => {
    recent.touch(lead.id, batch).born = true
    recent.setIntake(key, { leadId: lead.id, done: false, expiresMs }, batch)
    out.add('acceptIntake', key, lead.id, nodeId, nowMs, expiresMs, bodyOf(lead))
  },
  'intake.link': (target, { key, leadId }) => {
    changeIntake(target, key, { leadId })
    target.out.add('linkIntake', key, leadId)
  },
  'intake.done': (target, { key }) => {
    changeIntake(target, key, { done: true })
    target.out.add('endIntake', key)
  },
  'intake.again': (target, { key }, { lead }) => {
    changeIntake(target, key, { done: false })
    target.out.add('restartIntake', key, bodyOf(lead))
  },
  'lead.save': (target, change, { lead, knownBy, nowMs }) => {
    const { out, reads, written, batch } = target
    const { state, reason, poolId = null, retryAtMs = null, standingOnly } = change
    const before = reads.standingRecord(lead.id)
    const stored = reads.place(lead.id)
    const recent = target.recent.touch(lead.id, batch)
    // Since when the lead stands as it does; saving it again does not start anew.
    const sinceMs = before?.state === state ? before.sinceMs : (change.sinceMs ?? nowMs)
    const standing = standingOf(lead, knownBy)
    const record: RecentStanding = { standing, text: undefined, state, sinceMs }
    recent.standing = record
    written.standings.push(record)
    const text = () => {
      record.text = JSON.stringify(standing)
      return record.text
    }
    out.save('saveStanding', lead.id, lead.id, state, reason, sinceMs, poolId, retryAtMs, text)
    if (standingOnly && stored !== undefined) return
    recent.body = { lead, batch }
    const place = accountPlace(lead)
    recent.place = place
    tie(target, stored, place)
    written.bodies.push(recent)
    const { key = null, domain = null } = place
    out.save('saveLead', lead.id, lead.id, () => bodyOf(lead), key, domain)
  },
  'identity.link': ({ recent, out, batch }, { key, leadId }) => {
    recent.setIdentity(key, leadId, batch)
    out.save('linkIdentity', key, key, leadId)
  },
  'signals.add': (target, { leadId, accountId, signals }) => {
    const { recent, reads, out, written, batch } = target
    const known = reads.signalIds(leadId)
    const fresh = signals.filter(({ id }) => known.size < known.add(id).size)
    const [first] = fresh
    if (first === undefined) return
    recent.touch(leadId, batch).signalIds = known
    // A record may bring more signals than a call takes arguments.
    const latestMs = fresh.reduce((ms, { at }) => Math.max(ms, instantMs(at)), instantMs(first.at))
    const body = JSON.stringify(fresh)
    out.add('addSignals', leadId, first.id, accountId ?? null, latestMs, body)
    recent.addSignals(
      accountId ?? NO_ACCOUNT,
      fresh.map((signal) => ({ ...signal, person: leadId })),
      batch,
    )
    written.accounts.add(accountId ?? NO_ACCOUNT)
  },
  'signals.move': ({ recent, out, written, batch }, { leadId, accountId }) => {
    recent.moveSignals(leadId, accountId, batch)
    written.accounts.add(accountId)
    out.add('moveSignals', leadId, accountId)
  },
  'account.owner': (target, { accountId, repId }, { nowMs }) => {
    changeAccount(target, accountId, (account) => {
      account.owner = { repId, sinceMs: nowMs }
    })
    target.out.save('saveOwner', accountId, accountId, repId, nowMs)
  },
  'assignment.open': (target, { leadId, cycle, repId, poolId, units }, { nowMs }) => {
    const recent = target.recent.touch(leadId, target.batch)
    recent.assignments ??= new Map()
    recent.assignments.set(cycle, { repId, poolId, units, open: true })
    target.out.add('openAssignment', leadId, cycle, repId, poolId, units, nowMs)
    addLoad(target, repId, units)
  },
  'assignment.close': (target, { leadId, cycle, reason }, { nowMs }) => {
    const assignment = target.reads.assignment(leadId, cycle)
    if (!assignment?.open) return
    const recent = target.recent.touch(leadId, target.batch)
    recent.assignments ??= new Map()
    recent.assignments.set(cycle, { ...assignment, open: false })
    target.out.add('closeAssignment', leadId, cycle, nowMs, reason)
    addLoad(target, assignment.repId, -assignment.units)
    target.news.freed = true
  },
  'offer.open': (target, { leadId, token, repId, poolId, units, expiresMs }, { nowMs }) => {
    const offer = { token, repId, poolId, units, expiresMs }
    setOffers(target, leadId, (before) => [...before, offer])
    target.out.add('openOffer', leadId, token, repId, poolId, units, nowMs, expiresMs)
    target.mirror.addOffer(repId, 1)
    addLoad(target, repId, units)
  },
  'offer.close': (target, { leadId, token, end }, { nowMs }) => {
    const offer = target.reads.offerRecords(leadId).find((one) => one.token === token)!
    setOffers(target, leadId, (before) =>
      before.map((one) => (one === offer ? { ...offer, end } : one)),
    )
    target.out.add('closeOffer', leadId, token, nowMs, end)
    target.mirror.addOffer(offer.repId, -1)
    addLoad(target, offer.repId, -offer.units)
    target.news.freed = true
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
  'timer.set': (target, { timer }) => {
    const { id, dueMs, leadId, cycle, nodeId } = timer
    const before = target.reads.pendingTimers(leadId, cycle)
    if (before.some((one) => one.id === id)) return
    setTimers(target, leadId, cycle, [...before, { id, dueMs }])
    target.out.add('setTimer', id, nodeId, dueMs, JSON.stringify(timer))
  },
  'timer.fired': (target, { timerId, tells }) => {
    const [leadId, cycle] = timerOwner(timerId)
    const before = target.reads.pendingTimers(leadId, cycle)
    const left = before.filter(({ id }) => id !== timerId)
    keepTimers(target, leadId, cycle, left)
    if (tells) target.out.add('putOut', timerId)
    target.out.add('endTimer', timerId)
  },
  'timers.cancel': (target, { leadId, cycle }) => {
    setTimers(target, leadId, cycle, [])
    target.out.add('endTimers', ...timerRange(leadId, cycle))
  },
  'lead.erase': eraseLead,
  'consent.suppress': suppress,
  'details.erase': eraseDetails,
}

function changeIntake(
  { recent, batch, reads }: Target,
  key: string,
  change: Partial<RecentIntake>,
): void {
  const before = reads.intakeRecord(key)
  if (before !== undefined) recent.setIntake(key, { ...before, ...change }, batch)
}

function addLoad({ mirror, out }: Target, repId: string, units: number): void {
  mirror.addLoad(repId, units)
  out.save('saveLoad', repId, repId, mirror.load(repId))
}

function setOffers(
  target: Target,
  leadId: string,
  change: (before: readonly OfferRecord[]) => readonly OfferRecord[],
): void {
  const before = target.reads.offerRecords(leadId)
  target.recent.touch(leadId, target.batch).offers = change(before)
}

function setTimers(
  target: Target,
  leadId: string,
  cycle: number,
  timers: readonly PendingTimer[],
): void {
  keepTimers(target, leadId, cycle, timers)
  target.news.timers = true
}

/** One that has fired is no news: nobody need wake for it any more. */
function keepTimers(
  target: Target,
  leadId: string,
  cycle: number,
  timers: readonly PendingTimer[],
): void {
  const recent = target.recent.touch(leadId, target.batch)
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
  for (const change of decision.changes)
    (APPLY[change.kind] as Apply<typeof change.kind>)(target, change as never, commit)
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
