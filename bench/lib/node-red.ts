/** The real Node-RED of scripts/lib, as a benchmark uses it. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export const ROOT = join(__dirname, '..', '..')

export interface Answer {
  readonly status: number
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the flow answers
  readonly body: any
}

export interface NodeRed {
  readonly url: string
  readonly port: number
  readonly userDir: string
  get(path: string, options?: { timeoutMs?: number }): Promise<Answer>
  post(path: string, body?: unknown, options?: { timeoutMs?: number }): Promise<Answer>
  log(): string
  lastLines(count?: number): string
  stop(options?: { timeoutMs?: number }): Promise<number | null>
  deploy(flows: readonly object[]): Promise<void>
  /** SIGKILL. */
  kill(): Promise<number | null>
}

export interface StartOptions {
  readonly flows?: readonly object[]
  /** Kept; without it a temporary one is made, which `stop()` removes. */
  readonly userDir?: string
  readonly port?: number
  readonly timeoutMs?: number
  readonly settings?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

/** Starts Node-RED 5. */
export async function startNodeRed(options: StartOptions): Promise<NodeRed> {
  const file = join(ROOT, 'scripts', 'lib', 'node-red-process.mjs')
  const module = (await import(pathToFileURL(file).href)) as {
    startNodeRed(options: object): Promise<NodeRed>
  }
  return module.startNodeRed({ version: '5', ...options })
}

/** Lines of the log in which a node reported an error, without time and repetition. */
export function errorLines(nodeRed: Pick<NodeRed, 'log'>): string[] {
  const lines = nodeRed
    .log()
    .split('\n')
    .flatMap((line) => line.split(' - [error] ')[1] ?? [])
  return [...new Set(lines)]
}
