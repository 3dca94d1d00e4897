// Goal: as lead-contract, for the policy: from the node or a file, every problem with its line, and
// one that cannot be used stops no deploy.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type FlowNode, folder, leadNode, leadOf, type Msg, POLICY, start, tidyUp } from './support'

describe('lead-policy', () => {
  tidyUp()
  const FLOW = leadNode('route', 'lead-route-by-capacity')
  const policy = (own: object): FlowNode => ({
    id: 'policy',
    type: 'lead-policy',
    name: 'sales',
    source: 'inline',
    file: '',
    text: '',
    ...own,
  })

  it('comes from a file in the user directory', async () => {
    const userDir = folder()
    writeFileSync(join(userDir, 'policy.yaml'), POLICY)
    const rig = await start(FLOW, {
      userDir,
      configs: [policy({ source: 'file', file: 'policy.yaml' })],
    })
    await rig.send('route', { payload: leadOf() })
    assert.deepEqual(rig.counts('route'), { assigned: 1 })
  })

  it('from a file that does not exist is logged, and each message is answered with it', async () => {
    const rig = await start(FLOW, { configs: [policy({ source: 'file', file: 'nowhere.yaml' })] })
    assert.match(
      rig.logged()[0]!,
      /sales: the file nowhere\.yaml cannot be read: it does not exist \(/,
    )
    await rig.refused('route', { payload: leadOf() }, 'LEAD_POLICY_INVALID')
  })

  it('that cannot be used shows at once at the nodes that need it, over the counts of before', async () => {
    const rig = await start(FLOW)
    await rig.send('route', { payload: leadOf() })
    rig.cleared.length = 0
    await rig.deploy(FLOW, 'nodes', [
      policy({ text: POLICY.replace('members: [ana, ben]', 'members: [ana, bob]') }),
    ])
    const refused = { fill: 'red', shape: 'ring', text: 'LEAD_POLICY_INVALID' }
    await rig.until('the fault', () => isDeepStrictEqual(rig.status('route'), refused))
    assert.deepEqual(rig.cleared, ['route'])
    await rig.deploy(FLOW, 'nodes', [policy({ text: POLICY })])
    assert.deepEqual(rig.cleared, ['route', 'route'])
    await rig.send('route', { payload: leadOf() })
    await rig.until('the count', () => rig.status('route')?.fill === 'green')
  })

  it('with a rep that nobody is, is refused with the line', async () => {
    const text = POLICY.replace('members: [ana, ben]', 'members: [ana, bob]')
    const rig = await start(FLOW, { configs: [policy({ text })] })
    assert.match(rig.logged().join('\n'), /sales, line 11, .*bob/)
    await rig.refused('route', { payload: leadOf() }, 'LEAD_POLICY_INVALID')
    assert.match(rig.caught.at(-1)!.error.message, /"sales".*line 11.*bob/)
  })

  describe('what the dialogs ask to look ahead', () => {
    const ask = async (more: object) => {
      const rig = await start(FLOW)
      await rig.send('route', { payload: leadOf() })
      const { status, body } = await rig
        .admin()
        .post('/lead-policy/preview')
        .send({ text: POLICY, ...more })
      assert.equal(status, 200)
      return { rig, ...(body as Msg) } as Msg
    }

    it('who gets the next leads, from where the store stands', async () => {
      const { preview } = await ask({ store: 'store' })
      assert.equal(preview.live, true)
      assert.deepEqual(preview.pools, ['inbound', 'on-call'])
      const empty = (await ask({})).preview
      assert.equal(empty.live, false)
      assert.notDeepEqual(
        preview.next.map(({ rep }: Msg) => rep?.id),
        empty.next.map(({ rep }: Msg) => rep?.id),
        'the lead that was routed before counts',
      )
    })

    it('thirty days of each calendar, and when a lead of each tier is due', async () => {
      const { preview } = await ask({})
      assert.equal(preview.calendars.length, 1)
      assert.equal(preview.calendars[0].days.length, 30)
      assert.equal(preview.due.length, 2)
      for (const { clocks } of preview.due)
        for (const { due } of clocks)
          for (const { at } of due) assert.ok(Date.parse(at) >= Date.parse(preview.at), at)
    })

    it('another pool when it is asked for, and the usual one for one that is not there', async () => {
      assert.equal((await ask({ pool: 'on-call' })).preview.pool, 'on-call')
      assert.equal((await ask({ pool: 'gone' })).preview.pool, (await ask({})).preview.pool)
    })

    it('nothing but the problems, of a policy that cannot be used', async () => {
      const { preview, problems } = await ask({ text: 'policy: [' })
      assert.equal(preview, undefined)
      assert.ok(problems.length > 0)
    })
  })

  describe('what the editor asks while somebody types', () => {
    const check = async (body: unknown): Promise<{ status: number; body: Msg }> => {
      const rig = await start(FLOW)
      return rig.admin().post('/lead-policy/check').send(body)
    }

    it('is answered with what the policy holds', async () => {
      const { status, body } = await check({ text: POLICY })
      assert.equal(status, 200)
      const { name, reps, pools, routes, tiers, calendars } = body.summary
      assert.deepEqual([name, reps, pools, routes, tiers, calendars], ['test', 3, 2, 2, 2, 1])
    })

    it('tells the clocks of each tier, and what happens on them', async () => {
      const text = POLICY.replace(
        '    respond: 1h\n',
        '    respond: 1h\n    pauseOn: [waiting-for-customer]\n    clocks: [{ kind: follow-up, within: 2h, remind: [90m] }]\n',
      )
      const [fast, routine] = (await check({ text })).body.summary.lists.tiers
      assert.deepEqual(
        [fast.id, fast.respond, fast.from, fast.pauseOn],
        ['fast', '1h', 'received', ['waiting-for-customer']],
      )
      assert.deepEqual(fast.clocks, [
        {
          id: 'follow-up',
          respond: '2h',
          clock: 'always',
          from: 'first-touch',
          pauseOn: ['waiting-for-customer'],
          moments: [
            { kind: 'reminder', after: '90m' },
            { kind: 'breach', after: '2h' },
          ],
        },
      ])
      assert.deepEqual([routine.id, routine.clocks], ['routine', []])
    })

    it('is answered to those who may read it only', () => {
      const asked: string[] = []
      const posted: unknown[][] = []
      const guard = () => {}
      require('../../nodes/lead-policy/lead-policy')({
        nodes: { registerType() {} },
        auth: {
          needsPermission: (permission: string) => {
            asked.push(permission)
            return guard
          },
        },
        httpAdmin: { post: (...route: unknown[]) => posted.push(route) },
      })
      assert.deepEqual(asked, ['lead-policy.read', 'lead-policy.read'])
      assert.deepEqual(
        posted.map(([path, first]) => [path, first]),
        [
          ['/lead-policy/check', guard],
          ['/lead-policy/preview', guard],
        ],
      )
    })

    it('is answered with the problems and their lines', async () => {
      const { status, body } = await check({ text: POLICY.replace('respond: 1h', 'respond: soon') })
      assert.equal(status, 200)
      assert.equal(body.summary, undefined)
      const [{ level, line, path, message }] = body.problems
      assert.deepEqual([level, line, path], ['error', 19, 'tiers[0].respond'])
      assert.match(message, /"soon".*a duration/)
    })

    it('is answered also when it is no policy at all, and refused when it asks nothing', async () => {
      for (const text of ['', 'policy: [', '- a', 'x'.repeat(100_000)]) {
        const { status, body } = await check({ text })
        assert.equal(status, 200)
        assert.ok(body.problems.length > 0)
      }
      for (const body of [undefined, {}, { text: 42 }])
        assert.equal((await check(body)).status, 400)
    })
  })
})
