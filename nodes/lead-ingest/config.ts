/** The settings of lead-ingest as the editor saves them, checked and in the engine's form. */
import { randomBytes } from 'node:crypto'
import { parseDuration } from '../../engine/duration'
import { LeadFault } from '../../engine/faults'
import type { Format } from '../../engine/lead/intake/rows'
import type { FieldMapping, IntakeSettings, SignalMapping } from '../../engine/lead/intake/settings'
import { normaliseCountry } from '../../engine/lead/normalise'
import { pathProblem, writablePaths } from '../../engine/lead/paths'
import type { Def } from '../shared/red'

export interface IngestDef extends Def {
  readonly store: string
  /** Property of the message that holds the record, the list or the text. */
  readonly property: string
  readonly format: Format
  readonly system: string
  readonly mapping: readonly {
    readonly to: string
    readonly kind: 'field' | 'constant'
    readonly from: string
  }[]
  readonly signals: readonly {
    readonly type: string
    readonly when: string
    readonly equals: string
    readonly details: string
  }[]
  /** Words by which the source says "nothing", separated by commas: `Select, n/a`. */
  readonly missing?: string
  readonly guessNames: boolean
  readonly eventId: string
  readonly remember: string
  readonly cooldown: string
  readonly country: string
  readonly required: string
  readonly onInvalid: 'set-aside' | 'reject'
  /** A lead that was taken up again so often without arriving becomes a dead letter. */
  readonly attempts?: string | number
}

export interface IngestConfig {
  readonly intake: IntakeSettings
  readonly format: Format
  readonly rememberMs: number
  readonly cooldownMs: number
}

/** Kept nowhere: an id is given once, and nobody has to find it again from the event. */
const ID_SECRET = randomBytes(32).toString('hex')

const ATTEMPTS_MAX = 5

/** Throws LEAD_CONFIG_INVALID. */
export function attemptsOf({ attempts, name, type }: IngestDef): number {
  const value = attempts === undefined || attempts === '' ? ATTEMPTS_MAX : Number(attempts)
  if (Number.isInteger(value) && value >= 1 && value <= 1_000) return value
  const why = `"${attempts}" is not a number from 1 to 1000`
  throw new LeadFault('LEAD_CONFIG_INVALID', 'attempts', name || type, why)
}

const TARGETS = [...writablePaths(), 'event.id', 'event.occurredAt']

/** Throws LEAD_CONFIG_INVALID, naming the setting. */
export function intakeSettings(config: IngestDef): IngestConfig {
  const node = config.name || config.type
  const bad = (setting: string, why: string) =>
    new LeadFault('LEAD_CONFIG_INVALID', setting, node, why)
  const duration = (setting: 'remember' | 'cooldown', fallback: string) => {
    const ms = parseDuration(config[setting] || fallback)
    if (ms === undefined)
      throw bad(setting, `"${config[setting]}" is not a duration such as 10m or 30d`)
    return ms
  }
  const country = config.country ? normaliseCountry(config.country) : undefined
  if (country !== undefined && !country.ok)
    throw bad('country', `"${config.country}" is not a country such as DE, DEU or Germany`)
  const required = words(config.required)
  attemptsOf(config)
  const paths = { mapping: (config.mapping ?? []).map(({ to }) => to), required }
  for (const [setting, named] of Object.entries(paths))
    for (const path of named) {
      const problem = pathProblem(path, TARGETS)
      if (problem !== undefined) throw bad(setting, problem)
    }
  return {
    intake: {
      system: config.system || 'intake',
      mapping: (config.mapping ?? []).map(fieldMapping),
      signals: (config.signals ?? []).map(signalMapping),
      missing: new Set(words(config.missing).map((word) => word.toLowerCase())),
      guessNames: config.guessNames !== false,
      ...(config.eventId ? { eventIdFrom: config.eventId } : {}),
      ...(country === undefined ? {} : { country: country.value }),
      required,
      idSecret: ID_SECRET,
      onInvalid: config.onInvalid === 'reject' ? 'reject' : 'set-aside',
    },
    format: config.format || 'auto',
    rememberMs: duration('remember', '30d'),
    cooldownMs: duration('cooldown', '10m'),
  }
}

function fieldMapping({ to, kind, from }: IngestDef['mapping'][number]): FieldMapping {
  return kind === 'constant' ? { to, value: from } : { to, from }
}

/** `details` is written as `minutes=time_on_site, visits=visits`. */
function signalMapping({
  type,
  when,
  equals,
  details,
}: IngestDef['signals'][number]): SignalMapping {
  const pairs = words(details).map((pair): [string, string] => {
    const [name, place] = pair.split('=').map((part) => part.trim())
    return [name!, place || name!]
  })
  return {
    type,
    ...(when ? { when } : {}),
    ...(equals ? { equals: words(equals) } : {}),
    details: Object.fromEntries(pairs),
  }
}

function words(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
