/**
 * Goal: the inbound example answers every request clearly, and routes whom it should, and nobody else.
 * Method: leads over HTTP against a real Node-RED 5 and 4.1; each test uses people of its own.
 */
import assert from 'node:assert/strict'
import type { NodeRed } from '../../scripts/lib/node-red-process.mjs'
import { complaints, example, PATIENCE_MS, Place, VERSIONS } from './support'

const INBOUND = 'inbound-saas/inbound-saas.json'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A demo request that fits: northgate.example is in the example's own table of companies. */
function demo(person: string, more: object = {}) {
  return {
    event_id: `demo-${person}`,
    email: `${person}@northgate.example`,
    name: person,
    job_title: 'Head of Sales',
    trigger: 'demo_request',
    ...more,
  }
}

for (const version of VERSIONS) {
  describe(`inbound flow in Node-RED ${version}`, function () {
    this.timeout(PATIENCE_MS)
    const place = new Place()
    let nodeRed: NodeRed
    const post = (body: unknown, headers?: Record<string, string>) =>
      nodeRed.post('/leads', body, headers === undefined ? {} : { headers })
    const report = (lead: string, body: object) => nodeRed.post('/outcomes', { lead, ...body })

    before(async () => {
      nodeRed = await place.start(example(INBOUND), version)
    })
    after(() => place.end())

    describe('a lead that fits', () => {
      it('gets an owner, a tier, a due time, and reasons', async () => {
        const { status, body } = await post(demo('ada'))
        assert.equal(status, 200)
        assert.equal(body.outcome, 'sql')
        assert.equal(body.state, 'assigned')
        assert.equal(body.grade, 'A1')
        assert.match(body.owner, /^[a-z]+$/)
        assert.equal(body.tier, 'strong')
        assert.ok(Date.parse(body.dueAt) > Date.now())
        assert.deepEqual(body.factors, [
          '+60 Asked for a demo',
          '+25 The industry is in our ideal customer profile',
          '+25 50 to 5,000 employees',
        ])
        assert.equal(body.why[0], 'Good fit and clear intent')
        assert.equal(body.repeated, false)
      })

      it('is on the five-minute clock when it is waiting in the chat', async () => {
        const before = Date.now()
        const { body } = await post(demo('bea', { trigger: 'chat', channel: 'chat' }))
        assert.equal(body.tier, 'immediate')
        const budgetMs = Date.parse(body.dueAt) - before
        assert.ok(budgetMs >= 300_000 && budgetMs < 310_000, `${budgetMs} ms`)
      })

      it('may come from an HTML form as well', async () => {
        const fields = new URLSearchParams(demo('cleo') as Record<string, string>).toString()
        const { status, body } = await post(fields, FORM)
        assert.equal(status, 200)
        assert.equal(body.state, 'assigned')
      })
    })

    it('JSON that calls itself a form, as curl does, is read as JSON', async () => {
      const { status, body } = await post(JSON.stringify(demo('carl')), FORM)
      assert.equal(status, 200)
      assert.equal(body.state, 'assigned')
    })

    it('a value that could not be used is named in the answer', async () => {
      const { body } = await post(demo('cora', { phone: '12' }))
      assert.equal(body.state, 'assigned')
      assert.deepEqual(
        body.problems.map(({ field }: { field: string }) => field),
        ['contact.phone'],
      )
      const again = await post(demo('cora', { phone: '12' }))
      assert.deepEqual(again.body, { ...body, repeated: true })
    })

    describe('an event that comes again', () => {
      it('is answered with the same lead, owner, tier and due time', async () => {
        const first = await post(demo('dora'))
        const again = await post(demo('dora'))
        assert.equal(again.status, 200)
        assert.deepEqual(again.body, { ...first.body, repeated: true })
      })

      it('is known by its content when it has no id', async () => {
        const event = demo('edda', { event_id: undefined })
        const first = await post(event)
        const again = await post(event)
        assert.deepEqual(again.body, { ...first.body, repeated: true })
      })

      it('is taken once when it comes twenty times at once', async () => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => post(demo('fay'))))
        assert.equal(new Set(answers.map(({ body }) => body.lead)).size, 1)
        assert.equal(answers.filter(({ body }) => body.repeated === false).length, 1)
        const { body } = await post(demo('fay'))
        assert.equal(body.state, 'assigned')
      })

      it('of a known person, written differently, stays with the same owner', async () => {
        const first = await post(demo('gwen'))
        const { body } = await post(
          demo('gwen', { event_id: 'gwen-2', email: ' GWEN@Northgate.example ', trigger: 'trial' }),
        )
        assert.equal(body.lead, first.body.lead)
        assert.equal(body.owner, first.body.owner)
        assert.equal(body.repeated, false)
      })
    })

    describe('a person who opted out', () => {
      for (const [index, said] of ['yes', true, 1, 'TRUE'].entries()) {
        it(`is never routed (opt_out: ${JSON.stringify(said)})`, async () => {
          const { status, body } = await post(
            demo(`out${index}`, { opt_out: said, trigger: 'live_demo' }),
          )
          assert.equal(status, 200)
          assert.equal(body.outcome, 'suppressed')
          assert.equal(body.owner, null)
        })
      }

      it('stays left alone when a later event does not say so', async () => {
        await post(demo('hedy', { opt_out: 'yes' }))
        const { body } = await post(demo('hedy', { event_id: 'hedy-2', trigger: 'live_demo' }))
        assert.equal(body.outcome, 'suppressed')
        assert.equal(body.owner, null)
      })

      it('is taken from the rep who has the lead', async () => {
        const first = await post(demo('ines'))
        assert.equal(first.body.state, 'assigned')
        const { body } = await post(demo('ines', { event_id: 'ines-2', opt_out: 'yes' }))
        assert.equal(body.outcome, 'suppressed')
        assert.equal(body.owner, null)
        const assigned = await nodeRed.get('/audit/leads/assigned')
        assert.ok(!assigned.text.includes(first.body.lead))
      })
    })

    describe('a person who refuses marketing', () => {
      const leaving = { trigger: 'unsubscribe' }

      it('and asks for nothing is sent nothing, however well they fit', async () => {
        const { status, body } = await post(demo('iris', leaving))
        assert.equal(status, 200)
        assert.equal(body.outcome, 'disqualified')
        assert.equal(body.owner, null)
        assert.match(body.next, /^Send nothing/)
        const visit = await post(demo('iris', { event_id: 'iris-2', trigger: 'docs_view' }))
        assert.equal(visit.body.outcome, 'disqualified')
      })

      it('in the form in which they ask for a demo gets the demo', async () => {
        const { body } = await post(demo('isa', { consent: 'no' }))
        assert.equal(body.outcome, 'sql')
        assert.equal(body.state, 'assigned')
      })

      it('and later asks for a demo gets the demo', async () => {
        await post(demo('ivo', leaving))
        const { body } = await post(demo('ivo', { event_id: 'ivo-2' }))
        assert.equal(body.outcome, 'mql')
        assert.equal(body.state, 'assigned')
        assert.match(body.next, /send nothing else$/)
      })

      it('stays with the rep whom they had asked for a demo', async () => {
        const first = await post(demo('ivy'))
        const { body } = await post(demo('ivy', { event_id: 'ivy-2', ...leaving }))
        assert.equal(body.outcome, 'disqualified')
        assert.equal(body.owner, first.body.owner)
        assert.equal(body.dueAt, first.body.dueAt)
      })
    })

    describe('what is not for sales', () => {
      const cases: ReadonlyArray<[string, object, number, string]> = [
        ['our own people', { email: 'jo@tidewater.example' }, 200, 'disqualified'],
        ['a competitor', { email: 'kim@undertow.example' }, 200, 'disqualified'],
        ['an open deal', { email: 'lou@stonebridge.example' }, 200, 'suppressed'],
        ['good fit without intent', { trigger: 'docs_view' }, 200, 'nurture'],
        ['somebody unknown', { email: 'moe@quietriver.example', job_title: '' }, 202, 'review'],
        [
          'a contradiction',
          { email: 'n@bergmann.example', crm: { accountId: 'X' } },
          202,
          'review',
        ],
      ]
      for (const [name, more, wantedStatus, wanted] of cases) {
        it(`${name}: ${wanted}`, async () => {
          const { status, body } = await post(demo(`for-${name.replaceAll(' ', '-')}`, more))
          assert.equal(body.outcome, wanted)
          assert.equal(status, wantedStatus)
          assert.equal(body.owner, null)
          assert.ok(body.why[0].length > 5)
        })
      }

      it('keys of two people: a person decides', async () => {
        await post(demo('nell'))
        await post(demo('olga', { externalIds: { crm: '77' } }))
        const { status, body } = await post(
          demo('nell', { event_id: 'mix', externalIds: { crm: '77' } }),
        )
        assert.equal(status, 202)
        assert.equal(body.outcome, 'review')
      })
    })

    describe('what cannot be read', () => {
      const bodies: ReadonlyArray<[string, unknown, number]> = [
        ['broken JSON', '{"email": "x@northgate.exam', 422],
        ['an empty body', '', 422],
        ['plain text', 'call me maybe', 422],
        ['a number', '42', 422],
        ['null', 'null', 422],
        ['an empty list', '[]', 422],
        ['a record that names nobody', { message: 'hi', email: null }, 422],
        ['junk in every field', { email: 'asdf', phone: [], name: { a: 1 }, trigger: 7 }, 422],
        ['a nesting without end', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 422],
        ['a body of two million bytes', { email: 'p@q.example', text: 'x'.repeat(2_000_000) }, 413],
        ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00, 0x80]), 422],
      ]
      for (const [name, sent, wanted] of bodies) {
        it(`${name}: ${wanted} and why, and the next lead goes on`, async () => {
          const { status, body } = await post(sent)
          assert.equal(status, wanted)
          assert.equal(body.outcome, 'rejected')
          assert.ok(body.why[0].length > 10)
          const next = await post(demo(`after-${name.replaceAll(' ', '-')}`))
          assert.equal(next.body.state, 'assigned')
        })
      }

      const hostile = [
        "Robert'); DROP TABLE leads;--",
        '<script>alert(1)</script>',
        '../../../../etc/passwd',
        '{{payload}} $(reboot) `exit`',
        '\u202Egnp.exe\u0000\u0007',
        '=HYPERLINK("http://evil.example")',
        '𝕳𝖊𝖑𝖑𝖔 👩‍👩‍👧‍👦 ﷽',
        '__proto__',
      ]
      for (const [index, text] of hostile.entries()) {
        it(`takes ${JSON.stringify(text)} as text everywhere`, async () => {
          const everywhere = {
            event_id: `${text}-${index}`,
            email: `hostile${index}@northgate.example`,
            name: text,
            job_title: text,
            company: text,
            utm_campaign: text,
            trigger: text,
            attributes: { [text]: text },
            externalIds: { [text]: text },
          }
          const body = JSON.stringify(everywhere).replace('{', '{"__proto__":{"isAdmin":true},')
          const { status } = await post(body)
          assert.ok([200, 202].includes(status), `${status}`)
        })
      }
    })

    describe('a list', () => {
      it('is answered when all of it is taken, and each of its leads goes its way', async () => {
        const people = ['pia', 'quinn', 'rosa'].map((person) => demo(person))
        const { status, body } = await post([...people, 'junk'])
        assert.equal(status, 202)
        const { rejected, ...counts } = body
        assert.deepEqual(counts, { outcome: 'accepted', records: 4, leads: 3, repeated: 0 })
        assert.equal(rejected[0].row, 4)
        assert.match(rejected[0].why[0], /junk/)
        for (const person of people) {
          await nodeRed.until(`${person.email} to be assigned`, async () => {
            const again = await post(person)
            return again.body.repeated && again.body.state === 'assigned'
          })
        }
      })
    })

    describe('what sales reports', () => {
      it('evidence of contact stops the clock, an edit does not', async () => {
        const { body: lead } = await post(demo('sara'))
        const edit = await report(lead.lead, { kind: 'first_touch', by: lead.owner })
        assert.deepEqual([edit.status, edit.body.recorded], [409, false])
        const call = await report(lead.lead, { kind: 'first_touch', evidence: 'call' })
        assert.deepEqual([call.status, call.body.recorded], [200, true])
        assert.equal(call.body.sla.status, 'met')
      })

      it('what is not recorded is 409 with the reason, what was recorded before 200 again', async () => {
        const { body: lead } = await post(demo('thea'))
        const closed = { id: 'crm-7', kind: 'closed', by: lead.owner }
        const first = await report(lead.lead, closed)
        assert.equal(first.status, 200)
        const again = await report(lead.lead, closed)
        assert.deepEqual([again.status, again.body], [200, first.body])
        for (const more of [{ kind: 'accepted' }, { kind: 'first_touch', evidence: 'call' }]) {
          const late = await report(lead.lead, more)
          assert.equal(late.status, 409)
          assert.equal(late.body.lead, lead.lead)
          assert.equal(late.body.recorded, false)
          assert.deepEqual(late.body.why, ['The lead has no open assignment'])
        }
      })

      it('evidence that nobody knows is 409, also when it is sent again', async () => {
        const { body: lead } = await post(demo('tilda'))
        const said = { id: 'crm-8', kind: 'first_touch', evidence: 'telepathy' }
        const first = await report(lead.lead, said)
        assert.deepEqual([first.status, first.body.recorded], [409, false])
        const again = await report(lead.lead, said)
        assert.deepEqual([again.status, again.body], [409, first.body])
      })

      it('a lead that is opened again is routed anew', async () => {
        const { body: lead } = await post(demo('tess'))
        const gaveBack = await report(lead.lead, { kind: 'rejected', why: 'no budget' })
        assert.equal(gaveBack.body.owner, null)
        const { status, body } = await report(lead.lead, { kind: 'reopened' })
        assert.equal(status, 200)
        assert.equal(body.state, 'assigned')
        assert.ok(Date.parse(body.dueAt) > Date.parse(lead.dueAt) - 1)
      })

      it('an unknown lead is 404, an unknown kind or a bad field 400', async () => {
        const unknown = await report('nobody', { kind: 'closed' })
        assert.equal(unknown.status, 404)
        assert.equal(unknown.body.code, 'LEAD_NOT_FOUND')
        const { body: lead } = await post(demo('uma'))
        for (const said of [{ kind: 'sold' }, {}, { kind: { a: 1 } }, []]) {
          const { status, body } = await report(lead.lead, said)
          assert.equal(status, 400)
          assert.equal(body.code, 'LEAD_COMMAND_UNKNOWN')
        }
        const late = await report(lead.lead, { kind: 'first_touch', evidence: 'call', at: 'soon' })
        assert.equal(late.status, 400)
        assert.equal(late.body.code, 'LEAD_OUTCOME_INVALID')
      })

      for (const text of ['{"lead": "L1", "kind": "clo', '', 'kind=closed'])
        it(`what is not JSON is 400 and says so: ${JSON.stringify(text)}`, async () => {
          const { status, body } = await nodeRed.post('/outcomes', text)
          assert.equal(status, 400)
          assert.equal(body.code, 'NOT_JSON')
          assert.match(body.message, /^what was sent is not JSON: /)
        })

      for (const text of ['null', '5', '[]', '{}'])
        it(`JSON that is no report is 400: ${text}`, async () => {
          const { status, body } = await nodeRed.post('/outcomes', text)
          assert.equal(status, 400)
          assert.equal(body.code, 'LEAD_COMMAND_UNKNOWN')
        })
    })

    describe('questions', () => {
      it('explains a lead in plain words', async () => {
        const { body: lead } = await post(demo('vera'))
        const { status, headers, text } = await nodeRed.get(`/leads/${lead.lead}/explain`)
        assert.equal(status, 200)
        assert.match(headers.get('content-type') ?? '', /^text\/plain/)
        for (const part of ['Taken in', 'Identified: new', 'Decided: sales', 'Routed: assigned']) {
          assert.ok(text.includes(part), text)
        }
        assert.equal((await nodeRed.get('/leads/nobody/explain')).status, 404)
      })

      it('finds a lead by an address, and what a rep has open', async () => {
        const { body: lead } = await post(demo('xenia'))
        const email = 'Xenia@northgate.example'
        const explain = (question: object) =>
          nodeRed.post('/audit/explain', JSON.stringify(question))
        const { status, text } = await explain({ email })
        assert.equal(status, 200)
        assert.match(text, new RegExp(`^Lead ${lead.lead} is assigned to ${lead.owner} since`))
        const { body: open } = await nodeRed.post('/audit/leads', { rep: lead.owner, person: true })
        const row = open.find(({ id }: { id: string }) => id === lead.lead)
        assert.deepEqual([row.rep, row.dueAt], [lead.owner, lead.dueAt])
        assert.equal(row.person.email, email.toLowerCase())
        const unknown = await explain({ email: 'nobody@northgate.example' })
        assert.deepEqual([unknown.status, unknown.body.code], [404, 'LEAD_NOT_FOUND'])
        assert.doesNotMatch(unknown.text, /nobody/)
        for (const question of [{}, { email: 'x' }])
          assert.equal((await explain(question)).status, 400)
        assert.equal((await nodeRed.post('/audit/leads', { reps: 'ana' })).status, 400)
      })

      it('proves the log, also against an earlier answer', async () => {
        const { body: earlier } = await nodeRed.get('/audit/verify')
        await post(demo('wilma'))
        const query = `entries=${earlier.entries}&root=${earlier.root}`
        const { body } = await nodeRed.get(`/audit/verify?${query}`)
        assert.equal(body.ok, true)
        assert.ok(body.entries > earlier.entries)
        const forged = await nodeRed.get(
          `/audit/verify?entries=${earlier.entries - 1}&root=${earlier.root}`,
        )
        assert.equal(forged.body.ok, false)
        const half = await nodeRed.get(`/audit/verify?entries=${earlier.entries}`)
        assert.equal(half.status, 400)
        assert.match(half.body.message, /a root is missing/)
      })

      it('an unknown state is 400', async () => {
        assert.equal((await nodeRed.get('/audit/leads/nowhere')).status, 400)
      })

      it('at the end every lead stands somewhere, and nothing was complained about', async () => {
        await nodeRed.until('every lead to arrive', async () => {
          const { body } = await nodeRed.get('/audit/census')
          return body.underway === 0
        })
        const { body } = await nodeRed.get('/audit/census')
        assert.equal(body.byState.open, undefined)
        assert.equal(body.byState.qualified, undefined)
        assert.equal((await nodeRed.get('/audit/verify')).body.ok, true)
        assert.deepEqual(complaints(nodeRed.log()), [])
      })
    })
  })
}
