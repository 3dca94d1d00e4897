import { patched } from '../../engine/decision'
import { decideIntent, gatherAccount, needsAccount } from '../../engine/steps/score-intent'
import { contractOf, storeOf } from '../shared/config-nodes'
import { leadOf } from '../shared/lead-message'
import { leadNode } from '../shared/lead-node'
import { type Def, type Red, type RedNode, withLead } from '../shared/red'

export = function register(red: Red): void {
  function LeadScoreIntent(this: RedNode, config: Def & { contract: string; store: string }) {
    red.nodes.createNode(this, config)
    leadNode(red, this, ({ node, status }) => async (msg, send) => {
      const lead = leadOf(msg)
      const contract = contractOf(red, node, config.contract)
      const { store, now } = storeOf(red, node, config.store)
      const nowMs = now()
      // Through a transaction, so that the signals of events ahead in the queue are seen.
      const others = needsAccount(contract, lead)
        ? await store.transaction([], (tx) => gatherAccount(tx, contract, lead, nowMs))
        : []
      const { patch } = decideIntent(contract, lead, others, nowMs)
      status.count('scored')
      send(withLead(msg, patched(lead, patch)))
    })
  }
  red.nodes.registerType('lead-score-intent', LeadScoreIntent as never)
}
