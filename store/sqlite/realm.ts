/** What one realm keeps in memory beside the file: what was committed lately, loads, fairness. */
import type { StoreEvent } from '../store'
import type { Target } from './apply'
import type { Acknowledgement } from './batch'
import type { Database } from './database'
import { Mirror } from './mirror'
import { SqliteReads } from './reads'
import { Recent } from './recent'
import { WriteSet } from './write-set'

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

  /** Where the commits of a batch go. */
  target(batch: number): Target {
    const { name: realm, recent, mirror, reads } = this
    return {
      realm,
      recent,
      mirror,
      reads,
      out: new WriteSet(),
      written: { standings: [], bodies: [], decisions: [], accounts: new Set() },
      news: { freed: false, timers: false },
      batch,
    }
  }

  durable({ batch, written, news }: Target, { sizes }: Acknowledgement): void {
    this.recent.acknowledge(batch, written)
    const size = sizes[this.name]
    if (size === undefined || this.listeners.size === 0) return
    const event: StoreEvent = { lastSeq: size - 1, ...news }
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
