/**
 * A config node that holds a contract or a policy, from its own text or from a file.
 *
 * An artefact that cannot be used stops no deploy: the node says what is wrong, and the nodes that
 * need it answer each message with that.
 */
import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { ArtefactKind, ArtefactProblem } from '../../engine/artefact'
import { problemsText } from '../../engine/artefact'
import type { FaultCode } from '../../engine/faults'
import type { ArtefactRef } from '../../engine/lead/lead'
import { onFlowsStarted } from './flows-started'
import type { Def, Red, RedNode } from './red'
import { withTexts } from './texts'
import { usersOf, watchVersion } from './versions'

export interface ArtefactDef extends Def {
  readonly source: 'inline' | 'file'
  readonly file: string
  readonly text: string
}

export interface Loaded<T> {
  readonly value: T | undefined
  readonly problem: string | undefined
  readonly text: string
}

const FILE_BYTES_MAX = 4_000_000

/** Loads the artefact and reports every problem in the node's log. Never throws. */
export function loadArtefact<T extends { readonly ref: ArtefactRef }>(
  red: Red,
  node: RedNode & { readonly label: string },
  config: ArtefactDef,
  load: (text: string) => {
    readonly value: T | undefined
    readonly problems: readonly ArtefactProblem[]
  },
): Loaded<T> {
  const read = readText(red, config)
  if ('problem' in read) {
    node.error(`${config.name || config.type}: ${read.problem}`)
    showRefused(red, node)
    return { value: undefined, problem: read.problem, text: '' }
  }
  const { value, problems } = load(read.text)
  for (const { level, line, path, message } of problems) {
    const where = `${config.name || config.type}, line ${line ?? '?'}${path ? `, ${path}` : ''}`
    if (level === 'error') node.error(`${where}: ${message}`)
    else node.warn(`${where}: ${message}`)
  }
  if (value === undefined) showRefused(red, node)
  else watchVersion(red, node, CHOSEN_BY[node.type]!.setting, value.ref)
  return {
    value,
    problem: value === undefined ? problemsText(problems) : undefined,
    text: read.text,
  }
}

/** What chooses an artefact of this type, and what a node says that cannot use it. */
const CHOSEN_BY: Readonly<Record<string, { setting: ArtefactKind; fault: FaultCode }>> = {
  'lead-contract': { setting: 'contract', fault: 'LEAD_CONTRACT_INVALID' },
  'lead-policy': { setting: 'policy', fault: 'LEAD_POLICY_INVALID' },
}

/** The nodes that need the artefact say so at once, and not only when a lead comes. */
function showRefused(red: Red, artefact: RedNode): void {
  const { setting, fault } = CHOSEN_BY[artefact.type]!
  onFlowsStarted(red, artefact, () => {
    for (const { id } of usersOf(red, setting, artefact.id)) {
      const node = red.nodes.getNode(id) as RedNode | null
      node?.status({ fill: 'red', shape: 'ring', text: fault })
    }
  })
}

const WHY_UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EISDIR: 'it is a folder',
  EACCES: 'Node-RED may not read it',
}

function readText(
  red: Red,
  { source, file: named, text = '' }: ArtefactDef,
): { text: string } | { problem: string } {
  // A variable may hold it as JSON, which is YAML as well.
  if (source !== 'file') return { text: typeof text === 'string' ? text : JSON.stringify(text) }
  const file = withTexts(named)
  if (!file) return { problem: 'no file is named' }
  const path = isAbsolute(file) ? file : join(red.settings.userDir ?? process.cwd(), file)
  try {
    if (statSync(path).size > FILE_BYTES_MAX)
      return { problem: `the file ${file} is larger than ${FILE_BYTES_MAX} bytes` }
    return { text: readFileSync(path, 'utf8') }
  } catch (raw) {
    const code = (raw as NodeJS.ErrnoException).code
    const why = WHY_UNREADABLE[code ?? ''] ?? code ?? raw
    return { problem: `the file ${file} cannot be read: ${why} (looked for at ${path})` }
  }
}

/**
 * The editor's check-as-you-type: `POST <type>/check` with `{ text }` answers
 * `{ problems, summary }`. Registered once per type and process.
 */
export function serveCheck(red: Red, type: string, check: (text: string) => Promise<object>): void {
  red.httpAdmin.post(
    `/${type}/check`,
    red.auth.needsPermission(`${type}.read`),
    (request, response) => {
      const { text } = (request.body ?? {}) as { text?: unknown }
      if (typeof text !== 'string') {
        response.status(400).json({ error: 'expected { "text": "…" }' })
        return
      }
      check(text).then(
        (found) => response.json(found),
        () => response.status(500).json({ error: 'the text could not be checked' }),
      )
    },
  )
}
