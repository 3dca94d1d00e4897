/**
 * Goal: the ABM example routes an account when several of its people show intent, to its named rep.
 * Method: signals over HTTP against a real Node-RED 5 and 4.1, with the inbound flow beside it.
 */
import assert from 'node:assert/strict'
import type { NodeRed } from '../../scripts/lib/node-red-process.mjs'
import { complaints, edited, example, PATIENCE_MS, Place, VERSIONS } from './support'

/** Nora is away for good, so that what waits for her waits at every time of the day. */
const flow = edited(
  example('abm/abm.json', 'inbound-saas/inbound-saas.json'),
  'name: Nora Falk, calendar: berlin,',
  'name: Nora Falk, calendar: berlin, away: [{ from: 2020-01-01, to: 2099-01-01 }],',
)

for (const version of VERSIONS) {
  describe(`ABM flow in Node-RED ${version}`, function () {
    this.timeout(PATIENCE_MS)
    const place = new Place()
    let nodeRed: NodeRed
    const signal = (person: string, domain: string, more: object = { trigger: 'demo_request' }) =>
      nodeRed.post('/abm/signals', {
        event_id: `${person}@${domain}`,
        email: `${person}@${domain}`,
        department: 'Operations',
        ...more,
      })

    before(async () => {
      nodeRed = await place.start(flow, version)
    })
    after(() => place.end())

    it('one busy person is nurtured; with a second the account goes to its named rep', async () => {
      const first = await signal('liv', 'fjordfreight.example')
      assert.equal(first.body.outcome, 'nurture')
      assert.deepEqual(first.body.accountIntent, { points: 40, people: 1, signals: 1 })
      const second = await signal('erik', 'fjordfreight.example', {
        signals: [{ type: 'pricing_view' }],
      })
      assert.equal(second.status, 200)
      assert.equal(second.body.outcome, 'sql')
      assert.equal(second.body.owner, 'oskar')
      assert.equal(second.body.tier, 'account')
      assert.deepEqual(second.body.accountIntent, { points: 60, people: 2, signals: 2 })
    })

    it('the same signal again is answered with the same owner', async () => {
      const again = await signal('erik', 'fjordfreight.example', {
        signals: [{ type: 'pricing_view' }],
      })
      assert.equal(again.body.repeated, true)
      assert.equal(again.body.owner, 'oskar')
    })

    it('one person who is busy twice is still one person', async () => {
      await signal('kai', 'alpenmed.example')
      const { body } = await signal('kai', 'alpenmed.example', {
        event_id: 'kai-2',
        trigger: 'event_meeting',
      })
      assert.equal(body.outcome, 'nurture')
      assert.equal(body.accountIntent.people, 1)
    })

    it('an account without a named rep goes to the desk', async () => {
      await signal('may', 'harborline.example')
      const { body } = await signal('ned', 'harborline.example')
      assert.match(body.owner, /^(priya|quentin)$/)
    })

    it('an account whose rep is away waits for them, and for nobody else', async () => {
      await signal('pat', 'kronberg-bank.example')
      const { status, body } = await signal('ray', 'kronberg-bank.example')
      assert.equal(status, 202)
      assert.equal(body.state, 'waiting')
      assert.equal(body.owner, null)
      assert.match(body.why[1], /^waits for Nora Falk: away until 2099-01-01/)
    })

    it('an account of no programme is nurtured, and a mailbox without a company is rejected', async () => {
      await signal('sue', 'petitpain.example')
      const { body } = await signal('tim', 'petitpain.example')
      assert.equal(body.outcome, 'nurture')
      const { status } = await nodeRed.post('/abm/signals', { phone: '+49 30 23125118' })
      assert.equal(status, 422)
    })

    it('who left the mailing list is no part of it, unless they ask for a demo themselves', async () => {
      await signal('una', 'harborline.example')
      const left = await signal('vic', 'harborline.example', { trigger: 'unsubscribe' })
      assert.equal(left.body.outcome, 'disqualified')
      assert.match(left.body.next, /^Send nothing/)
      const asks = { event_id: 'vic-2', trigger: 'demo_request' }
      const { body } = await signal('vic', 'harborline.example', asks)
      assert.equal(body.outcome, 'mql')
      assert.equal(body.state, 'assigned')
    })

    it('keeps apart from the inbound flow, in the same file', async () => {
      const { body: before } = await nodeRed.get('/abm/census')
      const { body } = await nodeRed.post('/leads', {
        email: 'liv@fjordfreight.example',
        job_title: 'CTO',
        trigger: 'demo_request',
      })
      assert.equal(body.outcome, 'sql')
      assert.notEqual(body.owner, 'oskar')
      assert.deepEqual((await nodeRed.get('/abm/census')).body, before)
      assert.equal((await nodeRed.get(`/abm/leads/${body.lead}/explain`)).status, 404)
    })

    it('takes reports of sales, and explains', async () => {
      const { body: lead } = await signal('erik', 'fjordfreight.example', {
        signals: [{ type: 'pricing_view' }],
      })
      const accepts = () => nodeRed.post('/abm/outcomes', { lead: lead.lead, kind: 'accepted' })
      const first = await accepts()
      assert.deepEqual([first.status, first.body.recorded], [200, true])
      const second = await accepts()
      assert.deepEqual([second.status, second.body.recorded], [409, false])
      const { text } = await nodeRed.get(`/abm/leads/${lead.lead}/explain`)
      assert.match(text, /The named rep of the account/)
      assert.deepEqual(complaints(nodeRed.log()), [])
    })
  })
}
