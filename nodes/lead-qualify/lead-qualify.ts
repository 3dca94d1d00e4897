import { QUALIFY_PORTS, qualifyStep } from '../../engine/steps/qualify'
import { perform } from '../../store/perform'
import { contractOf, storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { keepArtefact } from '../shared/keep-artefact'
import { leadOf, requireSection, travel } from '../shared/lead-message'
import { leadNode, sendLead } from '../shared/lead-node'
import type { Def, Red, RedNode } from '../shared/red'

export = function register(red: Red): void {
  function LeadQualify(this: RedNode, config: Def & { contract: string; store: string }) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, QUALIFY_PORTS)
    leadNode(
      red,
      this,
      ({ node, status }) =>
        async (msg, send) => {
          const contract = contractOf(red, node, config.contract)
          const open = storeOf(red, node, config.store)
          const { store, now } = open
          const lead = leadOf(msg)
          requireSection(msg, 'fit', 'lead-score-fit')
          requireSection(msg, 'intent', 'lead-score-intent')
          await keepArtefact(open, 'contract', contract)
          const current = journey()
          const done = await perform(
            store,
            qualifyStep,
            lead,
            { contract, ends: current.ends },
            { nowMs: now(), ...travel(msg, current) },
          )
          status.count(done.lead.decision?.outcome ?? done.outcome)
          sendLead(send, QUALIFY_PORTS, done.outcome, msg, done.lead, {
            journey: current,
            whole: true,
          })
        },
      config.store,
    )
  }
  red.nodes.registerType('lead-qualify', LeadQualify as never)
}
