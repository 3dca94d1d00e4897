import { LeadFault } from '../../engine/faults'
import { readRows } from '../../engine/lead/intake/rows'
import { toLead } from '../../engine/lead/intake/to-lead'
import type { Problem } from '../../engine/lead/lead'
import { ingestStep } from '../../engine/steps/ingest'
import { perform } from '../../store/perform'
import { storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { asError, type LeadNode, leadNode, sendLead } from '../shared/lead-node'
import type { LeadMessage, Red, RedNode, Send } from '../shared/red'
import { type IngestDef, intakeSettings } from './config'
import { takeUpCutOff } from './take-up'

const PORTS = ['lead', 'rejected', 'repeated'] as const

export = function register(red: Red): void {
  function LeadIngest(this: RedNode, config: IngestDef) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, PORTS)
    const self = leadNode(
      red,
      this,
      (base) => {
        const settings = intakeSettings(config)
        const property = propertyReader(red, config)
        return async (msg, send) => {
          const { store, now } = storeOf(red, base.node, config.store)
          // Who waits for an HTTP answer is better told to come again than left to wait.
          const { presence, fault } = store.health
          if (presence === 'away' && msg.res !== undefined) throw fault
          const raw = property(msg)
          const { records, problems } = readRows(raw, settings.format)
          const part = parts(red, msg, records.length + problems.length, Array.isArray(raw))
          for (const { row, ...problem } of problems) {
            reject(base, send, part(), {
              problems: [problem],
              ...(row === undefined ? {} : { row }),
            })
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
      },
      config.store,
    )
    takeUpCutOff(self, config)
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
