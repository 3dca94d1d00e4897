/**
 * From a policy's text to a Policy, or to everything that is wrong with it, by line.
 */
import {
  type ArtefactProblem,
  artefactRef,
  compileSchema,
  error,
  type Finding,
  parseArtefact,
  schemaFindings,
} from '../artefact'
import { type Calendar, compileCalendar, PERIODS, PeriodClock, parseCalendar } from '../calendar'
import { FieldTable } from '../conditions/fields'
import { operandTypeProblem } from '../conditions/operand-type'
import { compileRules, type RuleListOptions } from '../conditions/rules'
import { durationMs } from '../duration'
import { pathProblem } from '../lead/paths'
import { accountDomain } from './account-domain'
import { compileTier, pauseStates } from './compile-tier'
import { ladderOf } from './ladder'
import { lintPolicy } from './lint'
import { momentMs, zoneOfRep } from './moment'
import type { Limit, Member, Policy, Pool, Rep, RepCap } from './policy'
import {
  CREDITS,
  type LimitSpec,
  PolicySchema,
  type PolicySpec,
  type PoolSpec,
  type RepSpec,
  type TierSpec,
} from './schema'
import { withTerritory } from './territory'

const validate = compileSchema(PolicySchema)
const DEFAULT_CATCH_UP = '4h'
const MIN_CONFIDENCE = 0.5

export interface LoadedPolicy {
  readonly policy?: Policy
  /** Errors refuse the policy; warnings do not. */
  readonly problems: readonly ArtefactProblem[]
}

/** Loads a policy from YAML or JSON text. Never throws. */
export function loadPolicy(text: string): LoadedPolicy {
  const { value, problems, locate } = parseArtefact(text)
  if (problems.length > 0) return { problems }
  const shape = schemaFindings(validate, value, 'policy')
  if (shape.length > 0) return { problems: shape.map(locate) }
  const spec = value as PolicySpec
  const { calendars, findings } = compileCalendars(spec)
  findings.push(...lintPolicy(spec))
  // The conditions as they are written say what is wrong with them, and where.
  conditions(spec.routes, 'routes', findings)
  const tiers = conditions(spec.tiers, 'tiers', findings)
  const located = findings.map(locate)
  if (findings.some(({ level }) => level === 'error')) return { problems: located }
  const reps = new Map(spec.reps.map((rep) => [rep.id, compileRep(rep, spec, calendars)]))
  const pools = new Map(spec.pools.map((pool) => [pool.id, pool]))
  const policy: Policy = {
    ref: artefactRef(spec.policy, spec.version, spec),
    spec,
    names: [spec.policy, ...[spec.formerly ?? []].flat()],
    reps,
    caps: [...reps.values()].flatMap(({ caps }) => caps),
    pools: new Map(spec.pools.map((pool) => [pool.id, compilePool(pool, reps, pools, calendars)])),
    accountOwners: new Map(
      (spec.accounts ?? []).map(({ domain, owner }) => [accountDomain(domain), owner]),
    ),
    // Only what was written is checked: a problem here would have nobody to tell.
    routes: conditions(spec.routes.map(withTerritory), 'routes', [], { pathProblem }),
    ...compileLimits(spec),
    offers: [...spec.tiers, ...spec.routes].some(({ offer }) => offer !== undefined),
    ...compileMisses(spec),
    tiers: { fields: tiers.fields, list: tiers.rules.map((rule) => compileTier(rule, calendars)) },
    pauses: pauseStates(spec),
  }
  return { policy, problems: located }
}

function conditions<Spec extends PolicySpec['routes'][number] | TierSpec>(
  specs: readonly Spec[],
  name: string,
  findings: Finding[],
  checks: Pick<RuleListOptions, 'pathProblem' | 'operandProblem'> = {
    pathProblem,
    operandProblem: operandTypeProblem,
  },
) {
  const fields = new FieldTable()
  const compiled = compileRules(specs, [name], {
    fields,
    minConfidence: MIN_CONFIDENCE,
    ...checks,
  })
  findings.push(...compiled.findings)
  return { fields, rules: compiled.rules }
}

function compileCalendars(spec: PolicySpec): {
  calendars: Map<string, Calendar>
  findings: Finding[]
} {
  const calendars = new Map<string, Calendar>()
  const findings: Finding[] = []
  for (const [name, raw] of Object.entries(spec.calendars ?? {})) {
    const { calendar, problems } = parseCalendar(raw, '')
    for (const { path, message } of problems) {
      findings.push(error(['calendars', name, ...splitPath(path)], message))
    }
    if (calendar !== undefined) calendars.set(name, compileCalendar(calendar))
  }
  return { calendars, findings }
}

/** `hours.mon-fri[1]` → its parts, so that the line can be found. */
function splitPath(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? key! : Number(index),
  )
}

function compileRep(
  spec: RepSpec,
  policy: PolicySpec,
  calendars: ReadonlyMap<string, Calendar>,
): Rep {
  const calendar = spec.calendar === undefined ? undefined : calendars.get(spec.calendar)
  const zone = zoneOfRep(spec, policy)
  return {
    id: spec.id,
    name: spec.name,
    ...(calendar === undefined ? {} : { calendar }),
    capacity: spec.capacity,
    weight: spec.weight ?? 1,
    skills: new Set(spec.skills ?? []),
    caps: compileCaps(spec, zone),
    away: (spec.away ?? [])
      .map(({ from, to, why }) => ({
        fromMs: momentMs(from, zone)!,
        toMs: momentMs(to, zone)!,
        until: to,
        ...(why === undefined ? {} : { why }),
      }))
      .sort((a, b) => a.fromMs - b.fromMs),
    paused: spec.paused ?? false,
  }
}

function compileCaps({ id, caps = {} }: RepSpec, timezone: string): RepCap[] {
  return PERIODS.flatMap((period) => {
    const max = caps[period]
    if (max === undefined) return []
    return [{ key: `${id} ${period}`, repId: id, max, clock: new PeriodClock(timezone, period) }]
  })
}

function compilePool(
  spec: PoolSpec,
  reps: ReadonlyMap<string, Rep>,
  pools: ReadonlyMap<string, PoolSpec>,
  calendars: ReadonlyMap<string, Calendar>,
): Pool {
  const members = spec.members.map((member): Member => {
    const rep = reps.get(typeof member === 'string' ? member : member.rep)!
    return { rep, weight: typeof member === 'string' ? rep.weight : member.weight }
  })
  const calendar = spec.calendar === undefined ? undefined : calendars.get(spec.calendar)
  return {
    id: spec.id,
    members: members.sort((a, b) => (a.rep.id < b.rep.id ? -1 : 1)),
    ...(calendar === undefined ? {} : { calendar }),
    ladder: [...ladderOf(spec.id, pools)],
    credits: new Set(spec.credit ?? CREDITS),
    catchUpMs: durationMs(spec.catchUp ?? DEFAULT_CATCH_UP),
  }
}

function compileMisses({ misses, offlineFor }: PolicySpec): Pick<Policy, 'misses'> {
  if (misses === undefined) return {}
  const forMs = offlineFor === undefined ? {} : { offlineMs: durationMs(offlineFor) }
  return { misses: { max: misses, ...forMs } }
}

function compileLimits({ reassign, recycle }: PolicySpec): Pick<Policy, 'reassign' | 'recycle'> {
  const limit = ({ max, to }: LimitSpec): Limit => ({
    max,
    ...(to === undefined ? {} : { poolId: to }),
  })
  return {
    ...(reassign === undefined ? {} : { reassign: limit(reassign) }),
    ...(recycle === undefined ? {} : { recycle: limit(recycle) }),
  }
}
