/** Every text of a contract or policy that was ever used, whatever its realm. */
import type { ArtefactKind } from '../../engine/artefact'
import type { ArtefactRef } from '../../engine/lead/lead'
import type { FirstUse } from '../store'
import type { Database } from './database'
import { sql, wholeMs } from './sql'

export async function saveArtefact(
  database: Database,
  kind: ArtefactKind,
  { hash, name, version }: ArtefactRef,
  text: string,
  nowMs: number,
): Promise<void> {
  await database.ask(
    sql(
      `INSERT INTO artefacts (kind, hash, name, version, first_used, body)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      kind,
      hash,
      name,
      version,
      wholeMs(nowMs),
      text,
    ),
  )
}

/** The text that was first used under this name and version. */
export async function firstUse(
  database: Database,
  kind: ArtefactKind,
  { name, version }: Pick<ArtefactRef, 'name' | 'version'>,
): Promise<FirstUse | undefined> {
  const [first] = await database.ask<FirstUse>(
    sql(
      `SELECT hash, first_used AS "atMs" FROM artefacts
       WHERE kind = $1 AND name = $2 AND version = $3 ORDER BY first_used, hash LIMIT 1`,
      kind,
      name,
      version,
    ),
  )
  return first
}
