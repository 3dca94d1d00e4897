// @ts-check
/** Places in the repository, and the Node binary that everything runs on. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** @param {...string} parts */
export const at = (...parts) => join(ROOT, ...parts)

export const PACKAGE_NAME = '@lead-ops/node-red-lead-qualification'

/** `node:sqlite` needs no flag from this version on. */
const NODE_MIN = { major: 22, minor: 13 }

/**
 * The Node binary to run Node-RED and the tests on: the one this process runs on when it is new
 * enough, or else the development dependency `node`. Throws when there is neither.
 *
 * @returns {string}
 */
export function nodeBinary() {
  const own = at('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(own) && isNewEnough(versionOf(own))) return own
  if (isNewEnough(process.version)) return process.execPath
  throw new Error(
    `Node ${process.version} is too old and the development dependency "node" is not installed; ` +
      `run npm ci, or use Node ${NODE_MIN.major}.${NODE_MIN.minor} or newer`,
  )
}

/** @param {string} binary */
function versionOf(binary) {
  try {
    return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()
  } catch {
    return 'v0.0.0'
  }
}

/** @param {string} version such as v24.1.0 */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number)
  return major > NODE_MIN.major || (major === NODE_MIN.major && minor >= NODE_MIN.minor)
}
