/**
 * Whether a comparison can match its field at all, by what the lead's schema says of the field.
 *
 * A number compared with a text, a value that an enumeration does not have, a country by its name:
 * such a rule would load, never match, and nobody would be told. Fields of one's own
 * (`attributes.*`) and details of signals are free, so nothing is said of them.
 */
import type { TSchema } from '@sinclair/typebox'
import { shown } from '../artefact'
import { fieldSchema, nearestWord } from '../lead/paths'
import type { OperatorName } from './operators'
import { spelling } from './spelling'

interface Comparison {
  readonly path: string
  readonly schema: TSchema
  readonly operator: OperatorName
  readonly operand: unknown
}

/** Longer than any field of the lead; only the name of a system of one's own may be. */
const PATH_SHOWN = 100
const ORDER: ReadonlySet<string> = new Set(['$gt', '$gte', '$lt', '$lte'])
const PART: ReadonlySet<string> = new Set(['$contains', '$startsWith', '$endsWith'])

/** Every text contains the empty one, whatever the field. */
export function emptyTextProblem(
  _path: string,
  operator: OperatorName,
  operand: unknown,
): string | undefined {
  return operator === '$contains' && operand === ''
    ? '$contains: expected a text that is not empty'
    : undefined
}

/** Why the comparison can never match, or undefined. Requires an operand that the operator takes. */
export function operandTypeProblem(
  path: string,
  operator: OperatorName,
  operand: unknown,
): string | undefined {
  const empty = emptyTextProblem(path, operator, operand)
  const field = fieldSchema(path)
  if (empty !== undefined || field === undefined) return empty
  const schema: TSchema = field.type === 'array' ? field.items : field
  const comparison = { path: path.slice(0, PATH_SHOWN), schema, operator, operand }
  if (operator === '$postcode')
    return path.endsWith('.postcode') ? undefined : noPostcode(comparison)
  if (schema.type === 'object') {
    return `${path} holds records, which cannot be compared; only $exists can ask for it`
  }
  if (schema.type === 'number' || schema.type === 'integer') return numberProblem(comparison)
  if (schema.type === 'boolean') return booleanProblem(comparison)
  if (schema.enum !== undefined || schema.const !== undefined) return wordProblem(comparison)
  return isTime(path, schema) ? timeProblem(comparison) : textProblem(comparison)
}

function noPostcode({ path }: Comparison): string {
  return `$postcode only looks into a postcode, which ${path} is not; did you mean company.postcode?`
}

function never(path: string, is: string, value: unknown, cure: string): string {
  return `${path} is ${is}, so ${shown(value)} can never match; ${cure}`
}

/** The first problem among the values of `$in`, or of the one value. */
function firstOf(
  operand: unknown,
  problem: (value: unknown) => string | undefined,
): string | undefined {
  for (const value of [operand].flat()) {
    const found = problem(value)
    if (found !== undefined) return found
  }
  return undefined
}

function numberProblem({ path, schema, operator, operand }: Comparison): string | undefined {
  if (operator === '$startsWith' || operator === '$endsWith')
    return `${path} is a number, and ${operator} compares texts; use $eq, $in, $gte or $lte`
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
  return firstOf(operand, (value) => {
    if (typeof value !== 'number')
      return never(path, 'a number', value, 'write a number such as 50, without quotes')
    if (value >= minimum && value <= maximum) return undefined
    const range = maximum === Number.POSITIVE_INFINITY ? 'up' : `to ${maximum}`
    return `${path} is a number from ${minimum} ${range}; ${value} lies outside`
  })
}

function booleanProblem({ path, operator, operand }: Comparison): string | undefined {
  if (ORDER.has(operator) || operator === '$startsWith' || operator === '$endsWith')
    return `${path} is true or false, which ${operator} cannot compare; write true or false`
  return firstOf(operand, (value) =>
    typeof value === 'boolean'
      ? undefined
      : never(path, 'true or false', value, 'write true or false, without quotes'),
  )
}

function wordProblem({ path, schema, operator, operand }: Comparison): string | undefined {
  const words: readonly string[] = schema.enum ?? [schema.const]
  const is = `one of ${words.join(', ')}`
  if (ORDER.has(operator)) return `${path} is ${is}, which ${operator} cannot compare; use $in`
  const matches = wordTest(operator)
  return firstOf(operand, (value) => {
    if (typeof value === 'string' && words.some((word) => matches(word, value.toLowerCase())))
      return undefined
    const nearest = nearestWord(String(value), words)
    return never(path, is, value, nearest ? `did you mean ${nearest}?` : 'write one of these')
  })
}

function wordTest(operator: OperatorName): (word: string, value: string) => boolean {
  if (operator === '$contains') return (word, value) => word.includes(value)
  if (operator === '$startsWith') return (word, value) => word.startsWith(value)
  if (operator === '$endsWith') return (word, value) => word.endsWith(value)
  return (word, value) => word === value
}

/** `enrichment.at` has no format in the schema, as flows of one's own write it too. */
function isTime(path: string, schema: TSchema): boolean {
  return schema.format === 'date-time' || path === 'enrichment.at'
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/

function timeProblem({ path, operator, operand }: Comparison): string | undefined {
  const cure = 'use $gte and $lt with a date such as 2026-01-31'
  if (ORDER.has(operator))
    return typeof operand === 'string' ? undefined : never(path, 'a time', operand, cure)
  if (PART.has(operator))
    return typeof operand === 'string' ? undefined : never(path, 'a time', operand, cure)
  return firstOf(operand, (value) =>
    typeof value === 'string' && MOMENT.test(value)
      ? undefined
      : never(path, 'a moment', value, cure),
  )
}

function textProblem({ path, operator, operand }: Comparison): string | undefined {
  if (ORDER.has(operator)) {
    const what = typeof operand === 'number' ? 'no number' : 'no time'
    return `${path} is a text and ${what}, so ${operator} ${operand} can never match; use $eq, $in or $contains`
  }
  return firstOf(operand, (value) => {
    if (typeof value !== 'string')
      return never(path, 'a text', value, `write ${shown(String(value))}`)
    return PART.has(operator) ? partProblem(path, value) : spellingProblem(path, value)
  })
}

const COUNTRY_LENGTH = 2

function partProblem(path: string, part: string): string | undefined {
  if (!path.endsWith('.country') || part.length <= COUNTRY_LENGTH) return undefined
  return spellingProblem(path, part)
}

function spellingProblem(path: string, value: string): string | undefined {
  const rule = spelling(path)
  if (rule === undefined) return undefined
  const kept = rule.kept(value)
  if (kept?.toLowerCase() === value.toLowerCase()) return undefined
  return never(path, `kept as ${rule.form}`, value, kept ? `write ${kept}` : rule.expected)
}
