/** The three config nodes as the other nodes see them, and how these find them. */
import type { Contract } from '../../engine/contract/contract'
import { LeadFault } from '../../engine/faults'
import type { Policy } from '../../engine/policy/policy'
import type { PatientStore } from '../../store/patient-store'
import type { Scope } from '../../store/store'
import { onFlowsStarted } from './flows-started'
import type { Server } from './homes'
import type { Red, RedNode } from './red'

export interface StoreNode extends RedNode {
  readonly label: string
  readonly store: PatientStore
  /** Epoch ms. Tests put a clock of their own here. */
  clock: () => number
  /** Nodes that take up work of their own, by id. */
  readonly servers: Map<string, Server>
  /** The gone nodes whose work the node takes as well. */
  readonly adopted: (nodeId: string) => Promise<readonly string[]>
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

/** The names of the policy of a node, its former ones too; none while it cannot be used. */
export function policyNames(red: Red, id: string | undefined): readonly string[] {
  return configNode<PolicyNode>(red, id)?.policy?.names ?? []
}

interface Router {
  readonly store?: string
  readonly policy?: string
}

/** Of the names, a former one that another node routes by is that node's: who waits there is not taken away. */
export function waitingNames(red: Red, { store, policy }: Router): readonly string[] {
  const [own, ...former] = policyNames(red, policy)
  if (own === undefined) return []
  if (former.length === 0) return [own]
  const taken = new Set<string | undefined>()
  red.nodes.eachNode((node) => {
    const other = node as unknown as Router
    if (node.type !== 'lead-route-by-capacity' || red.nodes.getNode(node.id) === null) return
    if (other.store === store && other.policy !== policy)
      taken.add(policyNames(red, other.policy)[0])
  })
  return [own, ...former.filter((name) => !taken.has(name))]
}

/** A config node may be missing or disabled, and then Node-RED gives null. */
export function configNode<T>(red: Red, id: string | undefined): T | undefined {
  return id ? ((red.nodes.getNode(id) as T | null) ?? undefined) : undefined
}

export interface OpenStore {
  readonly store: PatientStore
  readonly now: () => number
}

/** Throws LEAD_STORE_MISSING. */
export function storeNodeOf(red: Red, node: RedNode, id: string | undefined): StoreNode {
  const config = configNode<StoreNode>(red, id)
  if (config === undefined) throw new LeadFault('LEAD_STORE_MISSING', nameOf(node))
  return config
}

/** Throws LEAD_STORE_MISSING. */
export function storeOf(red: Red, node: RedNode, id: string | undefined): OpenStore {
  const config = storeNodeOf(red, node, id)
  return { store: config.store, now: () => config.clock() }
}

/**
 * Makes the node known to its store as one that takes up work of its kind, and gives a function
 * that says whose. `of` names what it does; see Scope.
 */
export function serve(
  red: Red,
  node: RedNode,
  storeId: string,
  { kind, of }: Pick<Server, 'kind' | 'of'>,
): () => Promise<Scope> {
  const server: Server = { kind, nodeId: node.id, of }
  const register = () => {
    configNode<StoreNode>(red, storeId)?.servers.set(node.id, server)
  }
  register()
  // A store that is deployed anew does not start every node anew that uses it.
  onFlowsStarted(red, node, register)
  node.on('close', () => {
    const servers = configNode<StoreNode>(red, storeId)?.servers
    if (servers?.get(node.id) === server) servers.delete(node.id)
  })
  return async () => ({
    nodeId: node.id,
    adopted: await storeNodeOf(red, node, storeId).adopted(node.id),
    of: of(),
  })
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
