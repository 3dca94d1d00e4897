import { patched } from '../../engine/decision'
import { decideFit } from '../../engine/steps/score-fit'
import { contractOf } from '../shared/config-nodes'
import { leadOf } from '../shared/lead-message'
import { leadNode } from '../shared/lead-node'
import { type Def, type Red, type RedNode, withLead } from '../shared/red'

export = function register(red: Red): void {
  function LeadScoreFit(this: RedNode, config: Def & { contract: string }) {
    red.nodes.createNode(this, config)
    leadNode(red, this, ({ node, status }) => (msg, send) => {
      const lead = leadOf(msg)
      const { patch } = decideFit(contractOf(red, node, config.contract), lead)
      status.count('scored')
      send(withLead(msg, patched(lead, patch)))
    })
  }
  red.nodes.registerType('lead-score-fit', LeadScoreFit as never)
}
