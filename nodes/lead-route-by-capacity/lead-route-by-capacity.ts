import type { Lead } from '../../engine/lead/lead'
import { routeStep } from '../../engine/steps/route'
import { perform } from '../../store/perform'
import { Alarm } from '../shared/alarm'
import { policyOf, storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { keepArtefact } from '../shared/keep-artefact'
import { leadOf, travel, withLead } from '../shared/lead-message'
import { type Handler, type LeadNode, leadNode, onPort, sendLead } from '../shared/lead-node'
import type { Def, LeadMessage, Red, RedNode } from '../shared/red'
import { onStoreNews } from '../shared/store-news'

interface RouteDef extends Def {
  readonly policy: string
  readonly store: string
}

type Settings = Parameters<typeof routeStep.decide>[1]

const PORTS = ['assigned', 'waiting', 'unroutable'] as const

export = function register(red: Red): void {
  function LeadRoute(this: RedNode & { drain?: () => Promise<void> }, config: RouteDef) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, PORTS)
    const settings = () => ({
      policy: policyOf(red, this, config.policy),
      ends: journey().ends,
    })
    const route =
      ({ node, status }: LeadNode): Handler =>
      async (msg, send) => {
        const open = storeOf(red, node, config.store)
        const { store, now } = open
        const current = settings()
        await keepArtefact(open, 'policy', current.policy)
        const done = await perform(store, routeStep, leadOf(msg), current, {
          nowMs: now(),
          ...travel(msg, journey()),
        })
        status.count(done.outcome)
        const { retryAt } = done.lead.assignment ?? {}
        if (done.outcome === 'waiting' && retryAt !== undefined) alarm.expect(Date.parse(retryAt))
        sendLead(send, PORTS, done.outcome, msg, done.lead, { journey: journey(), whole: true })
      }
    const self = leadNode(red, this, route, config.store)
    const alarm = waitingRoom(self, config, settings)
    this.drain = () => alarm.wake()
    onStoreNews(
      self,
      config.store,
      ({ freed }) => {
        if (freed) void alarm.wake()
      },
      () => alarm.wake(),
    )
  }
  red.nodes.registerType('lead-route-by-capacity', LeadRoute as never)
}

const PAGE = 500
/**
 * They are placed in their order all the same, as they share a lock, and one commit serves many. More
 * would keep new leads from theirs for too long.
 */
const AT_ONCE = 32

/** Tries waiting leads again, oldest first, when capacity frees or someone comes on shift. */
function waitingRoom(self: LeadNode, config: RouteDef, settings: () => Settings): Alarm {
  const { red, node, status } = self
  const open = () => storeOf(red, node, config.store)
  const place = async (lead: Lead, current: Settings) => {
    const { store, now } = open()
    const done = await perform(store, routeStep, lead, current, { nowMs: now() })
    // Another node of the same policy may have placed it a moment ago.
    const placedHere = !done.because.some(({ rule }) => rule === 'route.lock')
    if (done.outcome !== 'assigned' || !placedHere) return
    status.count('assigned')
    node.send(onPort(PORTS, 'assigned', withLead({} as LeadMessage, done.lead)) as never)
  }
  return new Alarm(self, {
    now: () => open().now(),
    nextMs: () => open().store.nextRetryMs(),
    everyMs: () => open().store.lookEveryMs,
    ring: async () => {
      const { store } = open()
      const current = settings()
      const leads = await store.claimWaiting(current.policy.ref.name, PAGE)
      try {
        for (let at = 0; at < leads.length; at += AT_ONCE) {
          const some = leads.slice(at, at + AT_ONCE)
          // All are waited for: a lead is given back only when nobody is placing it any more.
          const placed = await Promise.allSettled(some.map((lead) => place(lead, current)))
          const failed = placed.find(({ status }) => status === 'rejected')
          if (failed !== undefined) throw (failed as PromiseRejectedResult).reason
        }
      } finally {
        if (leads.length > 0) await store.releaseWaiting(leads.map(({ id }) => id))
      }
    },
  })
}
