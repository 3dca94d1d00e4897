/** Notes a commit in memory, so that the next step sees it before it is on disk. */
import type { Change } from '../../engine/decision'
import { LeadFault } from '../../engine/faults'
import type { Mirror } from './mirror'
import {
  type RecentAssignment,
  type RecentBody,
  type RecentIntake,
  type RecentSignal,
  type RecentStanding,
  type SqliteReads,
  tallyName,
} from './reads'
import type { Kind, Recent } from './recent'
import { timerOwner } from './statements'
import type { CommitRecord } from './transactions'

export interface NoteContext {
  readonly recent: Recent
  readonly mirror: Mirror
  readonly reads: SqliteReads
  readonly record: CommitRecord
  readonly batch: number
  /** Collects what is too large to keep once it is on disk. */
  readonly large: [Kind, string][]
}

type Note<K extends Change['kind']> = (
  context: NoteContext,
  change: Extract<Change, { kind: K }>,
) => void

const NOTES: { readonly [K in Change['kind']]: Note<K> } = {
  'intake.accept': ({ recent, record, batch }, { key, expiresMs }) => {
    const { leadId } = record.facts
    recent.set('born', leadId, true, batch)
    recent.set('intake', key, { leadId, done: false, expiresMs } satisfies RecentIntake, batch)
  },
  'intake.link': (context, { key, leadId }) => {
    changeIntake(context, key, { leadId })
  },
  'intake.done': (context, { key }) => {
    changeIntake(context, key, { done: true })
  },
  'intake.again': (context, { key }) => {
    changeIntake(context, key, { done: false })
  },
  'lead.save': ({ recent, record, batch, large }, { state }) => {
    const { leadId } = record.facts
    recent.set(
      'standing',
      leadId,
      { standing: record.standing, state } satisfies RecentStanding,
      batch,
    )
    if (record.body === undefined) return
    recent.set('body', leadId, { body: record.body } satisfies RecentBody, batch)
    large.push(['body', leadId])
  },
  'identity.link': ({ recent, batch }, { key, leadId }) => {
    recent.set('identity', key, leadId, batch)
  },
  'signals.add': ({ recent, batch, large }, { leadId, accountId, signals }) => {
    if (accountId === undefined) return
    const before = recent.get<readonly RecentSignal[]>('signals', accountId) ?? []
    const added = signals.map((signal): RecentSignal => ({ ...signal, person: leadId }))
    recent.set('signals', accountId, [...before, ...added], batch)
    large.push(['signals', accountId])
  },
  'account.owner': ({ recent, batch }, { accountId, repId }) => {
    recent.set('owner', accountId, repId, batch)
  },
  'assignment.open': ({ recent, mirror, batch }, { leadId, cycle, repId, poolId, units }) => {
    const assignment: RecentAssignment = { repId, poolId, units, open: true }
    recent.set('assignment', `${leadId}#${cycle}`, assignment, batch)
    mirror.addLoad(repId, units)
  },
  'assignment.close': ({ recent, mirror, reads, batch }, { leadId, cycle }) => {
    const assignment = reads.assignment(leadId, cycle)
    if (!assignment?.open) return
    recent.set('assignment', `${leadId}#${cycle}`, { ...assignment, open: false }, batch)
    mirror.addLoad(assignment.repId, -assignment.units)
  },
  'fairness.save': ({ mirror }, { poolId, repId, virtualTime, awaySinceMs }) => {
    mirror.fairness(poolId).set(repId, {
      virtualTime,
      ...(awaySinceMs === undefined ? {} : { awaySinceMs }),
    })
  },
  'tally.add': ({ recent, reads, batch }, key) => {
    recent.set('tally', tallyName(key), reads.tally(key) + 1, batch)
  },
  'timer.set': (context, { timer: { id, dueMs, leadId, cycle } }) => {
    const before = context.reads.pendingTimers(leadId, cycle)
    if (before.some((one) => one.id === id)) return
    context.recent.set('timers', `${leadId}#${cycle}`, [...before, { id, dueMs }], context.batch)
  },
  'timer.fired': (context, { timerId }) => {
    const [leadId, cycle] = timerOwner(timerId)
    const before = context.reads.pendingTimers(leadId, cycle)
    context.recent.set(
      'timers',
      `${leadId}#${cycle}`,
      before.filter(({ id }) => id !== timerId),
      context.batch,
    )
  },
  'timers.cancel': ({ recent, batch }, { leadId, cycle }) => {
    recent.set('timers', `${leadId}#${cycle}`, [], batch)
  },
}

function changeIntake(
  { recent, batch, reads }: NoteContext,
  key: string,
  change: Partial<RecentIntake>,
): void {
  const before = reads.intakeRecord(key)
  if (before !== undefined) recent.set('intake', key, { ...before, ...change }, batch)
}

export function noteCommit(context: NoteContext): void {
  const { record, recent, batch, large } = context
  for (const change of record.changes)
    (NOTES[change.kind] as Note<typeof change.kind>)(context, change as never)
  if (record.key === null) return
  const { step, outcome } = record.facts
  const key = `${step} ${record.key}`
  recent.set('decided', key, { outcome, payload: record.payload }, batch)
  large.push(['decided', key])
}

/** The promises that must hold before a commit is noted, so that one bad commit harms no other. */
export function assertAllowed(reads: SqliteReads, changes: readonly Change[]): void {
  for (const change of changes) {
    if (
      change.kind === 'assignment.open' &&
      reads.assignment(change.leadId, change.cycle) !== undefined
    ) {
      throw new LeadFault(
        'LEAD_STORE_INVARIANT',
        'one assignment per cycle',
        `lead ${change.leadId}, cycle ${change.cycle}`,
      )
    }
    if (change.kind !== 'timer.fired') continue
    const [leadId, cycle] = timerOwner(change.timerId)
    if (!reads.pendingTimers(leadId, cycle).some(({ id }) => id === change.timerId)) {
      throw new LeadFault('LEAD_STORE_INVARIANT', 'a timer fires once', change.timerId)
    }
  }
}
