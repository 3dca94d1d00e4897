/**
 * Parts of flows that more than one run needs.
 *
 * Ids begin with `n-`: a property of any node that equals an id counts as a reference to that node,
 * and a node called "contract" with the id `contract` would refer to itself.
 */

export const TAB = 'n-tab'
export const ARTEFACTS = { store: 'n-store', contract: 'n-contract', policy: 'n-policy' }

/** Header of an answer that says which port it comes from. */
export const PORT_HEADER = 'x-lead-port'

/** Settings of a store in the user directory. */
const IN_FILE = { file: 'leads.db' }

/** The tab, and the three config nodes that every lead node refers to by `ARTEFACTS`. */
export function baseNodes(
  label: string,
  contractText: string,
  policyText: string,
  store: object = IN_FILE,
): object[] {
  const inline = { name: '', source: 'inline', file: '' }
  return [
    { id: TAB, type: 'tab', label },
    { id: ARTEFACTS.store, type: 'lead-store', name: '', realm: 'live', ...store },
    { id: ARTEFACTS.contract, type: 'lead-contract', ...inline, text: contractText },
    { id: ARTEFACTS.policy, type: 'lead-policy', ...inline, text: policyText },
  ]
}

/** GET /audit/<command> answers what lead-audit answers. */
export function auditNodes(command: 'verify' | 'census'): object[] {
  const id = `n-audit-${command}`
  const wires = [[], [`${id}-answer`]]
  return [
    httpIn(`${id}-in`, 'get', `/audit/${command}`, id),
    { id, z: TAB, type: 'lead-audit', name: '', ...ARTEFACTS, command, wires },
    httpResponse(`${id}-answer`, '', command),
  ]
}

export function httpIn(id: string, method: string, url: string, to: string): object {
  return { id, z: TAB, type: 'http in', method, url, upload: false, wires: [[to]] }
}

export function httpResponse(id: string, statusCode: string, port: string): object {
  const headers = { [PORT_HEADER]: port }
  return { id, z: TAB, type: 'http response', statusCode, headers, wires: [] }
}
