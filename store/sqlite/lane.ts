/**
 * The way to the writer. In a thread, so that SQLite and the disk never hold up the flows; for an
 * in-memory database, which no other thread could see, on the spot.
 */
import type { Acknowledgement, Batch } from './batch'
import type { Database } from './database'
import { startThread } from './thread'
import { Writer } from './writer'

export interface Lane {
  send(batch: Batch): void
  close(): Promise<void>
}

export interface LaneEvents {
  readonly acknowledged: (ack: Acknowledgement) => void
  /** The writer is gone; nothing that was not acknowledged is known to be on disk. */
  readonly broken: (error: Error) => void
}

export function openLane(database: Database, events: LaneEvents): Lane {
  return database.file === ':memory:'
    ? sameThread(database, events)
    : ownThread(database.file, events)
}

function sameThread(database: Database, { acknowledged }: LaneEvents): Lane {
  const writer = new Writer(database)
  return {
    send: (batch) => {
      const ack = writer.write(batch)
      setImmediate(() => {
        acknowledged(ack)
      })
    },
    close: async () => {},
  }
}

function ownThread(file: string, { acknowledged, broken }: LaneEvents): Lane {
  const worker = startThread('writer-thread', file)
  let closing = false
  worker.on('message', acknowledged)
  worker.on('error', broken)
  const gone = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      if (!closing) broken(new Error(`the writer of ${file} ended with ${code}`))
      resolve()
    })
  })
  return {
    send: (batch) => {
      worker.postMessage(batch)
    },
    close: () => {
      closing = true
      worker.postMessage('close')
      return gone
    },
  }
}
