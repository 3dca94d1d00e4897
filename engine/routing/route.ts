/**
 * Which rep gets the lead: the first route that matches and can place it, its pool's fair share,
 * then the pool's overflow. "Nobody can take it now" and "no route fits" are answers, not faults.
 *
 * Pure: reserves nothing. The store commits the choice under the locks of the pools and reps
 * concerned, so that a rep is never over capacity whatever runs beside it.
 */
import { reasonOf } from '../conditions/rules'
import { TRUE } from '../conditions/tri'
import { durationMs } from '../duration'
import type { Lead, Reason } from '../lead/lead'
import type { Offer, Policy, Rep } from '../policy/policy'
import type { RouteSpec } from '../policy/schema'
import type { FairnessRecord } from '../step'
import { Contest, type Standing } from './contest'
import { type Budget, Deadline } from './deadline'
import {
  type Asked,
  type Demand,
  FINAL_GATES,
  firstGate,
  gateWords,
  nextChanceMs,
  type Workload,
} from './eligibility'
import { type Handover, offerOf } from './handover'
import { ladderFrom, routeOf } from './ladder'
import { type Candidates, CHOSEN, Hearing } from './verdicts'

export type { Standing }

export interface RoutingState extends Workload {
  /** Fairness per pool, per rep. */
  readonly fairness: ReadonlyMap<string, ReadonlyMap<string, FairnessRecord>>
  /** Rep id of the account's owner, when one is known. */
  readonly accountOwner?: string
  /** Rep id of who had this lead before, and when that rep got it, epoch ms. */
  readonly previousOwner?: string
  readonly previousAtMs?: number
}

export type Routing =
  | {
      readonly kind: 'assigned'
      readonly rep: Rep
      /** To whom it is offered, in rank, `rep` first; absent: it is assigned outright. */
      readonly offered?: { readonly reps: readonly Rep[]; readonly withinMs: number } | undefined
      /** Empty when the lead went to a named rep and not through a pool. */
      readonly poolId: string
      readonly route: RouteSpec
      readonly because: readonly Reason[]
      readonly candidates: Candidates
      readonly standings: readonly Standing[]
      readonly why: string
    }
  | {
      readonly kind: 'waiting' | 'unroutable'
      readonly route?: RouteSpec
      readonly poolId?: string
      readonly because: readonly Reason[]
      readonly candidates: Candidates
      readonly standings: readonly Standing[]
      readonly why: string
      /** When somebody comes on shift, back or under the cap; absent when only capacity can change it. */
      readonly retryAtMs?: number
    }

export interface Request {
  readonly units: number
  readonly exclude: ReadonlySet<string>
  /** Send to this pool whatever the routes say, e.g. an SLA escalation. */
  readonly poolId?: string | undefined
  /** Who can still respond in time comes first. */
  readonly budget?: Budget | undefined
  readonly passed?: Demand['passed']
  /** How the lead is handed over where its route does not say; absent: outright, whatever the route says. */
  readonly handover?: Handover | undefined
}

/** Decides in one pass over the routes. Total: never throws for any lead. */
export function route(
  policy: Policy,
  lead: Lead,
  state: RoutingState,
  request: Request,
  nowMs: number,
): Routing {
  const attempt = new Attempt(policy, state, request, nowMs)
  if (request.poolId !== undefined) return attempt.demanded(request.poolId, lead)
  const inputs = policy.routes.fields.readLead(lead)
  for (const rule of policy.routes.rules) {
    if (rule.evaluate(inputs) !== TRUE) continue
    const result = attempt.follow(rule.spec, reasonOf(rule, inputs))
    if (result !== undefined) return result
  }
  return attempt.nothingLeft()
}

const NO_SKILLS: readonly string[] = []
const NO_RECORDS: ReadonlyMap<string, FairnessRecord> = new Map()

class Attempt {
  readonly #hearing = new Hearing()
  readonly #standings: Standing[] = []
  readonly #because: Reason[] = []
  #retryAtMs: number | undefined

  constructor(
    readonly policy: Policy,
    readonly state: RoutingState,
    readonly request: Request,
    readonly nowMs: number,
  ) {}

  /** An escalation names its pool; of the lead's route it keeps the skills and the rest of the ladder. */
  demanded(poolId: string, { assignment }: Lead): Routing {
    const rule = `pool.${poolId}`
    const { id = rule, skills = NO_SKILLS } = routeOf(this.policy, assignment) ?? {}
    this.#because.push({ rule, why: `Sent to the pool ${poolId}`, inputs: [] })
    const ladder = ladderFrom(this.policy, assignment, poolId)
    return this.#throughPools({ id, pool: poolId }, ladder, this.#demand(skills))
  }

  /** Undefined: this route cannot say anything about the lead, so the next one is asked. */
  follow(spec: RouteSpec, reason: Reason): Routing | undefined {
    const demand = this.#demand(spec.skills ?? NO_SKILLS)
    if (spec.pool !== undefined) {
      this.#because.push(reason)
      return this.#throughPools(spec, this.policy.pools.get(spec.pool)?.ladder ?? [], demand)
    }
    const repId = this.#namedRep(spec)
    const rep = repId === undefined ? undefined : this.policy.reps.get(repId)
    if (rep === undefined) return undefined
    this.#because.push(reason)
    return this.#toNamed(spec, rep, demand, reason)
  }

  #demand(skills: readonly string[]): Demand {
    const { units, exclude, passed } = this.request
    return { units, skills, exclude, passed }
  }

  #namedRep({ to, rep, within }: RouteSpec): string | undefined {
    if (to === undefined) return rep
    if (to === 'account-owner') return this.state.accountOwner
    const { previousOwner, previousAtMs } = this.state
    const sinceMs = this.nowMs - (previousAtMs ?? Number.NEGATIVE_INFINITY)
    return within === undefined || sinceMs <= durationMs(within) ? previousOwner : undefined
  }

  #toNamed(spec: RouteSpec, rep: Rep, demand: Demand, { why }: Reason): Routing | undefined {
    const { state, nowMs } = this
    const openUnits = state.loads.get(rep.id) ?? 0
    const shift = rep.calendar
    const { tallies, offline } = state
    const asked: Asked = {
      rep,
      shift,
      openUnits,
      tallies,
      offline: offline?.get(rep.id),
      demand,
      nowMs,
    }
    const gate = firstGate(asked)
    if (gate === undefined) {
      this.#hearing.place(CHOSEN, [rep.id])
      const offer = offerOf(spec, this.request.handover)
      return this.#assigned(spec, '', [rep], `${why}: ${rep.name}`, offer)
    }
    this.#hearing.refuse(gate, asked)
    this.#noteChance(nextChanceMs(gate, asked))
    const waits = `waits for ${rep.name}: ${gateWords(gate, asked)}`
    // Who passed on this lead, had it before or lacks the skill will not take it later either.
    const isFinal = gate === 'passed' || FINAL_GATES.has(gate)
    return spec.wait && !isFinal ? this.#waiting(spec, undefined, waits) : undefined
  }

  /** The route's pool, then its overflow, as far as the ladder goes; who can be in time first. */
  #throughPools(spec: RouteSpec, ladder: readonly string[], demand: Demand): Routing {
    if (ladder.length === 0) return this.#unroutable(spec, `there is no pool ${spec.pool}`)
    const { budget } = this.request
    const deadline = budget === undefined ? undefined : new Deadline(budget, this.nowMs)
    const late: Contest[] = []
    for (let rung = 0; rung < ladder.length; rung++) {
      this.#hearing.nextPool()
      const contest = this.#contest(ladder[rung]!, demand, deadline)
      if (contest.inTime) return this.#won(spec, contest, late, ladder.slice(0, rung))
      if (contest.first !== undefined) late.push(contest)
    }
    const [best, ...others] = late
    if (best !== undefined) {
      const rung = ladder.indexOf(best.pool.id)
      return this.#won(spec, best, others, ladder.slice(0, rung))
    }
    const summary = this.#hearing.summary()
    const names = ladder.join(' → ')
    return this.#hearing.neverMay()
      ? this.#unroutable(spec, `nobody in ${names} may take it: ${summary}`)
      : this.#waiting(spec, ladder[0], `nobody in ${names} can take it now: ${summary}`)
  }

  #contest(poolId: string, demand: Demand, deadline: Deadline | undefined): Contest {
    const { state, nowMs } = this
    const pool = this.policy.pools.get(poolId)!
    const fairness = state.fairness.get(poolId) ?? NO_RECORDS
    const contest = new Contest(pool, state, fairness, demand, deadline, this.#hearing, nowMs)
    this.#noteChance(contest.chanceMs)
    if (contest.first === undefined) this.#standings.push(...contest.standings)
    return contest
  }

  #won(
    spec: RouteSpec,
    contest: Contest,
    passed: readonly Contest[],
    asked: readonly string[],
  ): Routing {
    const offer = offerOf(spec, this.request.handover)
    const winners = contest.win(offer?.to ?? 1)
    this.#standings.push(...contest.standings)
    for (const other of passed) {
      other.pass()
      this.#standings.push(...other.standings)
    }
    const names = winners.map(({ name }) => name).join(', ')
    const are = winners.length === 1 ? 'is' : 'are'
    const via = asked.length > 0 ? ` (overflow from ${asked.join(', ')})` : ''
    const late = contest.inTime ? '' : ', though too late for the deadline, as everybody would be'
    const why = `${names} ${are} next in ${contest.pool.id}${via}${late}`
    return this.#assigned(spec, contest.pool.id, winners, why, offer)
  }

  #noteChance(chanceMs: number | undefined): void {
    if (chanceMs !== undefined && (this.#retryAtMs === undefined || chanceMs < this.#retryAtMs))
      this.#retryAtMs = chanceMs
  }

  #common() {
    return {
      because: this.#because,
      candidates: this.#hearing.candidates(),
      standings: this.#standings,
    }
  }

  #assigned(
    route: RouteSpec,
    poolId: string,
    reps: readonly Rep[],
    why: string,
    offer: Offer | undefined,
  ): Routing {
    return {
      kind: 'assigned',
      rep: reps[0]!,
      offered: offer && { reps, withinMs: offer.withinMs },
      poolId,
      route,
      why,
      because: this.#because,
      candidates: this.#hearing.candidates(),
      standings: this.#standings,
    }
  }

  #waiting(route: RouteSpec, poolId: string | undefined, why: string): Routing {
    return {
      kind: 'waiting',
      route,
      ...(poolId === undefined ? {} : { poolId }),
      ...(this.#retryAtMs === undefined ? {} : { retryAtMs: this.#retryAtMs }),
      why,
      ...this.#common(),
    }
  }

  #unroutable(route: RouteSpec, why: string): Routing {
    return { kind: 'unroutable', route, why, ...this.#common() }
  }

  /** Every route was passed over: someone named may come back, or nothing fits at all. */
  nothingLeft(): Routing {
    const common = this.#common()
    const told = common.candidates.map(({ reps, verdict }) => `${reps.join(', ')} ${verdict}`)
    if (told.length === 0)
      return { kind: 'unroutable', why: 'no route matches this lead', ...common }
    return {
      kind: 'waiting',
      why: `no route could place it: ${told.join('; ')}`,
      ...(this.#retryAtMs === undefined ? {} : { retryAtMs: this.#retryAtMs }),
      ...common,
    }
  }
}
