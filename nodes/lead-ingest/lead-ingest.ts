import { readRows } from '../../engine/lead/intake/rows'
import { toLead } from '../../engine/lead/intake/to-lead'
import type { Lead, Problem } from '../../engine/lead/lead'
import { ingestStep } from '../../engine/steps/ingest'
import { perform } from '../../store/perform'
import { storeOf } from '../shared/config-nodes'
import { journeyEnds } from '../shared/journey'
import { guarded, type LeadNode, leadNode } from '../shared/lead-node'
import type { LeadMessage, Red, RedNode, Send } from '../shared/red'
import { type IngestDef, intakeSettings } from './config'

const PORTS = ['lead', 'rejected', 'repeated'] as const
type Port = (typeof PORTS)[number]

export = function register(red: Red): void {
  function LeadIngest(this: RedNode, config: IngestDef) {
    red.nodes.createNode(this, config)
    const ends = journeyEnds(red, this, PORTS)
    const self = leadNode(red, this, (base) => {
      const settings = intakeSettings(config)
      return async (msg, send) => {
        const { store, now } = storeOf(red, base.node, config.store)
        const raw = red.util.getMessageProperty(msg, config.property || 'payload')
        const { records, problems } = readRows(raw, settings.format)
        const part = parts(red, msg, records.length + problems.length, Array.isArray(raw))
        for (const { row, ...problem } of problems) {
          reject(base, send, part(), { problems: [problem], ...(row === undefined ? {} : { row }) })
        }
        await Promise.all(
          records.map(async ({ record, row }) => {
            const one = part()
            const intake = toLead(record, settings.intake, now())
            if (intake.kind === 'rejected') {
              const { problems } = intake
              reject(base, send, one, { problems, record, ...(row === undefined ? {} : { row }) })
              return
            }
            const rememberMs = intake.byContent ? settings.cooldownMs : settings.rememberMs
            const step = { ends: ends(), rememberMs, nodeId: base.node.id }
            const { outcome, lead } = await perform(store, ingestStep, intake.lead, step, {
              nowMs: now(),
            })
            const known = outcome === 'repeated' ? await store.lead(lead.id) : undefined
            emit(base, send, outcome, one, known?.lead ?? lead)
          }),
        )
      }
    })
    resumeAfterStart(self, config)
  }
  red.nodes.registerType('lead-ingest', LeadIngest as never)
}

/**
 * A single record stays the very message it came in. A list becomes one message per record, with
 * `parts` for a join; only the last carries `req` and `res`, so that a request is answered once.
 */
function parts(red: Red, msg: LeadMessage, count: number, list: boolean): () => LeadMessage {
  if (count === 1 && !list) return () => msg
  const { req, res, ...rest } = msg
  const id = red.util.generateId()
  let index = 0
  return () => {
    const last = index === count - 1
    return {
      ...rest,
      _msgid: red.util.generateId(),
      parts: { id, index: index++, count, type: 'array' },
      ...(last && res !== undefined ? { req, res } : {}),
    }
  }
}

function emit({ status }: LeadNode, send: Send, port: Port, msg: LeadMessage, lead: Lead): void {
  msg.payload = lead
  msg.topic = lead.id
  status.count(port)
  send(PORTS.map((name) => (name === port ? msg : null)))
}

/** The record goes out as it came, with what is wrong with it beside it. */
function reject(
  { status }: LeadNode,
  send: Send,
  msg: LeadMessage,
  why: { readonly problems: readonly Problem[]; readonly row?: number; readonly record?: unknown },
): void {
  msg.payload = { rejected: true, ...why }
  status.count('rejected')
  send([null, msg, null])
}

const RESUME_PAGE = 500
/** After a deploy, a lead that has moved a moment ago is still moving; leave it alone. */
const SETTLE_MS = 30_000

/**
 * Takes up leads whose way was cut off. After the process started: all of them. After a later
 * deploy: those that were under way before it and are not merely still moving.
 */
function resumeAfterStart(self: LeadNode, config: IngestDef): void {
  const { red, node } = self
  let first = true
  const resume = () => {
    const settleMs = first && processIsYoung() ? 0 : SETTLE_MS
    first = false
    void guarded(self, async () => {
      const { store, now } = storeOf(red, node, config.store)
      for (const lead of await store.underway(node.id, now() - settleMs + 1, RESUME_PAGE)) {
        self.status.count('resumed')
        node.send([{ payload: lead, topic: lead.id } as never, null, null] as never)
      }
    })
  }
  red.events.on('flows:started', resume)
  node.on('close', () => {
    red.events.removeListener('flows:started', resume)
  })
}

const STARTED_MS = performance.now()
/** The first deploy of a process follows within moments of loading this file. */
function processIsYoung(): boolean {
  return performance.now() - STARTED_MS < SETTLE_MS
}
