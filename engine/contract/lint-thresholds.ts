/**
 * Conditions on points, held against what the rules can give: thresholds that no lead reaches, and
 * thresholds that every lead passes, behind which no decision is ever read.
 */
import { error, type Finding, type Path, warning } from '../artefact'
import { type Constraint, constraintsOf, implies } from '../conditions/constraints'
import { safeConstraints } from '../conditions/rules'
import { clamp } from '../scoring/fit'
import type { Contract } from './contract'
import type { ContractSpec } from './schema'

/** What a score lies between; upper and lower bounds, as rules may exclude each other. */
interface Range {
  readonly least: number
  readonly most: number
}

type Ranges = Readonly<Record<string, Range>>

export function thresholdFindings(contract: Contract): Finding[] {
  const { suppress = [], decide } = contract.spec
  const ranges = rangesOf(contract)
  const unreachable = (['suppress', 'decide'] as const).flatMap((section) =>
    (contract.spec[section] ?? []).flatMap(({ when }, index) =>
      unreachableFindings(when, [section, index, 'when'], ranges),
    ),
  )
  const always = [
    ...suppress.flatMap(({ id, when }, index) => {
      const path = passedByAll(when, ranges)
      return path === undefined
        ? []
        : [error(['suppress', index, 'when', path], `"${id}" ${allOf(path, ranges)}`)]
    }),
    ...decide.flatMap((rule, index) => passedFindings(rule, index, decide, ranges)),
  ]
  return [...unreachable, ...always]
}

function rangesOf({ fit, intent, spec }: Contract): Ranges {
  const fitPoints = spec.fit.rules.map(({ points }) => points)
  // A signal may come many times, so without `max` only floor and cap bound a rule.
  const intentPoints = spec.intent.rules.map(({ points, max }) => {
    if (points === 0) return 0
    return points > 0 ? (max ?? Number.POSITIVE_INFINITY) : -(max ?? Number.POSITIVE_INFINITY)
  })
  const fitRange = rangeOf(fitPoints, fit)
  return {
    'fit.points': fitRange,
    'fit.possible': fitRange,
    'intent.points': rangeOf(intentPoints, intent),
    'intent.account.points': {
      least: Number.NEGATIVE_INFINITY,
      most: intent.account?.cap ?? Number.NEGATIVE_INFINITY,
    },
  }
}

function rangeOf(
  points: readonly number[],
  { floor, cap }: { readonly floor: number; readonly cap: number },
): Range {
  const sum = (bound: (a: number, b: number) => number) =>
    points.reduce((total, one) => total + bound(0, one), 0)
  return { least: clamp(sum(Math.min), floor, cap), most: clamp(sum(Math.max), floor, cap) }
}

function unreachableFindings(
  when: Readonly<Record<string, unknown>> | undefined,
  place: Path,
  ranges: Ranges,
): Finding[] {
  const constraints = when && safeConstraints(when)
  if (!constraints) return []
  return Object.entries(ranges).flatMap(([path, range]) => {
    const wanted = constraints.get(path)
    const problem = wanted && unreachable(wanted, range, path)
    return problem === undefined ? [] : [error([...place, path], problem)]
  })
}

function unreachable(wanted: Constraint, { least, most }: Range, path: string): string | undefined {
  const low = leastOf(wanted)
  const high = mostOf(wanted)
  if (most === Number.NEGATIVE_INFINITY) {
    return Number.isFinite(low.value) || Number.isFinite(high.value)
      ? '`intent.account` is only known when the contract has an `intent.account` section'
      : undefined
  }
  if (low.value > most || (low.value === most && low.open)) {
    const asked = `${low.open ? 'more than ' : ''}${low.value}`
    return `asks for ${asked}, but the rules give at most ${most} ${scoreWords(path)}`
  }
  if (high.value > least || (high.value === least && !high.open)) return undefined
  const asked = `${high.open ? 'less than ' : 'at most '}${high.value}`
  return `asks for ${asked}, but no lead has less than ${least} ${scoreWords(path)}`
}

function scoreWords(path: string): string {
  return path === 'fit.possible' ? 'possible fit points' : `${path.replace('.points', '')} points`
}

/** The least number that a condition on points is content with. */
function leastOf({ min, minOpen, oneOf }: Constraint): { value: number; open: boolean } {
  const listed = numbersOf(oneOf)
  const value = listed.length > 0 ? Math.max(min, Math.min(...listed)) : min
  return { value, open: value === min && minOpen }
}

/** The greatest. */
function mostOf({ max, maxOpen, oneOf }: Constraint): { value: number; open: boolean } {
  const listed = numbersOf(oneOf)
  const value = listed.length > 0 ? Math.min(max, Math.max(...listed)) : max
  return { value, open: value === max && maxOpen }
}

function numbersOf(oneOf: Constraint['oneOf']): number[] {
  return [...(oneOf ?? [])].filter((value) => typeof value === 'number')
}

/** A decision that every lead passes: those behind it are dead; before the last it is no threshold. */
function passedFindings(
  { id, when }: ContractSpec['decide'][number],
  index: number,
  decide: ContractSpec['decide'],
  ranges: Ranges,
): Finding[] {
  const path = passedByAll(when, ranges)
  if (path === undefined) return []
  const place = ['decide', index, 'when', path]
  const next = decide[index + 1]
  const message = `"${id}" ${allOf(path, ranges)}`
  if (next?.when !== undefined)
    return [error(place, `${message}, and "${next.id}" behind it can never be reached`)]
  // At the very bound it may be meant: "from the floor up".
  const { min } = safeConstraints(when!)!.get(path)!
  return min === ranges[path]!.least ? [] : [warning(place, message)]
}

function allOf(path: string, ranges: Ranges): string {
  const { least, most } = ranges[path]!
  return `holds for every lead: ${scoreWords(path)} always lie between ${least} and ${most}`
}

/** The first field of a condition that every lead meets, as it asks for points only. */
function passedByAll(
  when: Readonly<Record<string, unknown>> | undefined,
  ranges: Ranges,
): string | undefined {
  const constraints = when && safeConstraints(when)
  if (constraints === undefined || constraints.size === 0) return undefined
  const bounds = Object.entries(ranges)
    .filter(([, { least }]) => Number.isFinite(least))
    .map(([path, { least, most }]) => [path, { $gte: least, $lte: most }] as const)
  const everyLead = constraintsOf(Object.fromEntries(bounds))!
  return implies(everyLead, constraints) ? [...constraints.keys()][0] : undefined
}
