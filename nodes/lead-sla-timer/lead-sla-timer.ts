import { latenessMs, slaFireStep } from '../../engine/steps/sla-fire'
import { slaStartStep } from '../../engine/steps/sla-start'
import { type Performed, perform } from '../../store/perform'
import type { DueTimer } from '../../store/store'
import type { Alarm } from '../shared/alarm'
import { configNode, type PolicyNode, policyOf, serve, storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { keepArtefact } from '../shared/keep-artefact'
import { leadOf, requireSection, travel, withLead } from '../shared/lead-message'
import { type Handler, type LeadNode, leadNode, onPort, sendLead } from '../shared/lead-node'
import type { Def, LeadMessage, Red, RedNode, Send } from '../shared/red'
import { type Recorded, recordSalesEvent, salesEventOf } from '../shared/sales-event'
import type { Status } from '../shared/status'
import { onStoreNews } from '../shared/store-news'
import { timerAlarm } from '../shared/timer-alarm'

interface SlaDef extends Def {
  readonly policy: string
  readonly store: string
}

/** `answered`: the message started no clock and met none, and says why; who asked gets an answer. */
const PORTS = ['started', 'reminder', 'escalation', 'breach', 'met', 'answered'] as const

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
    const alarm = clockAlarm(self, config, ends)
    this.tick = () => alarm.wake()
    onStoreNews(
      self,
      config.store,
      ({ timers }) => {
        if (timers) void alarm.wake()
      },
      () => alarm.wake(),
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

/** Fires what is due, and says how late. */
function clockAlarm(self: LeadNode, config: SlaDef, ends: () => ReadonlySet<string>): Alarm {
  const { red, node, status } = self
  const open = () => storeOf(red, node, config.store)
  const scope = serve(red, node, config.store, {
    kind: 'timers',
    of: () => configNode<PolicyNode>(red, config.policy)?.policy?.ref.name,
  })
  const fire = async ({ timer, lead }: DueTimer): Promise<(() => void) | undefined> => {
    const { store, now } = open()
    const nowMs = now()
    const settings = { timer, ends: ends() }
    const done = await perform(store, slaFireStep, lead, settings, { nowMs })
    const { outcome } = done
    if (outcome === 'dropped' || done.again) return undefined
    const msg = withLead({} as LeadMessage, done.lead)
    msg.sla = {
      kind: timer.kind,
      dueAt: new Date(timer.dueMs).toISOString(),
      lateMs: latenessMs(timer, nowMs),
      ...timer.detail,
    }
    return () => {
      status.count(outcome)
      node.send(onPort(PORTS, outcome, msg) as never)
    }
  }
  return timerAlarm(self, config.store, scope, fire)
}
