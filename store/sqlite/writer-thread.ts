/** The writer in a thread of its own: batches come in, acknowledgements go out, in order. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Batch } from './batch'
import { Database } from './database'
import { Writer } from './writer'

const port = parentPort!
const database = new Database((workerData as { file: string }).file)
const writer = new Writer(database)

port.on('message', (message: Batch | 'close') => {
  if (message !== 'close') {
    port.postMessage(writer.write(message))
    return
  }
  database.close()
  port.close()
})
