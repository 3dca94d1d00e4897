import { dedupeStep } from '../../engine/steps/dedupe'
import { perform } from '../../store/perform'
import { storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { leadOf, travel } from '../shared/lead-message'
import { leadNode, sendLead } from '../shared/lead-node'
import type { Def, Red, RedNode } from '../shared/red'

const PORTS = ['new', 'known', 'review'] as const

export = function register(red: Red): void {
  function LeadDedupe(this: RedNode, config: Def & { store: string }) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, PORTS)
    leadNode(
      red,
      this,
      ({ node, status }) =>
        async (msg, send) => {
          const { store, now } = storeOf(red, node, config.store)
          const current = journey()
          const settings = { ends: current.ends }
          const done = await perform(store, dedupeStep, leadOf(msg), settings, {
            nowMs: now(),
            ...travel(msg, current),
          })
          status.count(done.outcome)
          sendLead(send, PORTS, done.outcome, msg, done.lead, { journey: current, whole: true })
        },
      config.store,
    )
  }
  red.nodes.registerType('lead-dedupe', LeadDedupe as never)
}
