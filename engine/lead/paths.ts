/**
 * Which dotted paths a rule or a mapping may name, read off the lead's own schema.
 *
 * A misspelt field in a rule would be "unknown" for ever; so it is refused when the contract is
 * loaded, with the nearest name that exists.
 */
import { type TSchema, Type } from '@sinclair/typebox'
import { LeadSchema } from './lead'

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])

/** Free-form parts of the lead: any plain name may follow. */
const OPEN_PARENTS = ['attributes', 'externalIds']

/** Sections that steps write; a rule may read them only after that step has run. */
const STEP_SECTIONS = [
  'fit',
  'intent',
  'decision',
  'assignment',
  'sla',
  'routing',
  'identity',
  'enrichment',
]

/** Where values come from and when they were said: no source may fill it, and no rule reads it. */
const EVIDENCE = ['provenance', 'refusedAt', 'regranted']

const SCALAR_PATHS: readonly string[] = collectScalarPaths(LeadSchema, '')

function collectScalarPaths(schema: TSchema, prefix: string): string[] {
  if (schema.type !== 'object' || !schema.properties) return [prefix]
  return Object.entries(schema.properties as Record<string, TSchema>).flatMap(([key, child]) => {
    if (OPEN_PARENTS.includes(key) || EVIDENCE.includes(key)) return []
    return collectScalarPaths(child, prefix === '' ? key : `${prefix}.${key}`)
  })
}

const LIST_PATHS: ReadonlySet<string> = new Set(
  SCALAR_PATHS.filter((path) => schemaAt(path).type === 'array'),
)

function schemaAt(path: string): TSchema {
  return path
    .split('.')
    .reduce<TSchema>((schema, key) => schema.properties[key] as TSchema, LeadSchema)
}

/** What the lead's schema says of a field that a rule may read; undefined for fields of one's own. */
export function fieldSchema(path: string): TSchema | undefined {
  if (path.startsWith('externalIds.')) return EXTERNAL_ID
  return SCALAR_PATHS.includes(path) ? schemaAt(path) : undefined
}

const EXTERNAL_ID: TSchema = Type.String()

/** Whether a field may hold several values: the lead's own lists, and any field of one's own. */
export function mayHoldList(path: string): boolean {
  return path.startsWith('attributes.') || LIST_PATHS.has(path)
}

/** Every fixed path a rule may read, e.g. `company.employees`, `fit.points`. */
export function knownPaths(): readonly string[] {
  return SCALAR_PATHS
}

/** Fields that the normalisers fill beside the stated one. */
const DERIVED = [
  'contact.emailKind',
  'contact.emailKey',
  'contact.emailRole',
  'contact.nameKey',
  'company.nameKey',
]

/** What dedupe says, or has to say. */
const IDENTITY = [
  'id',
  'cycle',
  'problems',
  'signals',
  'account.id',
  'account.key',
  'account.lastRep',
]

/** Paths that an intake mapping or an enrichment provider may fill. */
export function writablePaths(): readonly string[] {
  return SCALAR_PATHS.filter(
    (path) =>
      !STEP_SECTIONS.includes(path.split('.')[0]!) &&
      !IDENTITY.includes(path) &&
      !DERIVED.includes(path) &&
      !path.startsWith('event.'),
  )
}

export function isStepSection(path: string): boolean {
  return STEP_SECTIONS.includes(path.split('.')[0]!)
}

/** Whether `name` may stand under `attributes` or `externalIds`. */
export function isOpenName(name: string): boolean {
  return name !== '' && !name.includes('.') && !FORBIDDEN.has(name)
}

/** Says what is wrong with `path` as a field of the lead, or undefined when it is one. */
export function pathProblem(
  path: string,
  allowed: readonly string[] = SCALAR_PATHS,
): string | undefined {
  const segments = path.split('.')
  if (segments.some((segment) => segment === '' || FORBIDDEN.has(segment))) {
    return notAField(path)
  }
  if (OPEN_PARENTS.includes(segments[0]!) && segments.length === 2) return undefined
  if (allowed.includes(path)) return undefined
  const within = allowed.find((one) => one.startsWith(`${path}.`))
  if (within !== undefined)
    return `${notAField(path)} but a part of it; write a field of it, such as "${within}"`
  const nearest = nearestPath(path, allowed)
  return `${notAField(path)}${nearest ? `; did you mean "${nearest}"?` : ''}`
}

function notAField(path: string): string {
  return `"${path.length > 100 ? `${path.slice(0, 100)}…` : path}" is not a field of the lead`
}

function nearestPath(path: string, allowed: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(path.length / 3))
  for (const candidate of allowed) {
    const distance = Math.min(
      editDistance(path, candidate),
      editDistance(path, candidate.split('.').at(-1)!) + 1,
    )
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** The word of the list that `word` was most likely meant to be. */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  const folded = word.toLowerCase()
  const near = words
    .map((one) => ({ one, distance: editDistance(folded, one.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(word.length / 3)))
  return near.sort((a, b) => a.distance - b.distance)[0]?.one
}

/** Levenshtein distance; both words are names, so the quadratic table is tiny. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 12) return Number.POSITIVE_INFINITY
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, substitution))
    }
    previous = row
  }
  return previous[b.length]!
}

/** A function that reads one path; missing parents give undefined. Unrolled for the hot path. */
export function pathReader(path: string): (source: unknown) => unknown {
  const [a, b, c, ...rest] = path.split('.') as [string, string?, string?, ...string[]]
  type Bag = Record<string, Record<string, Record<string, unknown>>> | undefined | null
  if (b === undefined) return (source) => (source as Bag)?.[a]
  if (c === undefined) return (source) => (source as Bag)?.[a]?.[b]
  if (rest.length === 0) return (source) => (source as Bag)?.[a]?.[b]?.[c]
  return (source) =>
    rest.reduce<unknown>((bag, key) => (bag as Bag)?.[key], (source as Bag)?.[a]?.[b]?.[c])
}

/** Sets one path, creating parents; `path` must have passed `pathProblem`. */
export function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
  const segments = path.split('.')
  const last = segments.pop()!
  let bag = target
  for (const segment of segments) {
    if (typeof bag[segment] !== 'object' || bag[segment] === null) bag[segment] = {}
    bag = bag[segment] as Record<string, unknown>
  }
  bag[last] = value
}
