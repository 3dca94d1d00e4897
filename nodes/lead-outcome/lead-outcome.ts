import { LeadFault } from '../../engine/faults'
import { OUTCOME_KINDS } from '../../engine/steps/sales-event'
import { policyOf, storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { withLead } from '../shared/lead-message'
import { leadNode, onPort } from '../shared/lead-node'
import type { Def, Red, RedNode } from '../shared/red'
import { recordSalesEvent, salesEventOf } from '../shared/sales-event'

interface OutcomeDef extends Def {
  readonly policy: string
  readonly store: string
}

const PORTS = ['recorded', 'ignored'] as const

export = function register(red: Red): void {
  function LeadOutcome(this: RedNode, config: OutcomeDef) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, PORTS)
    const ends = () => journey().ends
    leadNode(
      red,
      this,
      ({ node, status }) =>
        async (msg, send) => {
          const open = storeOf(red, node, config.store)
          const event = salesEventOf(msg, open.now())
          if (event === undefined)
            throw new LeadFault(
              'LEAD_COMMAND_UNKNOWN',
              'msg.outcome is missing',
              OUTCOME_KINDS.join(', '),
            )
          const policy = policyOf(red, node, config.policy)
          const done = await recordSalesEvent(open, policy, msg, event, ends())
          status.count(event.kind)
          msg.because = done.because.map(({ why }) => why)
          const { outcome, lead } = done
          const answer = lead === undefined ? msg : withLead(msg, lead)
          send(onPort(PORTS, outcome === 'ignored' ? 'ignored' : 'recorded', answer))
        },
      config.store,
    )
  }
  red.nodes.registerType('lead-outcome', LeadOutcome as never)
}
