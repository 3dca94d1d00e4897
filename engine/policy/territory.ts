/**
 * A territory as Sales Ops draws it: countries, regions, postcodes, company size, industries, named
 * accounts. Within one key any value does, all keys of an area must hold, of several areas one.
 *
 * It is a condition like any other (engine/conditions), so what is missing or doubtful is unknown
 * and the trail names the values. The company's country counts; where it is not known, the contact's.
 */
import { type Static, Type } from '@sinclair/typebox'
import { error, type Finding, type Path, warning } from '../artefact'
import { type ConditionDocument, describeCondition } from '../conditions/condition'
import { postcodeProblem } from '../conditions/postcode'
import { normaliseCountry, normaliseIndustry } from '../lead/normalise'
import { accountDomain, accountProblem } from './account-domain'

const optional = Type.Optional
const closed = { additionalProperties: false }
const texts = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1 })
const size = Type.Integer({ minimum: 0 })

const Area = Type.Object(
  {
    countries: optional(texts),
    regions: optional(texts),
    // The lint says it better: a postcode as a number has lost its leading zeros.
    postcodes: optional(Type.Array(Type.Unsafe<string>({}), { minItems: 1 })),
    employees: optional(Type.Object({ from: optional(size), to: optional(size) }, closed)),
    industries: optional(texts),
    accounts: optional(texts),
  },
  { ...closed, minProperties: 1 },
)

export const Territory = Type.Union([Area, Type.Array(Area, { minItems: 1 })])
export type AreaSpec = Static<typeof Area>
export type TerritorySpec = Static<typeof Territory>

/** The territory as a condition. Requires one without errors. */
export function territoryCondition(territory: TerritorySpec): ConditionDocument {
  const areas = [territory].flat().map(areaCondition)
  return areas.length === 1 ? areas[0]! : { $or: areas }
}

interface Drawn {
  readonly when?: ConditionDocument
  readonly territory?: TerritorySpec
  readonly why?: string
}

/** The route with its territory as a part of its condition. Requires one without errors. */
export function withTerritory<Route extends Drawn>(route: Route): Route {
  const { when, territory } = route
  if (territory === undefined) return route
  const area = territoryCondition(territory)
  return {
    ...route,
    when: when === undefined ? area : { $and: [area, when] },
    why: route.why ?? drawnWords(route),
  }
}

/** When a route applies, in words; undefined when always. */
export function drawnWords({ when, territory }: Drawn): string | undefined {
  const parts = [territory && territoryWords(territory), when && describeCondition(when)].filter(
    (part) => part !== undefined,
  )
  return parts.length === 0 ? undefined : parts.join(' and ')
}

function areaCondition(area: AreaSpec): ConditionDocument {
  const { countries, regions, postcodes, employees, industries, accounts } = area
  const parts: ConditionDocument[] = []
  if (countries !== undefined) parts.push(countryCondition(countries.map(countryOf)))
  if (regions !== undefined) parts.push({ 'company.region': { $in: regions } })
  if (postcodes !== undefined) parts.push({ 'company.postcode': { $postcode: postcodes } })
  if (employees !== undefined) {
    const { from: $gte, to: $lte } = employees
    const bounds = {
      ...($gte === undefined ? {} : { $gte }),
      ...($lte === undefined ? {} : { $lte }),
    }
    parts.push({ 'company.employees': bounds })
  }
  if (industries !== undefined)
    parts.push({ 'company.industry': { $in: industries.map(industryOf) } })
  if (accounts !== undefined) parts.push({ 'company.domain': { $in: accounts.map(accountDomain) } })
  return parts.length === 1 ? parts[0]! : { $and: parts }
}

function countryCondition(countries: readonly string[]): ConditionDocument {
  const inContact = { 'company.country': { $exists: false }, 'contact.country': { $in: countries } }
  return { $or: [{ 'company.country': { $in: countries } }, inContact] }
}

function countryOf(text: string): string {
  const country = normaliseCountry(text)
  return country.ok ? country.value : text
}

function industryOf(text: string): string {
  const industry = normaliseIndustry(text)
  return industry.ok ? industry.value : text
}

/** The territory in words: `DE, AT; postcodes 80, 81; 50 to 500 employees`. */
export function territoryWords(territory: TerritorySpec): string {
  return [territory].flat().map(areaWords).join(' or ')
}

function areaWords({ countries, regions, postcodes, employees, industries, accounts }: AreaSpec) {
  const parts = [
    countries?.join(', '),
    regions?.join(', '),
    postcodes && `postcodes ${postcodes.join(', ')}`,
    employees && employeesWords(employees),
    industries?.join(', '),
    accounts && (accounts.length > 5 ? `${accounts.length} named accounts` : accounts.join(', ')),
  ]
  return parts.filter((part) => part !== undefined).join('; ')
}

function employeesWords({ from, to }: NonNullable<AreaSpec['employees']>): string {
  if (to === undefined) return `from ${from} employees`
  return from === undefined ? `up to ${to} employees` : `${from} to ${to} employees`
}

/** What is wrong with a territory: unknown countries, ranges that run backwards, no domains. */
export function territoryFindings(territory: TerritorySpec, path: Path): Finding[] {
  const several = Array.isArray(territory)
  return [territory]
    .flat()
    .flatMap((area, index) => areaFindings(area, several ? [...path, index] : path))
}

function areaFindings(area: AreaSpec, path: Path): Finding[] {
  const { countries = [], postcodes = [], employees, accounts = [] } = area
  const findings: Finding[] = []
  countries.forEach((country, index) => {
    if (!normaliseCountry(country).ok)
      findings.push(
        error([...path, 'countries', index], `"${country}" is no country; write DE or Germany`),
      )
  })
  postcodes.forEach((postcode, index) => {
    const problem = postcodeProblem(postcode)
    if (problem !== undefined) findings.push(error([...path, 'postcodes', index], problem))
  })
  if (postcodes.length > 0 && countries.length === 0) {
    findings.push(
      warning([...path, 'postcodes'], 'postcodes without `countries` match in every country'),
    )
  }
  if (employees !== undefined)
    findings.push(...employeesFindings(employees, [...path, 'employees']))
  accounts.forEach((domain, index) => {
    const problem = accountProblem(domain)
    if (problem !== undefined) findings.push(error([...path, 'accounts', index], problem))
  })
  return findings
}

function employeesFindings(
  { from, to }: NonNullable<AreaSpec['employees']>,
  path: Path,
): Finding[] {
  if (from === undefined && to === undefined) return [error(path, 'give `from`, `to` or both')]
  return from !== undefined && to !== undefined && from > to
    ? [error(path, `runs backwards: from ${from} to ${to} employees`)]
    : []
}
