/** A store of either kind for a benchmark, empty, and gone when the benchmark is over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../../store/store'
import { PostgresServer } from '../../test/store/postgres-server'
import { built } from './built'

export type StoreKind = 'sqlite' | 'postgres'

export interface BenchStore {
  readonly kind: StoreKind
  /** Settings of a lead-store node. */
  readonly settings: object
  /** Environment of the Node-RED that has this node. */
  readonly env: Readonly<Record<string, string>>
  /** In this process; a file may only be open in one. */
  open(): Promise<Store>
}

const DATABASE = 'LEADS_DATABASE'

/** Runs `work` with a new store. Throws when there is no PostgreSQL for this platform. */
export function withStore<T>(kind: StoreKind, work: (store: BenchStore) => Promise<T>): Promise<T> {
  return kind === 'sqlite' ? withFile(work) : withServer(work)
}

async function withFile<T>(work: (store: BenchStore) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-store-'))
  const file = join(folder, 'leads.db')
  const { SqliteStore } = built<typeof import('../../store/sqlite/sqlite-store')>(
    'store/sqlite/sqlite-store',
  )
  try {
    return await work({
      kind: 'sqlite',
      settings: { file },
      env: {},
      open: async () => SqliteStore.open(file, 'live'),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function withServer<T>(work: (store: BenchStore) => Promise<T>): Promise<T> {
  const { PostgresStore } = built<typeof import('../../store/postgres/postgres-store')>(
    'store/postgres/postgres-store',
  )
  const server = await PostgresServer.start()
  if (server === undefined) throw new Error('there is no PostgreSQL for this platform')
  try {
    const url = await server.database()
    return await work({
      kind: 'postgres',
      settings: { backend: 'postgres', connect: 'env', url: DATABASE },
      env: { [DATABASE]: url },
      open: () => PostgresStore.open({ connectionString: url }, 'live'),
    })
  } finally {
    await server.remove()
  }
}
