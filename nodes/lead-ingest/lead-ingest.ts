import { LeadFault } from '../../engine/faults'
import { type Row, readRows } from '../../engine/lead/intake/rows'
import { toLead } from '../../engine/lead/intake/to-lead'
import type { Problem } from '../../engine/lead/lead'
import { ingestStep } from '../../engine/steps/ingest'
import { perform } from '../../store/perform'
import { type OpenStore, storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { asError, type LeadNode, leadNode, sendLead } from '../shared/lead-node'
import type { LeadMessage, Red, RedNode, Send } from '../shared/red'
import { withTexts } from '../shared/texts'
import { type IngestDef, intakeSettings } from './config'
import { Parts } from './parts'
import { takeUpCutOff } from './take-up'
import { inPortions, inTurns } from './turns'

const PORTS = ['lead', 'rejected', 'repeated'] as const

export = function register(red: Red): void {
  function LeadIngest(this: RedNode, def: IngestDef) {
    red.nodes.createNode(this, def)
    const config = withTexts(def)
    const journey = journeyOf(red, this, PORTS)
    const self = leadNode(
      red,
      this,
      (base) => {
        const settings = intakeSettings(config)
        const property = propertyReader(red, config)
        const take = async (open: OpenStore, send: Send, parts: Parts, { record, row }: Row) => {
          const msg = parts.next()
          const intake = toLead(record, settings.intake, open.now())
          if (intake.kind === 'rejected') {
            parts.intake.rejected.push(atRow(row, { problems: intake.problems }))
            reject(base, send, msg, atRow(row, { problems: intake.problems, record }))
            return
          }
          const rememberMs = intake.byContent ? settings.cooldownMs : settings.rememberMs
          const current = journey()
          const step = { ends: current.ends, rememberMs, nodeId: base.node.id }
          const { outcome, lead } = await perform(open.store, ingestStep, intake.lead, step, {
            nowMs: open.now(),
            whole: true,
          })
          const known = outcome === 'repeated' ? await open.store.lead(lead.id) : undefined
          base.status.count(outcome)
          parts.intake[outcome] += 1
          sendLead(send, PORTS, outcome, msg, known?.lead ?? lead, {
            journey: current,
            whole: true,
          })
        }
        return async (msg, send) => {
          const open = storeOf(red, base.node, config.store)
          // Who waits for an HTTP answer is better told to come again than left to wait.
          const { presence, fault } = open.store.health
          if (presence === 'away' && msg.res !== undefined) throw fault
          const raw = property(msg)
          const rows = await inTurns(readRows(raw, settings.format))
          const count = rows.recordCount + rows.problems.length
          const parts = new Parts(red, msg, count, Array.isArray(raw))
          await inPortions(rows.problems, ({ row, ...problem }) => {
            const why = atRow(row, { problems: [problem] })
            parts.intake.rejected.push(why)
            reject(base, send, parts.next(), why)
          })
          await inPortions(rows.records, (one) => take(open, send, parts, one))
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

function atRow<Why extends object>(row: number | undefined, why: Why): Why & { row?: number } {
  return row === undefined ? why : { ...why, row }
}
