import { type Asking, together } from '../../engine/asking'
import { loadPolicy } from '../../engine/policy/load'
import type { Policy } from '../../engine/policy/policy'
import type { Reads } from '../../engine/step'
import { talliesOf } from '../../engine/steps/route'
import { type ArtefactDef, loadArtefact, serveCheck } from '../shared/artefact-node'
import { configNode, type PolicyNode, type StoreNode } from '../shared/config-nodes'
import type { Red } from '../shared/red'
import { versionProblems } from '../shared/versions'
import { type LiveState, previewPolicy } from './preview'
import { summarisePolicy } from './summary'

export = function register(red: Red): void {
  function LeadPolicy(
    this: PolicyNode & {
      label: string
      policy?: Policy | undefined
      problem?: string | undefined
      text: string
    },
    config: ArtefactDef,
  ) {
    red.nodes.createNode(this, config)
    this.label = config.name || 'policy'
    const { value, problem, text } = loadArtefact(red, this, config, (source) => {
      const { policy, problems } = loadPolicy(source)
      return { value: policy, problems }
    })
    this.policy = value
    this.problem = problem
    this.text = text
  }
  red.nodes.registerType('lead-policy', LeadPolicy as never)
  serveCheck(red, 'lead-policy', (text) => check(red, text))
  servePreview(red)
}

/**
 * `POST lead-policy/preview` with `{ text, pool?, store? }` answers what the policy would do now, on
 * the open work of the deployed lead-store with that id, if it is open; see ./preview.
 */
function servePreview(red: Red): void {
  red.httpAdmin.post(
    '/lead-policy/preview',
    red.auth.needsPermission('lead-policy.read'),
    (request, response) => {
      void answer(red, request.body).then(
        (found) => response.json(found),
        () => response.status(500).json({ error: 'the preview could not be made' }),
      )
    },
  )
}

async function answer(red: Red, body: unknown): Promise<object> {
  const { text, store, ...asked } = (body ?? {}) as Record<string, unknown>
  const { policy, problems } = loadPolicy(typeof text === 'string' ? text : '')
  if (policy === undefined) return { problems }
  const open = typeof store === 'string' ? configNode<StoreNode>(red, store) : undefined
  const nowMs = open?.clock() ?? Date.now()
  const live = await liveState(open, policy, nowMs).catch(() => undefined)
  return { problems, preview: previewPolicy(policy, asked, live, nowMs) }
}

/** A store that is away has no answer, and a preview does not wait for it. */
async function liveState(
  open: StoreNode | undefined,
  policy: Policy,
  nowMs: number,
): Promise<LiveState | undefined> {
  if (open?.store.health.presence !== 'open') return undefined
  return open.store.transaction([], (tx) => gatherLive(tx, policy, nowMs))
}

function* gatherLive(reads: Reads, policy: Policy, nowMs: number): Asking<LiveState> {
  const pools = [...policy.pools.keys()]
  const fairness = yield* together(...pools.map((id) => reads.fairness(id)))
  return {
    loads: yield* reads.repLoads(),
    tallies: yield* talliesOf(reads, policy, nowMs),
    fairness: new Map(pools.map((id, index) => [id, fairness[index]!])),
  }
}

async function check(red: Red, text: string): Promise<object> {
  const { policy, problems } = loadPolicy(text)
  if (policy === undefined) return { problems }
  const reused = await versionProblems(red, 'policy', text, policy.ref)
  return { problems: [...reused, ...problems], summary: summarisePolicy(policy) }
}
