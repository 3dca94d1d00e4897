/** How a lead is handed over: assigned outright, or offered first. The route has the last word, then the tier. */
import { compileOffer } from '../policy/compile-tier'
import type { Offer } from '../policy/policy'
import type { RouteSpec } from '../policy/schema'

export interface Handover {
  /** What the lead's tier says; absent: outright. */
  readonly byTier?: Offer | undefined
}

/** Undefined: outright. */
export function offerOf(route: RouteSpec, handover: Handover | undefined): Offer | undefined {
  if (handover === undefined || route.assign !== undefined) return undefined
  return route.offer === undefined ? handover.byTier : compileOffer(route.offer)
}
