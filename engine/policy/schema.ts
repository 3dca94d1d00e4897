/**
 * The policy as Sales Ops writes it: who gets a lead, and how fast. It never touches scoring.
 *
 * Schema and type from one source. Calendars are checked by engine/calendar, conditions by
 * engine/conditions, references between the parts by ./lint.
 */
import { type Static, Type } from '@sinclair/typebox'
import { CLOCK_KINDS, type ClockKind } from '../lead/lead'
import { Territory } from './territory'

/** What gives a rep the share of a lead back: see engine/routing/credit. */
export const CREDITS = ['declined', 'disqualified', 'sla-lost', 'expired'] as const
export type Credit = (typeof CREDITS)[number]

const closed = { additionalProperties: false }
const optional = Type.Optional
const id = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' })
const why = Type.String({ minLength: 1, maxLength: 300 })
const duration = Type.String({ format: 'duration' })
const when = Type.Unsafe<Record<string, unknown>>({ type: 'object' })
const tags = Type.Array(Type.String({ minLength: 1 }))

/** To so many at once, the first in rank: who of them accepts first has it. */
const Offer = Type.Object(
  { within: duration, to: optional(Type.Integer({ minimum: 1, maximum: 50 })) },
  closed,
)
/** How a lead is handed over; neither is `assign: outright`. */
const handover = {
  assign: optional(Type.Literal('outright')),
  offer: optional(Offer),
}

const Away = Type.Object(
  {
    from: Type.String({
      description:
        'First moment away: a date or a time where the rep works, or an ISO 8601 instant',
    }),
    to: Type.String({ description: 'First moment back, likewise' }),
    why: optional(Type.String()),
  },
  closed,
)

const count = Type.Integer({ minimum: 1, maximum: 100_000 })

const Rep = Type.Object(
  {
    id,
    name: Type.String({ minLength: 1, maxLength: 200 }),
    calendar: optional(id),
    capacity: Type.Integer({ minimum: 0, maximum: 100_000 }),
    weight: optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
    skills: optional(tags),
    caps: optional(
      Type.Object({ hour: optional(count), day: optional(count), week: optional(count) }, closed),
    ),
    away: optional(Type.Array(Away)),
    paused: optional(Type.Boolean()),
  },
  closed,
)

const Pool = Type.Object(
  {
    id,
    members: Type.Array(
      Type.Union([
        id,
        Type.Object(
          { rep: id, weight: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }) },
          closed,
        ),
      ]),
      { minItems: 1 },
    ),
    calendar: optional(id),
    overflow: optional(Type.Union([id, Type.Array(id, { minItems: 1, uniqueItems: true })])),
    catchUp: optional(duration),
    credit: optional(Type.Array(Type.Unsafe<Credit>({ enum: CREDITS }), { uniqueItems: true })),
  },
  closed,
)

const Route = Type.Object(
  {
    id,
    when: optional(when),
    territory: optional(Territory),
    to: optional(
      Type.Unsafe<'account-owner' | 'previous-owner'>({
        enum: ['account-owner', 'previous-owner'],
      }),
    ),
    pool: optional(id),
    rep: optional(id),
    skills: optional(tags),
    within: optional(duration),
    wait: optional(Type.Boolean()),
    lock: optional(Type.Boolean()),
    ...handover,
    why: optional(why),
  },
  closed,
)

export const ESCALATION_ACTIONS = ['notify', 'reassign', 'overflow', 'auto-accept'] as const
export type EscalationAction = (typeof ESCALATION_ACTIONS)[number]

const Escalation = Type.Object(
  {
    after: duration,
    to: optional(id),
    action: Type.Unsafe<EscalationAction>({ enum: ESCALATION_ACTIONS }),
  },
  closed,
)

const runsOn = Type.Unsafe<'always' | 'business'>({ enum: ['always', 'business'] })
const CLOCK_STARTS = ['received', 'assigned', 'first-touch'] as const
export type ClockStart = (typeof CLOCK_STARTS)[number]

/** What every clock may say; `clock`, `calendar`, `stopOn` and `pauseOn` of a tier hold for its clocks too. */
const timing = {
  calendar: optional(id),
  remind: optional(Type.Array(duration)),
  escalate: optional(Type.Array(Escalation)),
  stopOn: optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
  pauseOn: optional(Type.Array(id)),
}

const Clock = Type.Object(
  {
    id: optional(id),
    kind: Type.Unsafe<ClockKind>({ enum: CLOCK_KINDS }),
    within: duration,
    clock: optional(runsOn),
    from: optional(Type.Unsafe<ClockStart>({ enum: CLOCK_STARTS })),
    ...timing,
  },
  closed,
)

const Tier = Type.Object(
  {
    id,
    when: optional(when),
    respond: optional(duration),
    clock: optional(runsOn),
    from: optional(Type.Unsafe<'received' | 'assigned'>({ enum: ['received', 'assigned'] })),
    ...timing,
    clocks: optional(Type.Array(Clock, { minItems: 1, maxItems: 20 })),
    movesMax: optional(Type.Integer({ minimum: 0, maximum: 100 })),
    units: optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    handle: optional(duration),
    ...handover,
    why: optional(why),
  },
  closed,
)

const Limit = Type.Object(
  { max: Type.Integer({ minimum: 0, maximum: 1000 }), to: optional(id) },
  closed,
)
const codes = optional(Type.Array(id, { minItems: 1, maxItems: 200, uniqueItems: true }))

export const PolicySchema = Type.Object(
  {
    policy: id,
    formerly: optional(
      Type.Union([id, Type.Array(id, { minItems: 1, maxItems: 20, uniqueItems: true })]),
    ),
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }),
    owners: optional(Type.Record(Type.String(), Type.String())),
    change: optional(
      Type.Object(
        { why: Type.String(), by: Type.String(), approvedBy: optional(Type.String()) },
        closed,
      ),
    ),
    calendars: optional(Type.Record(Type.String(), Type.Unknown())),
    reps: Type.Array(Rep, { minItems: 1, maxItems: 5_000 }),
    pools: Type.Array(Pool, { minItems: 1, maxItems: 1_000 }),
    accounts: optional(
      Type.Array(Type.Object({ domain: Type.String({ minLength: 3 }), owner: id }, closed), {
        maxItems: 100_000,
      }),
    ),
    reassign: optional(Limit),
    recycle: optional(Limit),
    misses: optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    offlineFor: optional(duration),
    routes: Type.Array(Route, { minItems: 1, maxItems: 1_000 }),
    tiers: Type.Array(Tier, { minItems: 1, maxItems: 200 }),
    pauses: optional(
      Type.Record(id, Type.Unsafe<'prospect' | 'other'>({ enum: ['prospect', 'other'] })),
    ),
    reasons: optional(
      Type.Object(
        { declined: codes, rejected: codes, disqualified: codes, overridden: codes },
        closed,
      ),
    ),
  },
  { $id: 'policy', title: 'Routing and SLA policy', ...closed },
)

export type PolicySpec = Static<typeof PolicySchema>
export type RepSpec = Static<typeof Rep>
export type PoolSpec = Static<typeof Pool>
export type LimitSpec = Static<typeof Limit>
export type OfferSpec = Static<typeof Offer>
export type RouteSpec = Static<typeof Route>
export type TierSpec = Static<typeof Tier>
export type ClockSpec = Static<typeof Clock>
