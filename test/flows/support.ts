/** What the tests of the flows share: the example files, real Node-REDs, and variants of a policy. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NodeRed, startNodeRed } from '../../scripts/lib/node-red-process.mjs'
import { at } from '../../scripts/lib/paths.mjs'

export const VERSIONS = ['5', '4'] as const

/** A start on a busy machine takes a while; every wait inside has a deadline of its own. */
export const PATIENCE_MS = 180_000

export interface FlowNode {
  readonly id: string
  readonly type: string
  readonly name?: string
  readonly [property: string]: unknown
}

/** Paths of all examples, relative to flows/. */
export function exampleFiles(): string[] {
  return readdirSync(at('flows'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.json'))
    .sort()
}

export function exampleText(file: string): string {
  return readFileSync(at('flows', file), 'utf8')
}

/** The nodes of one or more examples as one flow file: the shared global-config comes once. */
export function example(...files: string[]): FlowNode[] {
  const nodes = files.flatMap((file) => JSON.parse(exampleText(file)) as FlowNode[])
  return [...new Map(nodes.map((node) => [node.id, node])).values()]
}

/** The same flow with every text of `from` in its contracts and policies replaced. */
export function edited(flow: readonly FlowNode[], from: string, to: string): FlowNode[] {
  let found = false
  const changed = flow.map((node) => {
    if (typeof node.text !== 'string' || !node.text.includes(from)) return node
    found = true
    return { ...node, text: node.text.replaceAll(from, to) }
  })
  if (!found) throw new Error(`no contract or policy holds the text ${from}`)
  return changed
}

export function nodeNamed(flow: readonly FlowNode[], name: string): FlowNode {
  const node = flow.find((one) => one.name === name)
  if (node === undefined) throw new Error(`the flow has no node "${name}"`)
  return node
}

/** What Node-RED and the nodes complain about; a clean deploy gives nothing. */
export function complaints(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => /\[error\]|\[warn\] \[|Warning:|Unhandled|Uncaught/.test(line))
}

/** A Node-RED that a test stops and starts again; everything ends with `end`. */
export class Place {
  readonly userDir = mkdtempSync(join(tmpdir(), 'lead-flows-'))
  nodeRed: NodeRed | undefined

  async start(flows?: readonly FlowNode[], version: '5' | '4' = '5'): Promise<NodeRed> {
    this.nodeRed = await startNodeRed({
      version,
      userDir: this.userDir,
      ...(flows === undefined ? {} : { flows }),
    })
    return this.nodeRed
  }

  async end(): Promise<void> {
    await this.nodeRed?.kill()
    rmSync(this.userDir, { recursive: true, force: true })
  }
}
