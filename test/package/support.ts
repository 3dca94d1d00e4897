/**
 * The package as a user gets it: built and packed from a copy of the sources, and installed from the
 * tarball without development dependencies. Both are made once for all files.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { at, nodeBinary, PACKAGE_NAME, ROOT } from '../../scripts/lib/paths.mjs'

/** A build and an installation on a busy machine take their time. */
export const PATIENCE_MS = 180_000

export interface Packed {
  readonly tarball: string
  readonly packedBytes: number
  readonly unpackedBytes: number
  readonly files: readonly string[]
  /** Where the copy lies; no file of the package may know it. */
  readonly copyDir: string
}

const dir = mkdtempSync(join(tmpdir(), 'lead-package-'))
process.once('exit', () => rmSync(dir, { recursive: true, force: true }))

let packed: Packed | undefined
let installed: string | undefined

const NOT_SOURCES = new Set(['node_modules', 'dist', 'examples', '.git', '.local'])

/** Nothing that happens to lie in dist/ gets in, and nobody who uses dist/ meanwhile is disturbed. */
export function pack(): Packed {
  packed ??= packNow()
  return packed
}

function packNow(): Packed {
  const copyDir = join(dir, 'copy')
  cpSync(ROOT, copyDir, {
    recursive: true,
    filter: (path) => path === ROOT || !NOT_SOURCES.has(basename(path)),
  })
  symlinkSync(at('node_modules'), join(copyDir, 'node_modules'), 'junction')
  execFileSync(nodeBinary(), [join(copyDir, 'scripts', 'build.mjs')], { stdio: 'pipe' })
  const text = npm(copyDir, ['pack', '--json', '--ignore-scripts', '--pack-destination', dir])
  const [{ filename, size, unpackedSize, files }] = JSON.parse(text)
  return {
    tarball: join(dir, filename),
    packedBytes: size,
    unpackedBytes: unpackedSize,
    files: files.map(({ path }: { path: string }) => path).sort(),
    copyDir,
  }
}

/** The folder of the installed package, or undefined when the registry cannot be reached. */
export function install(): string | undefined {
  installed ??= installNow()
  return installed
}

function installNow(): string | undefined {
  const { tarball } = pack()
  const userDir = join(dir, 'user')
  mkdirSync(userDir)
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'user', private: true }))
  try {
    npm(userDir, ['install', '--omit=dev', '--ignore-scripts', '--prefer-offline', tarball])
  } catch (raw) {
    const { stderr = '' } = raw as { stderr?: string }
    if (/ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ENOTCACHED|network/i.test(stderr))
      return undefined
    throw new Error(`npm install failed:\n${stderr}`)
  }
  return join(userDir, 'node_modules', ...PACKAGE_NAME.split('/'))
}

function npm(cwd: string, args: readonly string[]): string {
  const cli = process.env.npm_execpath
  const isScript = cli?.endsWith('.js') === true && existsSync(cli)
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  return execFileSync(
    isScript ? process.execPath : 'npm',
    isScript ? [cli, ...args, ...quiet] : [...args, ...quiet],
    {
      cwd,
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: PATIENCE_MS,
      shell: process.platform === 'win32' && !isScript,
    },
  )
}
