/**
 * Builds the package: TypeScript to dist/, and beside each built node its html, locales and icon,
 * where Node-RED looks for them; flows/ to examples/, the only folder whose flows it offers.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const at = (...parts) => join(root, ...parts)
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

rmSync(at('dist'), { recursive: true, force: true })
rmSync(at('examples'), { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '-p', at('tsconfig.build.json')], { stdio: 'inherit' })

for (const node of readdirSync(at('nodes')).filter((name) => name.startsWith('lead-'))) {
  for (const part of [`${node}.html`, 'locales']) {
    if (existsSync(at('nodes', node, part))) {
      cpSync(at('nodes', node, part), at('dist', 'nodes', node, part), { recursive: true })
    }
  }
  const icon = at('icons', `${node}.svg`)
  if (existsSync(icon)) {
    mkdirSync(at('dist', 'nodes', node, 'icons'), { recursive: true })
    cpSync(icon, at('dist', 'nodes', node, 'icons', `${node}.svg`))
  }
}
cpSync(at('flows'), at('examples'), { recursive: true })
