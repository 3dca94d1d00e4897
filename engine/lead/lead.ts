/**
 * The canonical lead: the one shape every source is mapped to and every rule reads.
 *
 * JSON Schema and types come from this one source. Values stay plain, as people read them; where one
 * came from stands beside it in `provenance`, unless the intake event itself stated it.
 */
import { type Static, Type } from '@sinclair/typebox'
import { consentTimes } from './consent-times'
import { offerFields } from './offers'
import { RoutingRequestSchema } from './routing-request'

const text = (description: string) => Type.String({ maxLength: 512, description })
const instant = (description: string) =>
  Type.String({ format: 'date-time', description: `${description} (ISO 8601, UTC)` })
const optional = Type.Optional
const closed = { additionalProperties: false }

export const CONSENT_STATES = ['granted', 'denied', 'unknown'] as const
const consentState = (description: string) =>
  Type.Unsafe<(typeof CONSENT_STATES)[number]>({ enum: CONSENT_STATES, description })

export const ContactSchema = Type.Object(
  {
    email: optional(text('Normalised e-mail address')),
    emailKey: optional(text('The mailbox behind the address, for matching')),
    emailKind: optional(
      Type.Unsafe<'business' | 'free' | 'disposable'>({
        enum: ['business', 'free', 'disposable'],
        description: 'What kind of mailbox the address is',
      }),
    ),
    emailRole: optional(Type.Boolean({ description: 'A shared mailbox such as info@ or sales@' })),
    phone: optional(text('Phone number in E.164')),
    name: optional(text('Full name')),
    nameKey: optional(text('Full name for matching: no case, no accents, no titles')),
    firstName: optional(text('Given name')),
    lastName: optional(text('Family name')),
    title: optional(text('Job title')),
    seniority: optional(text('Seniority, lower case: c-level, vp, director, manager, staff')),
    department: optional(text('Department, lower case')),
    domain: optional(text('Registrable domain of the e-mail address')),
    country: optional(text('ISO 3166-1 alpha-2')),
    language: optional(text('BCP 47 language tag')),
  },
  closed,
)

export const CompanySchema = Type.Object(
  {
    name: optional(text('Company name as stated, cleaned')),
    nameKey: optional(text('Company name for matching: no legal form, no accents')),
    domain: optional(text('Registrable domain; never a free or disposable mail domain')),
    country: optional(text('ISO 3166-1 alpha-2')),
    region: optional(text('State, province or region')),
    postcode: optional(text('Postal code')),
    city: optional(text('City')),
    industry: optional(text('Industry as a lower-case slug, e.g. financial-services')),
    employees: optional(Type.Number({ minimum: 0, description: 'Number of employees' })),
    revenue: optional(Type.Number({ minimum: 0, description: 'Annual revenue in EUR' })),
  },
  closed,
)

export const SourceSchema = Type.Object(
  {
    system: optional(text('The system that sent the event, e.g. website, intercom, partner-x')),
    type: optional(text('form, landing_page, chat, ad, webinar, event, partner, email, crm')),
    trigger: optional(text('What the person did, e.g. demo_request, trial, chat, live_demo')),
    campaign: optional(text('Campaign id')),
    offer: optional(text('Offer id')),
    medium: optional(text('Medium, e.g. cpc, organic, referral')),
    originalTouch: optional(text('First known campaign or source')),
    partner: optional(text('Partner id')),
  },
  closed,
)

export const ConsentSchema = Type.Object(
  {
    optOut: optional(Type.Boolean({ description: 'The person asked not to be contacted at all' })),
    marketing: optional(consentState('May we send marketing')),
    email: optional(consentState('May we send e-mail')),
    phone: optional(consentState('May we call')),
    basis: optional(text('Legal basis or wording shown to the person')),
    at: optional(instant('When consent was given or withdrawn')),
    ...consentTimes,
  },
  closed,
)

export const SignalSchema = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 200, description: 'Unique id of the event' }),
    type: Type.String({ minLength: 1, maxLength: 100, description: 'e.g. demo_request' }),
    at: instant('When it happened'),
    person: optional(text('Lead id of the person who did it, when it is another of the account')),
  },
  { additionalProperties: true },
)

export const ProvenanceSchema = Type.Object(
  {
    source: text('Who said so: a source system, a provider, a person'),
    method: text('stated, derived, enriched, merged, manual'),
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    observedAt: instant('When the source observed it'),
  },
  closed,
)

export const InputSchema = Type.Object({
  path: Type.String(),
  value: Type.Unknown(),
  source: optional(Type.String()),
  confidence: optional(Type.Number()),
  observedAt: optional(Type.String()),
})

export const ReasonSchema = Type.Object({
  rule: Type.String(),
  why: Type.String(),
  points: optional(Type.Number()),
  unknown: optional(Type.Boolean()),
  inputs: Type.Array(InputSchema),
})

const artefactRef = Type.Object({
  name: Type.String(),
  version: Type.String(),
  hash: Type.String({ description: 'First 16 hex digits of the SHA-256 of its content' }),
})

const scoreSection = {
  points: Type.Number({ description: 'Points after floor and cap' }),
  because: Type.Array(ReasonSchema, { description: 'Rules that gave or took points' }),
  contract: artefactRef,
}

export const FitSchema = Type.Object({
  ...scoreSection,
  possible: Type.Number({ description: 'Points if every unknown rule with points above 0 held' }),
  unknown: Type.Array(ReasonSchema, { description: 'Rules that could not be decided' }),
  unknownCount: Type.Integer(),
})

export const IntentSchema = Type.Object({
  ...scoreSection,
  signals: Type.Integer({ description: 'Signals that counted' }),
  unscored: optional(Type.Array(Type.String(), { description: 'Their types have no rule' })),
  account: optional(
    Type.Object({ points: Type.Number(), people: Type.Integer(), signals: Type.Integer() }),
  ),
})

export const OUTCOMES = ['sql', 'mql', 'nurture', 'review', 'disqualified', 'suppressed'] as const
export type Outcome = (typeof OUTCOMES)[number]

export const DecisionSectionSchema = Type.Object({
  outcome: Type.Unsafe<Outcome>({ enum: OUTCOMES }),
  grade: optional(Type.String()),
  rule: Type.String({ description: 'The rule that decided' }),
  why: Type.String(),
  next: optional(Type.String({ description: 'Next best action' })),
  factors: Type.Array(Type.String(), { description: 'Top factors, in words' }),
  at: instant('When it was decided'),
  contract: artefactRef,
})

export const AssignmentSchema = Type.Object({
  status: Type.Unsafe<'assigned' | 'offered' | 'waiting' | 'unroutable' | 'closed'>({
    enum: ['assigned', 'offered', 'waiting', 'unroutable', 'closed'],
  }),
  ...offerFields,
  node: optional(Type.String({ description: 'Id of the node that its offers end on' })),
  rep: optional(Type.Object({ id: Type.String(), name: Type.String() })),
  pool: optional(Type.String()),
  route: optional(Type.String()),
  units: Type.Number(),
  cycle: Type.Integer(),
  attempt: Type.Integer({ description: 'How often routing has been tried in this cycle' }),
  previous: optional(Type.String({ description: 'Rep id of who had the lead before' })),
  reassigned: optional(Type.Boolean({ description: 'Taken from another rep, as after a breach' })),
  had: optional(
    Type.Array(Type.String(), { description: 'Reps from whom it was taken, oldest first' }),
  ),
  recycled: optional(Type.Integer({ description: 'How often it came back after it was closed' })),
  locked: optional(Type.Boolean({ description: 'An escalation does not move it' })),
  previousAt: optional(instant('When the rep before got it')),
  openedAt: optional(instant('When it was last opened again: reopened, or overridden for sales')),
  accepted: optional(
    Type.Object({ at: instant('When the rep took it'), by: Type.String({ maxLength: 200 }) }),
  ),
  ended: optional(
    Type.Object({
      at: instant('When the rep gave it back or was done'),
      reason: Type.String({ description: 'rejected, disqualified, converted, closed, overridden' }),
      code: optional(Type.String({ description: 'Reason code of the report' })),
    }),
  ),
  at: instant('When it was routed'),
  why: Type.String(),
  waitingSince: optional(instant('When it first had to wait in this cycle: its place in the line')),
  retryAt: optional(instant('When a waiting lead is tried again, if not before')),
  candidates: Type.Array(
    Type.Object({
      verdict: Type.String({
        description: 'chosen, what put others first, or the gate that failed',
      }),
      rank: optional(Type.Integer({ description: 'Of the first rep; the others follow in order' })),
      reps: Type.Array(Type.String(), { description: 'Ids of the reps who are told so' }),
    }),
    { description: 'Every rep who was looked at, together with those who are told the same' },
  ),
  policy: artefactRef,
})

const clockFields = {
  startedAt: instant('From when the budget counts'),
  dueAt: instant('When the budget is used up; while the clock stands still, if it went on now'),
  clock: Type.String(),
  metAt: optional(instant('When what the clock waits for happened')),
  breachedAt: optional(instant('When the breach was noted')),
  evidence: optional(Type.String()),
  elapsedMs: optional(Type.Number({ description: 'Time on the clock until met, ms' })),
  sinceAt: optional(instant('From when the time counts in the present hours, if they changed')),
  consumedMs: optional(Type.Number({ description: 'Time used before that, ms' })),
  fired: optional(Type.Array(Type.String(), { description: 'Milestones that have rung' })),
}

export const CLOCK_STATUSES = ['running', 'breached', 'met', 'met_late', 'stopped'] as const
const clockStatus = Type.Unsafe<(typeof CLOCK_STATUSES)[number]>({ enum: CLOCK_STATUSES })

export const CLOCK_KINDS = ['first-touch', 'follow-up', 'resolution'] as const
export type ClockKind = (typeof CLOCK_KINDS)[number]

export const SlaClockSchema = Type.Object({
  id: Type.String(),
  kind: Type.Unsafe<ClockKind>({ enum: CLOCK_KINDS }),
  status: clockStatus,
  ...clockFields,
})

/** The section itself is the first-touch clock; the tier's other clocks stand in `clocks` once they run. */
export const SlaSchema = Type.Object({
  tier: Type.String(),
  status: clockStatus,
  ...clockFields,
  cycle: Type.Integer(),
  node: optional(Type.String({ description: 'Id of the node that its timers ring on' })),
  policy: optional(artefactRef),
  rep: optional(Type.String({ description: 'Rep id whose hours count where the tier has none' })),
  pool: optional(Type.String({ description: 'Pool id whose hours count where no rep has any' })),
  assignedAt: optional(instant('When the first rep got the lead')),
  moves: optional(Type.Integer({ description: 'How often an escalation gave it to another rep' })),
  clocks: optional(Type.Array(SlaClockSchema)),
  pauses: optional(
    Type.Array(
      Type.Object({
        state: Type.String(),
        from: instant('When it began'),
        to: optional(instant('When it ended; absent while it lasts')),
      }),
    ),
  ),
  delays: optional(
    Type.Object({
      systemMs: optional(Type.Number({ description: 'Received to assigned, ms' })),
      humanMs: optional(
        Type.Number({ description: 'Assigned to first touch, in the hours of the clock, ms' }),
      ),
      humanWallMs: optional(
        Type.Number({ description: 'Assigned to first touch, by the wall clock, ms' }),
      ),
      prospectMs: Type.Number({ description: 'Spent waiting for the prospect, ms' }),
    }),
  ),
})

export const IdentitySchema = Type.Object({
  match: Type.Unsafe<'new' | 'known' | 'review'>({ enum: ['new', 'known', 'review'] }),
  matchedBy: Type.Array(Type.String()),
  candidates: optional(Type.Array(Type.String())),
})

export const AccountSchema = Type.Object({
  id: Type.String(),
  key: optional(text('The person’s own key of it (`domain:` …), when the account goes by another')),
  domain: optional(Type.String()),
  owner: optional(Type.String({ description: 'Rep id of the account owner' })),
  lastRep: optional(text('Who was given a lead of the account last, when that is not the owner')),
})

export const ProblemSchema = Type.Object({
  field: Type.String(),
  value: Type.String({ description: 'The offending value, shortened' }),
  expected: Type.String(),
  from: optional(Type.String({ description: 'Its place in the record, if called otherwise' })),
})

export const EnrichmentSchema = Type.Object({
  status: Type.Unsafe<'enriched' | 'degraded' | 'conflict' | 'skipped'>({
    enum: ['enriched', 'degraded', 'conflict', 'skipped'],
  }),
  at: Type.String(),
  filled: Type.Array(Type.String()),
  conflicts: Type.Array(
    Type.Object({
      path: Type.String(),
      values: Type.Array(Type.Unknown()),
      sources: Type.Array(Type.String()),
    }),
  ),
  providers: Type.Array(
    Type.Object({ name: Type.String(), result: Type.String(), ms: optional(Type.Number()) }),
  ),
})

/** Keys and timers are named after a lead, with `#` behind its id. */
export const LEAD_ID_PATTERN = '^[^#\\u0000-\\u001f]{1,200}$'

export const LeadSchema = Type.Object(
  {
    id: Type.String({ pattern: LEAD_ID_PATTERN }),
    cycle: Type.Integer({ minimum: 1, description: 'Counts up when the lead is opened again' }),
    event: Type.Object(
      {
        id: Type.String({ minLength: 1, maxLength: 300, description: 'Key of the intake event' }),
        receivedAt: instant('When we received it'),
        occurredAt: optional(instant('When it happened, as the source says')),
      },
      closed,
    ),
    contact: ContactSchema,
    company: CompanySchema,
    source: SourceSchema,
    consent: ConsentSchema,
    crm: optional(
      Type.Object(
        {
          leadId: optional(text('Id in the CRM')),
          accountId: optional(text('Account id in the CRM')),
          stage: optional(text('Stage in the CRM')),
          owner: optional(text('Rep id of the owner in the CRM')),
          openDeal: optional(Type.Boolean()),
        },
        closed,
      ),
    ),
    externalIds: optional(Type.Record(Type.String(), Type.String())),
    model: optional(
      Type.Object(
        {
          score: Type.Number({ minimum: 0, maximum: 1 }),
          confidence: Type.Number({ minimum: 0, maximum: 1 }),
          version: optional(Type.String()),
          features: optional(
            Type.Array(Type.Object({ name: Type.String(), weight: Type.Number() }), {
              maxItems: 50,
            }),
          ),
        },
        closed,
      ),
    ),
    signals: Type.Array(SignalSchema),
    attributes: Type.Record(Type.String(), Type.Unknown(), {
      description: 'Fields of your own, as plain values',
    }),
    provenance: Type.Record(Type.String(), ProvenanceSchema),
    problems: optional(Type.Array(ProblemSchema)),
    enrichment: optional(EnrichmentSchema),
    identity: optional(IdentitySchema),
    account: optional(AccountSchema),
    fit: optional(FitSchema),
    intent: optional(IntentSchema),
    decision: optional(DecisionSectionSchema),
    assignment: optional(AssignmentSchema),
    sla: optional(SlaSchema),
    routing: optional(RoutingRequestSchema),
  },
  { $id: 'lead', title: 'Lead', additionalProperties: true },
)

export type Lead = Static<typeof LeadSchema>
export type Signal = Static<typeof SignalSchema>
export type Provenance = Static<typeof ProvenanceSchema>
export type Input = Static<typeof InputSchema>
export type Reason = Static<typeof ReasonSchema>
export type Problem = Static<typeof ProblemSchema>
export type FitSection = Static<typeof FitSchema>
export type IntentSection = Static<typeof IntentSchema>
export type DecisionSection = Static<typeof DecisionSectionSchema>
export type Assignment = Static<typeof AssignmentSchema>
export type SlaSection = Static<typeof SlaSchema>
export type SlaClockSection = Static<typeof SlaClockSchema>
export type RoutingRequest = Static<typeof RoutingRequestSchema>
export type ArtefactRef = Static<typeof artefactRef>
