import type { Lead } from '../../engine/lead/lead'
import { mayHaveRoom } from '../../engine/routing/eligibility'
import { offerFireStep } from '../../engine/steps/offer-fire'
import { routeStep } from '../../engine/steps/route'
import { perform } from '../../store/perform'
import { Alarm } from '../shared/alarm'
import {
  configNode,
  type PolicyNode,
  policyNames,
  policyOf,
  serve,
  storeOf,
  waitingNames,
} from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { keepArtefact } from '../shared/keep-artefact'
import { leadOf, travel, withLead } from '../shared/lead-message'
import { type Handler, type LeadNode, leadNode, onPort, sendLead } from '../shared/lead-node'
import type { Def, LeadMessage, Red, RedNode } from '../shared/red'
import { onStoreNews } from '../shared/store-news'
import { timerAlarm } from '../shared/timer-alarm'
import { Pace, type Pass } from './pace'
import { tryEach } from './waiting-line'
import { Wanted } from './wanted'

interface RouteDef extends Def {
  readonly policy: string
  readonly store: string
}

type Settings = Parameters<typeof routeStep.decide>[1]

interface RouteNode extends RedNode {
  /** Tries the leads that wait. */
  drain?: () => Promise<void>
  /** Ends the offers that are due. */
  tick?: () => Promise<void>
}

const PORTS = ['assigned', 'waiting', 'unroutable', 'offered'] as const

export = function register(red: Red): void {
  function LeadRoute(this: RouteNode, config: RouteDef) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, PORTS)
    const settings = () => ({
      policy: policyOf(red, this, config.policy),
      nodeId: this.id,
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
        if (done.outcome === 'waiting') {
          wanted.add(done.lead, current.policy)
          if (retryAt !== undefined) alarm.expect(Date.parse(retryAt))
        }
        sendLead(send, PORTS, done.outcome, msg, done.lead, { journey: journey(), whole: true })
      }
    const self = leadNode(red, this, route, config.store)
    const pace = new Pace()
    const wanted = new Wanted()
    const alarm = waitingRoom(self, config, settings, pace, wanted)
    const offers = offerAlarm(self, config, settings, wanted)
    const drain = (why: Pass) => {
      pace.note(why)
      return alarm.wake()
    }
    this.drain = () => drain('all')
    this.tick = () => offers.wake()
    const isOffering = () => configNode<PolicyNode>(red, config.policy)?.policy?.offers === true
    onStoreNews(
      self,
      config.store,
      ({ freed, timers, orphans }) => {
        if (orphans) void drain('all')
        if (freed) void drain('room')
        // Of a policy that offers no more, the last offers end when the alarm looks by itself.
        if (timers && isOffering()) void offers.wake()
      },
      async () => {
        await Promise.all([drain('all'), offers.wake()])
      },
    )
  }
  red.nodes.registerType('lead-route-by-capacity', LeadRoute as never)
}

/** Tries waiting leads again, oldest first, when capacity frees or someone comes on shift. */
function waitingRoom(
  self: LeadNode,
  config: RouteDef,
  settings: () => Settings,
  pace: Pace,
  wanted: Wanted,
): Alarm {
  const { red, node, status } = self
  const open = () => storeOf(red, node, config.store)
  const names = () => waitingNames(red, config)
  const place = async (lead: Lead, current: Settings) => {
    const { store, now } = open()
    const done = await perform(store, routeStep, lead, current, { nowMs: now() })
    const { outcome } = done
    if (outcome === 'waiting') wanted.add(done.lead, current.policy)
    if (outcome !== 'assigned' && outcome !== 'offered') return
    // Another node of the same policy may have placed it a moment ago.
    if (done.because.some(({ rule }) => rule === 'route.lock' || rule === 'route.offered')) return
    status.count(outcome)
    node.send(onPort(PORTS, outcome, withLead({} as LeadMessage, done.lead)) as never)
  }
  const hasRoom = async ({ policy }: Settings) => {
    const loads = await open().store.transaction([], (tx) => tx.repLoads())
    return mayHaveRoom(policy, loads, wanted.reps)
  }
  return new Alarm(self, {
    open,
    nextMs: async () => {
      const retryMs = (await open().store.nextRetryMs(names())) ?? Number.POSITIVE_INFINITY
      return Math.min(retryMs, pace.nextMs ?? Number.POSITIVE_INFINITY)
    },
    ring: async () => {
      const { store, now } = open()
      const pass = pace.due(now(), await store.nextRetryMs(names()))
      if (pass === undefined) return
      const current = settings()
      if (pass === 'all') wanted.clear()
      const goOn = pass === 'all' ? undefined : () => hasRoom(current)
      await pace.make(pass, now, () =>
        tryEach(store, names(), (lead) => place(lead, current), goOn),
      )
    },
  })
}

/** Ends offers whose time is over, and takes accepted and declined ones on from where they were made. */
function offerAlarm(
  self: LeadNode,
  config: RouteDef,
  settings: () => Settings,
  wanted: Wanted,
): Alarm {
  const { red, node, status } = self
  const scope = serve(red, node, config.store, {
    kind: 'offers',
    of: () => policyNames(red, config.policy),
  })
  return timerAlarm(self, config.store, scope, async ({ timer, lead }) => {
    const { store, now } = storeOf(red, node, config.store)
    const current = { ...settings(), timer }
    const done = await perform(store, offerFireStep, lead, current, { nowMs: now() })
    if (done.outcome === 'waiting') wanted.add(done.lead, current.policy)
    const port = PORTS.find((one) => one === done.outcome)
    if (port === undefined || done.again) return undefined
    return () => {
      status.count(port)
      node.send(onPort(PORTS, port, withLead({} as LeadMessage, done.lead)) as never)
    }
  })
}
