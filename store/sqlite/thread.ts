/** Starts the threads of an embedded store. */
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'

/** From sources, as tests and benches run, the thread needs the loader for TypeScript itself. */
export function startThread(name: 'writer-thread' | 'reader-thread', file: string): Worker {
  const script = join(__dirname, `${name}${extname(__filename)}`)
  if (extname(__filename) === '.js') return new Worker(script, { workerData: { file } })
  return new Worker(`require('tsx/cjs'); require(${JSON.stringify(script)})`, {
    eval: true,
    workerData: { file },
  })
}
