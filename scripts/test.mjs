/**
 * `npm test`: everything a change must pass, on a machine that has only git and Node >= 20.
 *
 * Installs and builds what is missing, then lint, types, and the tests in three shelves: what needs
 * nothing (engine, store, tidy), what needs Node-RED in this process, what starts real Node-RED
 * processes and a browser. The last waits a lot, so it runs beside the others where there are two
 * cores, and shows what it printed when it is done. `npm test -- engine` runs one shelf.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
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

if (wants('lint')) {
  const lint = resolve('@biomejs/biome/bin/biome')
  if (!(await run('lint', lint, ['check', '--error-on-warnings', '.']))) process.exit(1)
}
const beside = wants('processes') && chosen.length !== 1 && availableParallelism() > 1
const enough = new AbortController()
const waiting = beside
  ? shelf('processes', { show: 'at the end', until: enough.signal })
  : undefined
const typed = !wants('lint') || (await run('types', resolve('typescript/bin/tsc'), ['--noEmit']))
// Whoever broke the types hears so after seconds, not when the slowest shelf is done.
if (!typed) enough.abort()
const passed = typed && (await shelf('engine')) && (await shelf('nodes'))
const passedToo = beside ? await waiting : passed && (await shelf('processes'))
process.exit(passed && passedToo ? 0 : 1)

/** True when it passed, or is not wanted. */
async function shelf(name, options) {
  return (
    !wants(name) ||
    (await run(`${name} tests`, resolve('mocha/bin/mocha.js'), SHELVES[name], options))
  )
}

/**
 * Runs one tool with our Node; false when it fails. `show`: what it prints, as it comes or at the end.
 * `until`: ends it early, with what its tests have started.
 */
async function run(title, script, args, { show = 'as it comes', until } = {}) {
  const startMs = performance.now()
  const late = show === 'at the end'
  console.log(`\n== ${title}${late ? ', beside the others' : ''}`)
  // A group of its own: one signal then reaches all of it, as Ctrl-C would.
  const tool = spawn(node, [script, ...args], {
    stdio: late ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    detached: late && process.platform !== 'win32',
  })
  const printed = []
  for (const stream of late ? [tool.stdout, tool.stderr] : [])
    stream.on('data', (chunk) => printed.push(chunk))
  const tell = () => process.stdout.write(Buffer.concat(printed.splice(0)))
  const end = () => {
    if (tool.exitCode !== null || tool.signalCode !== null) return
    if (process.platform === 'win32') tool.kill()
    else process.kill(-tool.pid, 'SIGINT')
  }
  until?.addEventListener('abort', end)
  // Whoever ends the run early sees how far it came.
  const ended = () => {
    end()
    tell()
    process.exit(1)
  }
  if (late) process.once('SIGINT', ended).once('SIGTERM', ended)
  const status = await new Promise((done) => {
    tool.on('close', done)
  })
  tell()
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  console.log(`== ${title}: ${status === 0 ? 'ok' : 'FAILED'}, ${seconds} s`)
  return status === 0
}
