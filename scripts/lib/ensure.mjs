// @ts-check
/**
 * Makes a fresh clone ready to run: installs and builds what is missing or out of date, and nothing
 * else. Runs on Node >= 20 with nothing installed, so it imports only what Node itself has.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { at, nodeBinary, ROOT } from './paths.mjs'

/** What dist/ and examples/ are built from. */
const SOURCES = [
  'nodes',
  'engine',
  'store',
  'flows',
  'icons',
  'resources',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
]

/**
 * Installs and builds as far as needed; one line on the console for each slow thing. Ends the
 * process with exit code 1, and what the tool said, when that fails.
 *
 * @returns {Promise<string>} the Node binary to run everything else with
 */
export async function ensureReady() {
  if (!isInstalled()) {
    const command = existsSync(at('package-lock.json')) ? 'ci' : 'install'
    run(
      `Installing the dependencies (npm ${command})`,
      ...npm([command, '--no-audit', '--no-fund']),
    )
  }
  if (!isBuilt()) run('Building the package', nodeBinary(), [at('scripts', 'build.mjs')])
  return nodeBinary()
}

/**
 * True when every package of the lock file is installed in its version. npm keeps a list of what it
 * has installed; comparing the lists is exact, where times of files are not after a checkout.
 */
export function isInstalled() {
  const installed = packagesIn(at('node_modules', '.package-lock.json'))
  if (installed === undefined) return false
  const wanted = packagesIn(at('package-lock.json')) ?? {}
  return Object.entries(wanted).every(
    ([place, { version, optional, devOptional }]) =>
      place === '' ||
      installed[place]?.version === version ||
      (installed[place] === undefined && (optional === true || devOptional === true)),
  )
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> | undefined}
 */
function packagesIn(lockFile) {
  if (!existsSync(lockFile)) return undefined
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages
}

/** True when dist/ is younger than every source. The build makes examples/ last. */
export function isBuilt() {
  if (!existsSync(at('dist')) || !existsSync(at('examples'))) return false
  const builtMs = statSync(at('dist')).mtimeMs
  return SOURCES.every((source) => newestMs(at(source)) <= builtMs)
}

/**
 * The last change below `path`, epoch ms; folders count, so that a removed file is noticed.
 *
 * @param {string} path
 * @returns {number}
 */
function newestMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))))
}

/**
 * The npm that runs this script, or else the one on the path.
 *
 * @param {string[]} args
 * @returns {[string, string[]]}
 */
function npm(args) {
  const cli = process.env.npm_execpath
  return cli?.endsWith('.js') ? [process.execPath, [cli, ...args]] : ['npm', args]
}

/**
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 */
function run(title, command, args) {
  console.log(`${title} …`)
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (status === 0) return
  console.error(error?.message ?? `${stdout}${stderr}`.trimEnd())
  console.error(`${title} failed.`)
  process.exit(1)
}
