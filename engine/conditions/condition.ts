/**
 * Compiles a query document such as `{ company.employees: { $gte: 50 }, $or: [ … ] }` into a
 * closure over the fields' values, and reports everything that is wrong with it.
 *
 * Evaluation is three-valued (./tri): missing values and values below the asked confidence make
 * their condition unknown. There are no regular expressions and no code, so evaluation is total.
 */
import type { Input } from '../lead/lead'
import type { FieldTable } from './fields'
import { FIELD_OPERATORS, OPERATORS, type OperatorName, type Scalar, type Test } from './operators'
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
}

type Evaluate = CompiledCondition['evaluate']
type At = readonly (string | number)[]

/** Returns the compiled condition, or every problem in the document. */
export function compileCondition(
  document: unknown,
  options: CompileOptions,
):
  | { condition: CompiledCondition; problems: [] }
  | { condition?: never; problems: ConditionProblem[] } {
  const compiler = new Compiler(options)
  const evaluate = compiler.document(document, [])
  if (compiler.problems.length > 0) return { problems: compiler.problems }
  return { condition: { evaluate, slots: [...compiler.slots] }, problems: [] }
}

const never: Evaluate = () => UNKNOWN
const MAX_DEPTH = 20

class Compiler {
  readonly problems: ConditionProblem[] = []
  readonly slots = new Set<number>()
  readonly #options: CompileOptions

  constructor(options: CompileOptions) {
    this.#options = options
  }

  document(document: unknown, at: At): Evaluate {
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
    return conjunction(entries.map(([key, value]) => this.#entry(key, value, [...at, key])))
  }

  #entry(key: string, value: unknown, at: At): Evaluate {
    if (key === '$and' || key === '$or') {
      if (!Array.isArray(value) || value.length === 0) {
        return this.#problem(at, `${key} expects a list of conditions that is not empty`)
      }
      const parts = value.map((part, index) => this.document(part, [...at, index]))
      return key === '$and' ? conjunction(parts) : disjunction(parts)
    }
    if (key === '$not') {
      const inner = this.document(value, at)
      return (inputs) => triNot(inner(inputs))
    }
    if (key.startsWith('$')) {
      return this.#problem(at, `unknown operator ${key}; known here: $and, $or, $not`)
    }
    const pathProblem = this.#options.pathProblem(key)
    if (pathProblem !== undefined) return this.#problem(at, pathProblem)
    return this.#field(key, value, at)
  }

  #field(path: string, operand: unknown, at: At): Evaluate {
    if (at.length > MAX_DEPTH) return this.#tooDeep(at)
    const slot = this.#options.fields.slot(path)
    this.slots.add(slot)
    if (typeof operand !== 'object' || operand === null)
      return this.#comparison(slot, '$eq', operand, at)
    if (Array.isArray(operand)) {
      return this.#problem(at, 'a list needs an operator: write { $in: […] }')
    }
    const entries = Object.entries(operand)
    if (entries.length === 0) return this.#problem(at, 'expected an operator such as $eq or $gte')
    return conjunction(
      entries.map(([name, value]) => this.#operator(path, slot, name, value, [...at, name])),
    )
  }

  #operator(path: string, slot: number, name: string, operand: unknown, at: At): Evaluate {
    if (name === '$exists') {
      if (typeof operand !== 'boolean') return this.#problem(at, '$exists expects true or false')
      return (inputs) => ((inputs[slot]!.value !== null) === operand ? TRUE : FALSE)
    }
    if (name === '$not') {
      const inner = this.#field(path, operand, at)
      return (inputs) => triNot(inner(inputs))
    }
    return this.#comparison(slot, name, operand, at)
  }

  #comparison(slot: number, name: string, operand: unknown, at: At): Evaluate {
    const operator = OPERATORS[name as OperatorName] as (typeof OPERATORS)['$eq'] | undefined
    if (operator === undefined || !Object.hasOwn(OPERATORS, name)) {
      return this.#problem(at, `unknown operator ${name}; known: ${FIELD_OPERATORS.join(', ')}`)
    }
    const problem = operator.operandProblem(operand)
    if (problem !== undefined) return this.#problem(at, `${name}: ${problem}`)
    return guarded(slot, operator.compile(operand as Scalar), this.#options.minConfidence)
  }

  #tooDeep(at: At): Evaluate {
    return this.#problem(at, `conditions may nest ${MAX_DEPTH} deep`)
  }

  #problem(at: At, message: string): Evaluate {
    this.problems.push({ at, message })
    return never
  }
}

function guarded(slot: number, test: Test, minConfidence: number): Evaluate {
  return (inputs) => {
    const input = inputs[slot]!
    if (input.value === null) return UNKNOWN
    // A value that nobody believes at all (a model below its cut-off) is never known.
    if (input.confidence !== undefined && (input.confidence < minConfidence || input.confidence === 0))
      return UNKNOWN
    return test(input.value)
  }
}

function conjunction(parts: readonly Evaluate[]): Evaluate {
  if (parts.length === 1) return parts[0]!
  return (inputs) => {
    let result: Tri = TRUE
    for (const part of parts) {
      const one = part(inputs)
      if (one === FALSE) return FALSE
      if (one === UNKNOWN) result = UNKNOWN
    }
    return result
  }
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
