/**
 * What the file knows of accounts: who had each account key last, and which keys people have beside it
 * (engine/identity/accounts). Read once and then kept beside what was committed lately, so that most leads
 * of a busy account cost no query.
 */
import {
  type AccountPlace,
  accountOf,
  DOMAINS_MAX,
  keysOfAccount,
  type Ties,
} from '../../engine/identity/accounts'
import { isDomainKey } from '../../engine/identity/keys'
import type { KnownAccount } from '../../engine/step'
import type { Target } from './apply'
import type { Database } from './database'
import type { Recent, RecentAccount } from './recent'

/** Under which signals stand, in memory, whose person has no account. */
export const NO_ACCOUNT = ''

const TIED_TO = {
  domain: `SELECT account_id AS key, count(*) AS people FROM leads
    WHERE realm = ?1 AND account_domain = ?2 GROUP BY account_id`,
  crm: `SELECT account_domain AS key, count(*) AS people FROM leads
    WHERE realm = ?1 AND account_id = ?2 AND account_domain IS NOT NULL GROUP BY account_domain`,
}

/** Each has the realm and the key. */
export const ACCOUNT_QUESTIONS = Object.values(TIED_TO).map(
  (ties) => `
  SELECT (SELECT json_group_object(key, people) FROM (${ties})) AS ties, owner, owned_at
  FROM (SELECT 1) LEFT JOIN accounts ON realm = ?1 AND id = ?2`,
)

export class Accounts {
  constructor(
    private readonly database: Database,
    private readonly realm: string,
    private readonly recent: Recent,
  ) {}

  /** What stands under the key, in memory from now on. */
  record(key: string): RecentAccount {
    const kept = this.recent.account(key)
    if (kept !== undefined) return kept
    const { ties, owner, owned_at } = this.database.get<{
      ties: string
      owner: string | null
      owned_at: number | null
    }>(ACCOUNT_QUESTIONS[isDomainKey(key) ? 0 : 1]!, this.realm, key)!
    const read: RecentAccount = {
      owner: owner === null ? undefined : { repId: owner, sinceMs: owned_at ?? 0 },
      ties: new Map(Object.entries(JSON.parse(ties) as Record<string, number>)),
    }
    this.recent.setAccount(key, read, 0)
    return read
  }

  /** As if the one who stands at `but` were not there. */
  known(key: string, but: AccountPlace = {}): KnownAccount {
    const ties = this.#ties(but)
    const id = accountOf(key, ties)
    const keys = keysOfAccount(id, ties)
    const domains = keys.filter(isDomainKey)
    const owner = this.#ownerOf(keys)
    return {
      id,
      crm: isDomainKey(key) ? ties(key).slice(0, 2) : [],
      ...(domains.length === 1 ? { domain: domains[0]!.slice('domain:'.length) } : {}),
      ...(owner === undefined ? {} : { owner }),
    }
  }

  /** The account that the key belongs to. */
  idOf(key: string): string {
    return accountOf(key, this.#ties())
  }

  /** All keys of the account that the key belongs to. */
  keysOf(key: string): string[] {
    const ties = this.#ties()
    return keysOfAccount(accountOf(key, ties), ties)
  }

  #ties({ key: ownKey, domain: ownDomain }: AccountPlace = {}): Ties {
    return (key) => {
      const { ties } = this.record(key)
      const own = key === ownDomain ? ownKey : key === ownKey ? ownDomain : undefined
      const alone = own !== undefined && ties.get(own) === 1 ? own : undefined
      const keys: string[] = []
      for (const one of ties.keys()) {
        if (one !== alone) keys.push(one)
        // Of more it does not matter which.
        if (keys.length > DOMAINS_MAX) break
      }
      return keys.sort()
    }
  }

  #ownerOf(keys: readonly string[]): KnownAccount['owner'] {
    let last: KnownAccount['owner']
    for (const key of keys) {
      const { owner } = this.record(key)
      if (owner !== undefined && (last === undefined || owner.sinceMs > last.sinceMs)) last = owner
    }
    return last
  }
}

/** What stands under the key becomes another, in the name of the batch. */
export function changeAccount(
  { reads, recent, batch }: Target,
  key: string,
  change: (account: RecentAccount) => void,
): void {
  const account = reads.accountBook.record(key)
  change(account)
  recent.setAccount(key, account, batch)
}

/** A lead that stood at `before` stands at `after`: what it ties is counted at both ends. */
export function tie(
  target: Target,
  before: AccountPlace | undefined,
  after: AccountPlace | undefined,
): void {
  if (before?.key === after?.key && before?.domain === after?.domain) return
  count(target, before, -1)
  count(target, after, 1)
}

function count(target: Target, { key, domain }: AccountPlace = {}, by: number): void {
  if (key === undefined || domain === undefined) return
  for (const [one, other] of [
    [key, domain],
    [domain, key],
  ] as const)
    changeAccount(target, one, ({ ties }) => {
      const people = (ties.get(other) ?? 0) + by
      if (people > 0) ties.set(other, people)
      else ties.delete(other)
    })
}
