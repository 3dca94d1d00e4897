// Goal: a contract comes from the node or from a file, everything wrong with it is said with its line,
// and one that cannot be used stops no deploy. What a contract may say is tested with the engine.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  CONTRACT,
  type FlowNode,
  folder,
  leadNode,
  leadOf,
  type Msg,
  start,
  tidyUp,
} from './support'

describe('lead-contract', () => {
  tidyUp()
  const FLOW = leadNode('fit', 'lead-score-fit')
  const contract = (own: object): FlowNode => ({
    id: 'contract',
    type: 'lead-contract',
    name: 'inbound',
    source: 'inline',
    file: '',
    text: '',
    ...own,
  })
  const fileContract = (file: string) => contract({ source: 'file', file })

  describe('from a file', () => {
    it('relative to the user directory, or absolute', async () => {
      const userDir = folder()
      mkdirSync(join(userDir, 'contracts'))
      const path = join(userDir, 'contracts', 'inbound.yaml')
      writeFileSync(path, CONTRACT)
      for (const file of ['contracts/inbound.yaml', path]) {
        const rig = await start(FLOW, { userDir, configs: [fileContract(file)] })
        const { error } = await rig.send('fit', { payload: leadOf() })
        assert.equal(error, undefined)
        assert.deepEqual(rig.logged(), [])
      }
    })

    it('is read again at each deploy', async () => {
      const userDir = folder()
      const path = join(userDir, 'contract.yaml')
      writeFileSync(path, CONTRACT)
      const rig = await start(FLOW, { userDir, configs: [fileContract('contract.yaml')] })
      writeFileSync(path, CONTRACT.replace('version: 1.0.0', 'version: 1.1.0'))
      const version = async () => {
        const msg = { payload: leadOf() }
        await rig.send('fit', msg)
        return msg.payload.fit!.contract.version
      }
      assert.equal(await version(), '1.0.0')
      await rig.deploy(FLOW)
      assert.equal(await version(), '1.1.0')
    })

    const unreadable: readonly (readonly [string, (dir: string) => string, RegExp])[] = [
      [
        'that does not exist',
        () => 'nowhere.yaml',
        /nowhere\.yaml cannot be read: it does not exist \(looked for at \/.*nowhere\.yaml\)/,
      ],
      ['that is a folder', (dir) => dir, /cannot be read: it is a folder/],
      ['without a name', () => '', /no file is named/],
      [
        'that is far too large',
        (dir) => {
          writeFileSync(join(dir, 'large.yaml'), ' '.repeat(4_000_001))
          return 'large.yaml'
        },
        /larger than/,
      ],
    ]
    for (const [name, path, says] of unreadable) {
      it(`${name}: logged at deploy, and each message is answered with it`, async () => {
        const userDir = folder()
        const rig = await start(FLOW, { userDir, configs: [fileContract(path(userDir))] })
        assert.equal(rig.logged().length, 1)
        assert.match(rig.logged()[0]!, says)
        await rig.refused('fit', { payload: leadOf() }, 'LEAD_CONTRACT_INVALID')
        assert.match(rig.caught[0]!.error.message, says)
      })
    }
  })

  it('that cannot be used shows at once at the nodes that need it, over the counts of before', async () => {
    const rig = await start(FLOW)
    await rig.send('fit', { payload: leadOf() })
    rig.cleared.length = 0
    await rig.deploy(FLOW, 'nodes', [
      contract({ text: CONTRACT.replace('points: 60', 'points: many') }),
    ])
    const refused = { fill: 'red', shape: 'ring', text: 'LEAD_CONTRACT_INVALID' }
    await rig.until('the fault', () => isDeepStrictEqual(rig.status('fit'), refused))
    assert.deepEqual(rig.cleared, ['fit'])
    await rig.deploy(FLOW, 'nodes', [contract({ text: CONTRACT })])
    assert.deepEqual(rig.cleared, ['fit', 'fit'])
    await rig.send('fit', { payload: leadOf() })
    await rig.until('the count', () => rig.status('fit')?.fill === 'green')
  })

  it('that contradicts itself is refused, with every problem and its line', async () => {
    const text = CONTRACT.replace(
      'company.industry: software',
      'company.industy: software',
    ).replace('outcome: sql', 'outcome: won')
    const rig = await start(FLOW, { configs: [contract({ text })] })
    assert.match(rig.logged().join('\n'), /inbound, line 18, decide\[1\]\.outcome: .*won/)
    await rig.refused('fit', { payload: leadOf() }, 'LEAD_CONTRACT_INVALID')
    assert.match(rig.caught[0]!.error.message, /"inbound".*line 18/)
  })

  it('with a doubtful part is used, and the doubt is a warning', async () => {
    const text = CONTRACT.replace(
      'intent:\n',
      `    - { id: fit.again, when: { company.industry: software }, points: 1, why: Twice }\nintent:\n`,
    )
    const rig = await start(FLOW, { configs: [contract({ text })] })
    assert.match(rig.warned().join('\n'), /inbound, line \d+.*counts twice/)
    assert.deepEqual(rig.logged(), [])
    const { error } = await rig.send('fit', { payload: leadOf() })
    assert.equal(error, undefined)
  })

  describe('what the editor asks while somebody types', () => {
    const check = async (body: unknown): Promise<{ status: number; body: Msg }> => {
      const rig = await start(FLOW)
      return rig.admin().post('/lead-contract/check').send(body)
    }

    it('is answered with what the contract holds', async () => {
      const { status, body } = await check({ text: CONTRACT })
      assert.equal(status, 200)
      assert.deepEqual(
        body.problems.filter(({ level }: { level: string }) => level === 'error'),
        [],
      )
      const { name, version, fit, intent, decide, suppress } = body.summary
      assert.deepEqual(
        [name, version, fit, intent, decide, suppress],
        ['test', '1.0.0', 2, 2, 3, 1],
      )
    })

    it('is answered to those who may read it only', () => {
      const asked: string[] = []
      const posted: unknown[][] = []
      const guard = () => {}
      require('../../nodes/lead-contract/lead-contract')({
        nodes: { registerType() {} },
        auth: {
          needsPermission: (permission: string) => {
            asked.push(permission)
            return guard
          },
        },
        httpAdmin: { post: (...route: unknown[]) => posted.push(route) },
      })
      assert.deepEqual(asked, ['lead-contract.read'])
      assert.deepEqual(
        posted.map(([path, first]) => [path, first]),
        [['/lead-contract/check', guard]],
      )
    })

    it('is answered with the problems and their lines', async () => {
      const { status, body } = await check({ text: CONTRACT.replace('points: 60', 'points: many') })
      assert.equal(status, 200)
      assert.equal(body.summary, undefined)
      assert.deepEqual(
        body.problems.map(({ level, line, path }: Msg) => [level, line, path]),
        [['error', 8, 'fit.rules[0].points']],
      )
    })

    it('is answered also when it is no contract at all', async () => {
      for (const text of ['', 'contract: [', '\0', '- a\n- b', '&a [*a]', 'x'.repeat(100_000)]) {
        const { status, body } = await check({ text })
        assert.equal(status, 200, text.slice(0, 20))
        assert.ok(body.problems.length > 0)
      }
    })

    it('is refused when it asks nothing', async () => {
      for (const body of [undefined, {}, { text: 42 }, { text: null }, []]) {
        assert.equal((await check(body)).status, 400)
      }
    })
  })
})
