// Goal: lead-store carries out the retention that it is set to, says so, and refuses what is no period.
// What is erased and what stays is tested in test/store/contract/retention.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { mock } from 'node:test'
import type { Lead } from '../../engine/lead/lead'
import { DAY, type FlowNode, folder, HOUR, leadNode, RECORD, start, tidyUp } from './support'

describe('retention in lead-store', () => {
  tidyUp()
  const FLOW = [
    ...leadNode('ingest', 'lead-ingest', {}, { lead: ['dedupe'] }),
    ...leadNode('dedupe', 'lead-dedupe', {}, { new: ['fit'], known: ['fit'] }),
    ...leadNode('fit', 'lead-score-fit', {}, { scored: ['intent'] }),
    ...leadNode('intent', 'lead-score-intent', {}, { scored: ['qualify'] }),
    ...leadNode('qualify', 'lead-qualify'),
    ...leadNode('audit', 'lead-audit'),
  ]
  const store = (own: object): FlowNode => ({
    id: 'store',
    type: 'lead-store',
    name: 'leads',
    file: join(folder(), 'leads.db'),
    realm: 'live',
    ...own,
  })
  const record = (event: string, more = {}) => ({
    payload: { ...RECORD, event_id: event, ...more },
  })

  it('erases once an hour what is over its time, tells it, and suppresses who had opted out', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    try {
      const rig = await start(FLOW, { configs: [store({ keepLeads: '24', keepTrail: 36 })] })
      const hour = async () => {
        mock.timers.tick(HOUR)
        await rig.quiet()
      }
      const explained = async (topic: string) => {
        await rig.send('audit', { command: 'explain', payload: topic })
        return String(rig.out('audit', 'answer').at(-1)!.payload)
      }
      const figures = async () => {
        await rig.send('audit', { command: 'figures' })
        return rig.out('audit', 'answer').at(-1)!.payload as Record<string, number>
      }
      await rig.send('ingest', record('e1', { opt_out: true }))
      await rig.until('the lead', () => rig.out('qualify', 'closed').length === 1)
      const { id } = rig.out('qualify', 'closed')[0]!.payload as Lead
      await hour()
      assert.equal((await rig.store.lead(id))!.state, 'suppressed')
      const observedAtMs = rig.clock.nowMs
      await rig.store.remember('p', 'of=ana@acme.example', { values: {}, observedAtMs }, 9e15)

      rig.clock.forward(750 * DAY)
      assert.equal((await figures()).expiredLeads, 1)
      await hour()
      await rig.until('it to be erased', async () => (await rig.store.lead(id)) === undefined)
      assert.equal(await rig.store.cached('p', 'of=ana@acme.example', observedAtMs), undefined)
      await rig.quiet()
      const { expiredLeads, erasedLeads, erasedEntries } = await figures()
      assert.deepEqual([expiredLeads, erasedLeads, erasedEntries], [0, 1, 0])
      assert.match(await explained(id), /Retention: erased/)
      await rig.send('audit', { command: 'list', payload: 'erased' })
      const [listed] = rig.out('audit', 'answer').at(-1)!.payload as { id: string }[]
      assert.equal(listed!.id, id)

      await rig.send('ingest', record('e2'))
      await rig.until('the lead', () => rig.out('qualify', 'closed').length === 2)
      const again = rig.out('qualify', 'closed')[1]!.payload as Lead
      assert.notEqual(again.id, id)
      assert.equal(again.decision!.outcome, 'suppressed')
      assert.match(
        await explained(again.id),
        /This was refused before, as the suppression list has it/,
      )

      rig.clock.forward(400 * DAY)
      await hour()
      await rig.until('the trail', async () => (await rig.store.verify()).erased === 3)
      assert.ok((await rig.store.verify()).ok)
      assert.match(await explained(id), /\(personal details were erased\)/)
      assert.match(await explained('retention'), /The details of 3 entries were kept for 36 months/)
      assert.deepEqual(rig.logged(), [])
    } finally {
      mock.timers.reset()
    }
  })

  it('of a store from before there was a choice erases nothing', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    try {
      const rig = await start(FLOW)
      await rig.send('ingest', record('e1', { opt_out: true }))
      await rig.until('the lead', () => rig.out('qualify', 'closed').length === 1)
      const { id } = rig.out('qualify', 'closed')[0]!.payload as Lead
      rig.clock.forward(10_000 * DAY)
      mock.timers.tick(HOUR)
      await rig.quiet()
      assert.equal((await rig.store.lead(id))!.state, 'suppressed')
      assert.equal((await rig.store.verify()).erased, 0)
    } finally {
      mock.timers.reset()
    }
  })

  for (const [setting, value, min] of [
    ['keepTrail', '11', 12],
    ['keepTrail', '0', 12],
    ['keepLeads', '0', 1],
    ['keepLeads', '1.5', 1],
    ['keepLeads', '2 years', 1],
    ['keepLeads', '1201', 1],
  ] as const) {
    it(`${setting} of "${value}" is refused, with the setting and what it may be`, async () => {
      const rig = await start(FLOW, { configs: [store({ [setting]: value })] })
      await rig.refused('ingest', record('e1'), 'LEAD_CONFIG_INVALID')
      const { message } = rig.caught.at(-1)!.error
      for (const part of [setting, `"${value}"`, `months from ${min} to 1200`])
        assert.ok(message.includes(part), message)
    })
  }
})
