// @ts-check
/**
 * A real Node-RED in a process of its own, for `npm start`, the tests and the load runs.
 *
 *     const nodeRed = await startNodeRed({ version: '5', flows })
 *     const { status, body } = await nodeRed.post('/leads', { email: 'ana@acme.example' })
 *     await nodeRed.stop()            // SIGTERM, waits; `kill()` is SIGKILL
 *
 * `startNodeRed` resolves when it answers over HTTP and the flows have started, and rejects with
 * one clear sentence (`NodeRedError`) when the port is busy, the process ends early, or a node
 * type is missing. It never sleeps: it follows the log. Without a `userDir` a temporary one is made
 * and removed at `stop()`; with one, state survives, so that a second start finds it again.
 */
import { spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { at, nodeBinary, PACKAGE_NAME, ROOT } from './paths.mjs'

const HOST = '127.0.0.1'
const LAUNCHERS = {
  5: at('node_modules', 'node-red', 'red.js'),
  4: at('node_modules', 'node-red-4', 'red.js'),
}
const STARTED = /\[info\] Started (modified )?(flows|nodes)/
const MISSING_TYPES = 'Waiting for missing types to be registered:'
const MISSING_TYPE = /\[info\] {2}- (\S+)/g

/** Everything that is wrong with a start, in a sentence for people. */
export class NodeRedError extends Error {
  /**
   * @param {string} code PORT_BUSY, ENDED, TIMEOUT, MISSING_TYPES or DEPLOY
   * @param {string} message
   */
  constructor(code, message) {
    super(message)
    this.name = 'NodeRedError'
    this.code = code
  }
}

/**
 * @typedef {object} StartOptions
 * @property {'5' | '4'} [version] Node-RED 5 or 4.1; default 5
 * @property {string} [userDir] kept; default: a temporary one that `stop()` removes
 * @property {number} [port] default: a free one
 * @property {readonly object[]} [flows] written to the flow file before the start
 * @property {Record<string, unknown>} [settings] plain data, laid over the generated settings
 * @property {string} [settingsFile] a settings file of one's own; then none is generated
 * @property {Record<string, string>} [env] laid over this process's environment
 * @property {string} [packageDir] where the package lies: the repository, or an unpacked tarball
 * @property {number} [timeoutMs] how long the start may take
 * @property {(line: string) => void} [onLog] every line of the log as it comes
 *
 * @typedef {{ status: number, headers: Headers, body: any, text: string }} Answer
 * @typedef {{ headers?: Record<string, string>, timeoutMs?: number, method?: string }} RequestOptions
 */

/**
 * @param {StartOptions} [options]
 * @returns {Promise<NodeRed>}
 */
export async function startNodeRed(options = {}) {
  const version = options.version ?? '5'
  const port = options.port ?? (await freePort())
  if (!(await isFree(port)))
    throw new NodeRedError('PORT_BUSY', `port ${port} is in use by another program`)
  const temporary = options.userDir === undefined
  const userDir = options.userDir ?? mkdtempSync(join(tmpdir(), 'node-red-'))
  mkdirSync(userDir, { recursive: true })
  linkPackage(userDir, options.packageDir ?? ROOT)
  const settingsFile = options.settingsFile ?? writeSettings(userDir, options.settings ?? {})
  if (options.flows !== undefined)
    writeFileSync(join(userDir, 'flows.json'), JSON.stringify(options.flows, undefined, 4))
  const { NODE_OPTIONS: _theLoadersOfATestRun, ...inherited } = process.env
  const args = ['--userDir', userDir, '--port', String(port), '--settings', settingsFile]
  // The start is followed in the log, whatever level somebody's own settings ask for.
  if (options.settingsFile !== undefined) args.push('-D', 'logging.console.level=info')
  const child = spawn(nodeBinary(), [LAUNCHERS[version], ...args], {
    // Production: an error page of Express shows no stack with the machine's paths.
    env: { ...inherited, NODE_ENV: 'production', PORT: String(port), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const nodeRed = new NodeRed(child, { version, port, userDir, temporary, onLog: options.onLog })
  try {
    await nodeRed.started(0, options.timeoutMs ?? 120_000)
  } catch (error) {
    await nodeRed.kill()
    throw error
  }
  return nodeRed
}

/** A running Node-RED. Made by `startNodeRed`. */
export class NodeRed {
  /** @type {string} */
  #log = ''
  /** @type {Set<() => void>} */
  #waiters = new Set()
  #ended = false
  #child
  #temporary

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {{ version: '5' | '4', port: number, userDir: string, temporary: boolean, onLog?: ((line: string) => void) | undefined }} place
   */
  constructor(child, { version, port, userDir, temporary, onLog }) {
    this.#child = child
    this.#temporary = temporary
    this.version = version
    this.port = port
    this.userDir = userDir
    this.url = `http://${HOST}:${port}`
    this.pid = child.pid
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ''
      stream?.setEncoding('utf8').on('data', (chunk) => {
        this.#log += chunk
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        if (onLog) for (const line of lines) onLog(line)
        this.#tell()
      })
    }
    const killAtExit = () => child.kill('SIGKILL')
    process.once('exit', killAtExit)
    /** Resolves with the exit code, or null when a signal ended the process. */
    this.ended = new Promise((/** @type {(code: number | null) => void} */ resolve) => {
      child.once('close', (code) => {
        process.off('exit', killAtExit)
        this.#ended = true
        this.#tell()
        resolve(code)
      })
    })
  }

  /** Everything that Node-RED has logged so far. */
  log() {
    return this.#log
  }

  /** @param {number} [count] */
  lastLines(count = 15) {
    return this.#log.trimEnd().split('\n').slice(-count).join('\n')
  }

  /**
   * Resolves when `condition` gives something other than undefined, false or null; asked anew
   * whenever the log grows, and every `everyMs`. The one way of waiting: no fixed sleeps.
   *
   * @template T
   * @param {string} what for the error message: "waited … for <what>"
   * @param {() => T | Promise<T>} condition
   * @param {{ timeoutMs?: number, everyMs?: number }} [options]
   * @returns {Promise<NonNullable<T>>}
   */
  async until(what, condition, { timeoutMs = 60_000, everyMs = 50 } = {}) {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const result = await condition()
      if (result !== undefined && result !== null && result !== false)
        return /** @type {NonNullable<T>} */ (result)
      if (this.#ended) throw this.#endedEarly()
      if (Date.now() > deadline) {
        throw new NodeRedError(
          'TIMEOUT',
          `waited ${timeoutMs} ms for ${what}; the last log lines:\n${this.lastLines()}`,
        )
      }
      await this.#news(Math.min(everyMs, Math.max(1, deadline - Date.now())))
    }
  }

  /**
   * Resolves when flows have started after position `from` of the log, and HTTP is answered.
   *
   * @param {number} from
   * @param {number} timeoutMs
   */
  async started(from, timeoutMs) {
    const news = () => this.#log.slice(from)
    await this.until(
      'the flows to start',
      () => STARTED.test(news()) || news().includes(MISSING_TYPES),
      { timeoutMs, everyMs: 1_000 },
    )
    await this.until('an answer over HTTP', () => this.get('/').catch(() => undefined))
    if (STARTED.test(news())) return
    const types = [...news().matchAll(MISSING_TYPE)].map(([, type]) => type)
    throw new NodeRedError('MISSING_TYPES', `unknown node types: ${types.join(', ')}`)
  }

  /**
   * Deploys a whole flow file and waits until it runs.
   *
   * @param {readonly object[]} flows
   * @param {{ type?: 'full' | 'flows' | 'nodes' | 'reload' }} [options]
   */
  async deploy(flows, { type = 'full' } = {}) {
    const from = this.#log.length
    const { status, text } = await this.post('/flows', flows, {
      headers: { 'Node-RED-Deployment-Type': type },
    })
    if (status !== 204) throw new NodeRedError('DEPLOY', `deploy was refused: ${status} ${text}`)
    await this.started(from, 30_000)
  }

  /**
   * @param {string} path
   * @param {RequestOptions} [options]
   */
  get(path, options) {
    return this.request(path, { ...options, method: 'GET' })
  }

  /**
   * Posts JSON; a string or bytes go out as they are, with whatever content type is given.
   *
   * @param {string} path
   * @param {unknown} [body]
   * @param {RequestOptions} [options]
   */
  post(path, body, options) {
    return this.request(path, { ...options, method: 'POST' }, body)
  }

  /**
   * @param {string} path
   * @param {RequestOptions} options
   * @param {unknown} [body]
   * @returns {Promise<Answer>}
   */
  async request(path, { method = 'GET', headers, timeoutMs = 30_000 }, body) {
    const raw = typeof body === 'string' || body instanceof Uint8Array
    const sent = /** @type {BodyInit} */ (raw ? body : JSON.stringify(body))
    const response = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: sent }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: parsed(text), text }
  }

  /** Ends it as an operating system does, with SIGTERM, and waits; the exit code, or null. */
  async stop({ timeoutMs = 20_000 } = {}) {
    if (!this.#ended) {
      this.#child.kill('SIGTERM')
      const late = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs)
      await this.ended
      clearTimeout(late)
    }
    if (this.#temporary) rmSync(this.userDir, { recursive: true, force: true })
    return this.ended
  }

  /** Ends it at once, with SIGKILL, as a power cut would. The user directory stays. */
  async kill() {
    if (!this.#ended) this.#child.kill('SIGKILL')
    return this.ended
  }

  #endedEarly() {
    if (/EADDRINUSE|port in use/i.test(this.#log))
      return new NodeRedError('PORT_BUSY', `port ${this.port} is in use by another program`)
    const code = this.#child.exitCode ?? this.#child.signalCode
    return new NodeRedError(
      'ENDED',
      `Node-RED ended (${code}); its last log lines:\n${this.lastLines()}`,
    )
  }

  #tell() {
    for (const waiter of this.#waiters) waiter()
  }

  /** @param {number} atMostMs */
  #news(atMostMs) {
    return new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#waiters.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, atMostMs)
      this.#waiters.add(wake)
    })
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, HOST, () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, HOST, () => server.close(() => resolve(true)))
  })
}

/**
 * Makes the package one of the user's installed modules, as `npm install <folder>` does.
 *
 * @param {string} userDir
 * @param {string} packageDir
 */
export function linkPackage(userDir, packageDir) {
  const link = join(userDir, 'node_modules', ...PACKAGE_NAME.split('/'))
  mkdirSync(dirname(link), { recursive: true })
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link, { recursive: true, force: true })
  symlinkSync(packageDir, link, 'junction')
  const packageFile = join(userDir, 'package.json')
  if (existsSync(packageFile)) return
  const dependencies = { [PACKAGE_NAME]: `file:${packageDir}` }
  writeFileSync(
    packageFile,
    JSON.stringify({ name: 'node-red-project', private: true, dependencies }),
  )
}

/**
 * @param {string} userDir
 * @param {Record<string, unknown>} settings
 */
function writeSettings(userDir, settings) {
  const file = join(userDir, 'settings.js')
  writeFileSync(file, settingsText(settings))
  return file
}

/**
 * The settings of a Node-RED that talks to nobody outside.
 *
 * @param {Record<string, unknown>} [settings] laid over them
 */
export function settingsText(settings = {}) {
  const all = {
    flowFile: 'flows.json',
    flowFilePretty: true,
    credentialSecret: 'only-for-development',
    uiHost: HOST,
    lang: 'en-US',
    diagnostics: { enabled: false, ui: false },
    runtimeState: { enabled: false, ui: false },
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { palette: { allowInstall: false, allowUpload: false } },
    editorTheme: { tours: false },
    logging: { console: { level: 'info', metrics: false, audit: false } },
    ...settings,
  }
  return `module.exports = ${JSON.stringify(all, undefined, 2)}\n`
}
