/**
 * Which keys are one account.
 *
 * A person has one account key: the CRM's id of the account, else the company's own domain (./keys). Who has
 * both a CRM account and a domain ties the two, for as long as their record has both:
 *
 *   a domain belongs to a CRM account when all its people who have a CRM account are in that one;
 *   the domain of several CRM accounts (subsidiaries) is an account by itself, as it does not say which;
 *   a CRM account with more than DOMAINS_MAX domains is a collecting place, and no domain belongs to it.
 *
 * Leads, signals and owners are kept under the key, and the account is found when it is asked for. So the
 * order in which people come cannot matter, nothing has to be locked or rewritten when two accounts turn
 * out to be one, and they come apart again when nobody ties them any more.
 */
import { defined } from '../defined'
import type { Lead, Reason } from '../lead/lead'
import type { KnownAccount } from '../step'
import { accountKey, domainKey, isDomainKey } from './keys'

/** So many domains of its own a company may have in one CRM account. */
export const DOMAINS_MAX = 50

/** The keys that somebody has beside this one: of a domain its CRM accounts, of a CRM account its domains. */
export type Ties = (key: string) => readonly string[]

/** The account that the key belongs to: the key of a CRM account, or the key itself. */
export function accountOf(key: string, ties: Ties): string {
  if (!isDomainKey(key)) return key
  const [crm, ...others] = ties(key)
  if (crm === undefined || others.length > 0) return key
  return ties(crm).length > DOMAINS_MAX ? key : crm
}

/** All keys that belong to the account, its own first. */
export function keysOfAccount(account: string, ties: Ties): string[] {
  if (isDomainKey(account)) return [account]
  const domains = ties(account)
  if (domains.length > DOMAINS_MAX) return [account]
  return [account, ...domains.filter((domain) => accountOf(domain, ties) === account)]
}

/** Where a lead stands: under which key, and which domain it ties to that. */
export interface AccountPlace {
  readonly key?: string
  readonly domain?: string
}

/** As dedupe said last; an enriched value counts from the next time on. */
export function accountPlace({ account, company }: Lead): AccountPlace {
  if (account === undefined) return {}
  const key = account.key ?? account.id
  if (isDomainKey(key) || company.domain === undefined) return { key }
  return { key, domain: domainKey(company.domain) }
}

/** The lead's account, and why it is that one where its key alone does not say so. */
export interface LeadAccount {
  readonly key: string
  readonly section: NonNullable<Lead['account']>
  readonly because: readonly Reason[]
}

/** `known`: of the lead's keys, as it was without this lead. */
export function leadAccount(
  lead: Lead,
  known: ReadonlyMap<string, KnownAccount>,
): LeadAccount | undefined {
  const key = accountKey(lead)
  if (key === undefined) return undefined
  const account = known.get(key)
  const { domain = account?.domain } = lead.company
  const tied = lead.company.domain === undefined ? undefined : domainKey(lead.company.domain)
  if (tied === undefined || tied === key) {
    const id = account?.id ?? key
    const section = defined({
      id,
      key: id === key ? undefined : key,
      domain,
      ...owners(lead, account?.owner),
    })
    return { key, section, because: tied === undefined ? [] : ofDomain(lead, id, account) }
  }
  const other = known.get(tied)
  const owner = isJoined(key, other) ? later(account?.owner, other?.owner) : account?.owner
  const section = defined({ id: key, domain, ...owners(lead, owner) })
  return { key, section, because: ofBoth(lead, key, other) }
}

/** Whether the domain is the CRM account's once a person of that account has it. */
function isJoined(key: string, domain: KnownAccount | undefined): boolean {
  const [crm] = domain?.crm ?? []
  return crm === undefined || domain?.id === key
}

type Owner = KnownAccount['owner']

/** The CRM says who owns the account; that may be an integration's user, or somebody who left. */
function owners({ crm }: Lead, last: Owner) {
  const owner = crm?.owner ?? last?.repId
  return { owner, lastRep: last?.repId === owner ? undefined : last?.repId }
}

/** Who had the account last. */
function later(ours: Owner, theirs: Owner): Owner {
  if (ours === undefined || theirs === undefined) return ours ?? theirs
  return theirs.sinceMs > ours.sinceMs ? theirs : ours
}

function ofDomain(lead: Lead, id: string, account: KnownAccount | undefined): Reason[] {
  const [crm, other] = account?.crm ?? []
  if (crm === undefined) return []
  if (other !== undefined)
    return [
      reason(
        lead,
        'dedupe.account-shared',
        'People with this domain are in several accounts of the CRM: by the domain alone it is an account of its own',
      ),
    ]
  if (id !== crm) return [reason(lead, 'dedupe.account-shared', COLLECTING)]
  return [
    reason(
      lead,
      'dedupe.account-joined',
      `People with this domain are in the account ${nameOf(crm)} of the CRM`,
    ),
  ]
}

/** Of the first who ties a domain to the account, and of one who makes it the domain of several. */
function ofBoth(lead: Lead, key: string, domain: KnownAccount | undefined): Reason[] {
  const [crm, other] = domain?.crm ?? []
  if (crm === undefined)
    return [
      reason(
        lead,
        'dedupe.account-joined',
        `Who has this domain belongs to the account ${nameOf(key)} of the CRM: this person has both`,
      ),
    ]
  if (other === undefined && crm === key)
    return domain?.id === key ? [] : [reason(lead, 'dedupe.account-shared', COLLECTING)]
  return [
    reason(
      lead,
      'dedupe.account-shared',
      `This domain is of several accounts of the CRM, ${nameOf(crm)} too: who has nothing but the domain stays apart`,
    ),
  ]
}

const COLLECTING = `People of more than ${DOMAINS_MAX} domains are in this account of the CRM: no domain belongs to it`

function reason({ crm, company }: Lead, rule: string, why: string): Reason {
  const inputs = [{ path: 'company.domain', value: company.domain ?? null }]
  if (crm?.accountId !== undefined) inputs.push({ path: 'crm.accountId', value: crm.accountId })
  return { rule, why, inputs }
}

/** `crm:001` → `001`. */
function nameOf(key: string): string {
  return key.slice(key.indexOf(':') + 1)
}
