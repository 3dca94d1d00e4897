/** The parts of an assignment that tell of offers: to whom the lead is offered, and who passed on it. */
import { Type } from '@sinclair/typebox'

const OffersSchema = Type.Array(
  Type.Object({
    rep: Type.Object({ id: Type.String(), name: Type.String() }),
    token: Type.Integer({ description: 'To be given back with the answer' }),
    expiresAt: Type.String({
      format: 'date-time',
      description: 'Until when the rep may accept (ISO 8601, UTC)',
    }),
  }),
  { description: 'To whom the lead is offered now' },
)

const PassedSchema = Type.Array(
  Type.Object({
    rep: Type.String({ description: 'Rep id' }),
    how: Type.Unsafe<'declined' | 'expired'>({ enum: ['declined', 'expired'] }),
  }),
  { description: 'Reps who did not accept it, oldest first' },
)

export const offerFields = {
  offers: Type.Optional(OffersSchema),
  passed: Type.Optional(PassedSchema),
}
