/**
 * A wish to be routed anew, e.g. by an SLA escalation. It travels with the message only, and the route
 * step takes it off again.
 */
import { Type } from '@sinclair/typebox'

export const RoutingRequestSchema = Type.Object({
  id: Type.String(),
  pool: Type.Optional(Type.String()),
  exclude: Type.Array(Type.String()),
  why: Type.String(),
  cause: Type.Optional(Type.Literal('sla-lost', { description: 'Why the rep loses the lead' })),
  cycle: Type.Optional(Type.Integer({ description: 'It holds while the lead is in this cycle …' })),
  clock: Type.Optional(Type.String({ description: '… and while this clock of the lead runs' })),
})
