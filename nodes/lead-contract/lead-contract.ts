import type { Contract } from '../../engine/contract/contract'
import { loadContract } from '../../engine/contract/load'
import { type ArtefactDef, loadArtefact, serveCheck } from '../shared/artefact-node'
import type { ContractNode } from '../shared/config-nodes'
import type { Red } from '../shared/red'
import { summariseContract } from './summary'

export = function register(red: Red): void {
  function LeadContract(
    this: ContractNode & {
      label: string
      contract?: Contract | undefined
      problem?: string | undefined
      text: string
    },
    config: ArtefactDef,
  ) {
    red.nodes.createNode(this, config)
    this.label = config.name || 'contract'
    const { value, problem, text } = loadArtefact(red, this, config, (source) => {
      const { contract, problems } = loadContract(source)
      return { value: contract, problems }
    })
    this.contract = value
    this.problem = problem
    this.text = text
  }
  red.nodes.registerType('lead-contract', LeadContract as never)
  serveCheck(red, 'lead-contract', check)
}

/** What the editor shows below the text: the problems by line, and what the contract holds. */
function check(text: string): object {
  const { contract, problems } = loadContract(text)
  return contract === undefined ? { problems } : { problems, summary: summariseContract(contract) }
}
