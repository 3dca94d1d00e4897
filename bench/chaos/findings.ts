/**
 * What a run has lost, doubled, overfilled or done too early: the events that were sent, the tables,
 * the log and what the flow told, held against each other. Pure.
 */
import { countBy, quantile } from '../leads/figures'
import type { Event } from './events'
import type { Section, Trail } from './trail'

/** Rows of the store, by their own SQL (./witness). */
export interface Kept {
  readonly intake: readonly { readonly key: string; readonly lead: string; readonly done: number }[]
  readonly leads: readonly {
    readonly id: string
    readonly body: string | null
    readonly state: string
    readonly standing: string
  }[]
  readonly assignments: readonly {
    readonly lead: string
    readonly cycle: number
    readonly rep: string
    readonly units: number
    readonly open: number
  }[]
  readonly loads: readonly { readonly rep: string; readonly units: number }[]
  readonly timers: readonly { readonly id: string }[]
}

/** A message that went out of the flow by itself; see bench/nodes/bench-recorder. */
export interface Told {
  readonly msg: string
  readonly timer?: string
  readonly lead: string
  readonly dueMs?: number
  readonly atMs: number
  readonly again?: boolean
}

export interface Lateness {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface Findings {
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly overCapacity: readonly string[]
  readonly early: readonly string[]
  readonly audit: readonly string[]
  readonly timersFired: number
  /** Messages that came again, and said so. */
  readonly toldAgain: number
  /** From when a timer was set and due to its firing, and to its message, ms. */
  readonly firedLateMs: Lateness
  readonly toldLateMs: Lateness
  readonly states: Readonly<Record<string, number>>
}

/** Where a lead may stand in the end. Not waiting for a rep: sales has made room for all. */
const AT_REST = new Set([
  'assigned',
  'unroutable',
  'review',
  'nurture',
  'disqualified',
  'suppressed',
  'closed',
])

export interface Evidence {
  readonly events: readonly Event[]
  /** Before an event's id in the store. */
  readonly system: string
  readonly kept: Kept
  readonly trail: Trail
  /** What does not hold of the log itself. */
  readonly logFaults: readonly string[]
  readonly told: readonly Told[]
  readonly capacities: ReadonlyMap<string, number>
}

export function findings(evidence: Evidence): Findings {
  const { trail, told } = evidence
  const rung = told.filter(({ timer }) => timer !== undefined)
  const dueMs = new Map(rung.map((one) => [one.timer!, one.dueMs!]))
  const fromMs = (id: string, due: number) => Math.max(due, trail.firings.get(id)?.setMs ?? 0)
  const fired = [...trail.firings].filter(([, { outcome }]) => outcome !== 'dropped')
  return {
    lost: [...lostEvents(evidence), ...lostMessages(fired, rung)],
    doubled: [...doubledLeads(evidence), ...doubledTimers(trail, rung)],
    overCapacity: overCapacity(evidence),
    early: [
      ...fired.flatMap(([id, { atMs }]) =>
        atMs < (dueMs.get(id) ?? 0) ? [`timer ${id} fired ${dueMs.get(id)! - atMs} ms early`] : [],
      ),
      ...rung.flatMap(({ timer, dueMs: due = 0, atMs }) =>
        atMs < due ? [`timer ${timer} was told ${due - atMs} ms early`] : [],
      ),
    ],
    audit: [...evidence.logFaults, ...unmatched(evidence), ...wrongStands(evidence)],
    timersFired: fired.length,
    toldAgain: rung.filter(({ again }) => again).length,
    firedLateMs: lateness(
      fired.flatMap(([id, one]) => (dueMs.has(id) ? [one.atMs - fromMs(id, dueMs.get(id)!)] : [])),
    ),
    toldLateMs: lateness(rung.map(({ timer, dueMs: due, atMs }) => atMs - fromMs(timer!, due!))),
    states: countBy(evidence.kept.leads, ({ state }) => state),
  }
}

function lostEvents({ events, system, kept }: Evidence): string[] {
  const intake = new Map(kept.intake.map((row) => [row.key, row]))
  const leads = new Map(kept.leads.map((row) => [row.id, row]))
  return events.flatMap(({ id }) => {
    const row = intake.get(`${system}:${id}`)
    if (row === undefined) return [`event ${id} was never taken in`]
    if (!row.done) return [`event ${id} is under way still`]
    const lead = leads.get(row.lead)
    if (lead === undefined || lead.body === null) return [`event ${id} has no lead`]
    return AT_REST.has(lead.state) ? [] : [`the lead of event ${id} stands at ${lead.state}`]
  })
}

function lostMessages(
  fired: readonly (readonly [string, unknown])[],
  rung: readonly Told[],
): string[] {
  const told = new Set(rung.map(({ timer }) => timer))
  return fired.flatMap(([id]) => (told.has(id) ? [] : [`timer ${id} fired and was never told`]))
}

function doubledLeads({ kept, trail }: Evidence): string[] {
  const people = new Map<string, string>()
  const twice = kept.leads.flatMap(({ id, body }) => {
    if (body === null) return []
    const { email } = (JSON.parse(body) as { contact: { email?: string } }).contact
    const other = people.get(email ?? id)
    people.set(email ?? id, id)
    return other === undefined ? [] : [`leads ${other} and ${id} are one person`]
  })
  return [
    ...twice,
    ...moreThanOnce(trail.opened, 'was assigned'),
    ...moreThanOnce(trail.ingests, 'was taken in'),
    ...(trail.doubleAssigned === 0
      ? []
      : [`${trail.doubleAssigned} assignments of leads that somebody had`]),
  ]
}

function doubledTimers({ firings }: Trail, rung: readonly Told[]): string[] {
  const messages = new Map<string, Set<string>>()
  const first = new Map<string, number>()
  for (const { timer, msg, again } of rung) {
    messages.set(timer!, (messages.get(timer!) ?? new Set()).add(msg))
    if (!again) first.set(timer!, (first.get(timer!) ?? 0) + 1)
  }
  return [
    ...[...firings].flatMap(([id, { count }]) =>
      count > 1 ? [`timer ${id} fired ${count} times`] : [],
    ),
    ...[...messages].flatMap(([id, { size }]) =>
      size > 1 ? [`timer ${id} was told under ${size} ids`] : [],
    ),
    ...moreThanOnce(first, 'was told as if for the first time'),
  ]
}

function moreThanOnce(counts: ReadonlyMap<string, number>, what: string): string[] {
  return [...counts].flatMap(([id, n]) => (n > 1 ? [`${id} ${what} ${n} times`] : []))
}

/** By the replayed log, and by the table. */
function overCapacity({ trail, kept, capacities }: Evidence): string[] {
  const full = kept.loads.flatMap(({ rep, units }) =>
    units > (capacities.get(rep) ?? 0) ? [`${rep} has ${units} units`] : [],
  )
  return trail.overCapacity === 0
    ? full
    : [`${trail.overCapacity} assignments to a rep who was full`, ...full]
}

/** Rows without their entry, and entries without their row. */
function unmatched({ kept, trail, told }: Evidence): string[] {
  const keyOf = ({ lead, cycle }: Kept['assignments'][number]) => `${lead}#${cycle}`
  const assigned = new Set(kept.assignments.map(keyOf))
  const ended = new Set(kept.assignments.filter(({ open }) => !open).map(keyOf))
  const rows = new Set(kept.intake.map(({ key }) => key))
  const leads = new Set(kept.leads.map(({ id }) => id))
  const loads = sums(kept.assignments.filter(({ open }) => open))
  return [
    ...missing(rows, trail.ingests, 'event', 'has no entry'),
    ...missing(trail.ingests.keys(), rows, 'the entry of event', 'has no row'),
    ...missing(assigned, trail.opened, 'assignment', 'has no entry'),
    ...missing(trail.opened.keys(), assigned, 'the entry of assignment', 'has no row'),
    ...missing(ended, trail.closed, 'the end of assignment', 'has no entry'),
    ...missing(trail.closed.keys(), ended, 'the entry of the end of', 'has no row'),
    ...missing(leads, trail.moved, 'lead', 'has no entry'),
    ...missing(trail.moved, leads, 'the entries of lead', 'have no row'),
    ...kept.timers.flatMap(({ id }) =>
      trail.firings.has(id) ? [`timer ${id} has fired and is pending`] : [],
    ),
    ...told.flatMap(({ timer }) =>
      timer === undefined || trail.firings.has(timer) ? [] : [`timer ${timer} has no entry`],
    ),
    ...kept.loads.flatMap(({ rep, units }) =>
      units === (loads.get(rep) ?? 0) ? [] : [`the load of ${rep} is not that of the assignments`],
    ),
  ]
}

function sums(open: Kept['assignments']): Map<string, number> {
  const loads = new Map<string, number>()
  for (const { rep, units } of open) loads.set(rep, (loads.get(rep) ?? 0) + units)
  return loads
}

function missing(
  wanted: Iterable<string>,
  there: { has(id: string): boolean },
  what: string,
  how: string,
): string[] {
  return [...wanted].flatMap((id) => (there.has(id) ? [] : [`${what} ${id} ${how}`]))
}

/** Each lead must stand where its entries, one after the other, have brought it. */
function wrongStands({ kept, trail }: Evidence): string[] {
  const open = new Set(kept.assignments.filter((one) => one.open).map(({ lead }) => lead))
  return kept.leads.flatMap(({ id, state, standing }) => {
    const now = JSON.parse(standing) as Readonly<Partial<Record<Section, unknown>>>
    const told = trail.stands.get(id) ?? {}
    const wrong = (['assignment', 'sla'] as const).filter(
      (section) => told[section] !== (now[section] && JSON.stringify(now[section])),
    )
    return [
      ...wrong.map((section) => `the ${section} of lead ${id} is not what its entries say`),
      ...((told.cycle ?? '1') === JSON.stringify(now.cycle)
        ? []
        : [`the cycle of lead ${id} is not what its entries say`]),
      ...((state === 'assigned') === open.has(id)
        ? []
        : [`lead ${id} stands at ${state} with${open.has(id) ? '' : 'out'} an open assignment`]),
    ]
  })
}

function lateness(values: readonly number[]): Lateness {
  return {
    p50: quantile(values, 0.5),
    p99: quantile(values, 0.99),
    max: values.reduce((most, one) => Math.max(most, one), 0),
  }
}
