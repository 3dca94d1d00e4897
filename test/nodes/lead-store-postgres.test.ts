// Goal: a flow on PostgreSQL keeps every lead while the server is away, says so, and goes on by
// itself; wrong settings are told without giving anything away. Method: the nodes in a real
// Node-RED runtime on a real server that is stopped and started; a proxy where that is too slow.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lead } from '../../engine/lead/lead'
import { nameOf, postgresOptions } from '../../nodes/lead-store/config'
import type { StoreNode } from '../../nodes/shared/config-nodes'
import type { Red, RedNode } from '../../nodes/shared/red'
import { PASSWORD, PostgresServer, SilentProxy } from '../store/postgres-server'
import {
  Clock,
  type FlowNode,
  HOUR,
  leadNode,
  leadOf,
  RECORD,
  type Rig,
  start,
  stop,
  tidyUp,
} from './support'

describe('lead-store on PostgreSQL', () => {
  tidyUp()
  let server: PostgresServer
  let proxy: SilentProxy
  let database = ''

  before(async function () {
    const started = await PostgresServer.start()
    if (started === undefined) return this.skip()
    server = started
  })
  after(() => server?.remove())
  beforeEach(async () => {
    database = (await server.database()).split('/').at(-1)!
    proxy = await SilentProxy.start(server.port)
  })
  afterEach(async () => {
    await stop()
    await proxy.close()
    delete process.env.LEADS_URL
  })

  const FLOW = [
    ...leadNode('ingest', 'lead-ingest', {}, { lead: ['dedupe'] }),
    ...leadNode('dedupe', 'lead-dedupe'),
    ...leadNode('audit', 'lead-audit'),
  ]
  const storeNode = (own: object = {}): FlowNode => ({
    id: 'store',
    type: 'lead-store',
    name: '',
    backend: 'postgres',
    file: '',
    realm: 'live',
    connect: 'fields',
    host: '127.0.0.1',
    port: String(proxy.port),
    database,
    user: 'postgres',
    tls: 'off',
    lease: '2s',
    ...own,
  })
  const run = (own: object = {}, password = PASSWORD) =>
    start(FLOW, { configs: [storeNode(own)], credentials: { store: { password } } })
  const presence = (rig: Rig) => (rig.node('store') as unknown as StoreNode).store.health.presence
  const event = (n: number) => ({
    payload: { ...RECORD, email: `p${n}@x.example`, event_id: `${n}` },
  })
  const nothingSaid = (rig: Rig) => {
    const said = JSON.stringify([rig.logged(), rig.warned(), rig.statuses, rig.caught])
    assert.ok(!/sesame|shut/.test(said), said)
  }

  it('takes leads by its settings, and by a connection string in the environment', async () => {
    process.env.LEADS_URL = server.url(database)
    for (const [n, own] of [
      {},
      { connect: 'env', url: 'LEADS_URL', host: 'nobody.invalid' },
    ].entries()) {
      const rig = await run(own, n === 0 ? PASSWORD : '')
      await rig.send('ingest', event(n))
      await rig.until('the lead', () => rig.out('dedupe', 'new').length === 1)
      assert.equal((await rig.store.census()).underway, 0)
      await stop()
    }
  })

  it('holds leads while the server is away, and goes on when it is back', async () => {
    const rig = await run()
    await rig.send('ingest', event(0))
    // Else it may wait at lead-dedupe with the twenty.
    await rig.until('the first', () => rig.out('dedupe', 'new').length === 1)
    proxy.refuse()
    await rig.until('the status', () => rig.status('dedupe')?.text === 'LEAD_STORE_UNAVAILABLE')
    assert.equal(rig.status('ingest')?.fill, 'red')
    const before = rig.completions.length
    for (let n = 1; n <= 20; n++) rig.node('ingest').receive(event(n))
    await rig.until(
      'them to wait',
      () => (rig.node('store') as unknown as StoreNode).store.health.waiting === 20,
    )
    assert.equal(rig.completions.length, before, 'none is done, none is refused')
    proxy.accept()
    await rig.until('them all', () => rig.out('dedupe', 'new').length === 21)
    assert.equal((await rig.store.census()).underway, 0)
    // They are begun in their order; with several connections some end before others.
    const emails = rig.out('ingest', 'lead').map(({ payload }) => (payload as Lead).contact.email)
    assert.deepEqual(emails.sort(), Array.from({ length: 21 }, (_, n) => `p${n}@x.example`).sort())
    await rig.until('the status', () => rig.status('dedupe')?.fill === 'green')
    assert.equal(rig.caught.length, 0)
    assert.equal(rig.logged().length, 1, 'said once')
    nothingSaid(rig)
  })

  it('tells a waiting HTTP client to come again', async () => {
    const rig = await run()
    await rig.send('ingest', event(0))
    proxy.refuse()
    await rig.until('the outage', () => presence(rig) === 'away')
    const res = { _res: true }
    await rig.refused('ingest', { ...event(1), req: {}, res }, 'LEAD_STORE_UNAVAILABLE')
    const [caught] = rig.caught
    assert.equal(caught!.statusCode, 503)
    assert.equal(caught!.headers['retry-after'], '10')
    await rig.refused('audit', { command: 'census' }, 'LEAD_STORE_UNAVAILABLE')
    proxy.accept()
    await rig.until('the end of it', () => presence(rig) === 'open')
    await rig.send('ingest', event(1))
    await rig.until('the lead', () => rig.out('dedupe', 'new').length === 2)
  })

  it('starts before the server does', async () => {
    proxy.refuse()
    const rig = await run()
    rig.node('ingest').receive(event(1))
    await rig.until('the outage', () => presence(rig) === 'away')
    proxy.accept()
    await rig.until('the lead', () => rig.out('dedupe', 'new').length === 1)
  })

  it('what fell due while nobody ran is told at the start, by a node that is new as well', async () => {
    const flow = (id: string) => [
      ...leadNode('route', 'lead-route-by-capacity', {}, { assigned: [id] }),
      ...leadNode(id, 'lead-sla-timer'),
    ]
    const clock = new Clock()
    const options = {
      clock,
      configs: [storeNode()],
      credentials: { store: { password: PASSWORD } },
    }
    const rig = await start(flow('sla'), options)
    await rig.send('route', { payload: leadOf({}, clock.nowMs) })
    await rig.until('the clock', () => rig.out('sla', 'started').length === 1)
    // Every entry has its place, so that no news of them will come at the next start.
    await rig.store.verify()
    await stop()
    clock.forward(HOUR)
    const later = await start(flow('heir'), options)
    assert.equal(presence(later), 'opening')
    await later.until('the breach', () => later.out('heir', 'breach').length === 1)
    assert.deepEqual(later.counts('heir'), { reminder: 1, breach: 1 })
    assert.deepEqual(later.logged(), [])
  })

  it('a restart of the server loses nothing', async () => {
    const rig = await run()
    for (let n = 0; n < 60; n++) {
      rig.node('ingest').receive(event(n))
      if (n === 20) await server.stop()
      if (n === 40) await server.again()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await rig.until('them all', () => rig.out('dedupe', 'new').length >= 60)
    assert.deepEqual(rig.counts('dedupe'), { new: 60 })
    const { ok, entries } = await rig.store.verify()
    assert.deepEqual([ok, entries], [true, 120])
  })

  for (const [name, own, says, password] of [
    ['a wrong password', {}, /password authentication failed/, 'shut'],
    ['an unknown database', { database: 'nowhere' }, /"nowhere" does not exist/],
    ['encryption that the server has not', { tls: 'on' }, /SSL/],
  ] as const) {
    it(`${name} is refused with the reason, and without the password`, async () => {
      const rig = await run(own, password)
      await rig.until('the refusal', () => presence(rig) === 'refused')
      await rig.refused('ingest', event(1), 'LEAD_STORE_UNAVAILABLE')
      assert.match(rig.caught[0]!.error.message, says)
      assert.match(rig.logged()[0]!, says)
      nothingSaid(rig)
    })
  }

  it('is there when a refused user is let in', async () => {
    await server.query("CREATE ROLE late LOGIN PASSWORD 'other'")
    await server.query(`GRANT ALL ON DATABASE ${database} TO late`)
    const rig = await run({ user: 'late' })
    await rig.until('the refusal', () => presence(rig) === 'refused')
    await server.query(`ALTER ROLE late PASSWORD '${PASSWORD}'`)
    await rig.until('the store', () => presence(rig) === 'open')
    await rig.send('ingest', event(1))
    assert.equal(rig.out('ingest', 'lead').length, 1)
  })

  describe('settings', () => {
    const red = {
      settings: {},
      util: { evaluateNodeProperty: (name: string) => process.env[name] },
    } as unknown as Red
    const options = (own: object, password = '') =>
      postgresOptions(
        red,
        { credentials: { password } } as unknown as RedNode,
        { ...storeNode(own), name: 'leads' } as never,
      )
    for (const [name, own, says] of [
      ['a port that is none', { port: 'x' }, /"port".*"x" is not a port/],
      ['a lease that is none', { lease: 'soon' }, /"lease".*"soon"/],
      ['a lease that is too short', { lease: '10ms' }, /"lease"/],
      ['no connections', { connections: '0' }, /"connections".*from 1 to 200/],
      [
        'a variable that is not set',
        { connect: 'env', url: 'LEADS_URL' },
        /"LEADS_URL" is not set/,
      ],
      ['a certificate that is not there', { tls: 'on', ca: '/nowhere.pem' }, /nowhere.pem.*ENOENT/],
    ] as const) {
      it(`${name} cannot be used`, () => {
        assert.throws(
          () => options(own),
          (raw: Error & { code?: string }) => {
            assert.equal(raw.code, 'LEAD_CONFIG_INVALID')
            assert.match(raw.message, says)
            return true
          },
        )
      })
    }
    it('name the CA file from the user directory', () => {
      const userDir = mkdtempSync(join(tmpdir(), 'lead-ca-'))
      writeFileSync(join(userDir, 'ca.pem'), 'the certificate')
      const inUserDir = { ...red, settings: { userDir } } as unknown as Red
      const own = { ...storeNode({ tls: 'on', ca: 'ca.pem' }), name: 'leads' } as never
      const { ssl } = postgresOptions(inUserDir, {} as unknown as RedNode, own)
      rmSync(userDir, { recursive: true })
      assert.deepEqual(ssl, { ca: 'the certificate' })
    })
    it('become those of the driver', () => {
      assert.deepEqual(
        options({ port: '', schema: 's', connections: '3', lease: '30s', tls: 'unchecked' }, 'pw'),
        {
          schema: 's',
          poolMax: 3,
          leaseMs: 30_000,
          host: '127.0.0.1',
          database,
          user: 'postgres',
          password: 'pw',
          ssl: { rejectUnauthorized: false },
        },
      )
    })
    it('name the store without its secrets', () => {
      const name = (own: object) => nameOf({ ...storeNode(own), database: 'leads' } as never)
      assert.equal(name({}), '127.0.0.1/leads')
      assert.equal(name({ connect: 'env', url: 'LEADS_URL' }), '$LEADS_URL')
      assert.equal(name({ backend: 'sqlite' }), 'leads.db')
    })
    it('with the connection where the name of its variable belongs give nothing away', () => {
      const own = { connect: 'env', url: 'postgres://ana:s3cr3t/@p@db.example:5432/leads' }
      assert.equal(nameOf(storeNode(own) as never), '$postgres://***@db.example:5432/leads')
      assert.throws(
        () => options(own),
        ({ message }: Error) =>
          /db\.example.*is not set/.test(message) && !/s3cr3t|ana/.test(message),
      )
    })
  })
})
