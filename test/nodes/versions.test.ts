// Goal: a version of a contract or policy means one text; another text under it is told where it is
// used and where it is written, and stops no lead. Method: the same story for both, in a real runtime.
import assert from 'node:assert/strict'
import {
  CONTRACT,
  type FlowNode,
  folder,
  type LeadNodeType,
  leadNode,
  leadOf,
  MINUTE,
  type Msg,
  newProcess,
  POLICY,
  type Rig,
  start,
  tidyUp,
} from './support'

interface Kind {
  readonly kind: 'contract' | 'policy'
  readonly text: string
  /** Has the same meaning for our lead, and is another text. */
  readonly other: string
  /** The nodes that use it; the first keeps what it decides. */
  readonly users: readonly (readonly [id: string, type: LeadNodeType])[]
}

const KINDS: readonly Kind[] = [
  {
    kind: 'contract',
    text: CONTRACT,
    other: CONTRACT.replace('points: 60', 'points: 61'),
    users: [
      ['qualify', 'lead-qualify'],
      ['fit', 'lead-score-fit'],
    ],
  },
  {
    kind: 'policy',
    text: POLICY,
    other: POLICY.replace('respond: 1h', 'respond: 2h'),
    users: [
      ['route', 'lead-route-by-capacity'],
      ['outcome', 'lead-outcome'],
    ],
  },
]

for (const { kind, text, other, users } of KINDS) {
  describe(`the version of a ${kind}`, () => {
    tidyUp()
    const type = `lead-${kind}`
    const raised = other.replace('version: 1.0.0', 'version: 1.0.1')
    const FLOW = [
      ...leadNode('fit', 'lead-score-fit', {}, { scored: ['intent'] }),
      ...leadNode('intent', 'lead-score-intent', {}, { scored: ['qualify'] }),
      ...leadNode('qualify', 'lead-qualify', {}, { sales: ['route'] }),
      ...leadNode('route', 'lead-route-by-capacity'),
      ...leadNode('outcome', 'lead-outcome'),
    ].map((node) => (node.type === 'lead-score-fit' ? { ...node, store: '' } : node))
    const config = (current: string): FlowNode => ({
      id: kind,
      type,
      name: 'ours',
      source: 'inline',
      text: current,
    })
    const deploy = (rig: Rig, current: string) => {
      rig.clock.forward(MINUTE)
      return rig.deploy(FLOW, 'nodes', [config(current)])
    }
    let count = 0
    /** A lead is decided and routed by what is deployed. */
    const use = async (rig: Rig) => {
      const before = rig.sends.filter((id) => id === 'route').length
      const msg: Msg = { payload: leadOf({ event_id: `e${count++}` }) }
      await rig.send('fit', msg)
      await rig.until('routed', () => rig.sends.filter((id) => id === 'route').length > before)
      await rig.quiet()
    }
    const told = (rig: Rig) => rig.warned().filter((line) => line.includes('another text'))
    const shown = (rig: Rig) =>
      users.filter(([id]) => rig.status(id)?.text?.startsWith('1.0.0 was another text'))
    const check = async (rig: Rig, current: string): Promise<Msg[]> => {
      const { body } = await rig.admin().post(`/${type}/check`).send({ text: current })
      return body.problems.filter(({ path }: Msg) => path === 'version')
    }

    it('is told when it is another text than it was: in the log, at the nodes, and where it is written', async () => {
      const rig = await start(FLOW, { configs: [config(text)] })
      await use(rig)
      assert.deepEqual(await check(rig, text), [])
      const [problem] = await check(rig, other)
      const line = other.split('\n').findIndex((one) => one.startsWith('version:')) + 1
      assert.deepEqual([problem!.level, problem!.line], ['warning', line])
      assert.match(problem!.message, /since 2026-03-02T10:00Z; raise the version/)
      assert.deepEqual(await check(rig, raised), [])

      await deploy(rig, other)
      await rig.until('the remark', () => shown(rig).length === users.length)
      assert.equal(told(rig).length, 1)
      assert.match(told(rig)[0]!, new RegExp(`^ours: the ${kind} test 1\\.0\\.0 is another text`))
      await use(rig)
      const [first] = users
      const counted = () => rig.status(first![0])?.text?.includes(' 1')
      await rig.until('the count beside it', () => counted() === true)
      assert.equal(rig.status(first![0])!.fill, 'yellow')
      assert.match(rig.status(first![0])!.text!, /^1\.0\.0 was another text · \w+ 1$/)
      assert.deepEqual(rig.logged(), [])
      assert.equal(told(rig).length, 1, 'once')
    })

    const silent: readonly (readonly [string, readonly string[]])[] = [
      ['the same text', [text]],
      ['a raised version', [raised]],
      ['an earlier version again', [raised, text]],
      ['the text that it first was, after another', [other, text]],
    ]
    for (const [name, texts] of silent) {
      it(`is nothing to say of: ${name}`, async () => {
        const rig = await start(FLOW, { configs: [config(text)] })
        await use(rig)
        for (const current of texts.slice(0, -1)) {
          await deploy(rig, current)
          await use(rig)
        }
        const before = told(rig).length
        const from = rig.statuses.length
        await deploy(rig, texts.at(-1)!)
        await use(rig)
        assert.equal(told(rig).length, before)
        const since = rig.statuses.slice(from).map(({ status }) => status.text)
        assert.ok(!since.some((one) => one?.includes('another text')), since.join('; '))
      })
    }

    for (const realm of ['sim:1', 'shadow:next'])
      it(`is nothing to say of in the realm ${realm}, where drafts are tried`, async () => {
        const store = { id: 'store', type: 'lead-store', name: '', file: ':memory:', realm }
        const rig = await start(FLOW, { configs: [config(text), store] })
        await use(rig)
        rig.clock.forward(MINUTE)
        await rig.deploy(FLOW, 'nodes', [config(other), store])
        await use(rig)
        assert.deepEqual([told(rig), shown(rig)], [[], []])
      })

    it('is free as long as nothing was decided by it', async () => {
      const rig = await start(FLOW, { configs: [config(text)] })
      await deploy(rig, other)
      await use(rig)
      await rig.quiet()
      assert.deepEqual(told(rig), [])
    })

    it('is known after a restart', async () => {
      const file = `${folder()}/leads.db`
      await use(await start(FLOW, { file, configs: [config(text)] }))
      newProcess()
      const rig = await start(FLOW, { file, configs: [config(other)] })
      await rig.until('the remark', () => shown(rig).length === users.length)
      assert.equal(told(rig).length, 1)
    })
  })
}
