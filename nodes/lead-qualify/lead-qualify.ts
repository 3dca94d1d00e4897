import { QUALIFY_PORTS, qualifyStep } from '../../engine/steps/qualify'
import { perform } from '../../store/perform'
import { contractOf, storeOf } from '../shared/config-nodes'
import { journeyEnds } from '../shared/journey'
import { keepArtefact } from '../shared/keep-artefact'
import { leadOf, requireSection } from '../shared/lead-message'
import { leadNode, onPort } from '../shared/lead-node'
import { type Def, type Red, type RedNode, withLead } from '../shared/red'

export = function register(red: Red): void {
  function LeadQualify(this: RedNode, config: Def & { contract: string; store: string }) {
    red.nodes.createNode(this, config)
    const ends = journeyEnds(red, this, QUALIFY_PORTS)
    leadNode(
      red,
      this,
      ({ node, status }) =>
        async (msg, send) => {
          const contract = contractOf(red, node, config.contract)
          const open = storeOf(red, node, config.store)
          const { store, now } = open
          const lead = leadOf(msg)
          requireSection(lead, 'fit', 'lead-score-fit')
          requireSection(lead, 'intent', 'lead-score-intent')
          await keepArtefact(open, 'contract', contract)
          const done = await perform(
            store,
            qualifyStep,
            lead,
            { contract, ends: ends() },
            { nowMs: now() },
          )
          status.count(done.lead.decision?.outcome ?? done.outcome)
          send(onPort(QUALIFY_PORTS, done.outcome, withLead(msg, done.lead)))
        },
      config.store,
    )
  }
  red.nodes.registerType('lead-qualify', LeadQualify as never)
}
