import { patched } from '../../engine/decision'
import { decideFit } from '../../engine/steps/score-fit'
import { contractOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { isStraight, leadOf } from '../shared/lead-message'
import { leadNode, sendLead } from '../shared/lead-node'
import type { Def, Red, RedNode } from '../shared/red'

const PORTS = ['scored'] as const

export = function register(red: Red): void {
  function LeadScoreFit(this: RedNode, config: Def & { contract: string }) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, PORTS)
    leadNode(red, this, ({ node, status }) => (msg, send) => {
      const lead = leadOf(msg)
      const { patch } = decideFit(contractOf(red, node, config.contract), lead)
      status.count('scored')
      const on = { journey: journey(), whole: isStraight(msg) }
      sendLead(send, PORTS, 'scored', msg, patched(lead, patch), on)
    })
  }
  red.nodes.registerType('lead-score-fit', LeadScoreFit as never)
}
