import { slaStartStep } from '../../engine/steps/sla-start'
import { type Performed, perform } from '../../store/perform'
import { policyOf, storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { keepArtefact } from '../shared/keep-artefact'
import { leadOf, requireSection, travel, withLead } from '../shared/lead-message'
import { type Handler, type LeadNode, leadNode, onPort, sendLead } from '../shared/lead-node'
import type { Def, LeadMessage, Red, RedNode, Send } from '../shared/red'
import { type Recorded, recordSalesEvent, salesEventOf } from '../shared/sales-event'
import type { Status } from '../shared/status'
import { onStoreNews } from '../shared/store-news'
import { PORTS, type SlaConfig, SlaTimers } from './sla-timers'

type SlaDef = Def & SlaConfig

export = function register(red: Red): void {
  function LeadSlaTimer(this: RedNode & { tick?: () => Promise<void> }, config: SlaDef) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, PORTS)
    const ends = () => journey().ends
    const start =
      ({ node, status }: LeadNode): Handler =>
      async (msg, send) => {
        const policy = policyOf(red, node, config.policy)
        const open = storeOf(red, node, config.store)
        const event = salesEventOf(msg, open.now())
        if (event !== undefined) {
          const done = await recordSalesEvent(open, policy, msg, event)
          answer(msg, send, status, done)
          return
        }
        const lead = leadOf(msg)
        requireSection(msg, 'assignment', 'lead-route-by-capacity')
        await keepArtefact(open, 'policy', policy)
        const settings = { policy, nodeId: node.id, ends: ends() }
        const done = await perform(open.store, slaStartStep, lead, settings, {
          nowMs: open.now(),
          ...travel(msg, journey()),
        })
        if (done.outcome === 'over') answer(msg, send, status, done)
        else {
          status.count(done.outcome)
          sendLead(send, PORTS, 'started', msg, done.lead, { journey: journey(), whole: true })
        }
      }
    const self = leadNode(red, this, start, config.store)
    const timers = new SlaTimers(self, config, ends)
    this.tick = () => timers.wake()
    onStoreNews(
      self,
      config.store,
      ({ timers: changed, orphans = false }) => {
        if (changed || orphans) void timers.wake(orphans)
      },
      () => timers.wake(true),
    )
  }
  red.nodes.registerType('lead-sla-timer', LeadSlaTimer as never)
}

/** Every message that comes in leaves by one output, with the reason beside the lead. */
function answer(
  msg: LeadMessage,
  send: Send,
  status: Status,
  { outcome, lead, because }: Recorded | Performed<'over' | 'started'>,
): void {
  status.count(outcome)
  msg.because = because.map(({ why }) => why)
  const answered = lead === undefined ? msg : withLead(msg, lead)
  send(onPort(PORTS, outcome === 'met' ? 'met' : 'answered', answered))
}
