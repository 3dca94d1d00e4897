// Goal: providers fill what is missing and never cost a lead, whatever they do; the secret stays in
// the request. Method: a real HTTP server that answers well, late, badly, without end or not at all.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Lead } from '../../engine/lead/lead'
import { nodeLaws } from './laws'
import {
  Clock,
  DAY,
  folder,
  leadNode,
  leadOf,
  type Msg,
  type Rig,
  start,
  stop,
  tidyUp,
} from './support'

const SECRET = 's3cr3t/key=='

interface Provider {
  readonly requests: IncomingMessage[]
  answer: (request: IncomingMessage, response: ServerResponse) => void
  url: string
}

describe('lead-enrich', () => {
  tidyUp()
  let count = 0
  nodeLaws({
    type: 'lead-enrich',
    needs: ['store'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'enriched',
    good: () => ({ payload: leadOf({ event_id: `event-${count++}` }) }),
  })

  let server: Server
  let provider: Provider
  const json = (value: unknown) => (_: IncomingMessage, response: ServerResponse) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
  }
  beforeEach((done) => {
    provider = { requests: [], answer: json({ headcount: 120, sector: 'Software' }), url: '' }
    server = createServer((request, response) => {
      provider.requests.push(request)
      provider.answer(request, response)
    }).listen(0, '127.0.0.1', () => {
      provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      done()
    })
  })
  afterEach((done) => {
    server.close(done)
    server.closeAllConnections()
  })

  const row = (own: object = {}) => ({
    name: 'firmographics',
    url: `${provider.url}/companies/{{company.domain}}`,
    header: 'Authorization: Bearer {{secret}}',
    timeout: '5s',
    confidence: '0.8',
    ttl: '30d',
    map: [
      { to: 'company.employees', from: 'headcount' },
      { to: 'company.city', from: 'hq.city | city' },
    ],
    verify: false,
    ...own,
  })
  const enrich = (
    providers: readonly object[] = [row()],
    settings: object = {},
    clock = new Clock(),
    file = ':memory:',
  ) =>
    start(leadNode('enrich', 'lead-enrich', { providers, ...settings }), {
      clock,
      file,
      credentials: { enrich: { secret: SECRET } },
    })
  const send = async (rig: Rig, record: object = {}, more: object = {}): Promise<Lead> => {
    const msg: Msg = {
      payload: leadOf({ event_id: `e${count++}`, ...record }, rig.clock.nowMs),
      ...more,
    }
    const { error } = await rig.send('enrich', msg)
    assert.equal(error, undefined)
    return msg.payload as Lead
  }
  const resultOf = ({ enrichment }: Lead) => enrichment!.providers.map(({ result }) => result)

  it('fills what the lead does not say, with where it comes from', async () => {
    const rig = await enrich()
    const { company, provenance, enrichment } = await send(rig)
    assert.equal(company.employees, 120)
    assert.deepEqual(provenance['company.employees'], {
      source: 'firmographics',
      method: 'enriched',
      confidence: 0.8,
      observedAt: '2026-03-02T10:00:00.000Z',
    })
    assert.equal(company.city, undefined)
    assert.deepEqual(enrichment!.filled, ['company.employees'])
    assert.equal(enrichment!.status, 'enriched')
    assert.deepEqual(rig.counts('enrich'), { enriched: 1 })
  })

  it('sends the secret in the header, and keeps it out of everything else', async () => {
    const dir = folder()
    const rig = await enrich([row()], {}, new Clock(), join(dir, 'leads.db'))
    provider.answer = (request, response) => {
      if (request.url!.includes('broken')) response.destroy()
      else json({ headcount: 1 })(request, response)
    }
    const lead = await send(rig)
    await send(rig, { company_domain: 'broken.example', email: 'b@broken.example' })
    assert.equal(provider.requests[0]!.headers.authorization, `Bearer ${SECRET}`)
    assert.equal(provider.requests[0]!.url, '/companies/acme.example')
    const everything = JSON.stringify([
      [...rig.received.values()],
      rig.completed,
      rig.statuses,
      rig.logged(),
      await rig.store.trail(lead.id),
    ])
    assert.match(everything, /firmographics/)
    assert.doesNotMatch(everything, /s3cr3t/)
    await stop()
    const kept = readdirSync(dir)
      .map((file) => readFileSync(join(dir, file), 'latin1'))
      .join()
    assert.match(kept, /firmographics/)
    assert.doesNotMatch(kept, /s3cr3t/)
  })

  it('puts a value of the lead into the address in such a way that it can lead nowhere else', async () => {
    const rig = await enrich([
      row({ url: `${provider.url}/people/{{contact.lastName}}?key={{secret}}` }),
    ])
    await send(rig, { last_name: '../../admin?x=1#{{secret}}' })
    const { pathname, searchParams } = new URL(provider.requests[0]!.url!, provider.url)
    assert.match(pathname, /^\/people\/[^/]+$/)
    assert.equal(searchParams.get('key'), SECRET)
    assert.equal(searchParams.size, 1)
    assert.doesNotMatch(pathname, /s3cr3t/)
  })

  describe('an answer is', () => {
    const answers: readonly (readonly [string, Provider['answer'], string, string])[] = [
      [
        '404',
        (_, response) => void response.writeHead(404).end('{"headcount": 5}'),
        'nothing',
        'enriched',
      ],
      ['204', (_, response) => void response.writeHead(204).end(), 'nothing', 'enriched'],
      ['an object without the field', json({}), 'nothing', 'enriched'],
      ['null', json(null), 'nothing', 'enriched'],
      ['a list', json([1, 2]), 'nothing', 'enriched'],
      ['a number', json(42), 'nothing', 'enriched'],
      ['a value that cannot be used', json({ headcount: 'many', city: {} }), 'nothing', 'enriched'],
      [
        '400',
        (_, response) => void response.writeHead(400).end('{"headcount": 5}'),
        'failed',
        'degraded',
      ],
      [
        '500',
        (_, response) => void response.writeHead(500).end('{"headcount": 5}'),
        'failed',
        'degraded',
      ],
      ['no JSON', (_, response) => void response.end('<html>'), 'failed', 'degraded'],
      [
        'JSON that is cut off',
        (_, response) => void response.end('{"headcount": 1'),
        'failed',
        'degraded',
      ],
      ['empty', (_, response) => void response.end(), 'failed', 'degraded'],
      ['a broken connection', (_, response) => void response.destroy(), 'failed', 'degraded'],
      [
        'a connection that breaks within the answer',
        (_, response) => {
          response.writeHead(200, { 'content-length': '1000' }).write('{')
          setImmediate(() => response.destroy())
        },
        'failed',
        'degraded',
      ],
    ]
    for (const [name, answer, result, port] of answers) {
      it(`${name}: ${result}, and the lead goes on as ${port}`, async () => {
        const rig = await enrich()
        provider.answer = answer
        const lead = await send(rig)
        assert.deepEqual(resultOf(lead), [result])
        assert.equal(lead.company.employees, undefined)
        assert.deepEqual(rig.counts('enrich'), { [port]: 1 })
        assert.deepEqual(rig.caught, [])
      })
    }

    it('none: after its time it is a timeout, and the request is given up', async () => {
      const rig = await enrich([row({ timeout: '60ms' })])
      let gone = false
      provider.answer = (request) => {
        request.on('close', () => {
          gone = true
        })
      }
      assert.deepEqual(resultOf(await send(rig)), ['timeout'])
      assert.deepEqual(rig.counts('enrich'), { degraded: 1 })
      await rig.until('the request to end', () => gone)
    })

    it('a redirect: refused, as it could lead the secret anywhere', async () => {
      const rig = await enrich()
      provider.answer = (request, response) => {
        if (request.url === '/elsewhere') json({ headcount: 1 })(request, response)
        else response.writeHead(302, { location: '/elsewhere' }).end()
      }
      assert.deepEqual(resultOf(await send(rig)), ['failed'])
      assert.equal(provider.requests.length, 1)
    })

    it('without end: given up as soon as it is too long, not when the time is over', async () => {
      const rig = await enrich([row({ timeout: '1m' })])
      let bytes = 0
      let gone = false
      provider.answer = (_, response) => {
        const chunk = Buffer.alloc(100_000, ' ')
        const more = () => {
          while (!gone && bytes < 50_000_000) {
            bytes += chunk.length
            if (!response.write(chunk)) return
          }
        }
        response.on('drain', more).on('close', () => {
          gone = true
        })
        more()
      }
      assert.deepEqual(resultOf(await send(rig)), ['failed'])
      await rig.until('the answer to be given up', () => gone)
      assert.ok(bytes < 20_000_000, `${bytes} bytes were taken`)
    })
  })

  it('asks once for what is remembered, and again when that is over', async () => {
    const clock = new Clock()
    const rig = await enrich([row({ ttl: '30d' })], {}, clock)
    assert.deepEqual(resultOf(await send(rig)), ['found'])
    clock.forward(30 * DAY - 1)
    const cached = await send(rig, { email: 'ben@acme.example' })
    assert.deepEqual(resultOf(cached), ['cached'])
    assert.equal(cached.company.employees, 120)
    assert.equal(cached.provenance['company.employees']!.observedAt, '2026-03-02T10:00:00.000Z')
    assert.equal(provider.requests.length, 1)
    clock.forward(1)
    assert.deepEqual(resultOf(await send(rig)), ['found'])
    assert.equal(provider.requests.length, 2)
  })

  it('remembers nothing of a failure, nor when it shall not', async () => {
    const rig = await enrich([row({ ttl: '0s' })])
    await send(rig)
    await send(rig)
    assert.equal(provider.requests.length, 2)
    const other = await enrich()
    provider.answer = (_, response) => void response.writeHead(503).end()
    await send(other)
    provider.answer = json({ headcount: 7 })
    assert.equal((await send(other)).company.employees, 7)
  })

  it('leaves a provider alone after five failures in a row, and the lead goes on', async () => {
    const rig = await enrich([
      row({ ttl: '0s' }),
      row({ name: 'other', url: `${provider.url}/other`, ttl: '0s' }),
    ])
    provider.answer = (request, response) => {
      if (request.url === '/other') json({ city: 'Berlin' })(request, response)
      else response.writeHead(500).end()
    }
    const asked = () => provider.requests.filter(({ url }) => url !== '/other').length
    for (let n = 0; n < 5; n++) await send(rig)
    assert.equal(asked(), 5)
    const lead = await send(rig)
    assert.equal(asked(), 5, 'it is not asked any more')
    assert.deepEqual(resultOf(lead), ['failed', 'found'])
    assert.equal(lead.company.city, 'Berlin', 'the other one still is')
    assert.deepEqual(rig.counts('enrich'), { degraded: 6 })
  })

  it('asks the next provider only for what the ones before did not know', async () => {
    const rig = await enrich([
      row(),
      row({
        name: 'second',
        url: `${provider.url}/second`,
        map: [{ to: 'company.employees', from: 'headcount' }],
      }),
      row({
        name: 'third',
        url: `${provider.url}/third`,
        map: [{ to: 'company.region', from: 'headcount' }],
      }),
      row({ name: 'fourth', url: `${provider.url}/{{contact.phone}}` }),
    ])
    assert.deepEqual(resultOf(await send(rig)), ['found', 'skipped', 'found', 'skipped'])
    assert.deepEqual(
      provider.requests.map(({ url }) => url),
      ['/companies/acme.example', '/third'],
    )
  })

  it('asks nobody about a person who opted out', async () => {
    const rig = await enrich()
    const lead = await send(rig, { opt_out: true })
    assert.equal(provider.requests.length, 0)
    assert.equal(lead.company.employees, undefined)
    assert.deepEqual(rig.counts('enrich'), { enriched: 1 })
  })

  describe('a contradiction', () => {
    const industry = () => [
      row({ verify: true, map: [{ to: 'company.industry', from: 'sector' }] }),
    ]
    beforeEach(() => {
      provider.answer = json({ sector: 'Retail' })
    })

    it('on a critical field stops the lead for a person to look at', async () => {
      const rig = await enrich(industry(), { critical: ['company.industry'] })
      const lead = await send(rig)
      assert.deepEqual(rig.counts('enrich'), { conflict: 1 })
      assert.deepEqual(lead.enrichment!.conflicts, [
        {
          path: 'company.industry',
          values: ['software', 'retail'],
          sources: ['test', 'firmographics'],
        },
      ])
      assert.equal(lead.company.industry, 'software', 'what the lead said stays')
      assert.equal((await rig.store.lead(lead.id))!.state, 'review')
    })

    it('on another field only makes the value doubtful', async () => {
      const rig = await enrich(industry())
      const lead = await send(rig)
      assert.deepEqual(rig.counts('enrich'), { enriched: 1 })
      assert.ok(lead.provenance['company.industry']!.confidence < 0.5)
    })
  })

  describe('what a flow found out itself', () => {
    it('comes in msg.enrichment, and stays there', async () => {
      const rig = await enrich([])
      const enrichment = {
        source: 'my-crm',
        confidence: 0.95,
        values: { 'company.employees': '80' },
      }
      const msg = { payload: leadOf(), enrichment }
      await rig.send('enrich', msg)
      const { company, provenance } = msg.payload
      assert.equal(company.employees, 80)
      assert.equal(provenance['company.employees']!.source, 'my-crm')
      assert.equal(provenance['company.employees']!.confidence, 0.95)
      assert.equal(rig.out('enrich', 'enriched')[0]!.enrichment, enrichment)
    })

    it('may be a list, and what cannot be used in it is left out', async () => {
      const rig = await enrich([])
      const enrichment = [
        null,
        'x',
        { values: null },
        {
          values: {
            'company.employees': 'many',
            'decision.outcome': 'sql',
            __proto__: 1,
            'consent.optOut': false,
          },
        },
        { confidence: 9, values: { 'company.city': 'Köln' } },
      ]
      const lead = await send(rig, {}, { enrichment })
      assert.equal(lead.company.employees, undefined)
      assert.equal(lead.decision, undefined)
      assert.deepEqual(lead.consent, {})
      assert.equal(lead.company.city, 'Köln')
      assert.equal(lead.provenance['company.city']!.confidence, 1)
    })
  })

  it('many leads at once are answered each with its own values', async () => {
    const rig = await enrich([row({ map: [{ to: 'company.employees', from: 'n' }] })])
    provider.answer = (request, response) => {
      json({ n: Number(/c(\d+)\.example/.exec(request.url!)![1]) })(request, response)
    }
    const messages = Array.from({ length: 60 }, (_, n) => ({
      payload: leadOf({ email: `p@c${n + 1}.example`, event_id: `many${n}` }),
    }))
    await rig.sendAll('enrich', messages)
    assert.deepEqual(
      messages.map(({ payload }) => payload.company.employees),
      messages.map((_, n) => n + 1),
    )
  })

  const bad: readonly (readonly [string, object, RegExp])[] = [
    [
      'a field that no provider may fill',
      { map: [{ to: 'consent.optOut', from: 'x' }] },
      /consent\.optOut/,
    ],
    ['a provider that fills no field', { map: [] }, /firmographics fields.*fills no field/],
    ['a field that does not exist', { map: [{ to: 'company.size', from: 'x' }] }, /company\.size/],
    ['a server that the lead names', { url: 'https://{{company.domain}}/me' }, /who is asked/],
    ['a timeout that is none', { timeout: 'soon' }, /soon/],
    ['a memory that is none', { ttl: 'long' }, /long/],
    ['a confidence above 1', { confidence: '80' }, /confidence/],
    ['a confidence that is no number', { confidence: 'high' }, /confidence/],
  ]
  for (const [name, own, says] of bad) {
    it(`${name}: red at deploy, and each message is answered with it`, async () => {
      const rig = await enrich([row(own)])
      assert.deepEqual(rig.status('enrich'), {
        fill: 'red',
        shape: 'ring',
        text: 'LEAD_CONFIG_INVALID',
      })
      assert.match(rig.logged().join(), says)
      await rig.refused('enrich', { payload: leadOf() }, 'LEAD_CONFIG_INVALID')
      assert.equal(provider.requests.length, 0)
    })
  }
})
