/**
 * Goal: whoever imports an example gets a flow that runs, on Node-RED 4.1 and 5.
 * Method: the files are read as they are; then every one is deployed in a real Node-RED, and the
 * buttons of the small ones are pressed.
 */
import assert from 'node:assert/strict'
import type { NodeRed } from '../../scripts/lib/node-red-process.mjs'
import { PACKAGE_NAME } from '../../scripts/lib/paths.mjs'
import packageJson from '../../package.json'
import {
  complaints,
  example,
  exampleFiles,
  exampleText,
  type FlowNode,
  PATIENCE_MS,
  Place,
  VERSIONS,
} from './support'

const NODE_TYPES = Object.keys(packageJson['node-red'].nodes)
const CONFIG_TYPES = ['lead-contract', 'lead-policy', 'lead-store']

describe('example files', () => {
  it('there is one for every node that is not a config node', () => {
    const wanted = NODE_TYPES.filter((type) => !CONFIG_TYPES.includes(type))
    const files = exampleFiles()
    assert.deepEqual(
      wanted.filter((type) => !files.includes(`nodes/${type}.json`)),
      [],
    )
  })

  for (const file of exampleFiles()) {
    describe(file, () => {
      const nodes = example(file)

      it('is written as Node-RED writes it, four spaces and a line per property', () => {
        assert.equal(exampleText(file), `${JSON.stringify(nodes, undefined, 4)}\n`)
      })

      it('names the package and version that it needs', () => {
        const config = nodes.find(({ type }) => type === 'global-config')
        assert.deepEqual(config?.modules, { [PACKAGE_NAME]: packageJson.version })
      })

      it('explains itself in its first comment', () => {
        const comment = nodes.find(({ type }) => type === 'comment')
        assert.ok(String(comment?.info).length > 80)
      })

      it('holds no credentials, no machine paths, and only made-up addresses', () => {
        const text = exampleText(file)
        assert.doesNotMatch(text, /"(credentials|password|token)"|\/home\/|\/Users\/|[A-Z]:\\\\/)
        const hosts = [...text.matchAll(/[\w.-]+@([\w-]+(?:\.[\w-]+)+)/g)].map(([, host]) => host!)
        assert.deepEqual(
          hosts.filter((host) => !host.toLowerCase().endsWith('.example')),
          [],
        )
      })
    })
  }

  it('no two examples share an id, so that all can be imported', () => {
    const owners = new Map<string, string>()
    for (const file of exampleFiles()) {
      for (const { id, type } of example(file)) {
        if (type === 'global-config') continue
        assert.match(id, /^[0-9a-f]{16}$/)
        assert.equal(owners.get(id), undefined, `${id} stands in ${owners.get(id)} and ${file}`)
        owners.set(id, file)
      }
    }
  })
})

/** What comes out when the buttons are pressed from top to bottom: the names of the debug nodes. */
const PRESSED: Readonly<Record<string, readonly string[]>> = {
  'lead-audit': ['New entries', 'New entries', 'New entries', 'Answers', 'Answers', 'Answers'],
  'lead-dedupe': ['New', 'Known', 'New', 'Ask a person'],
  'lead-enrich': ['Enriched', 'Contradictions'],
  'lead-ingest': ['Leads', 'Leads', 'Leads', 'Rejected', 'Rejected'],
  'lead-outcome': ['Ignored', 'Recorded', 'Recorded', 'Recorded', 'Recorded'],
  'lead-qualify': ['Sales', 'Nurture', 'Review', 'Closed'],
  'lead-route-by-capacity': ['Assigned', 'Assigned', 'Waiting', 'Assigned'],
  'lead-score-fit': ['Fit and why', 'Fit and why'],
  'lead-score-intent': ['Intent and why', 'Intent and why'],
  'lead-sla-timer': ['Started', 'Met'],
}

for (const version of VERSIONS) {
  describe(`examples in Node-RED ${version}`, function () {
    this.timeout(PATIENCE_MS)
    const place = new Place()
    let nodeRed: NodeRed

    before(async () => {
      nodeRed = await place.start([], version)
    })
    after(() => place.end())

    it('all of them run side by side, without a complaint', async () => {
      const flow = example(...exampleFiles())
      const from = nodeRed.log().length
      await nodeRed.deploy(flow)
      assert.deepEqual(complaints(nodeRed.log().slice(from)), [])
      const { body } = await nodeRed.get('/flows')
      assert.deepEqual(body, flow)
    })

    for (const [type, wanted] of Object.entries(PRESSED)) {
      it(`${type}: its buttons give what its comment says`, async () => {
        const flow = example(`nodes/${type}.json`).map(loud)
        const from = nodeRed.log().length
        await nodeRed.deploy(flow)
        const shown = () =>
          [...nodeRed.log().slice(from).matchAll(/\[debug:([^\]]*)\]/g)].map(([, name]) => name!)
        let expected = 0
        for (const { id } of flow.filter((node) => node.type === 'inject')) {
          await nodeRed.post(`/inject/${id}`)
          expected = Math.min(wanted.length, expected + 1)
          await nodeRed.until(`output ${expected} of ${type}`, () => shown().length >= expected)
        }
        await nodeRed.until(`all outputs of ${type}`, () => shown().length >= wanted.length)
        assert.deepEqual(shown().toSorted(), wanted.toSorted())
        assert.deepEqual(complaints(nodeRed.log().slice(from)), [])
      })
    }
  })
}

/** Debug nodes also write to the log, where a test can read them. */
function loud(node: FlowNode): FlowNode {
  return node.type === 'debug' ? { ...node, console: true } : node
}
