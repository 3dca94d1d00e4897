/** What steps ask of accounts: all keys in one question, by functions that the schema has for it. */
import { isDomainKey } from '../../engine/identity/keys'
import type { KnownAccount } from '../../engine/step'
import { type Statement, sql, storableText } from './sql'

export interface AccountRow {
  /** Which of the keys it is, from 1. */
  readonly at: number
  readonly id: string
  readonly crm: readonly string[]
  readonly keys: readonly string[]
  readonly owner: string | null
  readonly owned_at: number | null
}

export function accountsQuestion(
  realm: string,
  keys: readonly string[],
  but: string | null,
): Statement {
  return sql(
    `SELECT wanted.at, account.id, account.keys, last.owner, last.owned_at,
       CASE WHEN starts_with(wanted.key, 'domain:') THEN tied_accounts($1, wanted.key, $3)
         ELSE '{}' END AS crm
     FROM unnest($2::text[]) WITH ORDINALITY AS wanted (key, at)
     CROSS JOIN LATERAL (SELECT account_of($1, wanted.key, $3) AS id OFFSET 0) AS found
     CROSS JOIN LATERAL (SELECT found.id, keys_of_account($1, found.id, $3) AS keys OFFSET 0) AS account
     LEFT JOIN LATERAL (
       SELECT owner, owned_at FROM accounts
       WHERE realm = $1 AND accounts.id = ANY (account.keys) AND owner IS NOT NULL
       ORDER BY owned_at DESC, accounts.id LIMIT 1
     ) AS last ON true
     ORDER BY wanted.at`,
    realm,
    keys,
    but,
  )
}

/** `keys`: as they were asked for; a text that could not be stored as it is comes back as it was. */
export function knownAccount(row: AccountRow, keys: readonly string[]): KnownAccount {
  const asAsked = (stored: string) => keys.find((key) => storableText(key) === stored) ?? stored
  const domains = row.keys.filter(isDomainKey)
  return {
    id: asAsked(row.id),
    crm: row.crm.map(asAsked),
    ...(domains.length === 1 ? { domain: domains[0]!.slice('domain:'.length) } : {}),
    ...(row.owner === null ? {} : { owner: { repId: row.owner, sinceMs: row.owned_at! } }),
  }
}

/** Part of a step of ./migrations, and so never edited once released: another rule is another step. */
export const ACCOUNT_FUNCTIONS = `
  -- The rule of engine/identity/accounts; one step of the index for each key that is found. What the lead
  -- 'but' ties is left out.

  -- Of a domain its CRM accounts: two at most, as more say no more.
  CREATE FUNCTION tied_accounts(of_realm text, of_domain text, but text) RETURNS text[]
  LANGUAGE plpgsql STABLE AS $$
  DECLARE one text; other text;
  BEGIN
    SELECT account_id INTO one FROM leads
      WHERE realm = of_realm AND account_domain = of_domain AND id IS DISTINCT FROM but
      ORDER BY account_id LIMIT 1;
    IF one IS NULL THEN RETURN '{}'; END IF;
    SELECT account_id INTO other FROM leads
      WHERE realm = of_realm AND account_domain = of_domain AND account_id > one
        AND id IS DISTINCT FROM but
      ORDER BY account_id LIMIT 1;
    RETURN CASE WHEN other IS NULL THEN ARRAY[one] ELSE ARRAY[one, other] END;
  END $$;

  -- Of a CRM account its domains; NULL when there are more than DOMAINS_MAX.
  CREATE FUNCTION tied_domains(of_realm text, of_account text, but text) RETURNS text[]
  LANGUAGE plpgsql STABLE AS $$
  DECLARE found text[] := '{}'; next text;
  BEGIN
    LOOP
      SELECT account_domain INTO next FROM leads
        WHERE realm = of_realm AND account_id = of_account
          AND account_domain > coalesce(found[cardinality(found)], '')
          AND id IS DISTINCT FROM but
        ORDER BY account_domain LIMIT 1;
      IF next IS NULL THEN RETURN found; END IF;
      found := found || next;
      IF cardinality(found) > 50 THEN RETURN NULL; END IF;
    END LOOP;
  END $$;

  CREATE FUNCTION account_of(of_realm text, key text, but text) RETURNS text
  LANGUAGE plpgsql STABLE AS $$
  DECLARE tied text[];
  BEGIN
    IF key IS NULL OR NOT starts_with(key, 'domain:') THEN RETURN key; END IF;
    tied := tied_accounts(of_realm, key, but);
    IF cardinality(tied) <> 1 OR tied_domains(of_realm, tied[1], but) IS NULL THEN RETURN key; END IF;
    RETURN tied[1];
  END $$;

  CREATE FUNCTION keys_of_account(of_realm text, account text, but text) RETURNS text[]
  LANGUAGE plpgsql STABLE AS $$
  DECLARE keys text[] := ARRAY[account]; domain text;
  BEGIN
    IF starts_with(account, 'domain:') THEN RETURN keys; END IF;
    FOREACH domain IN ARRAY coalesce(tied_domains(of_realm, account, but), '{}') LOOP
      IF cardinality(tied_accounts(of_realm, domain, but)) = 1 THEN keys := keys || domain; END IF;
    END LOOP;
    RETURN keys;
  END $$;
  `
