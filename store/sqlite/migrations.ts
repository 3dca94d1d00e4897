/**
 * The tables, as numbered steps. A step is never edited once released: add the next one.
 *
 * Times are epoch milliseconds; JSON is text. Personal values stand in `intake`, `leads`,
 * `identity`, `signals` and the private columns of `audit`, and nowhere else.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- Accepted events: the guard against repetition, and the lead until its way is done.
  CREATE TABLE intake (
    realm TEXT NOT NULL, key TEXT NOT NULL, lead_id TEXT NOT NULL, node_id TEXT NOT NULL,
    accepted_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    body TEXT, -- null once the way is done
    PRIMARY KEY (realm, key)
  ); -- with a rowid, so that leads of one time lie together though their keys do not
  CREATE INDEX intake_underway ON intake (realm, node_id, accepted_at) WHERE body IS NOT NULL;

  -- What is known of a lead, and where it stands: the second changes often and is small.
  CREATE TABLE leads (
    realm TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (realm, id)
  );
  CREATE TABLE standings (
    realm TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
    since INTEGER NOT NULL, pool_id TEXT, retry_at INTEGER,
    standing TEXT NOT NULL, -- see engine/lead/standing
    PRIMARY KEY (realm, id)
  );
  CREATE INDEX standings_state ON standings (realm, state, since);

  -- Which lead (person) a key such as an e-mail address belongs to.
  CREATE TABLE identity (
    realm TEXT NOT NULL, key TEXT NOT NULL, lead_id TEXT NOT NULL,
    PRIMARY KEY (realm, key)
  ) WITHOUT ROWID;

  CREATE TABLE accounts (
    realm TEXT NOT NULL, id TEXT NOT NULL, owner TEXT,
    PRIMARY KEY (realm, id)
  ) WITHOUT ROWID;

  CREATE TABLE signals (
    realm TEXT NOT NULL, lead_id TEXT NOT NULL, id TEXT NOT NULL, account_id TEXT,
    at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (realm, lead_id, id)
  ) WITHOUT ROWID;
  CREATE INDEX signals_account ON signals (realm, account_id, at) WHERE account_id IS NOT NULL;

  -- The primary key is the promise: at most one assignment per lead and cycle.
  CREATE TABLE assignments (
    realm TEXT NOT NULL, lead_id TEXT NOT NULL, cycle INTEGER NOT NULL, rep_id TEXT NOT NULL,
    pool_id TEXT NOT NULL, units INTEGER NOT NULL, opened_at INTEGER NOT NULL,
    closed_at INTEGER, close_reason TEXT,
    PRIMARY KEY (realm, lead_id, cycle)
  ) WITHOUT ROWID;

  -- Sum of the units of open assignments, kept beside them in the same transaction.
  CREATE TABLE rep_load (
    realm TEXT NOT NULL, rep_id TEXT NOT NULL, units INTEGER NOT NULL CHECK (units >= 0),
    PRIMARY KEY (realm, rep_id)
  ) WITHOUT ROWID;

  CREATE TABLE fairness (
    realm TEXT NOT NULL, pool_id TEXT NOT NULL, rep_id TEXT NOT NULL,
    virtual_time REAL NOT NULL, away_since INTEGER,
    PRIMARY KEY (realm, pool_id, rep_id)
  ) WITHOUT ROWID;

  -- Pending timers only: firing and cancelling delete the row, the audit log keeps the history.
  CREATE TABLE timers (
    realm TEXT NOT NULL, id TEXT NOT NULL, node_id TEXT NOT NULL, due_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (realm, id)
  ) WITHOUT ROWID;
  CREATE INDEX timers_due ON timers (realm, node_id, due_at);

  CREATE TABLE answers (
    realm TEXT NOT NULL, provider TEXT NOT NULL, key TEXT NOT NULL, observed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (realm, provider, key)
  ) WITHOUT ROWID;
  CREATE INDEX answers_expiry ON answers (realm, expires_at);

  -- Every version of a contract or policy that was ever used, so that old decisions stay readable.
  CREATE TABLE artefacts (
    kind TEXT NOT NULL, hash TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    first_used INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, hash)
  ) WITHOUT ROWID;

  -- One global order per realm. 'body' is public and hashed into the tree; 'salt' and 'payload'
  -- are personal, are only committed to, and are set to null by an erasure.
  CREATE TABLE audit (
    realm TEXT NOT NULL, seq INTEGER NOT NULL, lead_id TEXT NOT NULL, step TEXT NOT NULL,
    key TEXT, at INTEGER NOT NULL, outcome TEXT NOT NULL, body TEXT NOT NULL,
    leaf BLOB NOT NULL, salt TEXT, payload TEXT,
    PRIMARY KEY (realm, seq)
  );
  CREATE UNIQUE INDEX audit_key ON audit (realm, step, key) WHERE key IS NOT NULL;
  CREATE INDEX audit_lead ON audit (realm, lead_id, seq);

  -- The growing edge of the Merkle tree over audit.leaf, and its root.
  CREATE TABLE audit_tree (
    realm TEXT NOT NULL PRIMARY KEY, size INTEGER NOT NULL, hashes TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  -- How many leads a rep with a cap was given in an hour, day or week. Each period has its row, so
  -- that a clock that is put back finds the count that it left.
  CREATE TABLE tallies (
    realm TEXT NOT NULL, rep_id TEXT NOT NULL, period TEXT NOT NULL, from_at INTEGER NOT NULL,
    leads INTEGER NOT NULL,
    PRIMARY KEY (realm, rep_id, period, from_at)
  ) WITHOUT ROWID;
  `,
  `
  -- Events that were taken up again, how often, and whether they were given up at last. Apart from
  -- 'intake', because most events never come here.
  CREATE TABLE attempts (
    realm TEXT NOT NULL, key TEXT NOT NULL, attempts INTEGER NOT NULL, fault TEXT, dead_at INTEGER,
    PRIMARY KEY (realm, key)
  ) WITHOUT ROWID;
  CREATE INDEX attempts_dead ON attempts (realm, dead_at) WHERE dead_at IS NOT NULL;

  ALTER TABLE timers ADD COLUMN policy TEXT AS (coalesce(json_extract(body, '$.policy'), ''));
  `,
  `
  -- Timers that have fired and whose message was not reported as sent. Mostly empty.
  CREATE TABLE outbox (
    realm TEXT NOT NULL, id TEXT NOT NULL, node_id TEXT NOT NULL, due_at INTEGER NOT NULL,
    body TEXT NOT NULL, policy TEXT AS (coalesce(json_extract(body, '$.policy'), '')),
    PRIMARY KEY (realm, id)
  ) WITHOUT ROWID;
  `,
  `
  -- Offers of leads to reps. The key is the promise that a token is used once; the units of those
  -- that stand open are in rep_load.
  CREATE TABLE offers (
    realm TEXT NOT NULL, lead_id TEXT NOT NULL, token INTEGER NOT NULL, rep_id TEXT NOT NULL,
    pool_id TEXT NOT NULL, units INTEGER NOT NULL, opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, closed_at INTEGER, ended TEXT,
    PRIMARY KEY (realm, lead_id, token)
  ) WITHOUT ROWID;
  CREATE INDEX offers_open ON offers (realm, rep_id) WHERE ended IS NULL;

  -- Reps who let offers expire, or are offline for that.
  CREATE TABLE presences (
    realm TEXT NOT NULL, rep_id TEXT NOT NULL, misses INTEGER NOT NULL, offline_since INTEGER,
    PRIMARY KEY (realm, rep_id)
  ) WITHOUT ROWID;

  ALTER TABLE timers ADD COLUMN home TEXT
    AS (CASE json_extract(body, '$.kind') WHEN 'offer' THEN 'offers' ELSE 'timers' END);
  `,
  `
  -- For retention: the keys of a lead, and the entries whose private part is still there.
  CREATE INDEX identity_lead ON identity (realm, lead_id);
  CREATE INDEX audit_details ON audit (realm, at, seq) WHERE payload IS NOT NULL;

  -- What was refused by people whose lead was erased, under salted hashes of their keys.
  CREATE TABLE suppressions (
    realm TEXT NOT NULL, digest TEXT NOT NULL, consent TEXT NOT NULL,
    PRIMARY KEY (realm, digest)
  ) WITHOUT ROWID;
  CREATE TABLE suppression_salt (salt TEXT NOT NULL);
  INSERT INTO suppression_salt VALUES (lower(hex(randomblob(32))));
  `,
  `
  -- The signals that came with one event stand in one row: under the id of the first, at the time of
  -- the latest, 'body' the list of them. So an event costs one place in the index of its account.
  UPDATE signals SET body = '[' || body || ']';
  `,
  `
  -- When the first waiting lead is worth a try because of time, however many wait.
  CREATE INDEX standings_retry ON standings (realm, retry_at)
    WHERE state = 'waiting' AND retry_at IS NOT NULL;
  `,
  `
  -- For lists of leads by account and by rep.
  ALTER TABLE leads ADD COLUMN account_id TEXT;
  UPDATE leads SET account_id = json_extract(body, '$.account.id')
    WHERE json_extract(body, '$.account.id') IS NOT NULL;
  CREATE INDEX leads_account ON leads (realm, account_id) WHERE account_id IS NOT NULL;
  CREATE INDEX assignments_open ON assignments (realm, rep_id) WHERE closed_at IS NULL;
  `,
  `
  -- A lead stands under one account key; 'account_domain' is the domain that a person with an account in
  -- the CRM ties to it, see engine/identity/accounts. Signals stand where their person does.
  ALTER TABLE leads ADD COLUMN account_domain TEXT;
  UPDATE leads SET account_domain = 'domain:' || json_extract(body, '$.company.domain')
    WHERE account_id >= 'crm:' AND account_id < 'crm;'
      AND json_extract(body, '$.company.domain') IS NOT NULL;
  DROP INDEX leads_account;
  CREATE INDEX leads_account ON leads (realm, account_id, account_domain)
    WHERE account_id IS NOT NULL;
  CREATE INDEX leads_domain ON leads (realm, account_domain, account_id)
    WHERE account_domain IS NOT NULL;
  UPDATE signals SET account_id = leads.account_id FROM leads
    WHERE leads.realm = signals.realm AND leads.id = signals.lead_id
      AND leads.account_id IS NOT NULL AND signals.account_id IS NOT leads.account_id;

  -- Of several keys that are one account the rep counts who had it last; of old ones nobody knows when.
  ALTER TABLE accounts ADD COLUMN owned_at INTEGER NOT NULL DEFAULT 0;
  `,
]
