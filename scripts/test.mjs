/**
 * `npm test`: everything a change must pass, on a machine that has only git and Node >= 20.
 *
 * Installs and builds what is missing, then lint, types, and the tests in three shelves: what needs
 * nothing (engine, store, tidy), what needs Node-RED in this process, what starts real Node-RED
 * processes and a browser. `npm test -- engine` runs one shelf.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { ensureReady } from './lib/ensure.mjs'

const SHELVES = {
  engine: [
    'test/tidy.test.ts',
    'test/engine/**/*.test.ts',
    'test/store/**/*.test.ts',
    'test/bench/**/*.test.ts',
  ],
  nodes: ['test/nodes/**/*.test.ts'],
  processes: [
    'test/flows/**/*.test.ts',
    'test/start/**/*.test.ts',
    'test/deploy/**/*.test.ts',
    'test/package/**/*.test.ts',
    'test/editor/**/*.test.ts',
  ],
}

const node = await ensureReady()
const resolve = createRequire(import.meta.url).resolve
const chosen = process.argv.slice(2)
const unknown = chosen.find((name) => !(name in SHELVES) && name !== 'lint')
if (unknown !== undefined) {
  console.error(
    `npm test: there is no shelf "${unknown}"; known: lint, ${Object.keys(SHELVES).join(', ')}`,
  )
  process.exit(2)
}
const wants = (name) => chosen.length === 0 || chosen.includes(name)

let types = Promise.resolve(true)
if (wants('lint')) {
  const lint = resolve('@biomejs/biome/bin/biome')
  if (!(await run('lint', lint, ['check', '--error-on-warnings', '.']))) process.exit(1)
  // Beside the first tests: they need one core, and this another.
  types = run('types', resolve('typescript/bin/tsc'), ['--noEmit'])
}
for (const [name, files] of Object.entries(SHELVES)) {
  if (!wants(name)) continue
  const passed = await run(`${name} tests`, resolve('mocha/bin/mocha.js'), files)
  if (!passed || !(await types)) process.exit(1)
}
if (!(await types)) process.exit(1)

/** Runs one tool with our Node; false when it fails. The first that fails ends the run. */
async function run(title, script, args) {
  const startMs = performance.now()
  console.log(`\n== ${title}`)
  const tool = spawn(node, [script, ...args], { stdio: 'inherit' })
  const status = await new Promise((done) => {
    tool.on('exit', done)
  })
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  console.log(`== ${title}: ${status === 0 ? 'ok' : 'FAILED'}, ${seconds} s`)
  return status === 0
}
