import { LeadFault } from '../../engine/faults'
import { type Rows, readRows } from '../../engine/lead/intake/rows'
import { toLead } from '../../engine/lead/intake/to-lead'
import type { Problem } from '../../engine/lead/lead'
import { type OpenStore, storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { asError, type LeadNode, leadNode, sendLead } from '../shared/lead-node'
import type { LeadMessage, Red, RedNode, Send } from '../shared/red'
import { accept } from './accept'
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
        const take = async (
          open: OpenStore,
          send: Send,
          msg: LeadMessage,
          { record, row }: Rows['records'][number],
        ) => {
          const intake = toLead(record, settings.intake, open.now())
          if (intake.kind === 'rejected') {
            reject(base, send, msg, row, { problems: intake.problems, record })
            return
          }
          const rememberMs = intake.byContent ? settings.cooldownMs : settings.rememberMs
          const current = journey()
          const step = { ends: current.ends, rememberMs, nodeId: base.node.id }
          const { outcome, lead, onDisk } = await accept(
            open,
            intake.lead,
            step,
            current.straightOn,
          )
          const known = outcome === 'repeated' ? await open.store.lead(lead.id) : undefined
          base.status.count(outcome)
          sendLead(send, PORTS, outcome, msg, known?.lead ?? lead, {
            journey: current,
            whole: true,
          })
          await onDisk
        }
        return async (msg, send) => {
          const open = storeOf(red, base.node, config.store)
          // Who waits for an HTTP answer is better told to come again than left to wait.
          const { presence, fault } = open.store.health
          if (presence === 'away' && msg.res !== undefined) throw fault
          const raw = property(msg)
          const { records, problems } = readRows(raw, settings.format)
          const part = parts(red, msg, records.length + problems.length, Array.isArray(raw))
          for (const { row, ...problem } of problems)
            reject(base, send, part(), row, { problems: [problem] })
          const [only] = records
          if (only !== undefined && records.length === 1) await take(open, send, part(), only)
          else await Promise.all(records.map((one) => take(open, send, part(), one)))
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
  // A plain name, as nearly everybody has it, is not taken apart anew for each message.
  if (/^[a-z_]\w*$/i.test(property)) return (msg) => msg[property]
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
  row: number | undefined,
  why: { readonly problems: readonly Problem[]; readonly record?: unknown },
): void {
  msg.payload = { rejected: true, ...why, ...(row === undefined ? {} : { row }) }
  status.count('rejected')
  send([null, msg, null])
}
