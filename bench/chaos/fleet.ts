/** The Node-REDs of a run: each with a user directory and a port that outlive its process. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorLines, type NodeRed, ROOT, startNodeRed } from '../lib/node-red'
import type { Told } from './findings'

export interface FleetOptions {
  readonly folder: string
  readonly ports: readonly number[]
  readonly flows: readonly object[]
  readonly env: Readonly<Record<string, string>>
}

interface Place {
  readonly userDir: string
  readonly port: number
  nodeRed: NodeRed | undefined
  coming: Promise<void> | undefined
}

const START_MS_MAX = 120_000

export class Fleet {
  readonly #options: FleetOptions
  readonly #places: readonly Place[]
  /** What nodes complained about, without repetition. */
  readonly complaints = new Set<string>()
  /** Starts that did not come about, with their reason. */
  readonly failedStarts: string[] = []
  #ended = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#places = options.ports.map((port, index) => ({
      userDir: join(options.folder, `worker-${index + 1}`),
      port,
      nodeRed: undefined,
      coming: undefined,
    }))
  }

  get urls(): readonly string[] {
    return this.#places.map(({ port }) => `http://127.0.0.1:${port}`)
  }

  async start(): Promise<void> {
    await Promise.all(this.#places.map((place) => this.#start(place, true)))
  }

  /** Kills one of those that run, and has it started again; false when none runs. */
  async kill(victim: number): Promise<boolean> {
    const running = this.#places.filter(({ nodeRed }) => nodeRed !== undefined)
    const place = running[victim % Math.max(1, running.length)]
    if (place === undefined) return false
    const { nodeRed } = place
    place.nodeRed = undefined
    await nodeRed!.kill()
    this.#listen(nodeRed!)
    place.coming = this.#start(place, false)
    return true
  }

  /** Resolves when everybody runs. */
  async up(): Promise<void> {
    await Promise.all(this.#places.map(({ coming }) => coming))
  }

  async stop(): Promise<void> {
    this.#ended = true
    await this.up()
    await Promise.all(
      this.#places.map(async ({ nodeRed }) => {
        await nodeRed?.stop()
        if (nodeRed !== undefined) this.#listen(nodeRed)
      }),
    )
  }

  /** What the recorders wrote. A process that is killed cuts off no line; see bench-recorder. */
  told(): Told[] {
    return this.#places.flatMap((place) =>
      readFileSync(recordOf(place), { encoding: 'utf8', flag: 'a+' })
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Told),
    )
  }

  async #start(place: Place, isFirst: boolean): Promise<void> {
    const { flows, env } = this.#options
    for (let first = isFirst; !this.#ended; ) {
      try {
        place.nodeRed = await startNodeRed({
          ...(first ? { flows } : {}),
          userDir: place.userDir,
          port: place.port,
          settings: { nodesDir: join(ROOT, 'bench', 'nodes') },
          env: { ...env, BENCH_RECORD: recordOf(place) },
          timeoutMs: START_MS_MAX,
        })
        return
      } catch (raw) {
        if (first) throw raw
        this.failedStarts.push((raw as Error).message)
        first = false
      }
    }
  }

  #listen(nodeRed: NodeRed): void {
    for (const line of errorLines(nodeRed)) this.complaints.add(line)
  }
}

function recordOf({ userDir }: Place): string {
  return join(userDir, 'told.jsonl')
}
