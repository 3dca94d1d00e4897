/**
 * The one way a step is carried out: lock, look whether it was decided before, gather, decide,
 * commit. Live nodes, recovery and timers all come through here.
 */
import { type Asking, known as answered, together } from '../engine/asking'
import { type Change, type Decision, type LeadPatch, patched } from '../engine/decision'
import { defined } from '../engine/defined'
import { mergeLeads } from '../engine/identity/merge'
import { iso } from '../engine/instant'
import { asHeard, mergeConsent } from '../engine/lead/consent'
import type { Lead } from '../engine/lead/lead'
import { type Standing, standingOf, withStanding } from '../engine/lead/standing'
import type { Step } from '../engine/step'
import type { Commit, Store, Transaction, Way } from './store'

export interface Performed<Outcome extends string> {
  readonly outcome: Outcome
  /** The lead after the decision. */
  readonly lead: Lead
  readonly because: Decision['because']
  /** True when the decision had been made before and nothing was changed now. */
  readonly again: boolean
  /** True when the decision has an entry in the trail. */
  readonly kept: boolean
}

export interface PerformOptions {
  readonly nowMs: number
  /** Who decided: a person's name, or `system`. */
  readonly actor?: string
  /**
   * For a lead that a message brings: the outcomes with which the message goes straight on to another
   * step, and to nothing else, so that it need not wait for the disk (see Way).
   */
  readonly aheadOf?: ReadonlySet<string>
  /**
   * Keep the lead as the step sees it with the entry, so that the decision can be made again. Needed
   * where the trail does not tell it: at the start, and when others may have written to it since.
   */
  readonly whole?: boolean
}

/** The lead must be fit for the steps: from the store, from an earlier step, or see engine/lead/sound. */
export async function perform<Settings, Known, Outcome extends string>(
  store: Store,
  step: Step<Settings, Known, Outcome>,
  lead: Lead,
  settings: Settings,
  options: PerformOptions,
): Promise<Performed<Outcome>> {
  const { aheadOf } = options
  const way: Way<Performed<Outcome>> | undefined = aheadOf && {
    event: lead.event.id,
    ahead: ({ outcome }) => aheadOf.has(outcome),
  }
  const body = (tx: Transaction) => performIn(tx, step, lead, settings, options)
  return store.transaction(step.scopes(lead, settings), body, way)
}

export interface Case<Settings> {
  readonly lead: Lead
  readonly settings: Settings
}

/**
 * The same step for several leads in one transaction, for work that nobody waits for singly: one
 * commit then serves all. Each lead may be there once. When one fails, each goes by itself.
 */
export async function performTogether<Settings, Known, Outcome extends string>(
  store: Store,
  step: Step<Settings, Known, Outcome>,
  cases: readonly Case<Settings>[],
  options: PerformOptions,
): Promise<PromiseSettledResult<Performed<Outcome>>[]> {
  const scopes = cases.flatMap(({ lead, settings }) => step.scopes(lead, settings))
  const body = (tx: Transaction) =>
    together(...cases.map(({ lead, settings }) => performIn(tx, step, lead, settings, options)))
  try {
    const all = await store.transaction(scopes, body)
    return all.map((value) => ({ status: 'fulfilled', value }))
  } catch {
    return Promise.allSettled(
      cases.map(({ lead, settings }) => perform(store, step, lead, settings, options)),
    )
  }
}

function* performIn<Settings, Known, Outcome extends string>(
  tx: Transaction,
  step: Step<Settings, Known, Outcome>,
  lead: Lead,
  settings: Settings,
  { nowMs, actor = 'system', whole }: PerformOptions,
): Asking<Performed<Outcome>> {
  const key = step.key(lead, settings)
  // Asked together: with a server far away each question by itself costs a round trip.
  const [before, standing] = yield* together(
    key === undefined ? answered(undefined) : tx.decided(step.name, key),
    tx.standing(lead),
  )
  if (before !== undefined) {
    const outcome = before.outcome as Outcome
    const after = patched(lead, before.patch)
    const changes = yield* unlessDone(tx, step.again?.(lead, outcome, settings) ?? [], nowMs)
    if (changes.length > 0) {
      const because = [{ rule: `${step.name}.again`, why: 'Decided before', inputs: [] }]
      const decision = { step: step.name, outcome, patch: {}, because, changes }
      yield* tx.commit({ decision, lead: after, ...knownBy(standing, after), actor, nowMs })
    }
    return { outcome, lead: after, because: before.because, again: true, kept: true }
  }
  const current = adopt(lead, standing, nowMs)
  const known = yield* step.gather(tx, current, settings, nowMs)
  const decision = step.decide(current, settings, known, nowMs)
  const after = patched(current, decision.patch)
  const changes = yield* unlessDone(tx, decision.changes, nowMs)
  if (changes.length > 0) {
    const artefact = step.artefact?.(settings)
    const saves = changes.some((change) => change.kind === 'lead.save' && !change.standingOnly)
    const both = saves ? yield* united(tx, after, decision.patch, standing) : undefined
    yield* tx.commit({
      decision: { ...decision, changes },
      lead: both ?? after,
      ...(both === undefined ? knownBy(saves ? undefined : standing, after) : BY_SEVERAL),
      ...(whole ? { before: current } : {}),
      ...(key === undefined ? {} : { key }),
      actor,
      ...(artefact === undefined ? {} : { artefact }),
      nowMs,
    })
  }
  const { outcome, because } = decision
  return { outcome, lead: after, because, again: false, kept: changes.length > 0 }
}

/** A way that has ended before does not end again; a decision that changes nothing is no entry. */
function* unlessDone(
  tx: Transaction,
  changes: readonly Change[],
  nowMs: number,
): Asking<readonly Change[]> {
  const [last] = changes.slice(-1)
  if (last?.kind !== 'intake.done' || changes[0]!.kind === 'intake.accept') return changes
  const underway = (yield* tx.intake(last.key, nowMs))?.done === false
  return underway ? changes : changes.slice(0, -1)
}

/**
 * As `perform`, for a step that asks the store nothing: when its decision changes nothing durable
 * either, there is nothing to lock, and where the message goes straight on nothing to wait for, so the
 * answer is there at once.
 */
export function performUnlessPure<Settings, Outcome extends string>(
  store: Store,
  step: Step<Settings, undefined, Outcome>,
  lead: Lead,
  settings: Settings,
  options: PerformOptions,
): Performed<Outcome> | Promise<Performed<Outcome>> {
  const decision = step.decide(lead, settings, undefined, options.nowMs)
  const { outcome, patch, because, changes } = decision
  if (changes.length > 0 || !options.aheadOf?.has(outcome))
    return perform(store, step, lead, settings, options)
  return { outcome, lead: patched(lead, patch), because, again: false, kept: false }
}

/**
 * Two messages about one lead may be on their way at once; what the other has brought about since
 * (an assignment, a clock, an opt-out) holds, whatever this message still carries.
 */
function adopt(lead: Lead, standing: Standing | undefined, nowMs: number): Lead {
  if (standing === undefined) return lead
  const heard = asHeard(lead.consent, iso(nowMs), standing.consent)
  return withStanding(lead, { ...standing, consent: mergeConsent(standing.consent, heard) })
}

/** What several messages know together, and so none of them: whoever saves it next unites it again. */
const BY_SEVERAL = { knownBy: '' }

/**
 * What is kept of the lead when another message has written to it since this one set out: what both
 * know. What this step has decided holds; what it has not stays as it was decided last, with its scores.
 */
function* united(
  tx: Transaction,
  lead: Lead,
  patch: LeadPatch,
  standing: Standing | undefined,
): Asking<Lead | undefined> {
  if (standing?.knownBy === undefined || standing.knownBy === lead.event.id) return undefined
  const stored = (yield* tx.lead(lead.id))?.lead
  if (stored === undefined) return undefined
  const isDecided = patch.decision !== undefined || stored.decision === undefined
  const { decision, fit, intent } = isDecided ? lead : stored
  const { account } = patch
  const both = { ...mergeLeads(stored, lead), ...defined({ decision, fit, intent, account }) }
  return withStanding(both, standingOf(lead))
}

/** Who wrote what is known of the lead: the standing says it, unless it is as this message has it. */
function knownBy(standing: Standing | undefined, { event }: Lead): Pick<Commit, 'knownBy'> {
  return defined({ knownBy: standing === undefined ? event.id : standing.knownBy })
}
