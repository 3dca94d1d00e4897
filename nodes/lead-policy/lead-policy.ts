import { loadPolicy } from '../../engine/policy/load'
import type { Policy } from '../../engine/policy/policy'
import { type ArtefactDef, loadArtefact, serveCheck } from '../shared/artefact-node'
import type { PolicyNode } from '../shared/config-nodes'
import type { Red } from '../shared/red'
import { summarisePolicy } from './summary'

export = function register(red: Red): void {
  function LeadPolicy(
    this: PolicyNode & {
      label: string
      policy?: Policy | undefined
      problem?: string | undefined
      text: string
    },
    config: ArtefactDef,
  ) {
    red.nodes.createNode(this, config)
    this.label = config.name || 'policy'
    const { value, problem, text } = loadArtefact(red, this, config, (source) => {
      const { policy, problems } = loadPolicy(source)
      return { value: policy, problems }
    })
    this.policy = value
    this.problem = problem
    this.text = text
  }
  red.nodes.registerType('lead-policy', LeadPolicy as never)
  serveCheck(red, 'lead-policy', check)
}

function check(text: string): object {
  const { policy, problems } = loadPolicy(text)
  return policy === undefined ? { problems } : { problems, summary: summarisePolicy(policy) }
}
