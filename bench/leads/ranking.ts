/**
 * How well points rank leads: AUC, and the conversion and lift of the best part.
 *
 * Leads with the same points have no order among themselves, so nothing here depends on the order
 * in which they come: a tie counts half, and a tie at the edge of the best part goes in by its share.
 */

export interface Ranked {
  readonly points: number
  readonly converted: boolean
}

export interface TopPart {
  /** Leads in the part, rounded to whole leads. */
  readonly leads: number
  /** Share that converted, 0..1. */
  readonly conversion: number
  /** Conversion of the part ÷ conversion of all; undefined when nobody converted. */
  readonly lift: number | undefined
}

/** Share of the leads that converted, 0..1; undefined without leads. */
export function conversion(leads: readonly Ranked[]): number | undefined {
  return leads.length === 0 ? undefined : count(leads) / leads.length
}

/**
 * The chance that a lead that converted has more points than one that did not, ties counted half
 * (Mann-Whitney U ÷ pairs). Undefined when all leads or none converted: then there is no pair.
 */
export function areaUnderCurve(leads: readonly Ranked[]): number | undefined {
  const positives = count(leads)
  const negatives = leads.length - positives
  if (positives === 0 || negatives === 0) return undefined
  let below = 0
  let wins = 0
  for (const group of groupsByPoints(leads)) {
    const won = count(group)
    const lost = group.length - won
    wins += won * (below + lost / 2)
    below += lost
  }
  return wins / (positives * negatives)
}

/** The leads with the most points, `share` of all (0 < share <= 1); undefined without leads. */
export function topPart(leads: readonly Ranked[], share: number): TopPart | undefined {
  if (leads.length === 0) return undefined
  const size = Math.max(1, Math.round(leads.length * share))
  let taken = 0
  let converted = 0
  for (const group of groupsByPoints(leads).reverse()) {
    const part = Math.min(group.length, size - taken)
    converted += count(group) * (part / group.length)
    taken += part
    if (taken === size) break
  }
  const all = conversion(leads)!
  const rate = converted / size
  return { leads: size, conversion: rate, lift: all === 0 ? undefined : rate / all }
}

function count(leads: readonly Ranked[]): number {
  return leads.reduce((total, { converted }) => total + (converted ? 1 : 0), 0)
}

/** Leads with the same points together, fewest points first. */
function groupsByPoints(leads: readonly Ranked[]): Ranked[][] {
  const groups = Map.groupBy(leads, ({ points }) => points)
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group)
}
