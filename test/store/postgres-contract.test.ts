// Goal: the shared store keeps the promises of every store. What only a server shows (racing
// containers, a connection that breaks) is in postgres.test.ts.
import { PostgresStore } from '../../store/postgres/postgres-store'
import type { Store } from '../../store/store'
import { describeStore } from './contract'
import { PostgresServer } from './postgres-server'

describe('PostgreSQL', () => {
  let server: PostgresServer | undefined
  let url = ''
  const opened: Store[] = []

  before(async function () {
    server = await PostgresServer.start()
    if (server === undefined) this.skip()
  })
  beforeEach(async () => {
    url = await server!.database()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
  })
  after(() => server?.remove())

  async function open(realm = 'live'): Promise<Store> {
    const store = await PostgresStore.open({ connectionString: url }, realm)
    opened.push(store)
    return store
  }

  // A server takes a while for what a file does at once; a few runs are as telling.
  describeStore('PostgreSQL', open, { runs: 3 })
})
