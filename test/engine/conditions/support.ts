// Shared by the condition tests: a condition over loose values, evaluated the way rules are.
import assert from 'node:assert/strict'
import { compileCondition } from '../../../engine/conditions/condition'
import { FieldTable } from '../../../engine/conditions/fields'
import { TRI_NAMES } from '../../../engine/conditions/tri'
import type { Input } from '../../../engine/lead/lead'

export type Answer = (typeof TRI_NAMES)[number]

/** The values by field; `{ value, confidence }` gives one a confidence. Missing fields are null. */
export type Values = Readonly<Record<string, unknown>>

export const options = (fields = new FieldTable(), minConfidence = 0.5) => ({
  fields,
  minConfidence,
  pathProblem: () => undefined,
})

/** Compiles, asserting that the document is fine, and evaluates over the values. */
export function answer(document: object, values: Values = {}, minConfidence = 0.5): Answer {
  const fields = new FieldTable()
  const { condition, problems } = compileCondition(document, options(fields, minConfidence))
  assert.deepEqual(problems, [])
  return TRI_NAMES[condition!.evaluate(inputsOf(fields, values))]
}

function inputsOf(fields: FieldTable, values: Values): Input[] {
  return fields.readPlain({}).map(({ path }) => {
    const given = values[path]
    return isDoubtful(given)
      ? { path, value: given.value, confidence: given.confidence }
      : { path, value: given ?? null }
  })
}

function isDoubtful(given: unknown): given is { value: unknown; confidence: number } {
  return typeof given === 'object' && given !== null && 'confidence' in given
}
