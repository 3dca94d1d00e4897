/** When a person refused what, and granted it again: part of the lead; what follows from it is in ./consent. */
import { type TSchema, Type } from '@sinclair/typebox'

/** What a person may refuse. */
export const CONSENT_KINDS = ['optOut', 'marketing', 'email', 'phone'] as const
export type ConsentKind = (typeof CONSENT_KINDS)[number]

const closed = { additionalProperties: false }
const text = (description: string) => Type.String({ maxLength: 512, description })
const instant = (description: string) =>
  Type.String({ format: 'date-time', description: `${description} (ISO 8601, UTC)` })

function perKind<S extends TSchema>(of: S) {
  const one = Type.Optional(of)
  return Type.Object({ optOut: one, marketing: one, email: one, phone: one }, closed)
}

const Regrant = Type.Object(
  {
    at: instant('When the person said so'),
    evidence: text('How and where, e.g. the id of a double opt-in'),
    by: text('Who reported it'),
  },
  closed,
)

export const consentTimes = {
  refusedAt: Type.Optional(perKind(instant('When the refusal was heard of last'))),
  regranted: Type.Optional(perKind(Regrant)),
}
