/**
 * Reads a contract or policy from YAML or JSON, and says what is wrong with it by line.
 *
 * Parsing, the JSON Schema check and the mapping of a path to its line live here; what the content
 * means is checked by engine/contract and engine/policy.
 */

import type { TSchema } from '@sinclair/typebox'
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'
import { type CanonicalJsonError, canonicalJson } from './audit/canonical-json'
import { sha256Hex } from './audit/merkle/hash'
import { parseDuration } from './duration'
import type { ArtefactRef } from './lead/lead'
import { yamlWords } from './yaml-words'

export type ArtefactKind = 'contract' | 'policy'

/** What is pasted in the place of the other. */
const MIXED_UP: Readonly<Record<string, ArtefactKind>> = { contract: 'policy', policy: 'contract' }

export type Path = readonly (string | number)[]

export interface ArtefactProblem {
  /** `error` refuses the artefact, `warning` lets it run. */
  readonly level: 'error' | 'warning'
  /** e.g. `fit.rules[2].when`. */
  readonly path: string
  readonly message: string
  /** From 1; absent when the artefact did not come as text. */
  readonly line?: number
  readonly column?: number
}

/** A problem before its line is known. */
export interface Finding {
  readonly level: 'error' | 'warning'
  readonly path: Path
  readonly message: string
}

export const error = (path: Path, message: string): Finding => ({ level: 'error', path, message })
export const warning = (path: Path, message: string): Finding => ({
  level: 'warning',
  path,
  message,
})

const MAX_TEXT = 2_000_000
/** Nobody mends more at once, and looking up the lines of many thousand would take minutes. */
export const PROBLEMS_MAX = 100
const ajv = new Ajv({ allErrors: true, verbose: true, strictTuples: false, allowUnionTypes: true })
addFormats(ajv)
// The format of JSON Schema also allows leap seconds, which Date cannot hold.
const dateTime = new Ajv()
addFormats(dateTime, ['date-time'])
const isDateTime = dateTime.compile({ type: 'string', format: 'date-time' })
// Ours, as engine/duration reads them, and not those of ISO 8601.
ajv.addFormat('duration', (text) => parseDuration(text) !== undefined)
ajv.addFormat('date-time', (text) => isDateTime(text) && !Number.isNaN(Date.parse(text)))

export function compileSchema(schema: TSchema): ValidateFunction {
  return ajv.compile(schema)
}

export interface ParsedArtefact {
  readonly value: unknown
  readonly problems: ArtefactProblem[]
  /** Adds the line to a finding. */
  readonly locate: (finding: Finding) => ArtefactProblem
}

/** Parses YAML (of which JSON is a part). Never throws; syntax errors come with their line. */
export function parseArtefact(text: string): ParsedArtefact {
  if (text.length > MAX_TEXT) {
    const problem: ArtefactProblem = {
      level: 'error',
      path: '',
      message: `the text has ${text.length} characters; at most ${MAX_TEXT} are read`,
      line: 1,
      column: 1,
    }
    return { value: undefined, problems: [problem], locate: unlocated }
  }
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
    // The parser's own check takes minutes over a large map; see duplicateKeys.
    uniqueKeys: false,
  })
  const errors = document.errors.map(({ message, pos }) => ({ message, offset: pos[0] }))
  const syntax = errors.length > 0 ? onePerLine(errors, lines) : duplicateKeys(document)
  const problems = syntax.slice(0, PROBLEMS_MAX).map(({ message, offset }): ArtefactProblem => {
    const { line, col } = lines.linePos(offset)
    const says = yamlWords(firstLine(message))
    return { level: 'error', path: '', message: `not valid YAML: ${says}`, line, column: col }
  })
  if (problems.length > 0) return { value: undefined, problems, locate: unlocated }
  const locate = (finding: Finding) => located(finding, document, lines)
  const value = toPlain(document, problems)
  if (problems.length === 0) problems.push(...formFindings(value).map(locate))
  return { value, problems, locate }
}

interface SyntaxSlip {
  readonly message: string
  readonly offset: number
}

/** What the parser stumbles over in a line behind the first mistake comes of that one. */
function onePerLine(errors: readonly SyntaxSlip[], lines: LineCounter): SyntaxSlip[] {
  const lineOf = ({ offset }: SyntaxSlip) => lines.linePos(offset).line
  return errors.filter((one, at) => at === 0 || lineOf(one) !== lineOf(errors[at - 1]!))
}

function duplicateKeys(document: Document): SyntaxSlip[] {
  const found: SyntaxSlip[] = []
  const look = (_key: unknown, map: YAMLMap) => {
    const seen = new Set<string>()
    for (const { key } of map.items) {
      if (!isScalar(key)) continue
      const name = String(key.value)
      if (seen.has(name))
        found.push({
          message: `Map keys must be unique; "${name}" is repeated`,
          offset: key.range?.[0] ?? 0,
        })
      seen.add(name)
    }
  }
  visit(document, { Map: look })
  return found
}

/** An artefact is named by the hash of its content, so its content must have a canonical form. */
function formFindings(value: unknown): Finding[] {
  try {
    canonicalJson(value)
    return []
  } catch (raw) {
    const { path = '', because } = raw as CanonicalJsonError
    return [error(pointerPath(path, value), `cannot be kept: ${because}`)]
  }
}

function toPlain(document: Document, problems: ArtefactProblem[]): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (raw) {
    problems.push({
      level: 'error',
      path: '',
      message: `not usable YAML: ${firstLine(String((raw as Error).message))}`,
      line: 1,
    })
    return undefined
  }
}

const firstLine = (text: string) => text.split('\n')[0]!

function unlocated({ level, path, message }: Finding): ArtefactProblem {
  return { level, path: pathText(path), message }
}

/** The line of the deepest part of the path that exists in the text. */
function located(finding: Finding, document: Document, lines: LineCounter): ArtefactProblem {
  for (let depth = finding.path.length; depth > 0; depth--) {
    const offset = offsetOf(document, finding.path.slice(0, depth))
    if (offset !== undefined) {
      const { line, col } = lines.linePos(offset)
      return { ...unlocated(finding), line, column: col }
    }
  }
  return { ...unlocated(finding), line: 1, column: 1 }
}

/** Where a path starts in the text: at its key when it has one, so that the line is the key's. */
function offsetOf(document: Document, path: Path): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true)
  const last = path.at(-1)!
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last))
    if (pair && isNode(pair.key)) return pair.key.range?.[0]
  }
  const node = document.getIn(path, true)
  return isNode(node) ? node.range?.[0] : undefined
}

/** `['fit', 'rules', 2, 'when']` → `fit.rules[2].when`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`,
    '',
  )
}

/** What the schema finds, in words; `name` is what the whole is called. */
export function schemaFindings(
  validate: ValidateFunction,
  value: unknown,
  name = 'text',
): Finding[] {
  if (validate(value)) return []
  if (value === null || value === undefined) return [error([], `the ${name} is empty`)]
  if (typeof value !== 'object' || Array.isArray(value))
    return [error([], `the ${name} is ${shown(value)}; expected settings, each as "name: value"`)]
  const other = MIXED_UP[name]
  if (other !== undefined && other in value && !(name in value))
    return [error([other], `this is a ${other}; its place is a lead-${other} node`)]
  return (validate.errors ?? [])
    .filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'oneOf' && keyword !== 'if')
    .slice(0, PROBLEMS_MAX)
    .map((problem) => error(instancePath(problem, value), schemaMessage(problem)))
}

function instancePath(problem: ErrorObject, root: unknown): Path {
  const path = pointerPath(problem.instancePath, root)
  if (problem.keyword === 'additionalProperties') path.push(problem.params.additionalProperty)
  return path
}

/** A JSON Pointer (RFC 6901) into `root` as a path. */
function pointerPath(pointer: string, root: unknown): (string | number)[] {
  let value: unknown = root
  return pointer
    .split('/')
    .slice(1)
    .map((raw) => {
      const part = raw.replaceAll('~1', '/').replaceAll('~0', '~')
      const key = Array.isArray(value) ? Number(part) : part
      value = (value as Record<string | number, unknown> | undefined)?.[key]
      return key
    })
}

function schemaMessage(problem: ErrorObject): string {
  const { keyword, params, message, data } = problem
  switch (keyword) {
    case 'required':
      return `"${params.missingProperty}" is missing`
    case 'additionalProperties':
      return `"${params.additionalProperty}" is not known here`
    case 'enum':
      return `is ${shown(data)}; expected one of ${params.allowedValues.join(', ')}`
    case 'type':
      return `is ${shown(data)}; expected ${typeWords(problem)}`
    case 'pattern':
      return `is ${shown(data)}; expected ${patternWords(params.pattern)}`
    case 'format':
      return `is ${shown(data)}; expected ${formatWords(params.format)}`
    default:
      return `is ${shown(data)}; it ${message ?? 'is not valid'}`
  }
}

/** Of a text that has a form, the form says more than the type: to YAML, `version: 1.5` is a number. */
function typeWords({ params, parentSchema }: ErrorObject): string {
  const { pattern, format } = parentSchema ?? {}
  if (params.type === 'string' && typeof pattern === 'string') return patternWords(pattern)
  if (params.type === 'string' && typeof format === 'string') return formatWords(format)
  return [params.type].flat().join(' or ')
}

function patternWords(pattern: string): string {
  if (pattern.includes('\\d+\\.\\d+')) return 'a version such as 1.2.0'
  return `letters, digits, ".", "_", "-" (no spaces)`
}

function formatWords(format: string): string {
  return format === 'duration'
    ? 'a duration such as 5m, 1h30m or 7d'
    : 'a time such as 2026-01-31T09:00:00Z'
}

/** A value as it fits in a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value)
  if (text === undefined) return 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** Name, version and content hash, by which a decision names its contract or policy. */
export function artefactRef(name: string, version: string, value: unknown): ArtefactRef {
  return { name, version, hash: sha256Hex(canonicalJson(value)).slice(0, 16) }
}

/** All problems on one line each, for a status or a log. */
export function problemsText(problems: readonly ArtefactProblem[]): string {
  return problems
    .filter(({ level }) => level === 'error')
    .map(
      ({ line, path, message }) =>
        `${line ? `line ${line}: ` : ''}${path ? `${path}: ` : ''}${message}`,
    )
    .join('; ')
}
