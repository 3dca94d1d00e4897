/**
 * Builds the package: TypeScript to dist/, and beside each built node its html, locales and icon,
 * where Node-RED looks for them; flows/ to examples/, the only folder whose flows it offers.
 *
 * Built aside and swapped in at the end, so that a failed build changes nothing and a Node-RED that
 * runs from this tree never sees half of one.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const at = (...parts) => join(root, ...parts)
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

mkdirSync(at('.local'), { recursive: true })
const aside = mkdtempSync(at('.local', 'build-'))
try {
  const dist = join(aside, 'dist')
  const args = [tsc, '-p', at('tsconfig.build.json'), '--outDir', dist]
  execFileSync(process.execPath, args, { stdio: 'inherit' })
  for (const node of readdirSync(at('nodes')).filter((name) => name.startsWith('lead-'))) {
    for (const part of [`${node}.html`, 'locales'])
      copy(at('nodes', node, part), join(dist, 'nodes', node, part))
    copy(at('icons', `${node}.svg`), join(dist, 'nodes', node, 'icons', `${node}.svg`))
  }
  cpSync(at('flows'), join(aside, 'examples'), { recursive: true })
  for (const folder of ['dist', 'examples']) {
    rmSync(at(folder), { recursive: true, force: true })
    renameSync(join(aside, folder), at(folder))
  }
} finally {
  rmSync(aside, { recursive: true, force: true })
}

function copy(from, to) {
  if (!existsSync(from)) return
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true })
}
