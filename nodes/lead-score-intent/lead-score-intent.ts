import { patched } from '../../engine/decision'
import type { PersonSignal } from '../../engine/scoring/intent'
import { decideIntent, gatherAccount, needsAccount } from '../../engine/steps/score-intent'
import { contractOf, storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { isStraight, leadOf } from '../shared/lead-message'
import { leadNode, sendLead } from '../shared/lead-node'
import type { Def, Red, RedNode } from '../shared/red'

const PORTS = ['scored'] as const

export = function register(red: Red): void {
  function LeadScoreIntent(this: RedNode, config: Def & { contract: string; store: string }) {
    red.nodes.createNode(this, config)
    const journey = journeyOf(red, this, PORTS)
    leadNode(
      red,
      this,
      ({ node, status }) =>
        (msg, send) => {
          const lead = leadOf(msg)
          const contract = contractOf(red, node, config.contract)
          const { store, now } = storeOf(red, node, config.store)
          const nowMs = now()
          const score = (others: readonly PersonSignal[]) => {
            const { patch } = decideIntent(contract, lead, others, nowMs)
            status.count('scored')
            const on = { journey: journey(), whole: isStraight(msg) }
            sendLead(send, PORTS, 'scored', msg, patched(lead, patch), on)
          }
          if (!needsAccount(contract, lead)) return score([])
          const { straightOn } = journey()
          const way = { event: lead.event.id, ahead: () => straightOn.has('scored') }
          // Through a transaction, so that the signals of events ahead in the queue are seen.
          return store
            .transaction([], (tx) => gatherAccount(tx, contract, lead, nowMs), way)
            .then(score)
        },
      config.store,
    )
  }
  red.nodes.registerType('lead-score-intent', LeadScoreIntent as never)
}
