/**
 * The Single Qualification Contract as Marketing Ops writes it. Schema and type from one source.
 *
 * Conditions are only checked for being objects here; engine/conditions checks what is in them.
 */
import { type Static, Type } from '@sinclair/typebox'
import { OUTCOMES } from '../lead/lead'

const closed = { additionalProperties: false }
const optional = Type.Optional
const id = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' })
const why = Type.String({ minLength: 1, maxLength: 300 })
const duration = Type.String({ format: 'duration' })
const when = Type.Unsafe<Record<string, unknown>>({ type: 'object' })
const points = Type.Number({ minimum: -1000, maximum: 1000 })
const confidence = Type.Number({ minimum: 0, maximum: 1 })
const onUnknown = Type.Unsafe<'skip' | 'review'>({ enum: ['skip', 'review'] })
const outcome = Type.Unsafe<(typeof OUTCOMES)[number]>({ enum: OUTCOMES })

const SuppressRule = Type.Object(
  {
    id,
    when,
    outcome: optional(
      Type.Unsafe<'suppressed' | 'disqualified' | 'review'>({
        enum: ['suppressed', 'disqualified', 'review'],
      }),
    ),
    why,
    unknown: optional(onUnknown),
    minConfidence: optional(confidence),
    owner: optional(Type.String()),
  },
  closed,
)

const FitRule = Type.Object(
  { id, when, points, why, minConfidence: optional(confidence), owner: optional(Type.String()) },
  closed,
)

const IntentRule = Type.Object(
  {
    id,
    on: Type.Union([
      Type.String({ minLength: 1 }),
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    ]),
    when: optional(when),
    points,
    why,
    halfLife: optional(duration),
    window: optional(duration),
    cooldown: optional(duration),
    max: optional(Type.Number({ minimum: 0, maximum: 10_000 })),
    owner: optional(Type.String()),
  },
  closed,
)

const DecideRule = Type.Object(
  {
    id,
    when: optional(when),
    outcome,
    grade: optional(Type.String({ minLength: 1, maxLength: 10 })),
    why: optional(why),
    next: optional(Type.String({ maxLength: 300 })),
    unknown: optional(onUnknown),
  },
  closed,
)

const ContractTest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    lead: Type.Unsafe<Record<string, unknown>>({ type: 'object' }),
    at: optional(Type.String({ format: 'date-time' })),
    expect: Type.Object(
      {
        outcome: optional(outcome),
        grade: optional(Type.String()),
        fit: optional(Type.Number()),
        intent: optional(Type.Number()),
      },
      closed,
    ),
  },
  closed,
)

const thresholds = Type.Record(Type.String({ minLength: 1, maxLength: 2 }), Type.Number())

export const ContractSchema = Type.Object(
  {
    contract: id,
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }),
    owners: optional(Type.Record(Type.String(), Type.String())),
    change: optional(
      Type.Object(
        { why: Type.String(), by: Type.String(), approvedBy: optional(Type.String()) },
        closed,
      ),
    ),
    minConfidence: optional(confidence),
    suppress: optional(Type.Array(SuppressRule, { maxItems: 500 })),
    fit: Type.Object(
      {
        floor: optional(points),
        cap: optional(points),
        rules: Type.Array(FitRule, { minItems: 1, maxItems: 500 }),
      },
      closed,
    ),
    intent: Type.Object(
      {
        floor: optional(points),
        cap: optional(points),
        halfLife: optional(duration),
        window: optional(duration),
        cooldown: optional(duration),
        rules: Type.Array(IntentRule, { maxItems: 500 }),
        account: optional(
          Type.Object(
            { perPerson: optional(points), cap: optional(points), window: optional(duration) },
            closed,
          ),
        ),
      },
      closed,
    ),
    model: optional(Type.Object({ cutOff: confidence, why: optional(why) }, closed)),
    grades: optional(Type.Object({ fit: thresholds, intent: thresholds }, closed)),
    decide: Type.Array(DecideRule, { minItems: 1, maxItems: 500 }),
    tests: optional(Type.Array(ContractTest, { maxItems: 500 })),
  },
  { $id: 'contract', title: 'Single Qualification Contract', ...closed },
)

export type ContractSpec = Static<typeof ContractSchema>
export type SuppressRuleSpec = Static<typeof SuppressRule>
export type FitRuleSpec = Static<typeof FitRule>
export type IntentRuleSpec = Static<typeof IntentRule>
export type DecideRuleSpec = Static<typeof DecideRule>
export type ContractTestSpec = Static<typeof ContractTest>
