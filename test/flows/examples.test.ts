/**
 * Goal: whoever imports an example gets a flow that runs, on Node-RED 4.1 and 5.
 * Method: the files are read as they are; then every one is deployed in a real Node-RED, and the
 * buttons of the small ones are pressed.
 */
import assert from 'node:assert/strict'
import { runInNewContext } from 'node:vm'
import packageJson from '../../package.json'
import type { NodeRed } from '../../scripts/lib/node-red-process.mjs'
import { PACKAGE_NAME } from '../../scripts/lib/paths.mjs'
import {
  complaints,
  example,
  exampleFiles,
  exampleText,
  type FlowNode,
  nodeNamed,
  PATIENCE_MS,
  Place,
  VERSIONS,
} from './support'

const NODE_TYPES = Object.keys(packageJson['node-red'].nodes)
const CONFIG_TYPES = ['lead-contract', 'lead-policy', 'lead-store']
/** It runs only with a database and a broker: scale-out.test.ts. */
const NEEDS_SERVERS = 'scale-out/scale-out.json'

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

  for (const file of ['abm/abm.json', 'inbound-saas/inbound-saas.json', NEEDS_SERVERS]) {
    const tell = (code: string | undefined, message: string) => {
      const warned: string[] = []
      const { func } = nodeNamed(example(file), 'Say what went wrong')
      const msg = { error: { message, source: { type: 'lead-qualify' }, ...(code && { code }) } }
      const node = { warn: (text: string) => void warned.push(text) }
      const { statusCode, payload } = runInNewContext(`(() => {${func}})()`, { msg, node })
      return { statusCode, told: payload.message as string, warned }
    }

    it(`${file} tells whoever asks what was wrong with it, and nothing of this machine`, () => {
      const asked = tell('LEAD_NOT_FOUND', 'LeadFault: no lead "L1" is known')
      assert.deepEqual([asked.statusCode, asked.told], [404, 'no lead "L1" is known'])
      const where = 'the store "/srv/leads.db" cannot be opened: connect 10.0.0.5:5432'
      for (const [code, status] of [
        ['LEAD_STORE_UNAVAILABLE', 503],
        ['LEAD_POLICY_INVALID', 500],
        [undefined, 500],
      ] as const) {
        const { statusCode, told, warned } = tell(code, where)
        assert.equal(statusCode, status)
        assert.doesNotMatch(told, /srv|10\.0\.0\.5/)
        // The store says itself that it is away.
        assert.deepEqual(warned, status === 500 ? [`${code ?? 'ERROR'}: ${where}`] : [])
      }
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

/** What comes out of each button, pressed from top to bottom: the names of the debug nodes. */
const PRESSED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'lead-audit': {
    'A lead': ['New entries', 'New entries', 'New entries'],
    'Explain the last lead': ['Answers'],
    'Explain Mia, by her address': ['Answers'],
    'Everybody at Northgate': ['Answers'],
    'Verify the log': ['Answers'],
    'Count the leads': ['Answers'],
  },
  'lead-dedupe': {
    '1 Mia': ['New'],
    '2 Mia again': ['Known'],
    '3 Tom of the CRM': ['New'],
    '4 Mia with the id of Tom': ['Ask a person'],
  },
  'lead-enrich': {
    'Only an address': ['Enriched'],
    'Another company name': ['Contradictions'],
  },
  'lead-ingest': {
    'A form': ['Leads'],
    'A CSV list': ['Leads', 'Leads', 'Rejected'],
    Junk: ['Rejected'],
  },
  'lead-outcome': {
    'A lead': ['In work'],
    'Touched, without evidence': ['Ignored'],
    'Touched, by a call': ['Recorded'],
    Accepted: ['Recorded'],
    'Waiting for the customer': ['Recorded'],
    'The customer answered': ['Recorded'],
    'Rejected: no budget': ['Recorded'],
    'Opened again': ['Recorded'],
  },
  'lead-qualify': {
    'Fits and asks for a demo': ['Sales'],
    'Fits, only looks at prices': ['Nurture'],
    'Asks for a demo; who is it?': ['Review'],
    'Opted out': ['Closed'],
  },
  'lead-route-by-capacity': {
    '1 From Germany': ['Assigned'],
    '2 From Britain': ['Assigned'],
    '3 From Austria': ['Waiting'],
    '4 The first one is closed': ['Assigned'],
  },
  'lead-score-fit': { 'A good fit': ['Fit and why'], 'Only an address': ['Fit and why'] },
  'lead-score-intent': {
    'A demo, just now': ['Intent and why'],
    'A demo two weeks ago': ['Intent and why'],
  },
  'lead-sla-timer': {
    'A lead': ['Started'],
    'Somebody edited it': ['Nothing to stop'],
    'A rep has called': ['Met'],
  },
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
      const flow = example(...exampleFiles().filter((file) => file !== NEEDS_SERVERS))
      const from = nodeRed.log().length
      await nodeRed.deploy(flow)
      assert.deepEqual(complaints(nodeRed.log().slice(from)), [])
      const { body } = await nodeRed.get('/flows')
      assert.deepEqual(body, flow)
    })

    for (const [type, buttons] of Object.entries(PRESSED)) {
      it(`${type}: its buttons give what its comment says`, async () => {
        const flow = example(`nodes/${type}.json`).map(loud)
        const from = nodeRed.log().length
        await nodeRed.deploy(flow)
        let shown = nodeRed.log().length
        for (const [button, wanted] of Object.entries(buttons)) {
          const news = () => shownBy(nodeRed.log().slice(shown))
          await nodeRed.post(`/inject/${nodeNamed(flow, button).id}`)
          await nodeRed.until(`what "${button}" gives`, () => news().length >= wanted.length)
          assert.deepEqual(news().toSorted(), wanted)
          shown = nodeRed.log().length
        }
        // The example before goes, and its store with what was not done in it.
        const said = complaints(nodeRed.log().slice(from)).filter(
          (line) => !line.includes('taken out with work left'),
        )
        assert.deepEqual(said, [])
      })
    }
  })
}

/** The debug nodes that wrote to the log, in order. */
function shownBy(log: string): string[] {
  return [...log.matchAll(/\[debug:([^\]]*)\]/g)].map(([, name]) => name!)
}

/** Debug nodes also write to the log, where a test can read them. */
function loud(node: FlowNode): FlowNode {
  return node.type === 'debug' ? { ...node, console: true } : node
}
