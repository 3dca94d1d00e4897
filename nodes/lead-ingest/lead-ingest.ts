import { LeadFault } from '../../engine/faults'
import { readRows } from '../../engine/lead/intake/rows'
import { toLead } from '../../engine/lead/intake/to-lead'
import type { Problem } from '../../engine/lead/lead'
import { ingestStep } from '../../engine/steps/ingest'
import { perform } from '../../store/perform'
import { storeOf } from '../shared/config-nodes'
import { onFlowsStarted } from '../shared/flows-started'
import { journeyOf } from '../shared/journey'
import { asError, guarded, type LeadNode, leadNode, sendLead } from '../shared/lead-node'
import type { LeadMessage, Red, RedNode, Send } from '../shared/red'
import { type IngestDef, intakeSettings } from './config'

const PORTS = ['lead', 'rejected', 'repeated'] as const

export = function register(red: Red): void {
  function LeadIngest(this: RedNode, config: IngestDef) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, PORTS)
    const self = leadNode(red, this, (base) => {
      const settings = intakeSettings(config)
      const property = propertyReader(red, config)
      return async (msg, send) => {
        const { store, now } = storeOf(red, base.node, config.store)
        const raw = property(msg)
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
            const step = { ends: journey().ends, rememberMs, nodeId: base.node.id }
            const { outcome, lead } = await perform(store, ingestStep, intake.lead, step, {
              nowMs: now(),
              whole: true,
            })
            const known = outcome === 'repeated' ? await store.lead(lead.id) : undefined
            base.status.count(outcome)
            sendLead(send, PORTS, outcome, one, known?.lead ?? lead, {
              journey: journey(),
              whole: true,
            })
          }),
        )
      }
    })
    resumeAfterStart(self, config)
  }
  red.nodes.registerType('lead-ingest', LeadIngest as never)
}

/** Throws LEAD_CONFIG_INVALID. Where a message has not even the parent of the property, it has nothing. */
function propertyReader(red: Red, config: IngestDef): (msg: LeadMessage) => unknown {
  const property = config.property || 'payload'
  try {
    red.util.normalisePropertyExpression(property)
  } catch (raw) {
    const why = asError(raw).message
    throw new LeadFault('LEAD_CONFIG_INVALID', 'property', config.name || config.type, why)
  }
  return (msg) => {
    try {
      return red.util.getMessageProperty(msg, property)
    } catch {
      return undefined
    }
  }
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
/** Between two pages, so that the leads of one are mostly done before the next are in memory. */
const RESUME_PAUSE_MS = 250
/** After so long, a lead that is not done does not move any more. */
const SETTLE_MS = 30_000
/** Nodes that have run in this process before: what they sent may still be moving. */
const ranBefore = new Set<string>()

/**
 * Takes up leads whose way was cut off. After the process has started: at once. After a later
 * deploy: those that came before it and have not arrived when whatever still moved must have.
 */
function resumeAfterStart(self: LeadNode, config: IngestDef): void {
  const { red, node } = self
  let timer: NodeJS.Timeout | undefined
  const later = (ms: number, work: () => Promise<void>) => {
    timer = setTimeout(() => void guarded(self, work), ms)
    timer.unref()
  }
  const takeUp = async (acceptedBeforeMs: number, sent: Set<string>, limit: number) => {
    const { store } = storeOf(red, node, config.store)
    const leads = await store.underway(node.id, acceptedBeforeMs, limit)
    const cutOff = leads.filter(({ event }) => !sent.has(event.id))
    for (const lead of cutOff) {
      sent.add(lead.event.id)
      self.status.count('resumed')
      node.send([{ payload: lead, topic: lead.id } as never, null, null] as never)
    }
    if (leads.length < limit) return
    const stuck = leads.length - cutOff.length
    later(RESUME_PAUSE_MS, () => takeUp(acceptedBeforeMs, sent, RESUME_PAGE + stuck))
  }
  onFlowsStarted(red, node, () => {
    clearTimeout(timer)
    const mayMove = ranBefore.has(node.id)
    ranBefore.add(node.id)
    void guarded(self, async () => {
      const startedMs = storeOf(red, node, config.store).now()
      const work = () => takeUp(startedMs + 1, new Set(), RESUME_PAGE)
      if (mayMove) later(SETTLE_MS, work)
      else await work()
    })
  })
  node.on('close', () => {
    clearTimeout(timer)
  })
}
