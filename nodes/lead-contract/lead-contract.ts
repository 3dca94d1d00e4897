import type { Contract } from '../../engine/contract/contract'
import { loadContract } from '../../engine/contract/load'
import { type ArtefactDef, loadArtefact, serveCheck } from '../shared/artefact-node'
import type { ContractNode } from '../shared/config-nodes'
import type { Red } from '../shared/red'
import { versionProblems } from '../shared/versions'
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
  serveCheck(red, 'lead-contract', (text) => check(red, text))
}

/** What the editor shows below the text: the problems by line, and what the contract holds. */
async function check(red: Red, text: string): Promise<object> {
  const { contract, problems } = loadContract(text)
  if (contract === undefined) return { problems }
  const reused = await versionProblems(red, 'contract', text, contract.ref)
  return { problems: [...reused, ...problems], summary: summariseContract(contract) }
}
