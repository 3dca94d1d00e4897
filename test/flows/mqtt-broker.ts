/**
 * A small MQTT 5 broker for tests, as far as the scale-out flow needs one: user and password, QoS 0
 * and 1, plain and shared subscriptions without wildcards, response topic and correlation data.
 *
 * By OASIS MQTT 5.0: one member of a share gets a message, in turns (4.8.2), and what a member had
 * not acknowledged when its connection broke goes to another one (4.8.2, QoS 1). Sessions end with
 * their connection; what nobody subscribes to is dropped.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet'

const V5 = { protocolVersion: 5 }
const NOT_AUTHORISED = 0x87

class Session {
  readonly topics = new Set<string>()
  readonly #socket: Socket
  readonly #underway = new Map<number, IPublishPacket>()
  #lastId = 0
  /** How many messages it got. */
  received = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  write(packet: Packet): void {
    if (this.#socket.writable) this.#socket.write(generate(packet, V5))
  }

  deliver(message: IPublishPacket): void {
    this.received++
    this.#lastId = (this.#lastId % 65_535) + 1
    const packet = { ...message, messageId: this.#lastId, retain: false, dup: false }
    if (message.qos > 0) this.#underway.set(this.#lastId, message)
    this.write(packet)
  }

  acknowledged(messageId: number | undefined): void {
    this.#underway.delete(messageId!)
  }

  /** What is not acknowledged yet; it goes to somebody else when the connection breaks. */
  unacknowledged(): IPublishPacket[] {
    return [...this.#underway.values()]
  }

  end(): void {
    this.#socket.destroy()
  }
}

export class MqttBroker {
  readonly #server: Server
  readonly #login: { readonly user: string; readonly password: string }
  readonly #sessions = new Set<Session>()
  readonly #turns = new Map<string, number>()
  readonly port: number

  static async start(login: { user: string; password: string }): Promise<MqttBroker> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    return new MqttBroker(server, login, port)
  }

  private constructor(server: Server, login: { user: string; password: string }, port: number) {
    this.#server = server
    this.#login = login
    this.port = port
    server.on('connection', (socket) => {
      this.#take(socket)
    })
  }

  /** How many messages each member of a share got, in the order in which they subscribed. */
  shares(filter: string): number[] {
    return this.#members(filter).map(({ received }) => received)
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.end()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #members(filter: string): Session[] {
    return [...this.#sessions].filter(({ topics }) => topics.has(filter))
  }

  #take(socket: Socket): void {
    const session = new Session(socket)
    const packets = parser(V5)
    packets.on('packet', (packet) => {
      this.#answer(session, packet)
    })
    packets.on('error', () => session.end())
    socket.on('data', (chunk) => packets.parse(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#sessions.delete(session)
      for (const message of session.unacknowledged()) this.#publish(message)
    })
  }

  #answer(session: Session, packet: Packet): void {
    switch (packet.cmd) {
      case 'connect': {
        const { user, password } = this.#login
        const welcome =
          packet.protocolVersion === 5 &&
          packet.username === user &&
          packet.password?.toString() === password
        session.write({
          cmd: 'connack',
          reasonCode: welcome ? 0 : NOT_AUTHORISED,
          sessionPresent: false,
        })
        if (welcome) this.#sessions.add(session)
        else session.end()
        return
      }
      case 'subscribe':
        for (const { topic } of packet.subscriptions) session.topics.add(topic)
        session.write({
          cmd: 'suback',
          messageId: packet.messageId!,
          granted: packet.subscriptions.map(({ qos }) => qos),
        })
        return
      case 'unsubscribe':
        for (const topic of packet.unsubscriptions) session.topics.delete(topic)
        session.write({ cmd: 'unsuback', messageId: packet.messageId!, granted: [0] })
        return
      case 'publish':
        if (packet.qos > 0)
          session.write({ cmd: 'puback', messageId: packet.messageId!, reasonCode: 0 })
        this.#publish(packet)
        return
      case 'puback':
        session.acknowledged(packet.messageId)
        return
      case 'pingreq':
        session.write({ cmd: 'pingresp' })
        return
      case 'disconnect':
        session.end()
    }
  }

  #publish(message: IPublishPacket): void {
    const filters = new Set([...this.#sessions].flatMap(({ topics }) => [...topics]))
    for (const filter of filters) {
      const shared = filter.match(/^\$share\/[^/]+\/(.+)$/)?.[1]
      if ((shared ?? filter) !== message.topic) continue
      const members = this.#members(filter)
      if (shared === undefined) for (const member of members) member.deliver(message)
      else members[this.#turn(filter) % members.length]!.deliver(message)
    }
  }

  #turn(filter: string): number {
    const turn = this.#turns.get(filter) ?? 0
    this.#turns.set(filter, turn + 1)
    return turn
  }
}
