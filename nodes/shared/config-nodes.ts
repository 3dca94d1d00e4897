/** The three config nodes as the other nodes see them, and how these find them. */
import type { Contract } from '../../engine/contract/contract'
import { LeadFault } from '../../engine/faults'
import type { Policy } from '../../engine/policy/policy'
import type { Store } from '../../store/store'
import type { Red, RedNode } from './red'

export interface StoreNode extends RedNode {
  readonly label: string
  readonly store: Store | undefined
  readonly fault: Error | undefined
  /** Epoch ms. Tests put a clock of their own here. */
  clock: () => number
}

export interface ContractNode extends RedNode {
  readonly label: string
  readonly contract: Contract | undefined
  /** What refuses it, in one line. */
  readonly problem: string | undefined
}

export interface PolicyNode extends RedNode {
  readonly label: string
  readonly policy: Policy | undefined
  readonly problem: string | undefined
}

/** A config node may be missing or disabled, and then Node-RED gives null. */
function configNode<T>(red: Red, id: string | undefined): T | undefined {
  return id ? ((red.nodes.getNode(id) as T | null) ?? undefined) : undefined
}

export interface OpenStore {
  readonly store: Store
  readonly now: () => number
}

/** Throws LEAD_STORE_MISSING, or the fault with which the store could not be opened. */
export function storeOf(red: Red, node: RedNode, id: string | undefined): OpenStore {
  const config = configNode<StoreNode>(red, id)
  if (config === undefined) throw new LeadFault('LEAD_STORE_MISSING', nameOf(node))
  if (config.store === undefined) throw config.fault ?? new LeadFault('LEAD_STORE_CLOSED')
  return { store: config.store, now: () => config.clock() }
}

/** Throws LEAD_CONTRACT_MISSING or LEAD_CONTRACT_INVALID. */
export function contractOf(red: Red, node: RedNode, id: string | undefined): Contract {
  const config = configNode<ContractNode>(red, id)
  if (config === undefined) throw new LeadFault('LEAD_CONTRACT_MISSING', nameOf(node))
  if (config.contract === undefined)
    throw new LeadFault('LEAD_CONTRACT_INVALID', config.label, config.problem ?? '')
  return config.contract
}

/** Throws LEAD_POLICY_MISSING or LEAD_POLICY_INVALID. */
export function policyOf(red: Red, node: RedNode, id: string | undefined): Policy {
  const config = configNode<PolicyNode>(red, id)
  if (config === undefined) throw new LeadFault('LEAD_POLICY_MISSING', nameOf(node))
  if (config.policy === undefined)
    throw new LeadFault('LEAD_POLICY_INVALID', config.label, config.problem ?? '')
  return config.policy
}

function nameOf(node: RedNode): string {
  return node.name || node.type
}
