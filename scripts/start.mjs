/**
 * `npm start`: Node-RED with the inbound example, and sample leads that come in every five seconds.
 *
 * Works on a fresh clone (Node >= 20 and git are enough). The first start lays out `.local/start`:
 * settings, flows, later the leads. Each later start keeps what is there, edits included. The port
 * is 1880, or what `--port` or PORT say; `--user-dir` takes another folder than `.local/start`.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureReady } from './lib/ensure.mjs'
import { NodeRedError, settingsText, startNodeRed } from './lib/node-red-process.mjs'
import { at, ROOT } from './lib/paths.mjs'

const STOP_MS = 8_000
const options = parsedOptions()
const port = chosenPort()
const USER_DIR = resolve(options['user-dir'] ?? at('.local', 'start'))
const SETTINGS = join(USER_DIR, 'settings.js')
const FLOWS = join(USER_DIR, 'flows.json')
const EXAMPLES = ['inbound-saas.json', 'sample-leads.json'].map((name) =>
  at('flows', 'inbound-saas', name),
)

let nodeRed
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop())
const node = await ensureReady()
layOut()
checkSettings(node)
checkFlows()
nodeRed = await start()
greet()
const code = await nodeRed.ended
if (!stopping)
  fail(`Node-RED ended by itself (${code}). Its last log lines:\n${nodeRed.lastLines()}`)

function parsedOptions() {
  try {
    return parseArgs({ options: { port: { type: 'string' }, 'user-dir': { type: 'string' } } })
      .values
  } catch (error) {
    fail(error.message)
  }
}

function chosenPort() {
  const text = options.port ?? (process.env.PORT || '1880')
  const number = Number(text)
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number
  fail(`"${text}" is not a port; expected a number from 1 to 65535`)
}

/** Only what is not there yet, so that a second start finds everything as it was. */
function layOut() {
  mkdirSync(USER_DIR, { recursive: true })
  if (!existsSync(SETTINGS)) {
    const credentialSecret = randomBytes(32).toString('hex')
    const text = settingsText({ credentialSecret })
    writeFileSync(
      SETTINGS,
      `// Made by npm start, once. Yours to edit; delete it to get a new one.\n${text}`,
    )
  }
  if (!existsSync(FLOWS)) {
    const nodes = EXAMPLES.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')))
    const once = [...new Map(nodes.map((one) => [one.id, one])).values()]
    writeFileSync(FLOWS, `${JSON.stringify(once, undefined, 4)}\n`)
  }
}

/** A settings file that does not load is said in one line, with the place in it. */
function checkSettings(binary) {
  const { status, stderr } = spawnSync(binary, ['-e', `require(${JSON.stringify(SETTINGS)})`], {
    encoding: 'utf8',
  })
  if (status === 0) return
  const line = stderr.split(`${SETTINGS}:`)[1]?.match(/^\d+/)?.[0]
  const what = stderr.match(/^\w*Error.*$/m)?.[0] ?? 'it cannot be loaded'
  fail(`${shortPath(SETTINGS)}${line ? `:${line}` : ''}: ${what}`)
}

function checkFlows() {
  try {
    JSON.parse(readFileSync(FLOWS, 'utf8'))
  } catch (error) {
    fail(`${shortPath(FLOWS)}: ${error.message}; mend it, or delete it to begin with the examples`)
  }
}

async function start() {
  try {
    return await startNodeRed({
      userDir: USER_DIR,
      port,
      settingsFile: SETTINGS,
      onLog: passOn,
    })
  } catch (error) {
    if (!(error instanceof NodeRedError)) throw error
    if (error.code === 'PORT_BUSY')
      fail(
        `Port ${port} is in use. Stop what runs there, or choose another: npm start -- --port ${port + 1}`,
      )
    fail(error.message)
  }
}

/** Of Node-RED's own log only what a node complains about; the rest would bury it. */
function passOn(line) {
  if (/\[(warn|error)\] \[/.test(line)) console.log(line)
}

function greet() {
  console.log(`
Node-RED runs. Leads come in every five seconds; reps react to them.

  editor       ${nodeRed.url}/
  data         ${shortPath(USER_DIR)}
  send a lead  curl -s ${nodeRed.url}/leads -H 'content-type: application/json' \\
                 -d '{ "email": "mia.lang@northgate.example", "job_title": "Head of Sales", "trigger": "demo_request" }'
  look around  curl -s ${nodeRed.url}/audit/census

Ctrl-C stops it. Everything is still there at the next start.`)
}

async function stop() {
  if (stopping) return
  stopping = true
  console.log('\nStopping …')
  // While it is still starting there is nothing to save; it ends with this process.
  await nodeRed?.stop({ timeoutMs: STOP_MS })
  process.exit(0)
}

function shortPath(path) {
  const short = relative(ROOT, path)
  return short.startsWith('..') ? path : short
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
