/**
 * Goal: the scale-out flow in several containers takes each lead once, answers whoever asked, and
 * loses none when one of them is killed, or stopped while the database hangs.
 * Method: real Node-RED processes with the settings, credentials and environment of deploy/, on one
 * real PostgreSQL and a small MQTT 5 broker; the sender is MQTT.js.
 */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { type NodeRed, startNodeRed } from '../../scripts/lib/node-red-process.mjs'
import { at } from '../../scripts/lib/paths.mjs'
import { PostgresServer, SilentProxy } from '../store/postgres-server'
import { MqttBroker } from './mqtt-broker'
import { complaints, example, PATIENCE_MS, VERSIONS } from './support'

const LOGIN = { user: 'hub', password: 'open sesame' }
const SHARE = '$share/leads/leads/in'
const STOP_MS = 10_000
/** With a shorter lease, so that what a dead container carried is free sooner. */
const FLOW = example('scale-out/scale-out.json').map((node) =>
  node.type === 'lead-store' ? { ...node, lease: '2s' } : node,
)

interface Answer {
  readonly lead: string
  readonly state: string
  readonly owner: string | null
  readonly tier: string | null
  readonly repeated: boolean
}

function demo(person: string) {
  return {
    event_id: `demo-${person}`,
    email: `${person}@northgate.example`,
    company: 'Northgate',
    employees: 420,
    trigger: 'demo_request',
  }
}

/** Publishes with a response topic, and hears the answers, by the correlation data. */
class Sender {
  readonly #client: MqttClient
  readonly #topic: string
  readonly answers = new Map<string, Answer[]>()

  static async connect(broker: MqttBroker): Promise<Sender> {
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
      protocolVersion: 5,
      username: LOGIN.user,
      password: LOGIN.password,
    })
    const topic = `leads/answers/${client.options.clientId}`
    const sender = new Sender(client, topic)
    await client.subscribeAsync(topic, { qos: 1 })
    return sender
  }

  private constructor(client: MqttClient, topic: string) {
    this.#client = client
    this.#topic = topic
    client.on('message', (_topic, payload, { properties }) => {
      const key = String(properties?.correlationData)
      const answers = this.answers.get(key) ?? []
      this.answers.set(key, [...answers, JSON.parse(payload.toString())])
    })
  }

  async send(key: string, payload: unknown, topic = 'leads/in'): Promise<void> {
    await this.#client.publishAsync(topic, JSON.stringify(payload), {
      qos: 1,
      properties: { responseTopic: this.#topic, correlationData: Buffer.from(key) },
    })
  }

  /** The last answer to what was sent under this key. */
  answer(key: string): Answer | undefined {
    return this.answers.get(key)?.at(-1)
  }

  async end(): Promise<void> {
    await this.#client.endAsync()
  }
}

for (const version of VERSIONS) {
  describe(`scale-out flow in Node-RED ${version}`, function () {
    this.timeout(PATIENCE_MS)
    let server: PostgresServer
    let broker: MqttBroker
    let database: string
    let proxy: SilentProxy
    let sender: Sender
    const running = new Set<NodeRed>()
    const folders: string[] = []

    /** A container: its files are the image's, its settings the environment's. */
    async function container(port = server.port): Promise<NodeRed> {
      const userDir = mkdtempSync(join(tmpdir(), 'lead-container-'))
      folders.push(userDir)
      for (const file of ['settings.js', 'flows_cred.json'])
        copyFileSync(at('deploy', file), join(userDir, file))
      const nodeRed = await startNodeRed({
        version,
        userDir,
        settingsFile: join(userDir, 'settings.js'),
        flows: FLOW,
        env: {
          DATABASE_URL: server.url(database).replace(`:${server.port}/`, `:${port}/`),
          MQTT_HOST: '127.0.0.1',
          MQTT_PORT: String(broker.port),
          MQTT_USER: LOGIN.user,
          MQTT_PASSWORD: LOGIN.password,
        },
      })
      running.add(nodeRed)
      const members = running.size
      await nodeRed.until('its place in the share', () => broker.shares(SHARE).length === members)
      await nodeRed.until('it to be ready', async () => {
        const { status } = await nodeRed.get('/admin/lead-store/ready')
        return status === 200
      })
      return nodeRed
    }
    const gone = (nodeRed: NodeRed) => running.delete(nodeRed)
    const people = (name: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${name}${index}`)
    const sendAll = (names: readonly string[]) =>
      Promise.all(names.map((name) => sender.send(name, demo(name))))
    const unanswered = (names: readonly string[]) => names.filter((name) => !sender.answer(name))
    /**
     * As a sender does: again and again what has no answer, or one that says that the lead is safe
     * and still under way.
     */
    async function sendUntilAssigned(nodeRed: NodeRed, names: readonly string[]): Promise<void> {
      const open = () => names.filter((name) => sender.answer(name)?.state !== 'assigned')
      const sentAgain = async () => {
        await sendAll(open())
        return open().length === 0
      }
      await nodeRed.until('all to be assigned', sentAgain, { everyMs: 1_000 })
      assert.equal(new Set(names.map((name) => sender.answer(name)!.lead)).size, names.length)
      const rows = await server.query(
        `SELECT (SELECT count(*)::int FROM lead_qualification.leads) AS leads,
                (SELECT count(*)::int FROM lead_qualification.assignments) AS assignments`,
        server.url(database),
      )
      assert.deepEqual(rows, [{ leads: names.length, assignments: names.length }])
    }

    before(async function () {
      const started = await PostgresServer.start()
      if (started === undefined) return this.skip()
      server = started
    })
    beforeEach(async () => {
      database = (await server.database()).split('/').at(-1)!
      broker = await MqttBroker.start(LOGIN)
      proxy = await SilentProxy.start(server.port)
      sender = await Sender.connect(broker)
    })
    afterEach(async () => {
      await Promise.all([...running].map((nodeRed) => nodeRed.kill()))
      running.clear()
      await sender?.end()
      await broker?.stop()
      await proxy?.close()
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
    })
    after(() => server?.remove())

    it('shares the leads out, and takes each one once', async () => {
      const first = await container()
      const second = await container()
      const names = people('p', 20)
      await sendAll(names)
      await first.until('the answers', () => unanswered(names).length === 0)
      for (const name of names) {
        const { state, owner, tier, repeated } = sender.answer(name)!
        assert.deepEqual([state, tier, repeated], ['assigned', 'strong', false])
        assert.ok(['ana', 'ben', 'chloe'].includes(owner!))
      }
      assert.deepEqual(broker.shares(SHARE), [10, 10])

      const before = sender.answer('p0')!
      await sender.send('again', demo('p0'))
      const again = await first.until('the answer', () => sender.answer('again'))
      assert.deepEqual(again, { ...before, repeated: true })
      // Over HTTP too, and from the other one.
      const { status, body } = await second.post('/hub/leads', demo('p0'))
      assert.deepEqual([status, body], [200, again])

      const report = { lead: before.lead, kind: 'first_touch', evidence: 'call', by: 'ana' }
      await sender.send('report', report, 'leads/outcomes')
      const recorded = await first.until('the record', () => sender.answer('report'))
      assert.equal((recorded as unknown as { sla: string }).sla, 'met')
      const late = await second.post('/hub/outcomes', { lead: before.lead, kind: 'first_touch' })
      assert.deepEqual([late.status, late.body.recorded], [409, false])
      const { text } = await second.get(`/hub/leads/${before.lead}/explain`)
      assert.equal(text.match(/Routed: assigned/g)?.length, 1, text)
      assert.deepEqual(complaints(first.log() + second.log()), [])
    })

    it('says what is wrong with what is no lead, to whoever may hear it', async () => {
      const nodeRed = await container()
      await sender.send('junk', 'not a lead')
      const answer = await nodeRed.until('the answer', () => sender.answer('junk'))
      assert.equal(answer.state, 'rejected')
      await sender.send('unknown', { lead: 'nobody', kind: 'closed' }, 'leads/outcomes')
      const fault = await nodeRed.until('the fault', () => sender.answer('unknown'))
      assert.equal((fault as unknown as { code: string }).code, 'LEAD_NOT_FOUND')
    })

    it('goes on when one of them is killed: the sender sends again what was not answered', async () => {
      const victim = await container()
      const other = await container()
      const names = people('k', 60)
      const sending = sendAll(names)
      await other.until('the first answers', () => unanswered(names).length < 50, { everyMs: 5 })
      gone(victim)
      await victim.kill()
      await sending
      await sendUntilAssigned(other, names)
    })

    it('stops in time, with leads under way and a database that does not answer', async () => {
      const hung = await container(proxy.port)
      const names = people('s', 30)
      const sending = sendAll(names)
      await hung.until('the first answer', () => unanswered(names).length < 30, { everyMs: 5 })
      proxy.hush()
      gone(hung)
      assert.equal(await hung.stop({ timeoutMs: STOP_MS }), 0, hung.lastLines())
      await sending
      const next = await container()
      await sendUntilAssigned(next, names)
    })
  })
}
