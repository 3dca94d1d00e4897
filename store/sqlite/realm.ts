/** What one realm keeps in memory beside the file: what was committed lately, loads, fairness. */
import type { Change } from '../../engine/decision'
import type { StoreEvent } from '../store'
import type { Acknowledgement } from './batch'
import type { Database } from './database'
import { Mirror } from './mirror'
import { noteCommit } from './note'
import { SqliteReads } from './reads'
import { Recent } from './recent'
import type { CommitRecord, Group } from './transactions'

const TIMER_CHANGES: ReadonlySet<Change['kind']> = new Set([
  'timer.set',
  'timers.cancel',
  'timer.fired',
])

export class Realm {
  readonly recent = new Recent()
  readonly mirror: Mirror
  readonly reads: SqliteReads
  readonly listeners = new Set<(event: StoreEvent) => void>()

  constructor(
    database: Database,
    readonly name: string,
  ) {
    this.mirror = new Mirror(database, name)
    this.reads = new SqliteReads(database, name, this.recent, this.mirror)
  }

  note(record: CommitRecord, { id, large }: Group): void {
    noteCommit({
      recent: this.recent,
      mirror: this.mirror,
      reads: this.reads,
      record,
      batch: id,
      large,
    })
  }

  durable({ id, commits, large }: Group, { sizes }: Acknowledgement): void {
    this.recent.acknowledge(id, large)
    const size = sizes[this.name]
    if (size === undefined || this.listeners.size === 0) return
    const changes = commits
      .filter(({ facts }) => facts.realm === this.name)
      .flatMap((record) => record.changes)
    const event: StoreEvent = {
      lastSeq: size - 1,
      freed: changes.some(({ kind }) => kind === 'assignment.close'),
      timers: changes.some(({ kind }) => TIMER_CHANGES.has(kind)),
    }
    // A listener of one node must not keep the others, or the callers, from their news.
    for (const listener of this.listeners)
      queueMicrotask(() => {
        listener(event)
      })
  }

  forget(): void {
    this.recent.clear()
    this.mirror.clear()
  }
}
