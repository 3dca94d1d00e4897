/**
 * Goal: `npm start` gives a running system, keeps it between two starts, and says in one line what
 * keeps it from starting. Method: the script itself, as a process, on a user directory of its own.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/lib/node-red-process.mjs'
import { at } from '../../scripts/lib/paths.mjs'

const PATIENCE_MS = 180_000
const STOP_MS_MAX = 10_000

class Run {
  output = ''
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess

  constructor(...args: string[]) {
    this.#child = spawn(process.execPath, [at('scripts', 'start.mjs'), ...args], {
      env: { ...process.env, PORT: '' },
    })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    }
    this.ended = new Promise((resolve) => this.#child.once('close', resolve))
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Asks until there is an answer; a run that has ended gives none. */
  async until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + 45_000
    for (;;) {
      const answer = await ask()
      if (answer !== undefined) return answer
      if (Date.now() > deadline || this.#child.exitCode !== null) {
        throw new Error(`waited for ${what}; the output so far:\n${this.output}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

describe('npm start', function () {
  this.timeout(PATIENCE_MS)
  const userDir = mkdtempSync(join(tmpdir(), 'lead-start-'))
  const runs: Run[] = []
  const start = (...args: string[]) => {
    const run = new Run('--user-dir', userDir, ...args)
    runs.push(run)
    return run
  }
  const census = async (port: number) => {
    const response = await fetch(`http://127.0.0.1:${port}/audit/census`).catch(() => undefined)
    return response?.ok ? ((await response.json()) as { entries: number }) : undefined
  }
  after(async () => {
    for (const run of runs) run.signal('SIGTERM')
    await Promise.all(runs.map(({ ended }) => ended))
    rmSync(userDir, { recursive: true, force: true })
  })

  it('says what to open, takes sample leads, and stops on Ctrl-C', async () => {
    const port = await freePort()
    const run = start('--port', `${port}`)
    await run.until('the greeting', () =>
      run.output.includes('Ctrl-C stops it') ? true : undefined,
    )
    assert.match(run.output, new RegExp(`http://127\\.0\\.0\\.1:${port}/`))
    await run.until('a sample lead', async () => {
      const now = await census(port)
      return now !== undefined && now.entries > 0 ? now : undefined
    })
    const stopMs = performance.now()
    run.signal('SIGINT')
    assert.equal(await run.ended, 0)
    assert.ok(performance.now() - stopMs < STOP_MS_MAX)
    assert.doesNotMatch(run.output, /\[error\]|\n {4}at /)
  })

  it('finds its leads, flows and settings again', async () => {
    appendFileSync(join(userDir, 'settings.js'), '// an edit of the user\n')
    const flows = JSON.parse(readFileSync(join(userDir, 'flows.json'), 'utf8'))
    const edited = flows.map((node: { type: string; label?: string }) =>
      node.label === 'Sample leads' ? { ...node, disabled: true } : node,
    )
    writeFileSync(join(userDir, 'flows.json'), JSON.stringify(edited))
    const port = await freePort()
    const run = start('--port', `${port}`)
    const now = await run.until('an answer', () => census(port))
    assert.ok(now.entries > 0)
    assert.match(readFileSync(join(userDir, 'settings.js'), 'utf8'), /an edit of the user/)
    const response = await fetch(`http://127.0.0.1:${port}/flows`)
    assert.deepEqual(await response.json(), edited)
    run.signal('SIGTERM')
    assert.equal(await run.ended, 0)
  })

  const refusals: ReadonlyArray<{
    name: string
    prepare: () => void
    args: string[]
    says: RegExp
  }> = [
    {
      name: 'a settings file that is no JavaScript',
      prepare: () =>
        writeFileSync(join(userDir, 'settings.js'), 'module.exports = {\n  a: 1,,\n}\n'),
      args: [],
      says: /^\S*settings\.js:2: SyntaxError: .+$/,
    },
    {
      name: 'a settings file that throws',
      prepare: () => writeFileSync(join(userDir, 'settings.js'), '\n\nmodule.exports = nothing\n'),
      args: [],
      says: /^\S*settings\.js:3: ReferenceError: nothing is not defined$/,
    },
    {
      name: 'a flow file that is no JSON',
      prepare: () => {
        writeFileSync(join(userDir, 'settings.js'), 'module.exports = {}\n')
        writeFileSync(join(userDir, 'flows.json'), '[{')
      },
      args: [],
      says: /^\S*flows\.json: .+ delete it to begin with the examples$/,
    },
    {
      name: 'a port that is none',
      prepare: () => {},
      args: ['--port', 'http'],
      says: /^"http" is not a port; expected a number from 1 to 65535$/,
    },
    {
      name: 'an option that it does not know',
      prepare: () => {},
      args: ['--prot', '1880'],
      says: /^Unknown option '--prot'/,
    },
  ]
  for (const { name, prepare, args, says } of refusals) {
    it(`refuses ${name}, in one line`, async () => {
      prepare()
      const run = start(...args)
      assert.equal(await run.ended, 1)
      assert.match(run.output.trimEnd(), says)
      assert.doesNotMatch(run.output, /\n./)
    })
  }

  it('refuses a port that is in use, in one line', async () => {
    const other = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
    const free = mkdtempSync(join(tmpdir(), 'lead-start-'))
    mkdirSync(free, { recursive: true })
    const run = new Run('--user-dir', free, '--port', `${port}`)
    assert.equal(await run.ended, 1)
    assert.match(run.output.trimEnd(), new RegExp(`^Port ${port} is in use\\. .+$`))
    other.close()
    rmSync(free, { recursive: true, force: true })
  })
})
