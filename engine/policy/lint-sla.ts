/**
 * What is wrong with the clocks of a policy: one that cannot run, stop or act as it is written.
 */
import { error, type Finding, type Path, warning } from '../artefact'
import { parseDuration } from '../duration'
import { EVIDENCE, evidenceProblem } from '../sla/evidence'
import { clockSpecs, pauseStates } from './compile-tier'
import type { ClockSpec, PolicySpec, TierSpec } from './schema'

export function slaFindings(spec: PolicySpec): Finding[] {
  return [
    ...lastTierFindings(spec.tiers),
    ...spec.tiers.flatMap((tier, index) => [
      ...tierFindings(tier, ['tiers', index]),
      ...clocksOf(tier, ['tiers', index]).flatMap((placed) => clockFindings(tier, placed)),
      ...stateFindings(spec, tier, ['tiers', index]),
      ...hoursFindings(spec, tier, ['tiers', index]),
      ...overflowFindings(spec, tier, ['tiers', index]),
    ]),
  ]
}

type Placed = readonly [clock: ClockSpec, path: Path]

/** Each clock as it is written, with its place; the short form stands in the tier itself. */
function clocksOf(tier: TierSpec, path: Path): Placed[] {
  const { respond, clocks = [], from, remind, escalate } = tier
  const short = {
    kind: 'first-touch' as const,
    within: respond ?? '0s',
    from,
    remind,
    escalate,
    stopOn: tier.stopOn,
  } as ClockSpec
  return [
    ...(respond === undefined ? [] : [[short, path] as const]),
    ...clocks.map((clock, j) => [clock, [...path, 'clocks', j]] as const),
  ]
}

function lastTierFindings(tiers: readonly TierSpec[]): Finding[] {
  if (tiers.some(({ when }) => when === undefined)) return []
  const message = 'the last tier must have no `when`, so that every lead gets a clock'
  return [error(['tiers', tiers.length - 1, 'when'], message)]
}

function tierFindings(tier: TierSpec, path: Path): Finding[] {
  const findings: Finding[] = []
  const { id, respond, clocks = [] } = tier
  if (respond !== undefined && tier.clock === undefined)
    findings.push(error(path, `"${id}" must have \`clock\`: always or business`))
  if (respond === undefined) {
    for (const key of ['from', 'remind', 'escalate'] as const) {
      if (tier[key] === undefined) continue
      const message = `\`${key}\` belongs to \`respond\`, which "${id}" does not have; write it in the clock that it is for`
      findings.push(error([...path, key], message))
    }
  }
  const first = clocksOf(tier, path).filter(([{ kind }]) => kind === 'first-touch')
  if (first.length === 0) {
    const message = `"${id}" has no first-touch clock; give \`respond\`, or a clock of the kind first-touch`
    findings.push(error(path, message))
  }
  for (const [, place] of first.slice(1)) {
    const message = `"${id}" has two first-touch clocks; \`respond\` is one already, or an earlier clock is`
    findings.push(error(place, message))
  }
  const seen = new Set(['first-touch'])
  clocks.forEach(({ id: named, kind, clock }, j) => {
    const name = named ?? kind
    const place = [...path, 'clocks', j]
    if (clock === undefined && tier.clock === undefined)
      findings.push(error(place, `the clock "${name}" must have \`clock\`: always or business`))
    if (kind === 'first-touch') {
      if (name === kind) return
      const message = 'the first-touch clock has no name of its own; leave `id` out'
      findings.push(error([...place, 'id'], message))
      return
    }
    if (seen.has(name)) {
      const cure = named === undefined ? '; give each an `id`' : ''
      const message = `"${tier.id}" has two clocks with the name "${name}"${cure}`
      findings.push(error(named === undefined ? place : [...place, 'id'], message))
    }
    seen.add(name)
  })
  return findings
}

function clockFindings(tier: TierSpec, [clock, path]: Placed): Finding[] {
  const isTier = path.length === 2
  const budgetKey = isTier ? 'respond' : 'within'
  const name = isTier ? tier.id : (clock.id ?? clock.kind)
  const { kind, within, from, remind = [], escalate = [], stopOn = [] } = clock
  const withinMs = parseDuration(within)!
  const findings: Finding[] = []
  if (withinMs <= 0)
    findings.push(error([...path, budgetKey], `"${name}" must allow more than no time`))
  else
    remind.forEach((after, j) => {
      if (parseDuration(after)! < withinMs) return
      const message = `the reminder after ${after} comes no earlier than the breach after ${within}`
      findings.push(warning([...path, 'remind', j], message))
    })
  if (kind === 'first-touch' && from === 'first-touch') {
    const message =
      'a first-touch clock cannot begin with the first touch; use received or assigned'
    findings.push(error([...path, 'from'], message))
  }
  if (kind === 'resolution' && stopOn.length > 0) {
    const message = 'a resolution stops when sales is done with the lead; `stopOn` is for contact'
    findings.push(error([...path, 'stopOn'], message))
  }
  stopOn.forEach((word, j) => {
    const problem = evidenceProblem(word)
    if (problem === undefined) return
    findings.push(error([...path, 'stopOn', j], `${problem}; known: ${EVIDENCE.join(', ')}`))
  })
  escalate.forEach(({ action, to }, j) => {
    if (to === undefined || action === 'notify' || action === 'reassign') return
    const whose =
      action === 'overflow'
        ? 'overflow goes to the overflow of the lead’s own pool'
        : 'auto-accept leaves the lead with its rep'
    const message = `${whose}; leave \`to\` out, or use reassign`
    findings.push(error([...path, 'escalate', j, 'to'], message))
  })
  return findings
}

/** States that nothing ever puts a lead into would pause nothing. */
function stateFindings(spec: PolicySpec, tier: TierSpec, path: Path): Finding[] {
  const known = pauseStates(spec)
  const lists: (readonly [readonly string[] | undefined, Path])[] = [
    [tier.pauseOn, path],
    ...(tier.clocks ?? []).map(({ pauseOn }, j) => [pauseOn, [...path, 'clocks', j]] as const),
  ]
  return lists.flatMap(([states = [], place]) =>
    states.flatMap((state, k) => {
      if (known.has(state)) return []
      const message = `there is no state "${state}" to pause on; known: ${[...known.keys()].join(', ') || 'none'}. \`pauses\` of the policy lists them`
      return [error([...place, 'pauseOn', k], message)]
    }),
  )
}

/** Business time without hours would count around the clock, which nobody who wrote it meant. */
function hoursFindings(
  { calendars = {}, reps }: PolicySpec,
  tier: TierSpec,
  path: Path,
): Finding[] {
  const unnamed = clockSpecs(tier).filter(
    ({ clock, calendar }) => clock === 'business' && calendar === undefined,
  )
  if (unnamed.length === 0) return []
  const place = tier.clock === 'business' ? [...path, 'clock'] : path
  if (Object.keys(calendars).length === 0) {
    const message = `"${tier.id}" counts business time, but the policy has no calendar`
    return [error(place, message)]
  }
  const without = reps.find(({ calendar }) => calendar === undefined)
  if (without === undefined) return []
  const message = `"${tier.id}" counts business time of the rep, but "${without.id}" has no calendar and so counts around the clock`
  return [warning(place, message)]
}

function overflowFindings({ pools }: PolicySpec, tier: TierSpec, path: Path): Finding[] {
  if (pools.some(({ overflow }) => overflow !== undefined)) return []
  return clocksOf(tier, path).flatMap(([{ escalate = [] }, place]) =>
    escalate.flatMap(({ action }, j) =>
      action === 'overflow'
        ? [error([...place, 'escalate', j, 'action'], 'no pool of this policy has an `overflow`')]
        : [],
    ),
  )
}
