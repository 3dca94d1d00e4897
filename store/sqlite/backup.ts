/**
 * Backup and restore of the embedded store's file.
 *
 * A backup is one file, consistent as of one moment, made while the store goes on working: a thread
 * of its own reads, so neither the flows nor the writer wait. It gets its name only when it is whole
 * and on disk. A restore never touches a store that is open anywhere, and keeps what was there.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { LeadFault } from '../../engine/faults'
import type { Backup } from '../store'
import { lockFile } from './file'
import { MIGRATIONS } from './migrations'

const COPY = `
const { DatabaseSync } = require('node:sqlite')
const { from, to } = require('node:worker_threads').workerData
const database = new DatabaseSync(from, { readOnly: true })
database.prepare('VACUUM INTO ?').run(to)
database.close()
`

/** Files that a backup is being written to; one process has the store. */
const underWay = new Set<string>()

/** `to` is absolute or relative to the store's folder; throws LEAD_BACKUP_FAILED. */
export async function backup(file: string, to: string | undefined, nowMs: number): Promise<Backup> {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const name = to || `${file}-${stamp}.backup`
  const target = isAbsolute(name) ? name : join(dirname(file), name)
  const part = `${target}.part`
  if (file === ':memory:') throw failed(target, 'a store in memory has no file')
  if (existsSync(target)) throw failed(target, 'there is a file of that name already')
  if (underWay.has(target)) throw failed(target, 'a backup to this file is being made already')
  underWay.add(target)
  try {
    rmSync(part, { force: true })
    await inThread(file, part)
    sync(part)
    renameSync(part, target)
    return { file: target, bytes: statSync(target).size }
  } catch (raw) {
    rmSync(part, { force: true })
    throw failed(target, wordsOf(raw))
  } finally {
    underWay.delete(target)
  }
}

function inThread(from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(COPY, { eval: true, workerData: { from, to } })
    worker.once('error', reject)
    worker.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`the thread ended with ${code}`))
    })
  })
}

/**
 * Puts a backup in a store's place; what was there stays beside it as `<to>.before-restore`. Throws
 * LEAD_BACKUP_FAILED when the backup is damaged, LEAD_STORE_NEWER when it is of a newer version, and
 * LEAD_STORE_UNAVAILABLE while any process has the store open.
 */
export function restore(from: string, to: string): void {
  check(from)
  const lock = lockFile(to)
  try {
    const part = `${to}.part`
    copyFileSync(from, part)
    sync(part)
    if (existsSync(to)) {
      // What stands beside the file comes into it first, so that the old store stays whole.
      new DatabaseSync(to).close()
      renameSync(to, `${to}.before-restore`)
    }
    for (const beside of ['-wal', '-shm']) rmSync(`${to}${beside}`, { force: true })
    renameSync(part, to)
    sync(to)
  } catch (raw) {
    throw failed(to, wordsOf(raw))
  } finally {
    lock.close()
  }
}

function check(from: string): void {
  let version: number
  let verdict: string
  try {
    const database = new DatabaseSync(from, { readOnly: true })
    try {
      version = (database.prepare('PRAGMA user_version').get() as { user_version: number })
        .user_version
      verdict = String(Object.values(database.prepare('PRAGMA integrity_check').get()!)[0])
    } finally {
      database.close()
    }
  } catch (raw) {
    throw failed(from, wordsOf(raw))
  }
  if (version > MIGRATIONS.length)
    throw new LeadFault('LEAD_STORE_NEWER', version, MIGRATIONS.length)
  if (version === 0) throw failed(from, 'it is no store of these nodes')
  if (verdict !== 'ok') throw failed(from, verdict)
}

function sync(file: string): void {
  const handle = openSync(file, 'r+')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function failed(file: string, why: string): LeadFault {
  return new LeadFault('LEAD_BACKUP_FAILED', file, why)
}

function wordsOf(raw: unknown): string {
  return raw instanceof Error ? raw.message : String(raw)
}
