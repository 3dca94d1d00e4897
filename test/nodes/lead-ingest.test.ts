// Goal: whatever a source sends leaves lead-ingest as leads or as problems that can be acted on, each
// event once, and none is lost at a stop. Method: a table of inputs, settings, restarts of one store.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { mock } from 'node:test'
import { toLead } from '../../engine/lead/intake/to-lead'
import type { Lead } from '../../engine/lead/lead'
import { nodeLaws } from './laws'
import {
  Clock,
  DAY,
  type FlowNode,
  folder,
  leadNode,
  leadOf,
  MINUTE,
  type Msg,
  newProcess,
  RECORD,
  start,
  stop,
  tidyUp,
} from './support'

describe('lead-ingest', () => {
  tidyUp()
  let count = 0
  nodeLaws({
    type: 'lead-ingest',
    needs: ['store'],
    port: 'lead',
    good: () => ({ payload: leadOf({ event_id: `event-${count++}` }) }),
  })

  const emails = (messages: readonly Msg[]) =>
    messages.map(({ payload }) => (payload as Lead).contact.email)

  describe('one record', () => {
    it('becomes a lead with its id as the topic, and is on disk before it goes on', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest', { system: 'website' }))
      await rig.send('ingest', { payload: { ...RECORD, event_id: 'e1' } })
      const [msg] = rig.out('ingest', 'lead')
      const lead = msg!.payload as Lead
      assert.equal(lead.contact.email, 'ana@acme.example')
      assert.equal(lead.company.country, 'DE')
      assert.equal(lead.event.id, 'website:e1')
      assert.equal(lead.signals[0]!.type, 'demo_request')
      assert.equal(msg!.topic, lead.id)
      assert.equal((await rig.store.trail(lead.id)).length, 1)
      assert.deepEqual(rig.counts('ingest'), { lead: 1 })
    })

    it('is taken once by the id of its form, as an ad network sends and repeats it', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest', { system: 'meta' }))
      const payload = (created_time: string) => ({
        id: '1029384756',
        created_time,
        field_data: [{ name: 'work_email', values: ['lena@nordwind.example'] }],
      })
      await rig.send('ingest', { payload: payload('2026-03-01T09:00:00+0000') })
      await rig.send('ingest', { payload: payload('2026-03-01T09:00:01+0000') })
      assert.deepEqual(emails(rig.out('ingest', 'lead')), ['lena@nordwind.example'])
      assert.deepEqual(rig.counts('ingest'), { lead: 1, repeated: 1 })
    })

    it('cannot be guessed by the id of its lead, which outlives it', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest', { system: 'website' }))
      const record = { email: 'ana@acme.example' }
      await rig.send('ingest', { payload: record })
      const settings = { system: 'website', mapping: [], signals: [], required: [] }
      const how = { guessNames: true, onInvalid: 'set-aside' } as const
      const guess = toLead(record, { ...settings, ...how }, rig.clock.nowMs)
      assert.ok(guess.kind === 'lead')
      const { id, event } = rig.out('ingest', 'lead')[0]!.payload as Lead
      assert.equal(event.id, guess.lead.event.id)
      assert.notEqual(id, guess.lead.id)
    })

    it('that names nobody leaves as rejected, with the record and what is wrong with it', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest'))
      const record = { company: 'Acme', email: 'no address' }
      await rig.send('ingest', { payload: record })
      const { payload } = rig.out('ingest', 'rejected')[0]!
      const { rejected, problems, record: same, row } = payload as Msg
      assert.equal(rejected, true)
      assert.equal(same, record)
      assert.equal(row, undefined)
      assert.deepEqual(
        problems.map(({ field }: { field: string }) => field),
        ['contact', 'contact.email'],
      )
      assert.deepEqual(rig.counts('ingest'), { rejected: 1 })
      assert.deepEqual(rig.caught, [], 'a bad record is an answer, not a fault')
    })

    it('is read from the property that the settings name', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest', { property: 'body.fields' }))
      await rig.send('ingest', { body: { fields: RECORD }, payload: 'something else' })
      assert.deepEqual(emails(rig.out('ingest', 'lead')), ['ana@acme.example'])
      await rig.send('ingest', { payload: RECORD })
      assert.deepEqual(rig.counts('ingest'), { lead: 1, rejected: 1 })
    })
  })

  describe('many records', () => {
    const list = [{ email: 'a@acme.example' }, { email: 'broken' }, { email: 'c@acme.example' }]
    const csv =
      'email,company\na@acme.example,Acme\nb@acme.example,Acme,too,many\nc@acme.example,Acme\n'
    const cases: readonly {
      readonly name: string
      readonly payload: unknown
      readonly settings?: Readonly<Record<string, unknown>>
      readonly leads: readonly string[]
      readonly rejectedRows: readonly (number | undefined)[]
    }[] = [
      { name: 'a list', payload: list, leads: ['a', 'c'], rejectedRows: [2] },
      { name: 'a list of one', payload: [list[0]], leads: ['a'], rejectedRows: [] },
      { name: 'JSON text', payload: JSON.stringify(list[0]), leads: ['a'], rejectedRows: [] },
      {
        name: 'JSON text of a list',
        payload: JSON.stringify(list),
        leads: ['a', 'c'],
        rejectedRows: [2],
      },
      { name: 'CSV text', payload: csv, leads: ['a', 'c'], rejectedRows: [3] },
      { name: 'CSV bytes', payload: Buffer.from(csv), leads: ['a', 'c'], rejectedRows: [3] },
      {
        name: 'CSV with a byte order mark',
        payload: `\uFEFF${csv}`,
        leads: ['a', 'c'],
        rejectedRows: [3],
      },
      {
        name: 'JSON bytes with a byte order mark',
        payload: Buffer.from(`\uFEFF${JSON.stringify(list)}`),
        leads: ['a', 'c'],
        rejectedRows: [2],
      },
      {
        name: 'CSV of one line that must be CSV',
        payload: 'email',
        settings: { format: 'csv' },
        leads: [],
        rejectedRows: [undefined],
      },
      {
        name: 'CSV where JSON is expected',
        payload: csv,
        settings: { format: 'json' },
        leads: [],
        rejectedRows: [undefined],
      },
      {
        name: 'text that is cut off',
        payload: '{"email": "a@acme.exa',
        leads: [],
        rejectedRows: [undefined],
      },
      { name: 'an empty list', payload: [], leads: [], rejectedRows: [undefined] },
      { name: 'an empty text', payload: '', leads: [], rejectedRows: [undefined] },
    ]
    for (const { name, payload, settings, leads, rejectedRows } of cases) {
      it(`${name}: each record leaves by its own port`, async () => {
        const rig = await start(leadNode('ingest', 'lead-ingest', settings))
        const { error } = await rig.send('ingest', { payload })
        assert.equal(error, undefined)
        assert.deepEqual(
          emails(rig.out('ingest', 'lead')).sort(),
          leads.map((one) => `${one}@acme.example`),
        )
        const rejected = rig.out('ingest', 'rejected').map(({ payload }) => payload as Msg)
        assert.deepEqual(
          rejected.map(({ row }) => row),
          rejectedRows,
        )
        for (const { problems } of rejected) {
          assert.ok(problems.length > 0)
          for (const { field, value, expected } of problems) {
            assert.ok(field !== '' && typeof value === 'string' && expected !== '')
            assert.ok(value.length <= 70, 'the value is shortened')
          }
        }
      })
    }

    it('become messages of their own with parts; only the last carries the request', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest'))
      const [req, res] = [{ url: '/leads' }, { end() {} }]
      await rig.send('ingest', { payload: list, req, res, parts: { id: 'old' }, flag: 7 })
      const sent = [...rig.out('ingest', 'lead'), ...rig.out('ingest', 'rejected')].sort(
        (a, b) => a.parts.index - b.parts.index,
      )
      assert.deepEqual(
        sent.map(({ parts }) => [parts.index, parts.count, parts.type]),
        [
          [0, 3, 'array'],
          [1, 3, 'array'],
          [2, 3, 'array'],
        ],
      )
      assert.equal(new Set(sent.map(({ parts }) => parts.id)).size, 1)
      assert.equal(new Set(sent.map(({ _msgid }) => _msgid)).size, 3)
      assert.deepEqual(
        sent.map((msg) => [msg.req === req, msg.res === res, msg.flag]),
        [
          [false, false, 7],
          [false, false, 7],
          [true, true, 7],
        ],
      )
    })

    it('tell with the last of them what became of all', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest'))
      const again = { ...RECORD, event_id: 'e1' }
      await rig.send('ingest', { payload: again })
      await rig.send('ingest', { payload: [...list, again] })
      const sent = (['lead', 'rejected', 'repeated'] as const).flatMap((port) =>
        rig.out('ingest', port),
      )
      const told = sent.filter(({ intake }) => intake !== undefined)
      assert.deepEqual(
        told.map(({ parts }) => parts.index),
        [3],
      )
      const { rejected, ...counts } = told[0]!.intake
      assert.deepEqual(counts, { records: 4, lead: 2, repeated: 1 })
      assert.equal(rejected.length, 1)
      assert.equal(rejected[0].row, 2)
      assert.ok(rejected[0].problems.length > 0)
    })

    it('say nothing of an earlier list that the message brings with it', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest'))
      const earlier = { intake: { records: 9 } }
      await rig.send('ingest', { payload: { ...RECORD, event_id: 'e1' }, ...earlier })
      await rig.send('ingest', { payload: [{ ...RECORD, event_id: 'e2' }, RECORD], ...earlier })
      await rig.send('ingest', { payload: '{"email":', ...earlier })
      const sent = (['lead', 'rejected'] as const).flatMap((port) => rig.out('ingest', port))
      assert.deepEqual(
        sent.map(({ intake }) => intake?.records),
        [undefined, undefined, 2, undefined],
      )
    })

    it('in great numbers are taken in portions, and the last when all others are on disk', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest'))
      const many = 450
      const { store } = rig
      const transaction = store.transaction.bind(store)
      const underway: number[] = []
      let [begun, done] = [0, 0]
      store.transaction = (async (...args: Parameters<typeof transaction>) => {
        underway.push(++begun - done)
        try {
          return await transaction(...args)
        } finally {
          done++
        }
      }) as typeof store.transaction
      const rows = Array.from({ length: many }, (_, n) => `p${n}@acme.example,Acme\n`)
      const res = { end() {} }
      await rig.send('ingest', { payload: `email,company\n${rows.join('')}`, req: {}, res })
      assert.ok(underway.length >= many)
      assert.ok(Math.max(...underway) <= 100, `${Math.max(...underway)} at once`)
      assert.equal(underway[many - 1], 1, 'nothing else is on its way')
      const last = rig.out('ingest', 'lead').at(-1)!
      assert.deepEqual([last.parts.index, last.res, last.intake.lead], [many - 1, res, many])
      assert.equal(rig.counts('ingest').lead, many)
    })

    it('leave others their turns, though all of them are rejected', async () => {
      for (const row of ['too,many,columns', 'nobody,']) {
        const rig = await start(leadNode('ingest', 'lead-ingest'))
        const sent = () => rig.out('ingest', 'rejected').length
        let watching = true
        let [most, before] = [0, 0]
        const watch = () => {
          most = Math.max(most, sent() - before)
          before = sent()
          if (watching) setImmediate(watch)
        }
        watch()
        await rig.send('ingest', { payload: `name,email\n${`${row}\n`.repeat(1_000)}` })
        watching = false
        assert.equal(sent(), 1_000)
        assert.ok(most <= 200, `${most} in one turn`)
      }
    })

    it('of which one meets a fault: it is told once, and no more are begun', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest'))
      const { store } = rig
      const transaction = store.transaction.bind(store)
      let begun = 0
      store.transaction = async (...args) => {
        const isRecord = args[0].length > 0
        if (!isRecord || ++begun !== 50) return transaction(...args)
        throw Object.assign(new Error('broken'), { code: 'LEAD_STORE_INVARIANT' })
      }
      const payload = Array.from({ length: 250 }, (_, n) => ({ email: `p${n}@acme.example` }))
      const { error } = await rig.send('ingest', { payload })
      assert.equal(error?.code, 'LEAD_STORE_INVARIANT')
      // The portion of the fiftieth is finished: a hundred at most, of which it may be the first.
      assert.ok(begun >= 50 && begun < 150, `${begun} were begun`)
    })

    it('go on through a deploy of other nodes', async () => {
      const flow = leadNode('ingest', 'lead-ingest')
      const rig = await start(flow)
      const payload = Array.from({ length: 400 }, (_, n) => ({ email: `p${n}@acme.example` }))
      rig.node('ingest').receive({ payload })
      await rig.until('the first', () => rig.out('ingest', 'lead').length > 0)
      await rig.deploy([{ ...flow[0]!, name: 'changed' }, ...flow.slice(1)], 'nodes')
      await rig.until('all', () => rig.out('ingest', 'lead').length === 400)
    })

    it('that cannot be read at all keep the request, so that it can be answered', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest'))
      const res = { end() {} }
      const msg = { payload: '{"email":', req: {}, res }
      await rig.send('ingest', msg)
      assert.equal(rig.out('ingest', 'rejected')[0], msg)
      assert.equal(rig.out('ingest', 'rejected')[0]!.res, res)
    })
  })

  describe('a repeated event', () => {
    it('leaves as repeated, with what became of the first', async () => {
      const rig = await start([
        ...leadNode('ingest', 'lead-ingest', {}, { lead: ['dedupe'] }),
        ...leadNode('dedupe', 'lead-dedupe'),
      ])
      await rig.send('ingest', { payload: { ...RECORD, event_id: 'e1' } })
      const first = rig.out('ingest', 'lead')[0]!.payload as Lead
      const again: Msg = { payload: { ...RECORD, event_id: 'e1', company: 'Changed' } }
      await rig.send('ingest', again)
      assert.deepEqual(rig.counts('ingest'), { lead: 1, repeated: 1 })
      const repeated = rig.out('ingest', 'repeated')[0]!
      assert.equal(repeated, again)
      assert.equal(repeated.topic, first.id)
      assert.equal((repeated.payload as Lead).identity!.match, 'new', 'the stored lead')
      assert.equal((repeated.payload as Lead).company.name, 'Acme')
      assert.equal((await rig.store.trail(first.id)).length, 2, 'nothing was written')
    })

    it('is known when it comes while the first is still on its way', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest'))
      const record = { ...RECORD, event_id: 'e1' }
      await rig.sendAll('ingest', [
        { payload: record },
        { payload: record },
        { payload: [record, record] },
      ])
      assert.deepEqual(rig.counts('ingest'), { lead: 1, repeated: 3 })
    })

    it('with an id is known for as long as the settings say', async () => {
      const clock = new Clock()
      const rig = await start(leadNode('ingest', 'lead-ingest', { remember: '30d' }), { clock })
      const again = () => rig.send('ingest', { payload: { ...RECORD, event_id: 'e1' } })
      await again()
      clock.forward(30 * DAY - 1)
      await again()
      assert.deepEqual(rig.counts('ingest'), { lead: 1, repeated: 1 })
      clock.forward(1)
      await again()
      assert.deepEqual(rig.counts('ingest'), { lead: 2, repeated: 1 })
    })

    it('without an id is one by its content, for the cooldown', async () => {
      const clock = new Clock()
      const rig = await start(leadNode('ingest', 'lead-ingest', { cooldown: '10m' }), { clock })
      await rig.send('ingest', { payload: { ...RECORD } })
      clock.forward(10 * MINUTE - 1)
      await rig.send('ingest', { payload: Object.fromEntries(Object.entries(RECORD).reverse()) })
      await rig.send('ingest', { payload: { ...RECORD, company: 'Another' } })
      assert.deepEqual(rig.counts('ingest'), { lead: 2, repeated: 1 })
      clock.forward(1)
      await rig.send('ingest', { payload: { ...RECORD } })
      assert.deepEqual(rig.counts('ingest'), { lead: 3, repeated: 1 })
    })
  })

  describe('settings', () => {
    it('map fields, constants, signals, words for nothing and the event id', async () => {
      const rig = await start(
        leadNode('ingest', 'lead-ingest', {
          system: 'crm',
          guessNames: false,
          mapping: [
            { to: 'contact.email', kind: 'field', from: 'mail.work | mail.home' },
            { to: 'contact.phone', kind: 'field', from: 'tel' },
            { to: 'source.type', kind: 'constant', from: 'Web Form' },
            { to: 'attributes.plan', kind: 'field', from: 'plan' },
          ],
          signals: [{ type: 'visit', when: 'visits', equals: '', details: 'n=visits' }],
          missing: 'Select, n/a',
          eventId: 'row',
          country: 'Germany',
        }),
      )
      const record = {
        row: 17,
        mail: { work: 'N/A', home: 'Ana@Acme.Example' },
        tel: '030 1234567',
        plan: 'select',
        visits: '4',
        company: 'not guessed',
      }
      await rig.send('ingest', { payload: record })
      const lead = rig.out('ingest', 'lead')[0]!.payload as Lead
      assert.equal(lead.contact.email, 'ana@acme.example')
      assert.equal(lead.contact.phone, '+49301234567')
      assert.equal(lead.source.type, 'web_form')
      assert.equal(lead.event.id, 'crm:17')
      assert.equal(lead.company.name, undefined)
      assert.deepEqual(lead.attributes, {})
      assert.deepEqual(
        lead.signals.map((signal: Msg) => [signal.type, signal.n]),
        [['visit', 4]],
      )
    })

    it('a value that cannot be used is set aside, or costs the record', async () => {
      const payload = { email: 'a@acme.example', phone: 'call me' }
      const kind = await start(leadNode('ingest', 'lead-ingest', { onInvalid: 'set-aside' }))
      await kind.send('ingest', { payload })
      const lead = kind.out('ingest', 'lead')[0]!.payload as Lead
      assert.equal(lead.problems![0]!.field, 'contact.phone')
      const strict = await start(leadNode('ingest', 'lead-ingest', { onInvalid: 'reject' }))
      await strict.send('ingest', { payload })
      assert.deepEqual(strict.counts('ingest'), { rejected: 1 })
    })

    it('a field that the source must give is missed by name', async () => {
      const rig = await start(
        leadNode('ingest', 'lead-ingest', { required: 'company.name, contact.email' }),
      )
      await rig.send('ingest', { payload: { email: 'a@acme.example' } })
      const { problems } = rig.out('ingest', 'rejected')[0]!.payload as Msg
      assert.deepEqual(
        problems.map(({ field }: { field: string }) => field),
        ['company.name'],
      )
    })

    const bad: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
      ['a property that cannot be one', { property: 'payload..x' }, /property/],
      [
        'a field that the lead does not have',
        { mapping: [{ to: 'contact.mail', kind: 'field', from: 'x' }] },
        /contact\.mail/,
      ],
      [
        'a section that a step writes',
        { mapping: [{ to: 'decision.outcome', kind: 'constant', from: 'sql' }] },
        /decision/,
      ],
      ['an unknown required field', { required: 'company.size' }, /company\.size/],
      ['a duration that is none', { remember: 'a month' }, /a month/],
      ['a cooldown that is none', { cooldown: '10' }, /10/],
      ['a country that is none', { country: 'Atlantis' }, /Atlantis/],
    ]
    for (const [name, settings, says] of bad) {
      it(`${name}: red at deploy, logged once, and each message is answered with it`, async () => {
        const rig = await start(leadNode('ingest', 'lead-ingest', settings))
        assert.deepEqual(rig.status('ingest'), {
          fill: 'red',
          shape: 'ring',
          text: 'LEAD_CONFIG_INVALID',
        })
        assert.equal(rig.logged().length, 1)
        assert.match(rig.logged()[0]!, says)
        await rig.refused('ingest', { payload: RECORD }, 'LEAD_CONFIG_INVALID')
        await rig.refused('ingest', { payload: RECORD }, 'LEAD_CONFIG_INVALID')
        assert.match(rig.caught.at(-1)!.error.message, says)
        assert.deepEqual(rig.counts('ingest'), {})
      })
    }

    it('shows how many left by which port, not for each message anew', async () => {
      const rig = await start(leadNode('ingest', 'lead-ingest'))
      const messages = Array.from({ length: 50 }, (_, n) => ({
        payload: { email: `p${n}@acme.example` },
      }))
      await rig.sendAll('ingest', [...messages, { payload: 5 }])
      const text = () => rig.status('ingest')?.text ?? ''
      await rig.until('the status', () => text() !== '')
      assert.deepEqual(text().split(' · ').sort(), ['lead 50', 'rejected 1'])
      assert.equal(rig.statuses.length, 1)
    })
  })

  describe('an event whose way was cut off', () => {
    // What stands behind the collector's node swallows every message, as a node that crashes does.
    const cutOff = (): FlowNode[] => [
      ...leadNode('ingest', 'lead-ingest', {}, { lead: ['hole'] }),
      { id: 'hole', type: 'test-port', z: 'tab', x: 0, y: 0, wires: [['dedupe']] },
      ...leadNode('dedupe', 'lead-dedupe'),
    ]
    const whole = (): FlowNode[] => [
      ...leadNode('ingest', 'lead-ingest', {}, { lead: ['dedupe'] }),
      ...leadNode('dedupe', 'lead-dedupe'),
    ]
    const records = (n: number) =>
      Array.from({ length: n }, (_, at) => ({ email: `p${at}@acme.example` }))

    it('is taken up once after the next start, as it was accepted', async () => {
      const file = join(folder(), 'leads.db')
      const first = await start(cutOff(), { file })
      await first.send('ingest', { payload: { ...RECORD, event_id: 'e1' } })
      const accepted = first.out('ingest', 'lead')[0]!.payload
      assert.equal((await first.store.census()).underway, 1)
      await stop()

      newProcess()
      const second = await start(whole(), { file })
      await second.until('the lead', () => second.out('dedupe', 'new').length > 0)
      await second.quiet()
      assert.deepEqual(second.counts('ingest'), { lead: 1 })
      assert.deepEqual(second.counts('dedupe'), { new: 1 })
      const [msg] = second.out('ingest', 'lead')
      assert.deepEqual(msg!.topic, (accepted as Lead).id)
      assert.equal((await second.store.census()).underway, 0)
      await stop()

      newProcess()
      const third = await start(whole(), { file })
      await third.quiet()
      assert.deepEqual(third.sends, [], 'its way is done')
    })

    it('is taken up however many there are, and however many are cut off again', async () => {
      const file = join(folder(), 'leads.db')
      const many = 1_203
      const first = await start(cutOff(), { file })
      await first.send('ingest', { payload: records(many) })
      assert.equal((await first.store.census()).underway, many)
      await stop()

      for (const [flow, underway] of [
        [cutOff(), many],
        [whole(), 0],
      ] as const) {
        newProcess()
        const rig = await start(flow, { file })
        await rig.until('all leads', () => rig.out('ingest', 'lead').length >= many)
        await rig.until('their way', async () => (await rig.store.census()).underway === underway)
        await rig.quiet()
        assert.deepEqual(rig.counts('ingest'), { lead: many }, 'each once')
        await stop()
      }
    })

    it('by a deploy is left alone while it may still be moving, and then taken up', async () => {
      mock.timers.enable({ apis: ['setTimeout'] })
      try {
        newProcess()
        const rig = await start(cutOff(), { file: join(folder(), 'leads.db') })
        await rig.send('ingest', { payload: records(2) })
        await rig.deploy(cutOff())
        await rig.quiet()
        assert.deepEqual(rig.counts('ingest'), { lead: 2 }, 'not yet')
        rig.clock.forward(1)
        await rig.send('ingest', { payload: { email: 'later@acme.example' } })
        mock.timers.tick(30_000)
        await rig.until('the two', () => rig.out('ingest', 'lead').length >= 5)
        await rig.quiet()
        assert.deepEqual(
          rig.counts('ingest'),
          { lead: 5 },
          'the two, and not what came after the deploy',
        )
      } finally {
        mock.timers.reset()
      }
    })

    const second = (name: string): FlowNode[] => [
      ...leadNode('second', 'lead-ingest', { system: 'fair' }, { lead: ['other'] }),
      { id: 'other', type: 'test-port', name, z: 'tab', x: 0, y: 0, wires: [['dedupe']] },
    ]
    const held = (to: string[], more: object = {}): FlowNode[] =>
      cutOff().map((node) => (node.id === 'hole' ? { ...node, ...more, wires: [to] } : node))
    const cases: readonly (readonly [string, readonly FlowNode[], 'ingest' | 'second'])[] = [
      ['of another way only is left alone', [...cutOff(), ...second('b')], 'second'],
      ['of a node behind it', [...held(['dedupe'], { name: 'b' }), ...second('a')], 'ingest'],
      ['of its wires', [...held(['dedupe', 'ingest']), ...second('a')], 'ingest'],
      ['that takes out the node where it was', [...whole(), ...second('a')], 'ingest'],
    ]
    for (const [name, flow, resumes] of cases)
      it(`by a deploy ${name}${resumes === 'ingest' ? ' is taken up' : ', however long it moves'}`, async () => {
        mock.timers.enable({ apis: ['setTimeout'] })
        try {
          newProcess()
          const first = [...cutOff(), ...second('a')]
          const rig = await start(first, { file: join(folder(), 'leads.db') })
          await rig.sendAll('ingest', [{ payload: records(1)[0] }])
          await rig.sendAll('second', [{ payload: records(1)[0] }])
          rig.clock.forward(1)
          await rig.deploy(flow, 'nodes')
          mock.timers.tick(30_000)
          await rig.until('one more', () => rig.out(resumes, 'lead').length === 2)
          await rig.quiet()
          const sent = ['ingest', 'second'].map((id) => rig.counts(id).lead)
          assert.deepEqual(sent, resumes === 'ingest' ? [2, 1] : [1, 2])
        } finally {
          mock.timers.reset()
        }
      })
  })
})
