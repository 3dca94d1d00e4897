/** Runs one of the repository's TypeScript programs on a Node that is new enough. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { ensureReady } from './ensure.mjs'
import { at } from './paths.mjs'

/**
 * Installs and builds what is missing, then runs `file` and ends with its exit code.
 *
 * @param {string} file from the repository's root
 * @param {readonly string[]} args
 */
export async function runTypeScript(file, args) {
  const node = await ensureReady()
  const loader = pathToFileURL(createRequire(at('package.json')).resolve('tsx')).href
  const child = spawn(node, ['--import', loader, at(file), ...args], { stdio: 'inherit' })
  process.exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}
