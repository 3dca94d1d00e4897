import { join } from 'node:path'
import { ROOT } from './node-red'

/**
 * A module as it is built and shipped. The loader that runs this TypeScript wraps every function to
 * keep its name, which costs a hot path half of its speed; what is measured must not carry that.
 */
export function built<Module>(path: string): Module {
  return require(join(ROOT, 'dist', `${path}.js`)) as Module
}
