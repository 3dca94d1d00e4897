// Goal: a person is one lead however often and wherever they come from, and a doubt goes to a person.
// Method: records of the same and of different people through ingest, also many at once.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Lead } from '../../engine/lead/lead'
import { nodeLaws } from './laws'
import { folder, leadNode, leadOf, type Rig, start, stop, tidyUp } from './support'

describe('lead-dedupe', () => {
  tidyUp()
  let count = 0
  nodeLaws({
    type: 'lead-dedupe',
    needs: ['store'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'new',
    good: () => ({ payload: leadOf({ email: `p${count++}@acme.example` }) }),
  })

  const send = async (rig: Rig, record: object): Promise<Lead> => {
    const msg = { payload: leadOf({ event_id: `e${count++}`, ...record }, rig.clock.nowMs) }
    const { error } = await rig.send('dedupe', msg)
    assert.equal(error, undefined)
    return msg.payload
  }

  it('somebody nobody knows leaves as new, and is kept', async () => {
    const rig = await start(leadNode('dedupe', 'lead-dedupe'))
    const lead = await send(rig, {})
    assert.deepEqual(rig.counts('dedupe'), { new: 1 })
    assert.deepEqual(lead.identity, { match: 'new', matchedBy: [] })
    assert.deepEqual(lead.account, { id: 'domain:acme.example', domain: 'acme.example' })
    assert.equal(rig.out('dedupe', 'new')[0]!.topic, lead.id)
    assert.deepEqual((await rig.store.lead(lead.id))!.lead, lead)
  })

  it('somebody known leaves as known, under the id and with the history of the first', async () => {
    const rig = await start(leadNode('dedupe', 'lead-dedupe'))
    const first = await send(rig, { industry: 'software' })
    rig.clock.forward(1_000)
    const again = await send(rig, {
      email: 'ANA@acme.example',
      company: undefined,
      trigger: 'trial',
    })
    assert.deepEqual(rig.counts('dedupe'), { new: 1, known: 1 })
    const [msg] = rig.out('dedupe', 'known')
    assert.equal(again.id, first.id)
    assert.equal(msg!.topic, first.id, 'the topic follows the lead')
    assert.deepEqual(again.identity, { match: 'known', matchedBy: ['email'] })
    assert.equal(again.company.industry, 'software')
    assert.deepEqual(again.signals.map(({ type }) => type).sort(), ['demo_request', 'trial'])
    assert.equal((await rig.store.trail(first.id)).length, 2)
  })

  it('somebody whose keys belong to two people leaves for review, and nothing is merged', async () => {
    const rig = await start(leadNode('dedupe', 'lead-dedupe'))
    const ana = await send(rig, { email: 'ana@acme.example' })
    const ben = await send(rig, { email: 'ben@acme.example', externalIds: { crm: '7' } })
    const both = await send(rig, { email: 'ana@acme.example', externalIds: { crm: '7' } })
    assert.deepEqual(rig.counts('dedupe'), { new: 2, review: 1 })
    assert.deepEqual(both.identity!.candidates, [ana.id, ben.id].sort())
    assert.equal((await rig.store.lead(both.id))!.state, 'review')
    assert.deepEqual((await rig.store.lead(ana.id))!.lead, ana)
    assert.deepEqual((await rig.store.lead(ben.id))!.lead, ben)
  })

  it('the same event again is answered as before, and writes nothing', async () => {
    const rig = await start(leadNode('dedupe', 'lead-dedupe'))
    const lead = leadOf()
    const [first, second] = [{ payload: lead }, { payload: structuredClone(lead) }]
    await rig.send('dedupe', first)
    const { entries } = await rig.store.census()
    await rig.send('dedupe', second)
    assert.deepEqual(rig.counts('dedupe'), { new: 2 })
    assert.deepEqual(second.payload, first.payload)
    assert.equal((await rig.store.census()).entries, entries)
  })

  it('many messages of one person at once make one lead', async () => {
    const rig = await start(leadNode('dedupe', 'lead-dedupe'))
    const messages = Array.from({ length: 40 }, (_, n) => ({
      payload: leadOf({ event_id: `m${n}` }),
    }))
    await rig.sendAll('dedupe', messages)
    assert.deepEqual(rig.counts('dedupe'), { new: 1, known: 39 })
    assert.equal(new Set(messages.map(({ payload }) => payload.id)).size, 1)
  })

  it('knows whom it knew before the last start', async () => {
    const file = join(folder(), 'leads.db')
    const first = await send(await start(leadNode('dedupe', 'lead-dedupe'), { file }), {})
    await stop()
    const rig = await start(leadNode('dedupe', 'lead-dedupe'), { file })
    assert.equal((await send(rig, {})).id, first.id)
    assert.deepEqual(rig.counts('dedupe'), { known: 1 })
  })
})
