/** How to reach the database, and how to name it to people without giving away who we are there. */
import type { ConnectionOptions } from 'node:tls'
import { Client, type ClientConfig, types } from 'pg'
import { LeadFault } from '../../engine/faults'
import { type Settle, StoreOutage } from '../outage'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; or the parts below, one by one. */
  readonly connectionString?: string
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly user?: string
  readonly password?: string
  readonly ssl?: boolean | ConnectionOptions
  /** The schema that holds the tables; made when it is missing. */
  readonly schema?: string
  /** Connections at most, besides the one that listens for news. */
  readonly poolMax?: number
  /** A process that is silent for so long is taken as dead, and its work goes to others, ms. */
  readonly leaseMs?: number
}

export const SCHEMA_DEFAULT = 'lead_qualification'
export const POOL_MAX_DEFAULT = 10
export const LEASE_MS_DEFAULT = 15_000

/** A host that does not answer is given up after this, ms. */
const CONNECT_MS_MAX = 5_000
/** Longer than any lock is waited for; a server that is silent for longer is taken as gone. */
const ANSWER_MS_MAX = 60_000

const BIGINT = 20

/** A server, or the folder of a socket. */
const CONNECTION_STRING = /^(postgres(ql)?:\/\/|socket:|\/)/i

export class Target {
  readonly schema: string
  readonly poolMax: number
  readonly leaseMs: number
  /** `host:port/database`, for people. */
  readonly name: string
  readonly config: ClientConfig
  readonly #secrets: readonly string[]

  /** Throws LEAD_STORE_UNAVAILABLE when the options cannot be understood. */
  constructor({ schema, poolMax, leaseMs, ...connection }: PostgresOptions) {
    const { connectionString } = connection
    // Of anything else the driver makes names of its own, and shows a password as one of them.
    if (connectionString !== undefined && !CONNECTION_STRING.test(connectionString))
      throw unreadable('the connection string does not begin with postgres://')
    this.schema = schema || SCHEMA_DEFAULT
    this.poolMax = poolMax ?? POOL_MAX_DEFAULT
    this.leaseMs = leaseMs ?? LEASE_MS_DEFAULT
    this.config = {
      ...connection,
      fallback_application_name: 'lead-qualification',
      connectionTimeoutMillis: CONNECT_MS_MAX,
      query_timeout: ANSWER_MS_MAX,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // Counts and epoch milliseconds are far below 2^53, and `bigint` would come as text.
      types: {
        getTypeParser: ((oid: number, format?: 'text') =>
          oid === BIGINT ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
      },
    }
    try {
      const { host, port, database, password } = new Client(this.config) as Client & {
        password?: unknown
      }
      this.name = `${host}:${port}/${database ?? ''}`
      this.#secrets = typeof password === 'string' && password !== '' ? spellings(password) : []
    } catch {
      // The driver's words may quote the settings, and with them the password.
      throw unreadable('the connection settings cannot be read')
    }
  }

  unavailable(raw: unknown): LeadFault {
    if (raw instanceof LeadFault) return raw
    return new LeadFault('LEAD_STORE_UNAVAILABLE', this.name, this.#discreet(wordsOf(raw)))
  }

  /** As `unavailable`, for what passes by itself. */
  outage(raw: unknown, settle?: Settle): LeadFault {
    if (raw instanceof LeadFault) return raw
    return new StoreOutage(this.name, this.#discreet(wordsOf(raw)), settle)
  }

  #discreet(words: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, '***'), words)
  }
}

function unreadable(why: string): LeadFault {
  return new LeadFault('LEAD_STORE_UNAVAILABLE', 'PostgreSQL', why)
}

function spellings(password: string): string[] {
  return [...new Set([password, encodeURIComponent(password)])]
}

/** Node gives an AggregateError without words when a name has several addresses and none answers. */
function wordsOf(raw: unknown): string {
  if (raw instanceof AggregateError) return [...new Set(raw.errors.map(wordsOf))].join(', ')
  if (!(raw instanceof Error)) return String(raw)
  return raw.message || String((raw as NodeJS.ErrnoException).code ?? raw.name)
}
