import { dedupeStep } from '../../engine/steps/dedupe'
import { perform } from '../../store/perform'
import { storeOf } from '../shared/config-nodes'
import { journeyEnds } from '../shared/journey'
import { leadOf } from '../shared/lead-message'
import { leadNode, onPort } from '../shared/lead-node'
import { type Def, type Red, type RedNode, withLead } from '../shared/red'

const PORTS = ['new', 'known', 'review'] as const

export = function register(red: Red): void {
  function LeadDedupe(this: RedNode, config: Def & { store: string }) {
    red.nodes.createNode(this, config)
    const ends = journeyEnds(red, this, PORTS)
    leadNode(
      red,
      this,
      ({ node, status }) =>
        async (msg, send) => {
          const { store, now } = storeOf(red, node, config.store)
          const done = await perform(
            store,
            dedupeStep,
            leadOf(msg),
            { ends: ends() },
            { nowMs: now() },
          )
          status.count(done.outcome)
          send(onPort(PORTS, done.outcome, withLead(msg, done.lead)))
        },
      config.store,
    )
  }
  red.nodes.registerType('lead-dedupe', LeadDedupe as never)
}
