/**
 * The tables, as numbered steps. A step is never edited once released: add the next one.
 *
 * The same tables as in SQLite, but for the order of the audit log: entries arrive unsequenced, so
 * that nobody waits for anybody to append, and get their place in the tree afterwards.
 *
 * Times are epoch milliseconds; JSON is text, byte for byte as it was hashed. Ids and keys compare
 * by their bytes (COLLATE "C"), whatever the database's language is. Personal values stand in
 * `intake`, `leads`, `identity`, `signals` and the private columns of `audit`, and nowhere else.
 */
import { Client, escapeIdentifier } from 'pg'
import { LeadFault } from '../../engine/faults'
import { ACCOUNT_FUNCTIONS } from './accounts'
import { lockKey } from './locks'
import type { Target } from './options'
import { prepareSession } from './session'

export const MIGRATIONS: readonly string[] = [
  `
  -- Accepted events: the guard against repetition, and the lead until its way is done.
  CREATE TABLE intake (
    realm text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
    lead_id text COLLATE "C" NOT NULL, node_id text COLLATE "C" NOT NULL,
    accepted_at bigint NOT NULL, expires_at bigint NOT NULL,
    body text, -- null once the way is done
    PRIMARY KEY (realm, key)
  );
  CREATE INDEX intake_underway ON intake (realm, node_id, accepted_at) WHERE body IS NOT NULL;

  -- What is known of a lead, and where it stands: the second changes often and is small.
  CREATE TABLE leads (
    realm text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, body text NOT NULL,
    PRIMARY KEY (realm, id)
  );
  CREATE TABLE standings (
    realm text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL, reason text NOT NULL, since bigint NOT NULL,
    pool_id text COLLATE "C", retry_at bigint,
    standing text NOT NULL, -- see engine/lead/standing
    PRIMARY KEY (realm, id)
  );
  CREATE INDEX standings_state ON standings (realm, state, since, id);

  -- Which lead (person) a key such as an e-mail address belongs to.
  CREATE TABLE identity (
    realm text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
    lead_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (realm, key)
  );

  CREATE TABLE accounts (
    realm text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, owner text COLLATE "C",
    PRIMARY KEY (realm, id)
  );

  CREATE TABLE signals (
    realm text COLLATE "C" NOT NULL, lead_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL, account_id text COLLATE "C",
    at bigint NOT NULL, body text NOT NULL,
    PRIMARY KEY (realm, lead_id, id)
  );
  CREATE INDEX signals_account ON signals (realm, account_id, at) WHERE account_id IS NOT NULL;

  -- The primary key is the promise: at most one assignment per lead and cycle.
  CREATE TABLE assignments (
    realm text COLLATE "C" NOT NULL, lead_id text COLLATE "C" NOT NULL, cycle integer NOT NULL,
    rep_id text COLLATE "C" NOT NULL, pool_id text COLLATE "C" NOT NULL, units integer NOT NULL,
    opened_at bigint NOT NULL, closed_at bigint, close_reason text,
    PRIMARY KEY (realm, lead_id, cycle)
  );

  -- Sum of the units of open assignments, kept beside them in the same transaction. Few rows that
  -- change with every lead: room in the page keeps the old versions from piling up.
  CREATE TABLE rep_load (
    realm text COLLATE "C" NOT NULL, rep_id text COLLATE "C" NOT NULL,
    units integer NOT NULL CONSTRAINT load_not_below_zero CHECK (units >= 0),
    PRIMARY KEY (realm, rep_id)
  ) WITH (fillfactor = 50);

  CREATE TABLE fairness (
    realm text COLLATE "C" NOT NULL, pool_id text COLLATE "C" NOT NULL,
    rep_id text COLLATE "C" NOT NULL, virtual_time double precision NOT NULL, away_since bigint,
    PRIMARY KEY (realm, pool_id, rep_id)
  ) WITH (fillfactor = 50);

  -- Pending timers only: firing and cancelling delete the row, the audit log keeps the history.
  CREATE TABLE timers (
    realm text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    lead_id text COLLATE "C" NOT NULL, cycle integer NOT NULL,
    node_id text COLLATE "C" NOT NULL, due_at bigint NOT NULL, body text NOT NULL,
    PRIMARY KEY (realm, id)
  );
  CREATE INDEX timers_due ON timers (realm, node_id, due_at, id);
  CREATE INDEX timers_lead ON timers (realm, lead_id, cycle);

  CREATE TABLE answers (
    realm text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
    observed_at bigint NOT NULL, expires_at bigint NOT NULL, body text NOT NULL,
    PRIMARY KEY (realm, provider, key)
  );
  CREATE INDEX answers_expiry ON answers (realm, expires_at);

  -- Every version of a contract or policy that was ever used, so that old decisions stay readable.
  CREATE TABLE artefacts (
    kind text COLLATE "C" NOT NULL, hash text COLLATE "C" NOT NULL, name text NOT NULL,
    version text NOT NULL, first_used bigint NOT NULL, body text NOT NULL,
    PRIMARY KEY (kind, hash)
  );

  -- 'id' is the arrival, given before the commit; 'seq' is the place in the tree, given after it and
  -- never changed. 'body' is public and hashed into the tree; 'salt' and 'payload' are personal, are
  -- only committed to, and are set to null by an erasure. 'freed' and 'timers' are for the news.
  CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    realm text COLLATE "C" NOT NULL, seq bigint, lead_id text COLLATE "C" NOT NULL,
    step text COLLATE "C" NOT NULL, key text COLLATE "C", at bigint NOT NULL,
    outcome text COLLATE "C" NOT NULL, freed boolean NOT NULL, timers boolean NOT NULL,
    leaf bytea NOT NULL, body text NOT NULL, salt text, payload text
  ) WITH (toast_tuple_target = 1024); -- giving an entry its place then leaves its payload alone
  CREATE UNIQUE INDEX audit_seq ON audit (realm, seq) WHERE seq IS NOT NULL;
  CREATE INDEX audit_arrived ON audit (realm, id) WHERE seq IS NULL;
  CREATE UNIQUE INDEX audit_key ON audit (realm, step, key) WHERE key IS NOT NULL;
  CREATE INDEX audit_lead ON audit (realm, lead_id, id);

  -- The growing edge of the Merkle tree over audit.leaf. Who grows it holds the row.
  CREATE TABLE audit_tree (
    realm text COLLATE "C" PRIMARY KEY, size bigint NOT NULL, hashes text NOT NULL
  ) WITH (fillfactor = 50);

  -- Undoes the transaction when a change would break what was promised.
  CREATE FUNCTION promise(holds boolean, what text, subject text) RETURNS void
  LANGUAGE plpgsql AS $$
  BEGIN
    IF NOT holds THEN
      RAISE EXCEPTION USING ERRCODE = 'LQ001', MESSAGE = what, DETAIL = subject;
    END IF;
  END $$;
  `,
  `
  -- How many leads a rep with a cap was given in an hour, day or week. Each period has its row, so
  -- that a clock that is put back finds the count that it left.
  CREATE TABLE tallies (
    realm text COLLATE "C" NOT NULL, rep_id text COLLATE "C" NOT NULL,
    period text COLLATE "C" NOT NULL, from_at bigint NOT NULL, leads integer NOT NULL,
    PRIMARY KEY (realm, rep_id, period, from_at)
  ) WITH (fillfactor = 50);
  `,
  `
  -- Processes that have the realm open. Who is silent for longer than the lease is taken as dead.
  -- Numbers only grow: a process that was taken as dead and comes back is another one.
  CREATE TABLE workers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, realm text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(), until timestamptz NOT NULL
  );

  -- 'owner' is the worker that carries the row, 0 for nobody.
  ALTER TABLE intake
    ADD COLUMN owner bigint NOT NULL DEFAULT 0,
    ADD COLUMN carried_at bigint NOT NULL DEFAULT 0, -- since when
    ADD COLUMN attempts integer NOT NULL DEFAULT 0, -- how often it was taken up again
    ADD COLUMN retry_at bigint NOT NULL DEFAULT 0, -- not before
    ADD COLUMN dead_at bigint, -- set when it was given up
    ADD COLUMN fault text; -- the last that cut it off
  DROP INDEX intake_underway;
  CREATE INDEX intake_underway ON intake (realm, owner, node_id, accepted_at, key)
    WHERE body IS NOT NULL;
  ALTER TABLE timers
    ADD COLUMN owner bigint NOT NULL DEFAULT 0,
    ADD COLUMN policy text COLLATE "C" NOT NULL DEFAULT '';
  CREATE INDEX timers_claimed ON timers (realm, owner) WHERE owner <> 0;
  ALTER TABLE standings ADD COLUMN owner bigint NOT NULL DEFAULT 0;
  CREATE INDEX standings_claimed ON standings (realm, owner) WHERE owner <> 0;
  `,
  `
  -- Timers that have fired and whose message was not reported as sent. Mostly empty.
  CREATE TABLE outbox (
    realm text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    lead_id text COLLATE "C" NOT NULL, node_id text COLLATE "C" NOT NULL,
    policy text COLLATE "C" NOT NULL, due_at bigint NOT NULL, body text NOT NULL,
    owner bigint NOT NULL,
    PRIMARY KEY (realm, id)
  );
  `,
  `
  -- Offers of leads to reps. The key is the promise that a token is used once; the units of those
  -- that stand open are in rep_load.
  CREATE TABLE offers (
    realm text COLLATE "C" NOT NULL, lead_id text COLLATE "C" NOT NULL, token integer NOT NULL,
    rep_id text COLLATE "C" NOT NULL, pool_id text COLLATE "C" NOT NULL, units integer NOT NULL,
    opened_at bigint NOT NULL, expires_at bigint NOT NULL, closed_at bigint, ended text,
    PRIMARY KEY (realm, lead_id, token)
  );
  CREATE INDEX offers_open ON offers (realm, rep_id) WHERE ended IS NULL;

  -- Reps who let offers expire, or are offline for that.
  CREATE TABLE presences (
    realm text COLLATE "C" NOT NULL, rep_id text COLLATE "C" NOT NULL, misses integer NOT NULL,
    offline_since bigint,
    PRIMARY KEY (realm, rep_id)
  ) WITH (fillfactor = 50);

  ALTER TABLE timers ADD COLUMN home text NOT NULL DEFAULT 'timers';
  `,
  `
  -- For retention: the keys of a lead, and the entries whose private part is still there.
  CREATE INDEX identity_lead ON identity (realm, lead_id);
  CREATE INDEX audit_details ON audit (realm, at, seq)
    WHERE payload IS NOT NULL AND seq IS NOT NULL;

  -- What was refused by people whose lead was erased, under salted hashes of their keys.
  CREATE TABLE suppressions (
    realm text COLLATE "C" NOT NULL, digest bytea NOT NULL, consent text NOT NULL,
    PRIMARY KEY (realm, digest)
  );
  CREATE TABLE suppression_salt (salt text NOT NULL);
  INSERT INTO suppression_salt
    SELECT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  `,
  `
  -- When the first waiting lead is worth a try because of time, however many wait.
  CREATE INDEX standings_retry ON standings (realm, retry_at)
    WHERE state = 'waiting' AND retry_at IS NOT NULL;

  -- Those who wait under a policy, page by page: without it each page reads all that wait.
  CREATE INDEX standings_waiting
    ON standings (realm, (standing::json #>> '{assignment,policy,name}'), since, id)
    WHERE state = 'waiting';
  `,
  `
  -- For lists of leads by account and by rep. What is no jsonb (a text with NUL or half a character)
  -- gets its account when it is saved next.
  ALTER TABLE leads ADD COLUMN account_id text COLLATE "C";
  CREATE FUNCTION account_of(body text) RETURNS text LANGUAGE plpgsql AS $$
  BEGIN
    RETURN body::jsonb #>> '{account,id}';
  EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
  END $$;
  UPDATE leads SET account_id = account_of(body) WHERE position('"account":' in body) > 0;
  DROP FUNCTION account_of(text);
  CREATE INDEX leads_account ON leads (realm, account_id) WHERE account_id IS NOT NULL;
  CREATE INDEX assignments_open ON assignments (realm, rep_id) WHERE closed_at IS NULL;
  `,
  `
  -- A lead stands under one account key; 'account_domain' is the domain that a person with an account in
  -- the CRM ties to it, see engine/identity/accounts. Signals stand where their person does. What is no
  -- jsonb ties its domain when it is saved next.
  ALTER TABLE leads ADD COLUMN account_domain text COLLATE "C";
  CREATE FUNCTION domain_of(body text) RETURNS text LANGUAGE plpgsql AS $$
  BEGIN
    RETURN 'domain:' || (body::jsonb #>> '{company,domain}');
  EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
  END $$;
  UPDATE leads SET account_domain = domain_of(body) WHERE account_id LIKE 'crm:%';
  DROP FUNCTION domain_of(text);
  DROP INDEX leads_account;
  CREATE INDEX leads_account ON leads (realm, account_id, account_domain)
    WHERE account_id IS NOT NULL;
  CREATE INDEX leads_domain ON leads (realm, account_domain, account_id)
    WHERE account_domain IS NOT NULL;
  UPDATE signals SET account_id = leads.account_id FROM leads
    WHERE leads.realm = signals.realm AND leads.id = signals.lead_id
      AND leads.account_id IS NOT NULL AND signals.account_id IS DISTINCT FROM leads.account_id;

  -- Of several keys that are one account the rep counts who had it last; of old ones nobody knows when.
  ALTER TABLE accounts ADD COLUMN owned_at bigint NOT NULL DEFAULT 0;

  ${ACCOUNT_FUNCTIONS}
  `,
]

/**
 * Brings the schema up to date, forward only, one container at a time; refuses one that a newer
 * version has written. A user who may not create schemas or tables can use one that is up to date.
 */
export async function migrate({ config, schema }: Target, realm: string): Promise<void> {
  // A step may take as long as it takes: no limit on the answer.
  const { query_timeout: _, ...unlimited } = config
  const client = new Client(unlimited)
  client.on('error', () => {})
  try {
    await client.connect()
    await prepareSession(client, schema)
    await requireUtf8(client)
    if ((await versionOf(client, schema)) !== MIGRATIONS.length) await advance(client, schema)
    await client.query(
      "INSERT INTO audit_tree (realm, size, hashes) VALUES ($1, 0, '[]') ON CONFLICT DO NOTHING",
      [realm],
    )
  } finally {
    await client.end().catch(() => {})
  }
}

/**
 * Containers of an older version may still work. Whoever is at a lead holds its standing first, so whoever
 * has all of these in this order is in nobody's way who has one already.
 */
const STAND_STILL = 'LOCK TABLE standings, leads, assignments IN ACCESS EXCLUSIVE MODE'

async function advance(client: Client, schema: string): Promise<void> {
  await client.query('BEGIN')
  try {
    // Another container may be at it; its work is waited for, however long it takes.
    await client.query('SET LOCAL lock_timeout = 0')
    await client.query('SELECT pg_advisory_xact_lock($1)', [String(lockKey(schema, '', 'migrate'))])
    const version = await versionOf(client, schema)
    if (version === undefined) await found(client, schema)
    else if (version < MIGRATIONS.length) await client.query(STAND_STILL)
    for (const [index, step] of MIGRATIONS.slice(version ?? 0).entries()) {
      await client.query('INSERT INTO schema_steps (version) VALUES ($1)', [
        (version ?? 0) + index + 1,
      ])
      await client.query(step)
    }
    await client.query('COMMIT')
  } catch (raw) {
    await client.query('ROLLBACK').catch(() => {})
    throw raw
  }
}

/** Undefined when there are no tables yet; throws LEAD_STORE_NEWER. */
export async function versionOf(client: Client, schema: string): Promise<number | undefined> {
  // The catalogue itself is asked: to_regclass may answer from what this session saw before.
  const { rows: founded } = await client.query(
    `SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'schema_steps'`,
    [schema],
  )
  if (founded.length === 0) return undefined
  const { rows } = await client.query('SELECT max(version) AS version FROM schema_steps')
  const version: number = rows[0].version ?? 0
  if (version > MIGRATIONS.length)
    throw new LeadFault('LEAD_STORE_NEWER', version, MIGRATIONS.length)
  return version
}

/** Asked first, because even IF NOT EXISTS wants the right to create schemas. */
async function found(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query('SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1', [
    schema,
  ])
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${escapeIdentifier(schema)}`)
  await client.query(
    'CREATE TABLE schema_steps (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
  )
}

/** In any other encoding some names could not be kept, and would fail one by one later. */
async function requireUtf8(client: Client): Promise<void> {
  const { rows } = await client.query('SHOW server_encoding')
  const encoding: string = rows[0].server_encoding
  if (encoding !== 'UTF8')
    throw new LeadFault(
      'LEAD_STORE_UNAVAILABLE',
      'PostgreSQL',
      `the database is encoded in ${encoding}; it must be UTF8`,
    )
}
