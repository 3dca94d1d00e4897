/**
 * A declared HTTP provider: which request to make for a lead, and what its answer says.
 *
 * Pure: makes no request. Values of the lead go into the URL encoded, so that a lead can change
 * what is asked for but never whom we ask.
 */
import { emptyDraft, fillField } from '../lead/intake/fields'
import { readPlaces } from '../lead/intake/record'
import type { Lead } from '../lead/lead'
import { pathProblem, pathReader, writablePaths } from '../lead/paths'
import { bounded } from '../lead/signals'

export interface ProviderSpec {
  readonly name: string
  /** With `{{company.domain}}` for values of the lead and `{{secret}}` for the node's secret. */
  readonly url: string
  /** One header, e.g. `Authorization: Bearer {{secret}}`. */
  readonly header: string
  readonly timeoutMs: number
  /** How far its values are trusted, 0..1. */
  readonly confidence: number
  /** How long an answer is remembered, ms; 0: not at all. */
  readonly ttlMs: number
  /** Field of the lead ← place in the answer. */
  readonly map: readonly { readonly to: string; readonly from: string }[]
  /** Ask even when every field is known, to find contradictions. */
  readonly verify: boolean
}

export interface ProviderRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** What the answer is remembered under; holds no secret. */
  readonly cacheKey: string
}

/** Which fields this provider could fill that the lead does not know yet. */
export function wanted(spec: ProviderSpec, lead: Lead): string[] {
  return spec.map
    .map(({ to }) => to)
    .filter((path) => {
      const value = pathReader(path)(lead)
      return value === undefined || value === null
    })
}

/** Says why a URL cannot be used: whom we ask must not be up to the lead. */
export function urlProblem({ url }: Pick<ProviderSpec, 'url'>): string | undefined {
  const [one, another] = ['1', '2'].map((value) => serverOf(url, value))
  if (one === undefined || another === undefined)
    return 'expected an address such as https://api.example/companies/{{company.domain}}'
  if (one === another) return undefined
  return 'a value of the lead may stand behind the name of the server only, or whoever sends a lead could choose who is asked'
}

/** Whom an address asks, with the same text for each value of the lead. */
function serverOf(template: string, value: string): string | undefined {
  const text = template.replace(PLACEHOLDER, (_, path) => (path === 'secret' ? 's' : value))
  if (!URL.canParse(text)) return undefined
  const { protocol, username, password, host } = new URL(text)
  return JSON.stringify([protocol, username, password, host])
}

/** Undefined when the lead lacks a value that the URL needs, or has one that would lead elsewhere. */
export function requestFor(
  spec: ProviderSpec,
  lead: Lead,
  secret: string,
): ProviderRequest | undefined {
  const asked = fill(spec.url, lead)
  if (asked === undefined) return undefined
  const url = asked.replaceAll('{{secret}}', () => encodeURIComponent(secret))
  const [name, ...value] = spec.header.split(':')
  const headers: Record<string, string> = { accept: 'application/json' }
  if (value.length > 0)
    // By a function: in a text, "$&" and the like would have a meaning.
    headers[name!.trim().toLowerCase()] = value
      .join(':')
      .trim()
      .replace(SECRET, () => secret)
  return { url, headers, cacheKey: bounded(asked, KEY_CHARS_MAX) }
}

/** PostgreSQL has no room in an index for more than 2,704 bytes. */
const KEY_CHARS_MAX = 500
const PLACEHOLDER = /\{\{\s*([\w.]+)\s*\}\}/g
const SECRET = /\{\{\s*secret\s*\}\}/g

/** Replaces `{{path}}`; keeps `{{secret}}`; undefined when a value is missing or no name. */
function fill(template: string, lead: Lead): string | undefined {
  let missing = false
  const text = template.replace(PLACEHOLDER, (whole, path: string, at: number) => {
    if (path === 'secret') return '{{secret}}'
    const value = pathReader(path)(lead)
    const isInPath = !/[?#]/.test(template.slice(0, at))
    if (!isText(value) || (isInPath && DOTS.test(String(value)))) {
      missing = true
      return whole
    }
    return encodeURIComponent(String(value).toWellFormed())
  })
  return missing ? undefined : text
}

const isText = (value: unknown) => typeof value === 'string' || typeof value === 'number'

/** As a part of a path they are no name but the way up, and no encoding makes them one. */
const DOTS = /^\.\.?$/

/** The answer's values by field of the lead, normalised; values that cannot be used are left out. */
export function valuesFrom(map: ProviderSpec['map'], answer: unknown): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  if (typeof answer !== 'object' || answer === null) return values
  for (const { to, from } of map) {
    const normal = normaliseValue(to, readPlaces(answer as Record<string, unknown>, from))
    if (normal !== undefined) values[to] = normal
  }
  return values
}

/** One value in the form that the lead keeps; undefined when it cannot be used. */
export function normaliseValue(path: string, value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  const draft = emptyDraft()
  return fillField(draft, path, value).ok ? pathReader(path)(draft) : undefined
}

const FILLABLE = writablePaths().filter((path) => /^(contact|company|crm|model)\./.test(path))

/** Says what is wrong with a field that a provider shall fill. */
export function fillProblem(path: string): string | undefined {
  return pathProblem(path, FILLABLE)
}
