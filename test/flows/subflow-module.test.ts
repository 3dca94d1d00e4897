// Goal: in a subflow that a module brings as a node (`registerSubflow`), which no flow file knows, lead
// nodes know where a lead's way ends: what arrived is done, and what did not is kept.
// Method: such a module beside ours in real Node-REDs; one lead through it, one that is swallowed in it.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FlowNode, PATIENCE_MS, Place, VERSIONS } from './support'

const AT = { x: 0, y: 0 }
const ENV = [{ name: 'STORE', type: 'lead-store', value: '', ui: { type: 'conf-types' } }]
const inside = (id: string, type: string, z: string, more: object): FlowNode => ({
  id,
  type,
  z,
  name: '',
  store: `\${STORE}`,
  ...AT,
  ...more,
})

/** Takes a record in, and finds the person. */
const INTAKE = {
  id: 'module-intake',
  type: 'subflow',
  name: 'intake',
  meta: { module: 'lead-module', type: 'module-intake', version: '1.0.0' },
  env: ENV,
  in: [{ ...AT, wires: [{ id: 'm-ingest' }] }],
  out: [{ ...AT, wires: [{ id: 'm-dedupe', port: 0 }] }],
  flow: [
    inside('m-ingest', 'lead-ingest', 'module-intake', { wires: [['m-dedupe'], [], []] }),
    inside('m-dedupe', 'lead-dedupe', 'module-intake', { wires: [[], [], []] }),
  ],
}
/** Lets nothing through to its lead-dedupe. */
const HOLE = {
  ...INTAKE,
  id: 'module-hole',
  name: 'hole',
  meta: { ...INTAKE.meta, type: 'module-hole' },
  in: [{ ...AT, wires: [{ id: 'h-hole' }] }],
  out: [],
  flow: [
    inside('h-hole', 'function', 'module-hole', {
      func: 'return null',
      outputs: 1,
      wires: [['h-dedupe']],
    }),
    inside('h-dedupe', 'lead-dedupe', 'module-hole', { wires: [[], [], []] }),
  ],
}

function installModule(userDir: string): void {
  const folder = join(userDir, 'node_modules', 'lead-module')
  mkdirSync(folder, { recursive: true })
  const nodes: Record<string, string> = {}
  for (const subflow of [INTAKE, HOLE]) {
    nodes[subflow.name] = `${subflow.name}.js`
    const text = JSON.stringify(subflow)
    writeFileSync(
      join(folder, `${subflow.name}.js`),
      `module.exports = (RED) => RED.nodes.registerSubflow(${text})\n`,
    )
  }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'lead-module', version: '1.0.0', 'node-red': { nodes } }),
  )
}

const tab = { z: 'tab', ...AT }
const store = (id: string): FlowNode => ({
  id,
  type: 'lead-store',
  name: '',
  backend: 'sqlite',
  file: ':memory:',
  realm: 'live',
})
const FLOW: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'leads' },
  store('through'),
  store('swallowed'),
  {
    id: 'form',
    type: 'inject',
    ...tab,
    props: [{ p: 'payload' }],
    payload: '{"email":"ana@acme.example","event_id":"e1"}',
    payloadType: 'json',
    once: true,
    onceDelay: 0.1,
    wires: [['intake', 'ingest']],
  },
  { id: 'intake', type: 'module-intake', ...tab, STORE: 'through', wires: [['end']] },
  { id: 'end', type: 'function', ...tab, func: 'return null', outputs: 1, wires: [[]] },
  { id: 'ingest', type: 'lead-ingest', ...tab, store: 'swallowed', wires: [['hole'], [], []] },
  { id: 'hole', type: 'module-hole', ...tab, STORE: 'swallowed', wires: [] },
]

for (const version of VERSIONS) {
  describe(`a subflow that a module brings, in Node-RED ${version}`, function () {
    this.timeout(PATIENCE_MS)
    const place = new Place()
    after(() => place.end())

    it('is part of a lead’s way', async () => {
      installModule(place.userDir)
      const nodeRed = await place.start(FLOW, version)
      const figures = async (id: string) => {
        const { body } = await nodeRed.get(`/lead-store/${id}/figures`)
        return { entries: body.entries, underway: body.underway }
      }
      await nodeRed.until('both leads', async () => {
        const [through, swallowed] = [await figures('through'), await figures('swallowed')]
        return through.entries === 2 && swallowed.entries === 1
      })
      assert.deepEqual(await figures('through'), { entries: 2, underway: 0 })
      assert.deepEqual(await figures('swallowed'), { entries: 1, underway: 1 })
    })
  })
}
