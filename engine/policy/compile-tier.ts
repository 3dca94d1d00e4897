/**
 * A tier as written → its clocks. `respond` is the short form of the first-touch clock; what a tier
 * says about hours, evidence and pauses holds for each of its clocks that does not say otherwise.
 */
import type { Calendar } from '../calendar'
import type { CompiledRule } from '../conditions/rules'
import { durationMs } from '../duration'
import { STOP_ON } from '../sla/evidence'
import type { Offer, SlaClock, Tier } from './policy'
import type { ClockSpec, OfferSpec, PolicySpec, TierSpec } from './schema'

/** The states of a policy that names none. */
const PAUSES = { 'waiting-for-customer': 'prospect' } as const
/** Enough for a second person, the person on call and a manager; then somebody has to look. */
const MOVES_MAX = 3

/** From when a clock counts that does not say. */
export const CLOCK_START = {
  'first-touch': 'received',
  'follow-up': 'first-touch',
  resolution: 'received',
} as const

export function pauseStates({
  pauses = PAUSES,
}: Pick<PolicySpec, 'pauses'>): ReadonlyMap<string, 'prospect' | 'other'> {
  return new Map(Object.entries(pauses))
}

/** The clocks of a tier in full, the first-touch clock first; lint sees to it that there is one. */
export function clockSpecs(tier: TierSpec): (ClockSpec & { readonly id: string })[] {
  const { respond, from, remind, escalate, clocks = [] } = tier
  const short: ClockSpec[] =
    respond === undefined
      ? []
      : [
          {
            kind: 'first-touch',
            within: respond,
            ...(from === undefined ? {} : { from }),
            ...(remind === undefined ? {} : { remind }),
            ...(escalate === undefined ? {} : { escalate }),
          },
        ]
  const full = [...short, ...clocks].map((clock) => ({
    ...pick(tier, ['clock', 'calendar', 'stopOn', 'pauseOn']),
    ...clock,
    id: clock.kind === 'first-touch' ? 'first-touch' : (clock.id ?? clock.kind),
  }))
  const isFirst = ({ kind }: ClockSpec) => kind === 'first-touch'
  return [...full.filter(isFirst), ...full.filter((clock) => !isFirst(clock))]
}

function pick<K extends keyof TierSpec>(tier: TierSpec, keys: readonly K[]): Partial<TierSpec> {
  return Object.fromEntries(
    keys.flatMap((key) => (tier[key] === undefined ? [] : [[key, tier[key]]])),
  )
}

/** How much of a rep's time a first response takes. */
const DEFAULT_HANDLE = '15m'

export function compileTier(
  rule: CompiledRule<TierSpec>,
  calendars: ReadonlyMap<string, Calendar>,
): Tier {
  const { spec } = rule
  const clocks = clockSpecs(spec).map((clock) => compileClock(clock, calendars))
  const { kind: _kind, budgetMs, ...first } = clocks[0]!
  return {
    ...first,
    id: spec.id,
    respondMs: budgetMs,
    rule,
    clocks,
    units: spec.units ?? 1,
    movesMax: spec.movesMax ?? MOVES_MAX,
    handleMs: durationMs(spec.handle ?? DEFAULT_HANDLE),
    ...(spec.offer === undefined ? {} : { offer: compileOffer(spec.offer) }),
  }
}

export function compileOffer({ within, to = 1 }: OfferSpec): Offer {
  return { withinMs: durationMs(within), to }
}

function compileClock(
  spec: ClockSpec & { readonly id: string },
  calendars: ReadonlyMap<string, Calendar>,
): SlaClock {
  const calendar = spec.calendar === undefined ? undefined : calendars.get(spec.calendar)
  return {
    id: spec.id,
    kind: spec.kind,
    budgetMs: durationMs(spec.within),
    business: spec.clock === 'business',
    ...(calendar === undefined ? {} : { calendar }),
    from: spec.from ?? CLOCK_START[spec.kind],
    remindMs: (spec.remind ?? []).map(durationMs),
    escalate: (spec.escalate ?? []).map(({ after, to, action }) => ({
      afterMs: durationMs(after),
      ...(to === undefined ? {} : { to }),
      action,
    })),
    stopOn: spec.stopOn ?? STOP_ON,
    pauseOn: new Set(spec.pauseOn ?? []),
  }
}
