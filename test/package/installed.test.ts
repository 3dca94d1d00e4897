// Goal: after `npm install` everything is there in Node-RED 4.1 and 5, and the example flows do what
// they promise, also through a restart. Method: the tarball installed, real Node-RED processes.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import packageJson from '../../package.json'
import { type NodeRed, startNodeRed } from '../../scripts/lib/node-red-process.mjs'
import { PACKAGE_NAME } from '../../scripts/lib/paths.mjs'
import { install, PATIENCE_MS } from './support'

const NODES = Object.keys(packageJson['node-red'].nodes)
const JSON_PLEASE = { headers: { accept: 'application/json' } }
const LEAD = {
  event_id: 'demo-1',
  email: 'mia.berg@northgate.example',
  name: 'Mia Berg',
  company: 'Northgate',
  job_title: 'Head of Sales',
  country: 'DE',
  employees: 240,
  industry: 'Software',
  trigger: 'demo_request',
}
const SIGNAL = { event_id: 'visit-1', email: 'liv@fjordfreight.example', trigger: 'demo_request' }

let packageDir: string

describe('the installed package', function () {
  this.timeout(PATIENCE_MS)

  before(function () {
    const dir = install()
    if (dir === undefined) {
      console.log('    skipped: the registry cannot be reached, so nothing can be installed')
      this.skip()
    }
    packageDir = dir
  })

  it('brings no native addon, no Node-RED of its own and no duplicates of our code', () => {
    const modules = dirname(dirname(packageDir))
    const files = readdirSync(modules, { recursive: true }).map(String)
    assert.deepEqual(
      files.filter((file) => file.endsWith('.node') || file.endsWith('binding.gyp')),
      [],
    )
    assert.ok(!existsSync(join(modules, 'node-red')))
    assert.ok(!existsSync(join(modules, 'typescript')))
  })

  for (const version of ['5', '4'] as const) {
    describe(`in Node-RED ${version}`, () => {
      const userDir = mkdtempSync(join(tmpdir(), 'lead-installed-'))
      let nodeRed: NodeRed

      before(async () => {
        nodeRed = await startNodeRed({ version, userDir, packageDir })
      })
      after(async () => {
        await nodeRed?.kill()
        rmSync(userDir, { recursive: true, force: true })
      })
      const get = async (path: string) => {
        const { status, body } = await nodeRed.get(path, JSON_PLEASE)
        assert.equal(status, 200, path)
        return body
      }

      it('every node is there, enabled and without a complaint', async () => {
        const all = (await get('/nodes')) as Record<string, unknown>[]
        const sets = all.filter(({ module }) => module === PACKAGE_NAME)
        assert.deepEqual(
          sets.map(({ name, types, enabled, err, version }) => ({
            name,
            types,
            enabled,
            err,
            version,
          })),
          NODES.map((name) => ({
            name,
            types: [name],
            enabled: true,
            err: undefined,
            version: packageJson.version,
          })),
        )
        assert.doesNotMatch(nodeRed.log(), /\[(warn|error)\].*lead/i)
      })

      it('every icon is listed', async () => {
        const icons = (await get('/icons'))[PACKAGE_NAME] as string[]
        const shipped = NODES.filter((node) =>
          existsSync(join(packageDir, 'dist', 'nodes', node, 'icons')),
        )
        assert.ok(shipped.length >= 10)
        assert.deepEqual([...icons].sort(), shipped.map((node) => `${node}.svg`).sort())
      })

      for (const language of ['en-US', 'de']) {
        it(`every label and every help is there in ${language}`, async () => {
          const { text } = await nodeRed.get('/nodes', {
            headers: { accept: 'text/html', 'accept-language': language },
          })
          for (const node of NODES) {
            const locale = join(packageDir, 'dist', 'nodes', node, 'locales', language, node)
            // Node-RED renames the endings of plurals; the editor finds both.
            const own = readFileSync(`${locale}.json`, 'utf8').replaceAll('_plural"', '_other"')
            const served = await get(`/locales/${PACKAGE_NAME}/${node}?lng=${language}`)
            assert.deepEqual(served, JSON.parse(own), node)
            assert.ok(
              text.includes(readFileSync(`${locale}.html`, 'utf8').trim()),
              `help of ${node}`,
            )
          }
        })
      }

      it('every example can be imported', async () => {
        const library = `/library/examples/flows/${PACKAGE_NAME}/`
        const folders = (await get(library)) as string[]
        assert.deepEqual(folders, ['abm', 'inbound-saas', 'nodes', 'scale-out'])
        for (const folder of folders) {
          const listed = (await get(`${library}${folder}/`)) as { fn: string }[]
          assert.deepEqual(
            listed.map(({ fn }) => `${fn}.json`).sort(),
            readdirSync(join(packageDir, 'examples', folder)).sort(),
          )
          for (const { fn } of listed) {
            const nodes = await get(`${library}${folder}/${fn}`)
            assert.ok(Array.isArray(nodes) && nodes.length > 3, fn)
          }
        }
      })

      it('what the editor loads beside the dialogs is served', async () => {
        for (const file of readdirSync(join(packageDir, 'resources'))) {
          const { status, text } = await nodeRed.get(`/resources/${PACKAGE_NAME}/${file}`)
          assert.equal(status, 200)
          assert.equal(text, readFileSync(join(packageDir, 'resources', file), 'utf8'))
        }
      })

      it('the inbound and the ABM story run, and a restart forgets nothing', async () => {
        const stories = ['inbound-saas/inbound-saas.json', 'abm/abm.json'].flatMap((file) =>
          JSON.parse(readFileSync(join(packageDir, 'examples', file), 'utf8')),
        )
        const flows = [...new Map(stories.map((node) => [node.id, node])).values()]
        await nodeRed.deploy(flows)
        const ask = async () => {
          const lead = await nodeRed.post('/leads', LEAD)
          const signal = await nodeRed.post('/abm/signals', SIGNAL)
          return [lead, signal].map(({ status, body }) => {
            assert.ok(status === 200 || status === 201 || status === 202, JSON.stringify(body))
            return body
          })
        }
        const first = await ask()
        assert.ok(
          first.every(({ lead, state }) => typeof lead === 'string' && typeof state === 'string'),
        )
        const again = first.map((body) => ({ ...body, repeated: true }))
        assert.deepEqual(await ask(), again)

        const startedMs = performance.now()
        assert.equal(await nodeRed.stop({ timeoutMs: 10_000 }), 0, nodeRed.lastLines())
        assert.ok(performance.now() - startedMs < 10_000)
        nodeRed = await startNodeRed({ version, userDir, packageDir })

        assert.deepEqual(await ask(), again)
        const { ok, faults, entries } = await get('/audit/verify')
        assert.deepEqual([ok, faults], [true, []])
        assert.ok(entries >= 5, `${entries} entries`)
        assert.doesNotMatch(nodeRed.log(), /\[error\]|Unhandled|Warning:/)
      })
    })
  }
})
