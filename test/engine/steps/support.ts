// Shared by the step tests: what a decision would change, in a form that reads well in a table.
import type { Change, Decision } from '../../../engine/decision'

export const kinds = ({ changes }: Decision): string[] => changes.map(({ kind }) => kind)

export function change<Kind extends Change['kind']>(
  { changes }: Decision,
  kind: Kind,
): Extract<Change, { kind: Kind }> | undefined {
  return changes.find((one) => one.kind === kind) as Extract<Change, { kind: Kind }> | undefined
}

/** The state in which the decision leaves the lead, if it says so. */
export const stateAfter = (decision: Decision) => change(decision, 'lead.save')?.state

/** Journey ends at exactly these outcomes. */
export const ends = (...outcomes: string[]) => ({ ends: new Set(outcomes) })
