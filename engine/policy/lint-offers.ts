/**
 * What is wrong with the offers of a policy: one that nobody could accept in time, or that says two
 * things at once.
 */
import { error, type Finding, type Path, warning } from '../artefact'
import { parseDuration } from '../duration'
import { clockSpecs } from './compile-tier'
import type { PolicySpec, RouteSpec, TierSpec } from './schema'

export function offerFindings(spec: PolicySpec): Finding[] {
  return [
    ...spec.tiers.flatMap((tier, index) => tierFindings(tier, ['tiers', index])),
    ...spec.routes.flatMap((route, index) => routeFindings(route, ['routes', index])),
    ...missesFindings(spec),
  ]
}

function tierFindings(tier: TierSpec, path: Path): Finding[] {
  const findings = declarationFindings(tier, path)
  const respond = clockSpecs(tier).find(({ kind }) => kind === 'first-touch')?.within
  if (tier.offer === undefined || respond === undefined) return findings
  const { within } = tier.offer
  if (parseDuration(within)! < parseDuration(respond)!) return findings
  const message = `an offer of "${tier.id}" stands open for ${within}, and the response is due after ${respond}`
  return [...findings, warning([...path, 'offer', 'within'], message)]
}

function routeFindings(route: RouteSpec, path: Path): Finding[] {
  const findings = declarationFindings(route, path)
  const { to = 1 } = route.offer ?? {}
  if (route.pool !== undefined || to === 1) return findings
  const message = `"${route.id}" leads to one rep, so it cannot offer to ${to}; leave \`to\` out`
  return [...findings, error([...path, 'offer', 'to'], message)]
}

function declarationFindings(
  { id, assign, offer }: Pick<TierSpec, 'id' | 'assign' | 'offer'>,
  path: Path,
): Finding[] {
  if (offer === undefined) return []
  const findings: Finding[] = []
  if (assign !== undefined) {
    const message = `"${id}" assigns outright and offers as well; give one of \`assign\` and \`offer\``
    findings.push(error([...path, 'assign'], message))
  }
  if (parseDuration(offer.within)! <= 0) {
    const message = `"${id}" must leave more than no time to accept an offer`
    findings.push(error([...path, 'offer', 'within'], message))
  }
  return findings
}

function missesFindings({ misses, offlineFor, tiers, routes }: PolicySpec): Finding[] {
  const findings: Finding[] = []
  if (offlineFor !== undefined && misses === undefined) {
    const message =
      '`offlineFor` says how long a rep stays offline after `misses`, which is not given'
    findings.push(error(['offlineFor'], message))
  }
  if (offlineFor !== undefined && parseDuration(offlineFor)! <= 0)
    findings.push(error(['offlineFor'], '`offlineFor` must be more than no time'))
  const offers = [...tiers, ...routes].some(({ offer }) => offer !== undefined)
  if (misses !== undefined && !offers) {
    const message = 'no tier or route has an `offer`, so there is none that could be missed'
    findings.push(warning(['misses'], message))
  }
  return findings
}
