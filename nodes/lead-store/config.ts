/** The settings of lead-store as the editor saves them, and the store that they describe. */
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { parseDuration } from '../../engine/duration'
import { LeadFault } from '../../engine/faults'
import {
  LEADS_MONTHS_MIN,
  MONTHS_MAX,
  type Retention,
  TRAIL_MONTHS_MIN,
} from '../../engine/retention'
import type { PatientOptions } from '../../store/patience'
import type { PostgresOptions } from '../../store/postgres/options'
import { PostgresStore } from '../../store/postgres/postgres-store'
import { SqliteStore } from '../../store/sqlite/sqlite-store'
import type { Def, Red, RedNode } from '../shared/red'

export interface StoreDef extends Def {
  /** Absent in flows from before there was a choice. */
  readonly backend?: 'sqlite' | 'postgres'
  readonly file: string
  readonly realm: string
  readonly connect?: 'fields' | 'env'
  /** Name of the environment variable that holds the connection string. */
  readonly url?: string
  readonly host?: string
  readonly port?: string | number
  readonly database?: string
  readonly user?: string
  readonly tls?: 'off' | 'on' | 'unchecked'
  /** A file with the authority's certificate; empty: those that Node.js knows. */
  readonly ca?: string
  readonly schema?: string
  readonly connections?: string | number
  readonly lease?: string
  /** Months; empty, and absent in flows from before there was a choice: for ever. */
  readonly keepLeads?: string | number
  readonly keepTrail?: string | number
}

export interface StoreCredentials {
  readonly password?: string
}

const LEASE_MS_MIN = 1_000

/** Nodes with the same place keep the same leads. */
export function placeOf(red: Red, config: StoreDef): string {
  const { backend, connect, url, host, port, database, schema } = config
  const realm = config.realm || 'live'
  if (backend !== 'postgres') return JSON.stringify([realm, pathOf(red, config.file)])
  const server = connect === 'env' ? [url] : [host || 'localhost', String(port || ''), database]
  return JSON.stringify([realm, ...server, schema ?? ''])
}

/** How people call the store: never with a user's name or a password. */
export function nameOf({ name, backend, file, connect, url, host, database }: StoreDef): string {
  if (name) return name
  if (backend !== 'postgres') return file || 'leads.db'
  return connect === 'env' ? `$${withoutLogin(url)}` : `${host || 'localhost'}/${database || ''}`
}

/** Where the name of a variable belongs, somebody may have put the connection string itself. */
function withoutLogin(url = ''): string {
  return url.replace(/\/\/.*@/s, '//***@')
}

/** `open` throws LEAD_CONFIG_INVALID or what the store throws. */
export function openerOf(
  red: Red,
  node: RedNode & { credentials?: StoreCredentials },
  config: StoreDef,
): Pick<PatientOptions, 'open' | 'retention'> {
  const realm = config.realm || 'live'
  let retention: Retention
  try {
    retention = retentionOf(config)
  } catch (fault) {
    return {
      open: () => {
        throw fault
      },
    }
  }
  if (config.backend !== 'postgres')
    return { retention, open: () => openFile(node, pathOf(red, config.file), realm) }
  return {
    retention,
    open: async (lost) => PostgresStore.open(postgresOptions(red, node, config), realm, lost),
  }
}

/** A path that leads elsewhere (a disk that is not mounted, a typing error) would go unseen otherwise. */
function openFile(node: RedNode, file: string, realm: string): SqliteStore {
  const isNew = file !== ':memory:' && !existsSync(file)
  const store = SqliteStore.open(file, realm)
  if (isNew) node.log(`${file}: there was no store here, a new one was made`)
  return store
}

/** Throws LEAD_CONFIG_INVALID. */
export function retentionOf(config: StoreDef): Retention {
  const months = (setting: 'keepLeads' | 'keepTrail', min: number) =>
    wholeNumber(config[setting], min, MONTHS_MAX, () => {
      const why = `"${config[setting]}" is not a number of months from ${min} to ${MONTHS_MAX}; empty keeps for ever`
      return new LeadFault('LEAD_CONFIG_INVALID', setting, config.name || config.type, why)
    })
  const leadsMonths = months('keepLeads', LEADS_MONTHS_MIN)
  const trailMonths = months('keepTrail', TRAIL_MONTHS_MIN)
  return {
    ...(leadsMonths === undefined ? {} : { leadsMonths }),
    ...(trailMonths === undefined ? {} : { trailMonths }),
  }
}

/** Relative to the user directory; empty is the file that fits most. */
function pathOf(red: Red, file: string): string {
  const name = file || join('lead-qualification', 'leads.db')
  return name === ':memory:' ? name : inUserDir(red, name)
}

function inUserDir(red: Red, path: string): string {
  return isAbsolute(path) ? path : join(red.settings.userDir ?? process.cwd(), path)
}

export function postgresOptions(
  red: Red,
  node: RedNode & { credentials?: StoreCredentials },
  config: StoreDef,
): PostgresOptions {
  const bad = (setting: string, why: string) =>
    new LeadFault('LEAD_CONFIG_INVALID', setting, config.name || config.type, why)
  const leaseMs = config.lease ? parseDuration(config.lease) : undefined
  if (config.lease && (leaseMs === undefined || leaseMs < LEASE_MS_MIN))
    throw bad('lease', `"${config.lease}" is not a duration of a second or more, such as 15s`)
  const poolMax = wholeNumber(config.connections, 1, 200, () =>
    bad('connections', `"${config.connections}" is not a number from 1 to 200`),
  )
  const common = {
    ...(config.schema ? { schema: config.schema } : {}),
    ...(poolMax === undefined ? {} : { poolMax }),
    ...(leaseMs === undefined ? {} : { leaseMs }),
  }
  if (config.connect === 'env') {
    const url = fromEnvironment(red, node, config.url)
    if (url === '')
      throw bad('url', `the environment variable "${withoutLogin(config.url)}" is not set`)
    return { ...common, connectionString: url }
  }
  const port = wholeNumber(config.port, 1, 65_535, () =>
    bad('port', `"${config.port}" is not a port`),
  )
  return {
    ...common,
    host: config.host || 'localhost',
    ...(port === undefined ? {} : { port }),
    ...(config.database ? { database: config.database } : {}),
    ...(config.user ? { user: config.user } : {}),
    ...(node.credentials?.password ? { password: node.credentials.password } : {}),
    ssl: tlsOf(red, config, bad),
  }
}

function tlsOf(
  red: Red,
  { tls, ca }: StoreDef,
  bad: (setting: string, why: string) => LeadFault,
): NonNullable<PostgresOptions['ssl']> {
  if (tls !== 'on' && tls !== 'unchecked') return false
  if (tls === 'unchecked') return { rejectUnauthorized: false }
  if (!ca) return true
  try {
    return { ca: readFileSync(inUserDir(red, ca), 'utf8') }
  } catch (raw) {
    throw bad('ca', `"${ca}" cannot be read: ${(raw as NodeJS.ErrnoException).code ?? raw}`)
  }
}

function fromEnvironment(red: Red, node: RedNode, name: string | undefined): string {
  if (!name) return ''
  const value: unknown = red.util.evaluateNodeProperty(name, 'env', node, {})
  return typeof value === 'string' ? value : ''
}

/** A setting may come from the environment, and then it is a text. */
function wholeNumber(
  raw: string | number | undefined,
  min: number,
  max: number,
  fault: () => LeadFault,
): number | undefined {
  if (raw === undefined || raw === '') return undefined
  const value = Number(raw)
  if (!Number.isInteger(value) || value < min || value > max) throw fault()
  return value
}
