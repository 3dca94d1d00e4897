/**
 * Backup and restore of the embedded store's file.
 *
 * A backup is one file, consistent as of one moment, made while the store goes on working: a thread
 * of its own reads, so neither the flows nor the writer wait. It gets its name only when it is whole
 * and on disk. A restore never touches a store that is open anywhere, and keeps what was there.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { LeadFault } from '../../engine/faults'
import type { Backup } from '../store'
import { lockFile, realPath } from './file'
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
 * Puts a backup in a store's place, and returns the name under which what was there stays beside it;
 * undefined when nothing was. Throws LEAD_BACKUP_FAILED when the backup is damaged, LEAD_STORE_NEWER
 * when it is of a newer version, and LEAD_STORE_UNAVAILABLE while any process has the store open.
 */
export function restore(from: string, to: string): string | undefined {
  check(from)
  const target = realPath(to)
  if (realPath(from) === target) throw failed(from, 'it is the store itself')
  const lock = lockFile(target)
  try {
    const part = `${target}.part`
    rmSync(part, { force: true })
    copy(from, part)
    sync(part)
    const kept = existsSync(target) ? keep(target) : undefined
    for (const beside of BESIDE) rmSync(`${target}${beside}`, { force: true })
    renameSync(part, target)
    sync(target)
    return kept
  } catch (raw) {
    throw failed(target, wordsOf(raw))
  } finally {
    lock.close()
  }
}

const BESIDE = ['-wal', '-shm']

/** With what stands beside it: after a kill most of a store may be in there. */
function copy(from: string, to: string): void {
  const database = new DatabaseSync(from, { readOnly: true })
  try {
    database.prepare('VACUUM INTO ?').run(to)
  } finally {
    database.close()
  }
}

/** Moves a store out of the way, to a name that nothing has: not even what an earlier restore kept. */
function keep(store: string): string {
  let kept = `${store}.before-restore`
  for (let n = 2; existsSync(kept); n++) kept = `${store}.before-restore-${n}`
  gather(store)
  renameSync(store, kept)
  for (const beside of BESIDE)
    if (existsSync(`${store}${beside}`)) renameSync(`${store}${beside}`, `${kept}${beside}`)
  return kept
}

/** What stands beside the file comes into it, so that it is whole by itself. */
function gather(store: string): void {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(store)
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch {
    // Damaged, which may be why it is replaced: then both are kept as they are.
  } finally {
    database?.close()
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
