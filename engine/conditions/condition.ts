/**
 * Compiles a query document such as `{ company.employees: { $gte: 50 }, $or: [ … ] }` into a
 * closure over the fields' values, and reports everything that is wrong with it.
 *
 * Evaluation is three-valued (./tri): missing values and values below the asked confidence make
 * their condition unknown. There are no regular expressions and no code, so evaluation is total.
 */
import type { Input } from '../lead/lead'
import { type Comparison, compare, comparison } from './comparison'
import type { FieldTable } from './fields'
import { FIELD_OPERATORS, OPERATORS, type OperatorName, type Scalar } from './operators'
import { FALSE, TRUE, type Tri, triNot, UNKNOWN } from './tri'

export type ConditionDocument = Readonly<Record<string, unknown>>

export interface ConditionProblem {
  /** Where in the document, e.g. `company.employees.$gte`; '' is the document itself. */
  readonly at: readonly (string | number)[]
  readonly message: string
}

export interface CompiledCondition {
  readonly evaluate: (inputs: readonly Input[]) => Tri
  /** Slots of the fields that it reads, for the trace. */
  readonly slots: readonly number[]
}

export interface CompileOptions {
  readonly fields: FieldTable
  /** Below this confidence (0..1) a value counts as not known. */
  readonly minConfidence: number
  /** Says what is wrong with a field's name, or undefined. */
  readonly pathProblem: (path: string) => string | undefined
  /** Says why a comparison can never match its field, or undefined; without it, none is asked. */
  readonly operandProblem?: OperandProblem | undefined
}

export type OperandProblem = (
  path: string,
  operator: OperatorName,
  operand: unknown,
) => string | undefined

type Evaluate = CompiledCondition['evaluate']
/** A part of a conjunction: a comparison, or anything else that can be evaluated. */
type Part = { readonly comparison: Comparison } | { readonly evaluate: Evaluate }
type At = readonly (string | number)[]

/** Returns the compiled condition, or every problem in the document. */
export function compileCondition(
  document: unknown,
  options: CompileOptions,
):
  | { condition: CompiledCondition; problems: [] }
  | { condition?: never; problems: ConditionProblem[] } {
  const compiler = new Compiler(options)
  const evaluate = conjunction(compiler.document(document, []))
  if (compiler.problems.length > 0) return { problems: compiler.problems }
  return { condition: { evaluate, slots: [...compiler.slots] }, problems: [] }
}

const never: readonly Part[] = [{ evaluate: () => UNKNOWN }]
const MAX_DEPTH = 20
const PROBLEMS_MAX = 100

class Compiler {
  readonly problems: ConditionProblem[] = []
  readonly slots = new Set<number>()
  readonly #options: CompileOptions

  constructor(options: CompileOptions) {
    this.#options = options
  }

  /** The parts that must all hold; nested conjunctions are parts of the same one. */
  document(document: unknown, at: At): readonly Part[] {
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      return this.#problem(at, 'expected a condition such as { company.country: { $in: [DE] } }')
    }
    if (at.length > MAX_DEPTH) return this.#tooDeep(at)
    const entries = Object.entries(document)
    if (entries.length === 0) {
      return this.#problem(
        at,
        'an empty condition matches nothing; name a field or leave `when` out',
      )
    }
    return entries.flatMap(([key, value]) => this.#entry(key, value, [...at, key]))
  }

  #entry(key: string, value: unknown, at: At): readonly Part[] {
    if (this.problems.length >= PROBLEMS_MAX) return never
    if (key === '$and' || key === '$or') {
      if (!Array.isArray(value) || value.length === 0) {
        return this.#problem(at, `${key} expects a list of conditions that is not empty`)
      }
      const parts = value.map((part, index) => this.document(part, [...at, index]))
      return key === '$and' ? parts.flat() : [{ evaluate: disjunction(parts.map(conjunction)) }]
    }
    if (key === '$not') return [{ evaluate: negation(this.document(value, at)) }]
    if (key.startsWith('$')) {
      return this.#problem(at, `unknown operator ${key}; known here: $and, $or, $not`)
    }
    const pathProblem = this.#options.pathProblem(key)
    if (pathProblem !== undefined) return this.#problem(at, pathProblem)
    return this.#field(key, value, at)
  }

  #field(path: string, operand: unknown, at: At): readonly Part[] {
    if (at.length > MAX_DEPTH) return this.#tooDeep(at)
    const slot = this.#options.fields.slot(path)
    this.slots.add(slot)
    if (typeof operand !== 'object' || operand === null)
      return this.#comparison(path, slot, '$eq', operand, at)
    if (Array.isArray(operand)) {
      return this.#problem(at, 'a list needs an operator: write { $in: […] }')
    }
    const entries = Object.entries(operand)
    if (entries.length === 0) return this.#problem(at, 'expected an operator such as $eq or $gte')
    return entries.flatMap(([name, value]) =>
      this.#operator(path, slot, name, value, [...at, name]),
    )
  }

  #operator(path: string, slot: number, name: string, operand: unknown, at: At): readonly Part[] {
    if (name === '$exists') {
      if (typeof operand !== 'boolean') return this.#problem(at, '$exists expects true or false')
      return [{ evaluate: (inputs) => ((inputs[slot]!.value !== null) === operand ? TRUE : FALSE) }]
    }
    if (name === '$not') return [{ evaluate: negation(this.#field(path, operand, at)) }]
    return this.#comparison(path, slot, name, operand, at)
  }

  #comparison(path: string, slot: number, name: string, operand: unknown, at: At): readonly Part[] {
    const operator = OPERATORS[name as OperatorName] as (typeof OPERATORS)['$eq'] | undefined
    if (operator === undefined || !Object.hasOwn(OPERATORS, name)) {
      const meant = FIELD_OPERATORS.includes(`$${name}`) ? `; did you mean $${name}?` : ''
      return this.#problem(
        at,
        `unknown operator ${name}${meant}; known: ${FIELD_OPERATORS.join(', ')}`,
      )
    }
    const problem = operator.operandProblem(operand)
    if (problem !== undefined) return this.#problem(at, `${name}: ${problem}`)
    const mismatch = this.#options.operandProblem?.(path, name as OperatorName, operand)
    if (mismatch !== undefined) return this.#problem(at, mismatch)
    const test = operator.compile(operand as Scalar)
    const { minConfidence } = this.#options
    return [{ comparison: comparison(slot, name as OperatorName, operand, test, minConfidence) }]
  }

  #tooDeep(at: At): readonly Part[] {
    return this.#problem(at, `conditions may nest ${MAX_DEPTH} deep`)
  }

  #problem(at: At, message: string): readonly Part[] {
    this.problems.push({ at, message })
    return never
  }
}

function conjunction(parts: readonly Part[]): Evaluate {
  const comparisons = parts.flatMap((part) => ('comparison' in part ? [part.comparison] : []))
  const others = parts.flatMap((part) => ('evaluate' in part ? [part.evaluate] : []))
  const plain = allHold(comparisons)
  if (others.length === 0) return plain
  if (parts.length === 1) return others[0]!
  return (inputs) => {
    let result = plain(inputs)
    for (const other of others) {
      if (result === FALSE) return FALSE
      const one = other(inputs)
      if (one !== TRUE) result = one
    }
    return result
  }
}

function allHold(comparisons: readonly Comparison[]): Evaluate {
  return (inputs) => {
    let result: Tri = TRUE
    for (let index = 0; index < comparisons.length; index++) {
      const one = compare(comparisons[index]!, inputs)
      if (one === FALSE) return FALSE
      if (one === UNKNOWN) result = UNKNOWN
    }
    return result
  }
}

function negation(parts: readonly Part[]): Evaluate {
  const inner = conjunction(parts)
  return (inputs) => triNot(inner(inputs))
}

function disjunction(parts: readonly Evaluate[]): Evaluate {
  return (inputs) => {
    let result: Tri = FALSE
    for (const part of parts) {
      const one = part(inputs)
      if (one === TRUE) return TRUE
      if (one === UNKNOWN) result = UNKNOWN
    }
    return result
  }
}

/** The condition in words, for explanations: `company.employees is at least 50`. */
export function describeCondition(document: ConditionDocument): string {
  return Object.entries(document)
    .map(([key, value]) => {
      if (key === '$and' || key === '$or') {
        const word = key === '$and' ? ' and ' : ' or '
        return `(${(value as ConditionDocument[]).map(describeCondition).join(word)})`
      }
      if (key === '$not') return `not (${describeCondition(value as ConditionDocument)})`
      return describeField(key, value)
    })
    .join(' and ')
}

function describeField(path: string, operand: unknown): string {
  if (typeof operand !== 'object' || operand === null) return `${path} is ${operand}`
  return Object.entries(operand)
    .map(([name, value]) => {
      if (name === '$exists') return `${path} is ${value ? 'known' : 'not known'}`
      if (name === '$not') return `not (${describeField(path, value)})`
      return `${path} ${OPERATORS[name as OperatorName].words(value as never)}`
    })
    .join(' and ')
}
