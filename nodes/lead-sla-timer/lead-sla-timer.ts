import { latenessMs, slaFireStep } from '../../engine/steps/sla-fire'
import { slaStartStep } from '../../engine/steps/sla-start'
import { perform } from '../../store/perform'
import type { DueTimer } from '../../store/store'
import { Alarm } from '../shared/alarm'
import { configNode, type PolicyNode, policyOf, serve, storeOf } from '../shared/config-nodes'
import { journeyEnds } from '../shared/journey'
import { leadOf, requireSection } from '../shared/lead-message'
import { type Handler, type LeadNode, leadNode, onPort } from '../shared/lead-node'
import { type Def, type LeadMessage, type Red, type RedNode, withLead } from '../shared/red'
import { recordSalesEvent, salesEventOf } from '../shared/sales-event'
import { onStoreNews } from '../shared/store-news'

interface SlaDef extends Def {
  readonly policy: string
  readonly store: string
}

const PORTS = ['started', 'reminder', 'escalation', 'breach', 'met'] as const

export = function register(red: Red): void {
  function LeadSlaTimer(this: RedNode & { tick?: () => Promise<void> }, config: SlaDef) {
    red.nodes.createNode(this, config)
    const ends = journeyEnds(red, this, PORTS)
    const start =
      ({ node, status }: LeadNode): Handler =>
      async (msg, send) => {
        const policy = policyOf(red, node, config.policy)
        const open = storeOf(red, node, config.store)
        const event = salesEventOf(msg, open.now())
        if (event !== undefined) {
          const done = await recordSalesEvent(open, policy, msg, event)
          status.count(done.outcome)
          if (done.outcome === 'met') send(onPort(PORTS, 'met', withLead(msg, done.lead)))
          return
        }
        const lead = leadOf(msg)
        requireSection(lead, 'assignment', 'lead-route-by-capacity')
        const settings = { policy, nodeId: node.id, ends: ends() }
        const done = await perform(open.store, slaStartStep, lead, settings, { nowMs: open.now() })
        status.count(done.outcome)
        if (done.outcome === 'started') send(onPort(PORTS, 'started', withLead(msg, done.lead)))
      }
    const self = leadNode(red, this, start, config.store)
    const alarm = timerAlarm(self, config, ends)
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

/** So many are fired at once; more would keep the first of them waiting for the last. */
const PAGE = 100

/**
 * Fires what is due, in the order in which it was due, and says how late. A page is begun all at
 * once: leads stand for themselves, and one flush to disk then serves many.
 */
function timerAlarm(self: LeadNode, config: SlaDef, ends: () => ReadonlySet<string>): Alarm {
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
  const ring = async () => {
    const { store, now } = open()
    for (let full = true; full; ) {
      const due = await store.claimTimers(await scope(), now(), PAGE)
      full = due.length === PAGE
      const fired = due.map((one) =>
        fire(one).then(
          (send) => ({ send }),
          (thrown) => ({ thrown }),
        ),
      )
      const faults: unknown[] = []
      for (const firing of fired) {
        const ended = await firing
        if ('thrown' in ended) faults.push(ended.thrown)
        else ended.send?.()
      }
      // What failed is due still, and is tried again with the next ring.
      if (faults.length > 0) throw faults[0]
    }
  }
  return new Alarm(self, {
    now: () => open().now(),
    nextMs: async () => open().store.nextTimerMs(await scope()),
    everyMs: () => open().store.lookEveryMs,
    ring,
  })
}
