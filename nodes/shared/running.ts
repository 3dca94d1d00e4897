import type { LeadNode } from './lead-node'

/** The lead nodes that run, whether on a tab or in a subflow, where the flow file does not know them. */
export const running = new Set<LeadNode>()
