/**
 * Which file is whose: a folder per data set with its mapping, contract and policy. A file is
 * recognised by the columns of its header, never by its name.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Row } from './csv'

/** `mapping.json` as people write it. */
export interface MappingSpec {
  readonly title: string
  /** Columns that together are found in no other file. */
  readonly detect: readonly string[]
  /** Column that says yes when the lead became a customer; never sent to the flow. */
  readonly truth?: string
  /** Column whose numbers grow with time. */
  readonly order?: string
  /** Files beside mapping.json. */
  readonly contract?: string
  readonly policy?: string
  /** Module whose `prepare(row)` gives the record to send. */
  readonly prepare?: string
  /** Settings of the lead-ingest node. */
  readonly ingest: Readonly<Record<string, unknown>>
  /** What `--check` asks of the judged part. */
  readonly targets?: { readonly auc?: number; readonly lift?: number }
}

export interface Mapping extends MappingSpec {
  /** Name of the folder. */
  readonly name: string
  readonly folder: string
}

export type Prepare = (row: Row) => Record<string, unknown>

export function readMapping(file: string): Mapping {
  const folder = dirname(resolve(file))
  const spec = JSON.parse(readFileSync(file, 'utf8')) as MappingSpec
  if (typeof spec.ingest !== 'object' || spec.ingest === null)
    throw new Error(`${file}: "ingest" is missing; it holds the settings of the lead-ingest node`)
  return { ...spec, detect: spec.detect ?? [], name: folder.split(/[\\/]/).at(-1)!, folder }
}

/** Every mapping in the folders below `folder`. */
export function knownMappings(folder: string): Mapping[] {
  return readdirSync(folder)
    .map((name) => join(folder, name, 'mapping.json'))
    .filter((file) => existsSync(file))
    .map(readMapping)
}

/** The mapping all of whose columns the header has; the one that asks for most of them wins. */
export function detectMapping<M extends Pick<MappingSpec, 'detect'>>(
  header: readonly string[],
  mappings: readonly M[],
): M | undefined {
  const columns = new Set(header)
  return mappings
    .filter(({ detect }) => detect.length > 0 && detect.every((name) => columns.has(name)))
    .sort((a, b) => b.detect.length - a.detect.length)[0]
}

/** The mapping's own preparation of a row, or the row as it is. */
export async function loadPrepare({ folder, prepare }: Mapping): Promise<Prepare> {
  if (prepare === undefined) return (row) => ({ ...row })
  const module = (await import(pathToFileURL(join(folder, prepare)).href)) as { prepare: Prepare }
  return module.prepare
}
