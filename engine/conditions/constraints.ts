/**
 * What can be said about conditions without a lead: that one can never hold, or that one holds
 * whenever another does. Used to refuse rules that cannot fire.
 *
 * Works on plain conjunctions of comparisons; anything with $or or $not is left alone, so a finding
 * is always right, and silence proves nothing.
 */
import { mayHoldList } from '../lead/paths'
import type { ConditionDocument } from './condition'
import type { Scalar } from './operators'

export interface Constraint {
  min: number
  minOpen: boolean
  max: number
  maxOpen: boolean
  /** Allowed values, when the condition lists them. */
  oneOf?: Set<Scalar>
  /** Values that are excluded, each list as it stands: it also asks for a value of its types. */
  noneOf: Set<Scalar>[]
  exists?: boolean
  /** Comparisons we do not reason about, by their text. */
  other: Set<string>
}

export type Constraints = ReadonlyMap<string, Constraint>

const fold = (value: Scalar): Scalar => (typeof value === 'string' ? value.toLowerCase() : value)

/** The conjunction as one constraint per field, or undefined when it is not a plain conjunction. */
export function constraintsOf(document: ConditionDocument): Constraints | undefined {
  const constraints = new Map<string, Constraint>()
  return collect(document, constraints) ? constraints : undefined
}

function collect(document: ConditionDocument, into: Map<string, Constraint>): boolean {
  for (const [key, value] of Object.entries(document)) {
    if (key === '$and') {
      if (!(value as ConditionDocument[]).every((part) => collect(part, into))) return false
    } else if (key.startsWith('$')) {
      return false
    } else if (!collectField(into, key, value)) {
      return false
    }
  }
  return true
}

function collectField(into: Map<string, Constraint>, path: string, operand: unknown): boolean {
  let constraint = into.get(path)
  if (constraint === undefined) {
    constraint = {
      min: Number.NEGATIVE_INFINITY,
      minOpen: false,
      max: Number.POSITIVE_INFINITY,
      maxOpen: false,
      noneOf: [],
      other: new Set(),
    }
    into.set(path, constraint)
  }
  const operators = typeof operand === 'object' ? (operand as object) : { $eq: operand }
  return Object.entries(operators).every(([name, value]) =>
    mayHoldList(path) ? keep(constraint, name, value) : narrow(constraint, name, value as never),
  )
}

/**
 * A list meets a comparison with any of its elements, so two comparisons of one field may be met by
 * two of them and nothing follows from both together: each is only known to be there.
 */
function keep(constraint: Constraint, name: string, value: unknown): boolean {
  constraint.other.add(`${name} ${JSON.stringify(value).toLowerCase()}`)
  return name !== '$not'
}

function narrow(constraint: Constraint, name: string, value: never): boolean {
  switch (name) {
    case '$eq':
      intersectOneOf(constraint, [value])
      return true
    case '$in':
      intersectOneOf(constraint, value)
      return true
    case '$ne':
      constraint.noneOf.push(new Set([fold(value)]))
      return true
    case '$nin':
      constraint.noneOf.push(new Set((value as Scalar[]).map(fold)))
      return true
    case '$gt':
    case '$gte':
      return raiseMin(constraint, value, name === '$gt')
    case '$lt':
    case '$lte':
      return lowerMax(constraint, value, name === '$lt')
    case '$exists':
      if (constraint.exists !== undefined && constraint.exists !== value)
        intersectOneOf(constraint, [])
      constraint.exists = value
      return true
    default:
      return keep(constraint, name, value)
  }
}

function intersectOneOf(constraint: Constraint, values: readonly Scalar[]): void {
  const folded = values.map(fold)
  constraint.oneOf = new Set(
    constraint.oneOf ? folded.filter((value) => constraint.oneOf!.has(value)) : folded,
  )
}

function raiseMin(constraint: Constraint, bound: number | string, open: boolean): boolean {
  if (typeof bound !== 'number') return false
  if (bound > constraint.min || (bound === constraint.min && open)) {
    constraint.min = bound
    constraint.minOpen = open
  }
  return true
}

function lowerMax(constraint: Constraint, bound: number | string, open: boolean): boolean {
  if (typeof bound !== 'number') return false
  if (bound < constraint.max || (bound === constraint.max && open)) {
    constraint.max = bound
    constraint.maxOpen = open
  }
  return true
}

function allowed(constraint: Constraint, value: Scalar): boolean {
  if (!typesOf(constraint).includes(typeof value)) return false
  if (constraint.noneOf.some((excluded) => excluded.has(value))) return false
  if (typeof value !== 'number') return true
  const aboveMin = constraint.minOpen ? value > constraint.min : value >= constraint.min
  const belowMax = constraint.maxOpen ? value < constraint.max : value <= constraint.max
  return aboveMin && belowMax
}

function isBounded({ min, max }: Constraint): boolean {
  return min > Number.NEGATIVE_INFINITY || max < Number.POSITIVE_INFINITY
}

/** The types of which a value may be that is known to be compared; another type is unknown. */
function typesOf(constraint: Constraint): string[] {
  return ['string', 'number', 'boolean'].filter(
    (type) =>
      (type === 'number' || !isBounded(constraint)) &&
      constraint.noneOf.every((excluded) => hasType(excluded, type)),
  )
}

function hasType(values: ReadonlySet<Scalar>, type: string): boolean {
  return [...values].some((value) => typeof value === type)
}

/** The first field on which the condition contradicts itself, or undefined. */
export function contradictoryField(constraints: Constraints): string | undefined {
  for (const [path, constraint] of constraints) {
    const { min, max, minOpen, maxOpen } = constraint
    if (min > max || (min === max && (minOpen || maxOpen))) return path
    if (constraint.oneOf && ![...constraint.oneOf].some((value) => allowed(constraint, value))) {
      return path
    }
    if (constraint.exists === false && compares(constraint)) return path
    if (typesOf(constraint).length === 0) return path
  }
  return undefined
}

/** Whether there is a comparison, which only a known value can meet. */
function compares(constraint: Constraint): boolean {
  const { oneOf, noneOf, other } = constraint
  return oneOf !== undefined || noneOf.length > 0 || isBounded(constraint) || other.size > 0
}

/** True when every lead that meets `specific` certainly meets `general` too. */
export function implies(specific: Constraints, general: Constraints): boolean {
  return [...general].every(([path, wide]) => {
    const narrowed = specific.get(path)
    return narrowed !== undefined && narrower(narrowed, wide)
  })
}

function narrower(narrow: Constraint, wide: Constraint): boolean {
  if (wide.exists === false) return narrow.exists === false && !compares(wide)
  if (wide.exists === true && narrow.exists !== true && !compares(narrow)) return false
  const candidates = narrow.oneOf && [...narrow.oneOf].filter((value) => allowed(narrow, value))
  if (![...wide.other].every((text) => narrow.other.has(text))) return false
  if (candidates) {
    return candidates.every(
      (value) => allowed(wide, value) && (!wide.oneOf || wide.oneOf.has(value)),
    )
  }
  if (wide.oneOf) return false
  if (!wide.noneOf.every((excluded) => excludes(narrow, excluded))) return false
  const minHolds =
    narrow.min > wide.min || (narrow.min === wide.min && (narrow.minOpen || !wide.minOpen))
  const maxHolds =
    narrow.max < wide.max || (narrow.max === wide.max && (narrow.maxOpen || !wide.maxOpen))
  return minHolds && maxHolds
}

/** Whether every value that meets `narrow` is of a type in `excluded`, and none of its values. */
function excludes(narrow: Constraint, excluded: ReadonlySet<Scalar>): boolean {
  const types = typesOf(narrow)
  return (
    types.every((type) => hasType(excluded, type)) &&
    [...excluded].every((value) => !allowed(narrow, value))
  )
}
