/** What is wrong with the named accounts of a policy: no domain, or one domain with two owners. */
import { error, type Finding, PROBLEMS_MAX, warning } from '../artefact'
import { accountDomain, accountProblem } from './account-domain'
import type { PolicySpec } from './schema'

export function accountFindings({ accounts = [] }: PolicySpec): Finding[] {
  const findings: Finding[] = []
  const byDomain = new Map<string, number[]>()
  accounts.forEach(({ domain }, index) => {
    const problem = accountProblem(domain)
    if (problem !== undefined) {
      findings.push(error(['accounts', index, 'domain'], problem))
      return
    }
    const name = accountDomain(domain)
    const same = byDomain.get(name)
    if (same === undefined) byDomain.set(name, [index])
    else same.push(index)
  })
  for (const [domain, places] of byDomain)
    if (places.length > 1) findings.push(...repeatedFindings(domain, places, accounts))
  return findings.slice(0, PROBLEMS_MAX)
}

type Accounts = NonNullable<PolicySpec['accounts']>

/** With several owners a finding at each, so that all of their lines are named. */
function repeatedFindings(domain: string, places: readonly number[], accounts: Accounts) {
  const owners = new Set(places.map((index) => accounts[index]!.owner))
  if (owners.size === 1) {
    const [first, ...again] = places
    const message = `the account ${domain} is listed already, in accounts[${first}]`
    return again.map((index) => warning(['accounts', index, 'domain'], message))
  }
  const listed = places
    .slice(0, 5)
    .map((index) => `${accounts[index]!.owner} (accounts[${index}])`)
    .join(' and ')
  const message = `the account ${domain} has more than one owner: ${listed}`
  return places.map((index) => error(['accounts', index, 'domain'], message))
}
