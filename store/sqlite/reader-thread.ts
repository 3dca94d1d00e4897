/** Answers questions about a whole realm in a thread of its own, on a connection that can only read. */
import { parentPort, workerData } from 'node:worker_threads'
import { Database } from './database'
import { type Asked, answer } from './questions'
import type { Told } from './readers'

const port = parentPort!
const database = new Database((workerData as { file: string }).file, { readOnly: true })

port.on('message', ({ id, asked }: { readonly id: number; readonly asked: Asked }) => {
  let told: Told
  try {
    told = { id, answer: answer(database, asked) }
  } catch (raw) {
    told = { id, error: raw instanceof Error ? raw.message : String(raw) }
  }
  port.postMessage(told)
})
