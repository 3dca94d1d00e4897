/**
 * Which rep gets the lead: the first route that matches and can place it, its pool's fair share,
 * then the pool's overflow. "Nobody can take it now" and "no route fits" are answers, not faults.
 *
 * Pure: reserves nothing. The store commits the choice under the locks of the pools and reps
 * concerned, so that a rep is never over capacity whatever runs beside it.
 */
import { reasonOf } from '../conditions/rules'
import { TRUE } from '../conditions/tri'
import type { Assignment, Lead, Reason } from '../lead/lead'
import type { Member, Policy, Pool, Rep } from '../policy/policy'
import type { RouteSpec } from '../policy/schema'
import type { FairnessRecord } from '../step'
import { type Demand, failingGate, nextChanceMs } from './eligibility'
import { charged, type Ranked, rank } from './fair-share'

export interface RoutingState {
  /** Units in open assignments, per rep. */
  readonly loads: ReadonlyMap<string, number>
  /** Fairness per pool, per rep. */
  readonly fairness: ReadonlyMap<string, ReadonlyMap<string, FairnessRecord>>
  /** Rep id of the account's owner, when one is known. */
  readonly accountOwner?: string
  /** Rep id of who had this lead in an earlier cycle. */
  readonly previousOwner?: string
}

type Candidate = Assignment['candidates'][number]

/** A change of a rep's standing in a pool that the choice brings about. */
export interface Standing extends FairnessRecord {
  readonly poolId: string
  readonly repId: string
}

export type Routing =
  | {
      readonly kind: 'assigned'
      readonly rep: Rep
      /** Empty when the lead went to a named rep and not through a pool. */
      readonly poolId: string
      readonly route: RouteSpec
      readonly because: readonly Reason[]
      readonly candidates: readonly Candidate[]
      readonly standings: readonly Standing[]
      readonly why: string
    }
  | {
      readonly kind: 'waiting' | 'unroutable'
      readonly route?: RouteSpec
      readonly poolId?: string
      readonly because: readonly Reason[]
      readonly candidates: readonly Candidate[]
      readonly standings: readonly Standing[]
      readonly why: string
      /** When someone comes on shift or back; absent when only capacity can change it. */
      readonly retryAtMs?: number
    }

export interface Request {
  readonly units: number
  readonly exclude: ReadonlySet<string>
  /** Send to this pool whatever the routes say, e.g. an SLA escalation. */
  readonly poolId?: string
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
  if (request.poolId !== undefined) return attempt.demanded(request.poolId)
  const inputs = policy.routes.fields.readLead(lead)
  for (const rule of policy.routes.rules) {
    if (rule.evaluate(inputs) !== TRUE) continue
    const result = attempt.follow(rule.spec, reasonOf(rule, inputs))
    if (result !== undefined) return result
  }
  return attempt.nothingLeft()
}

/** Without those of reps who have left the pool. */
function memberRecords(
  { members }: Pool,
  records: ReadonlyMap<string, FairnessRecord> | undefined,
): ReadonlyMap<string, FairnessRecord> {
  const kept = new Map<string, FairnessRecord>()
  for (const { rep } of members) {
    const record = records?.get(rep.id)
    if (record !== undefined) kept.set(rep.id, record)
  }
  return kept
}

class Attempt {
  readonly #candidates: Candidate[] = []
  readonly #standings: Standing[] = []
  readonly #because: Reason[] = []
  #retryAtMs: number | undefined

  constructor(
    readonly policy: Policy,
    readonly state: RoutingState,
    readonly request: Request,
    readonly nowMs: number,
  ) {}

  /** An escalation names its pool; there is no route to fall back to. */
  demanded(poolId: string): Routing {
    const spec: RouteSpec = { id: `pool.${poolId}`, pool: poolId }
    const why = `Sent to the pool ${poolId}`
    return this.follow(spec, { rule: spec.id, why, inputs: [] }) ?? this.nothingLeft()
  }

  /** Undefined: this route cannot say anything about the lead, so the next one is asked. */
  follow(spec: RouteSpec, reason: Reason): Routing | undefined {
    const demand: Demand = {
      units: this.request.units,
      skills: spec.skills ?? [],
      exclude: this.request.exclude,
    }
    if (spec.pool !== undefined) {
      this.#because.push(reason)
      return this.#throughPools(spec, spec.pool, demand)
    }
    const repId = this.#namedRep(spec)
    const rep = repId === undefined ? undefined : this.policy.reps.get(repId)
    if (rep === undefined) return undefined
    this.#because.push(reason)
    const gate = failingGate(rep, this.state.loads.get(rep.id) ?? 0, demand, this.nowMs)
    if (gate === undefined) return this.#assigned(spec, '', rep, `${reason.why}: ${rep.name}`)
    this.#candidates.push({ rep: rep.id, verdict: gate })
    this.#noteChance(rep)
    return spec.wait ? this.#waiting(spec, undefined, `waits for ${rep.name}: ${gate}`) : undefined
  }

  #namedRep(spec: RouteSpec): string | undefined {
    if (spec.to === 'account-owner') return this.state.accountOwner
    if (spec.to === 'previous-owner') return this.state.previousOwner
    return spec.rep
  }

  /** The route's pool, then its overflow, as far as the chain goes. */
  #throughPools(spec: RouteSpec, firstPoolId: string, demand: Demand): Routing {
    const tried: string[] = []
    for (
      let pool = this.policy.pools.get(firstPoolId);
      pool !== undefined;
      pool = this.policy.pools.get(pool.overflow ?? '')
    ) {
      tried.push(pool.id)
      const chosen = this.#chooseFrom(pool, demand)
      if (chosen === undefined) continue
      const via = tried.length > 1 ? ` (overflow from ${tried.slice(0, -1).join(', ')})` : ''
      return this.#assigned(spec, pool.id, chosen, `${chosen.name} is next in ${pool.id}${via}`)
    }
    if (tried.length === 0) return this.#unroutable(spec, `there is no pool ${firstPoolId}`)
    const gates = new Map<string, number>()
    for (const { verdict } of this.#candidates) {
      const word = verdict.split(/[ :]/, 1)[0]!
      gates.set(word, (gates.get(word) ?? 0) + 1)
    }
    const summary = [...gates].map(([word, n]) => `${n} ${word}`).join(', ')
    const only = this.#candidates.every(
      ({ verdict }) => verdict.startsWith('lacks') || verdict.startsWith('excluded'),
    )
    if (only)
      return this.#unroutable(spec, `nobody in ${tried.join(' → ')} may take it: ${summary}`)
    return this.#waiting(
      spec,
      firstPoolId,
      `nobody in ${tried.join(' → ')} can take it now: ${summary}`,
    )
  }

  #chooseFrom(pool: Pool, demand: Demand): Rep | undefined {
    const records = memberRecords(pool, this.state.fairness.get(pool.id))
    const eligible: Member[] = []
    for (const member of pool.members) {
      const gate = failingGate(
        member.rep,
        this.state.loads.get(member.rep.id) ?? 0,
        demand,
        this.nowMs,
      )
      if (gate === undefined) {
        eligible.push(member)
        continue
      }
      this.#candidates.push({ rep: member.rep.id, verdict: gate })
      this.#noteChance(member.rep)
      this.#noteAbsence(pool, member, records, gate)
    }
    const ranked = rank(
      eligible.map((member) => this.#contender(member)),
      { records, catchUpMs: pool.catchUpMs, units: this.request.units, nowMs: this.nowMs },
    )
    ranked.forEach((contender, index) => {
      const verdict =
        index === 0 ? 'chosen' : `ranked ${index + 1}: ${this.#behind(ranked[0]!, contender)}`
      this.#candidates.push({ rep: contender.id, verdict })
      this.#noteReturn(pool, contender, records, index === 0)
    })
    return eligible.find(({ rep }) => rep.id === ranked[0]?.id)?.rep
  }

  #contender({ rep, weight }: Member) {
    return {
      id: rep.id,
      weight,
      openUnits: this.state.loads.get(rep.id) ?? 0,
      capacity: rep.capacity,
    }
  }

  #behind(first: Ranked, other: Ranked): string {
    const lead = other.virtualTime - first.virtualTime
    if (lead > 0) return `had ${lead.toFixed(2)} leads per weight more`
    return lead < 0 || other.weight !== first.weight
      ? 'the turn comes later, by weight'
      : 'tie, more open work or later name'
  }

  /** Skills and exclusions concern this lead only; they are no absence from the pool. */
  #noteAbsence(
    pool: Pool,
    { rep }: Member,
    records: ReadonlyMap<string, FairnessRecord>,
    gate: string,
  ): void {
    const record = records.get(rep.id)
    if (gate.startsWith('lacks') || gate.startsWith('excluded')) return
    if (record === undefined || record.awaySinceMs !== undefined) return
    this.#standings.push({
      poolId: pool.id,
      repId: rep.id,
      virtualTime: record.virtualTime,
      awaySinceMs: this.nowMs,
    })
  }

  #noteReturn(
    pool: Pool,
    contender: Ranked,
    records: ReadonlyMap<string, FairnessRecord>,
    chosen: boolean,
  ): void {
    const record = records.get(contender.id)
    if (!chosen && record !== undefined && record.awaySinceMs === undefined) return
    const virtualTime = chosen ? charged(contender, this.request.units) : contender.virtualTime
    this.#standings.push({ poolId: pool.id, repId: contender.id, virtualTime })
  }

  #noteChance(rep: Rep): void {
    const chanceMs = nextChanceMs(rep, this.nowMs)
    if (chanceMs !== undefined && (this.#retryAtMs === undefined || chanceMs < this.#retryAtMs))
      this.#retryAtMs = chanceMs
  }

  #common() {
    return { because: this.#because, candidates: this.#candidates, standings: this.#standings }
  }

  #assigned(spec: RouteSpec, poolId: string, rep: Rep, why: string): Routing {
    if (poolId === '') this.#candidates.push({ rep: rep.id, verdict: 'chosen' })
    return { kind: 'assigned', rep, poolId, route: spec, why, ...this.#common() }
  }

  #waiting(spec: RouteSpec, poolId: string | undefined, why: string): Routing {
    return {
      kind: 'waiting',
      route: spec,
      ...(poolId === undefined ? {} : { poolId }),
      ...(this.#retryAtMs === undefined ? {} : { retryAtMs: this.#retryAtMs }),
      why,
      ...this.#common(),
    }
  }

  #unroutable(spec: RouteSpec, why: string): Routing {
    return { kind: 'unroutable', route: spec, why, ...this.#common() }
  }

  /** Every route was passed over: someone named may come back, or nothing fits at all. */
  nothingLeft(): Routing {
    const kind =
      this.#retryAtMs === undefined && this.#candidates.length === 0 ? 'unroutable' : 'waiting'
    const why =
      this.#candidates.length === 0
        ? 'no route matches this lead'
        : `no route could place it: ${this.#candidates.map(({ rep, verdict }) => `${rep} ${verdict}`).join(', ')}`
    return {
      kind,
      why,
      ...(this.#retryAtMs === undefined ? {} : { retryAtMs: this.#retryAtMs }),
      ...this.#common(),
    }
  }
}
