/**
 * The closed set of comparison operators, one row each: which operand it takes, how it tests a
 * value, how it reads in a sentence. To add an operator, add a row
 * here, its cases in test/engine/conditions/operators.test.ts, and a line in docs/contract.md and in the
 * help of lead-contract, in every language.
 *
 * Text is compared without regard to case, as the field's CRMs do. A list field matches when any
 * of its elements does (as in MongoDB); the negated operators are the negation of that. A value of
 * a type other than the operand's makes the condition unknown, not false: forms and files send 7 as "7".
 */
import { postcodeArea, postcodeProblem } from './postcode'
import { FALSE, TRUE, type Tri, triNot, UNKNOWN } from './tri'

export type Scalar = string | number | boolean
/** Tests a value that is present (never undefined or null). */
export type Test = (value: unknown) => Tri

interface Operator {
  /** Says what is wrong with the operand, or undefined. */
  readonly operandProblem: (operand: unknown) => string | undefined
  readonly compile: (operand: never) => Test
  readonly words: (operand: never) => string
}

const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)

const wantScalar = (operand: unknown) =>
  isScalar(operand) ? undefined : 'expected a text, a number or true/false'
const wantText = (operand: unknown) =>
  typeof operand === 'string' && operand !== '' ? undefined : 'expected a text that is not empty'
const wantList = (operand: unknown) =>
  Array.isArray(operand) && operand.length > 0 && operand.every(isScalar)
    ? undefined
    : 'expected a list of texts, numbers or true/false that is not empty'
const wantOrder = (operand: unknown) =>
  Number.isFinite(operand) || (typeof operand === 'string' && instantMs(operand) !== undefined)
    ? undefined
    : 'expected a number or a date such as 2026-01-31'

const wantPostcodes = (operand: unknown) => {
  const list = Array.isArray(operand) ? operand : [operand]
  if (list.length === 0) return 'expected postcodes such as 80, 10000-14999 or SW1'
  return list.map(postcodeProblem).find((problem) => problem !== undefined)
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

function instantMs(text: string): number | undefined {
  if (!ISO_DATE.test(text) || !isCalendarDay(text.slice(0, 10))) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

/** Date.parse takes 30 February for 2 March. */
function isCalendarDay(day: string): boolean {
  if (Number(day.slice(8)) <= 28) return true
  const ms = Date.parse(day)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day)
}

function fold(value: Scalar): Scalar {
  return typeof value === 'string' ? value.toLowerCase() : value
}

/** A list field matches when one element does; unknown when none does but one might. */
function anyElement(test: Test): Test {
  return (value) => {
    if (!Array.isArray(value)) return test(value)
    let result: Tri = FALSE
    for (const element of value) {
      const one = element === null || element === undefined ? UNKNOWN : test(element)
      if (one === TRUE) return TRUE
      if (one === UNKNOWN) result = UNKNOWN
    }
    return result
  }
}

/** A text, a number and true/false are never the same, nor surely different: "7" may mean 7. */
const equals = (operand: Scalar): Test => {
  const type = typeof operand
  const folded = fold(operand)
  return anyElement((value) => {
    if (value === operand) return TRUE
    if (typeof value !== type) return UNKNOWN
    return typeof value === 'string' && value.toLowerCase() === folded ? TRUE : FALSE
  })
}

/** In a list of several types the members of the value's own type decide. */
const within = (operand: readonly Scalar[]): Test => {
  const members = new Set(operand.map(fold))
  const types = new Set<string>(operand.map((member) => typeof member))
  return anyElement((value) => {
    if (members.has(fold(value as Scalar))) return TRUE
    return types.has(typeof value) ? FALSE : UNKNOWN
  })
}

const textTest = (operand: string, test: (text: string, operand: string) => boolean): Test => {
  const folded = operand.toLowerCase()
  return anyElement((value) =>
    typeof value === 'string' ? (test(value.toLowerCase(), folded) ? TRUE : FALSE) : UNKNOWN,
  )
}

const inPostcodes = (operand: string | readonly string[]): Test => {
  const areas = [operand].flat().map(postcodeArea)
  return anyElement((value) => {
    if (typeof value !== 'string') return UNKNOWN
    return areas.some((holds) => holds(value)) ? TRUE : FALSE
  })
}

const contains = (operand: Scalar): Test => {
  const member = equals(operand)
  const part =
    typeof operand === 'string' ? textTest(operand, (text, sub) => text.includes(sub)) : undefined
  return (value) => (Array.isArray(value) || part === undefined ? member(value) : part(value))
}

function ordered(operand: number | string, test: (a: number, b: number) => boolean): Test {
  if (typeof operand === 'number') {
    return anyElement((value) =>
      typeof value === 'number' ? (test(value, operand) ? TRUE : FALSE) : UNKNOWN,
    )
  }
  const boundMs = instantMs(operand)!
  return anyElement((value) => {
    const ms = typeof value === 'string' ? instantMs(value) : undefined
    return ms === undefined ? UNKNOWN : test(ms, boundMs) ? TRUE : FALSE
  })
}

const not =
  (test: Test): Test =>
  (value) =>
    triNot(test(value))
const list = (operand: readonly Scalar[]) => operand.join(', ')

export const OPERATORS = {
  $eq: { operandProblem: wantScalar, compile: equals, words: (v: Scalar) => `is ${v}` },
  $ne: {
    operandProblem: wantScalar,
    compile: (v: Scalar) => not(equals(v)),
    words: (v: Scalar) => `is not ${v}`,
  },
  $in: {
    operandProblem: wantList,
    compile: within,
    words: (v: Scalar[]) => `is one of ${list(v)}`,
  },
  $nin: {
    operandProblem: wantList,
    compile: (v: Scalar[]) => not(within(v)),
    words: (v: Scalar[]) => `is none of ${list(v)}`,
  },
  $gt: {
    operandProblem: wantOrder,
    compile: (v: number | string) => ordered(v, (a, b) => a > b),
    words: (v: number | string) => `is more than ${v}`,
  },
  $gte: {
    operandProblem: wantOrder,
    compile: (v: number | string) => ordered(v, (a, b) => a >= b),
    words: (v: number | string) => `is at least ${v}`,
  },
  $lt: {
    operandProblem: wantOrder,
    compile: (v: number | string) => ordered(v, (a, b) => a < b),
    words: (v: number | string) => `is less than ${v}`,
  },
  $lte: {
    operandProblem: wantOrder,
    compile: (v: number | string) => ordered(v, (a, b) => a <= b),
    words: (v: number | string) => `is at most ${v}`,
  },
  $contains: {
    operandProblem: wantScalar,
    compile: contains,
    words: (v: Scalar) => `contains ${v}`,
  },
  $startsWith: {
    operandProblem: wantText,
    compile: (v: string) => textTest(v, (text, sub) => text.startsWith(sub)),
    words: (v: string) => `starts with ${v}`,
  },
  $endsWith: {
    operandProblem: wantText,
    compile: (v: string) => textTest(v, (text, sub) => text.endsWith(sub)),
    words: (v: string) => `ends with ${v}`,
  },
  $postcode: {
    operandProblem: wantPostcodes,
    compile: inPostcodes,
    words: (v: string | string[]) => `is in ${[v].flat().join(', ')}`,
  },
} satisfies Record<string, Operator>

export type OperatorName = keyof typeof OPERATORS

/** `$exists` and `$not` are handled by the compiler: one sees absent values, one wraps others. */
export const FIELD_OPERATORS: readonly string[] = [...Object.keys(OPERATORS), '$exists', '$not']
export const LOGIC_OPERATORS: readonly string[] = ['$and', '$or', '$not']
