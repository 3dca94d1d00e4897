/**
 * Says when a version of a contract or policy is another text than it was: in the trail `1.2.0` then
 * means two things. A version belongs to the text that was first used as it, so going back to an
 * earlier version is nothing to say, nor is a text that decided nothing yet. It only says so: leads go on.
 */
import {
  type ArtefactKind,
  type ArtefactProblem,
  parseArtefact,
  warning,
} from '../../engine/artefact'
import { iso } from '../../engine/instant'
import type { ArtefactRef } from '../../engine/lead/lead'
import type { FirstUse } from '../../store/store'
import { configNode, type StoreNode } from './config-nodes'
import { onFlowsStarted } from './flows-started'
import type { Red, RedNode } from './red'
import { statusOf } from './status'

/** Another container may begin to use another text at any time. */
const LOOK_EVERY_MS = 300_000

interface User {
  readonly id: string
  /** The id of its lead-store; the scorers have none. */
  readonly store: string | undefined
}

/** The nodes that use the contract or policy with this id. */
export function usersOf(red: Red, kind: ArtefactKind, artefactId: string): User[] {
  const users: User[] = []
  red.nodes.eachNode((one) => {
    const { id, type, store, ...settings } = one as typeof one & { readonly store?: string }
    const chosen = (settings as Record<string, unknown>)[kind]
    if (type.startsWith('lead-') && chosen === artefactId)
      users.push({ id, store: store || undefined })
  })
  return users
}

/** Warns once in the log of the config node, and shows it at the nodes that use it as long as it holds. */
export function watchVersion(
  red: Red,
  artefact: RedNode & { readonly label: string },
  kind: ArtefactKind,
  ref: ArtefactRef,
): void {
  const warned = new Set<string>()
  let looking = false
  let closed = false
  const look = async () => {
    if (looking) return
    looking = true
    try {
      const users = usersOf(red, kind, artefact.id)
      let any = false
      for (const id of new Set(users.map(({ store }) => store))) {
        const open = configNode<StoreNode>(red, id)
        if (open === undefined || isTrial(open.store)) continue
        const former = otherText(await open.store.firstUse(kind, ref), ref)
        if (closed) return
        any ||= former !== undefined
        remark(
          red,
          users.filter((user) => user.store === id),
          former && ref,
        )
        if (former === undefined || warned.has(open.id)) continue
        warned.add(open.id)
        artefact.warn(`${artefact.label}: ${sentence(kind, ref, former)} (store ${open.label})`)
      }
      const without = users.filter(({ store }) => store === undefined)
      remark(red, without, any ? ref : undefined)
    } catch {
      // The store says itself that it is away or closed, and it is looked at again.
    } finally {
      looking = false
    }
  }
  onFlowsStarted(red, artefact, () => void look())
  const regular = setInterval(() => void look(), LOOK_EVERY_MS).unref()
  artefact.on('close', () => {
    closed = true
    clearInterval(regular)
  })
}

/** For the editor's check: what the open stores that are deployed know of this version. */
export async function versionProblems(
  red: Red,
  kind: ArtefactKind,
  text: string,
  ref: ArtefactRef,
): Promise<ArtefactProblem[]> {
  const asked: Promise<FirstUse | undefined>[] = []
  red.nodes.eachNode(({ id, type }) => {
    const open = type === 'lead-store' ? configNode<StoreNode>(red, id) : undefined
    // Nobody who types waits for a store that is away.
    if (open?.store.health.presence !== 'open') return
    asked.push(open.store.firstUse(kind, ref).catch(() => undefined))
  })
  const former = (await Promise.all(asked)).find((one) => otherText(one, ref) !== undefined)
  if (former === undefined) return []
  return [parseArtefact(text).locate(warning(['version'], sentence(kind, ref, former)))]
}

/** There drafts are tried under one version after the other. */
function isTrial({ realm }: StoreNode['store']): boolean {
  return realm.startsWith('sim:') || realm.startsWith('shadow:')
}

function otherText(first: FirstUse | undefined, { hash }: ArtefactRef): FirstUse | undefined {
  return first === undefined || first.hash === hash ? undefined : first
}

function sentence(kind: ArtefactKind, { name, version }: ArtefactRef, { atMs }: FirstUse): string {
  const since = iso(atMs).slice(0, 16)
  return `the ${kind} ${name} ${version} is another text than the one in use as ${version} since ${since}Z; raise the version, so that each means one text`
}

function remark(red: Red, users: readonly User[], ref: ArtefactRef | undefined): void {
  for (const { id } of users) {
    const node = red.nodes.getNode(id) as RedNode | null
    if (node === null) continue
    statusOf(node)?.remark(ref && `${ref.version} was another text`)
  }
}
