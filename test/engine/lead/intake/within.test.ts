// Goal: what stands deep in a record fills only what its top leaves open, makes one person of one record,
// and loses no refusal. Method: a table of rules, hostile records, and laws over random nestings.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileSchema, schemaFindings } from '../../../../engine/artefact'
import { toLead } from '../../../../engine/lead/intake/to-lead'
import { type Lead, LeadSchema } from '../../../../engine/lead/lead'
import { intakeSettings, taken } from '../../support/intake'
import { deepFreeze, NOW } from '../../support/leads'
import { inBoundedTime } from '../../support/processor'

const ANA = { email: 'ana@acme.example' }
const BEA = { email: 'bea@acme.example' }
const validate = compileSchema({ ...LeadSchema, $id: 'within-test' } as typeof LeadSchema)
const pairs = (fields: object) => Object.entries(fields).map(([name, value]) => ({ name, value }))

describe('toLead: what stands around a person and is not the lead’s', () => {
  const WEBINAR = { id: 'w-77', name: 'Launch' }
  for (const [name, registered] of [
    ['beside the person', (who: object) => ({ data: { event: WEBINAR, registrant: who } })],
    ['beside a contact', (who: object) => ({ data: { event: WEBINAR, contact: who } })],
    ['at the top', (who: object) => ({ event: WEBINAR, registrant: who })],
    ['of the person', (who: object) => ({ user: { ...who, event: { id: 'w-77' } } })],
  ] as const) {
    it(`two who register for an event ${name} are two leads`, () => {
      assert.notEqual(taken(registered(ANA)).event.id, taken(registered(BEA)).event.id)
    })
  }
  it('the event of a lead in its own shape has its id', () => {
    const event = { id: 'e1', occurredAt: '2026-03-01T00:00:00.000Z' }
    assert.equal(taken({ payload: { contact: ANA, event } }).event.id, 'web:e1')
    assert.equal(taken({ event, lead: ANA }).event.id, 'web:e1')
    assert.equal(taken({ event: { ...event, name: 'x' }, contact: ANA }).event.id, 'web:e1')
  })

  const RITA = { name: 'Rita Vogt', email: 'rita@us.example', phone: '+49 30 901820', title: 'AE' }
  const { email: _email, ...NAMELY } = RITA
  for (const [name, record] of [
    ['the user who entered it', { ...ANA, name: 'Ana Ruiz', user: NAMELY }],
    ['a user beside the lead', { lead: { ...ANA, name: 'Ana Ruiz' }, user: NAMELY }],
  ] as const) {
    it(`${name} gives a lead of another name no phone and no title`, () => {
      const { contact } = taken(record)
      assert.deepEqual(
        [contact.name, contact.phone, contact.title],
        ['Ana Ruiz', undefined, undefined],
      )
    })
  }
  it('nor an address to a lead who is known by the phone', () => {
    const { contact } = taken({ phone: '+49 30 901821', name: 'Ana Ruiz', user: RITA })
    assert.deepEqual([contact.email, contact.phone], [undefined, '+4930901821'])
  })
  it('the same person in more words is the lead', () => {
    const user = { first_name: 'ANA', last_name: 'Ruiz', phone: '+49 30 901820' }
    assert.equal(taken({ ...ANA, name: 'Ana', user }).contact.phone, '+4930901820')
  })
  it('what another refuses is heard all the same', () => {
    const record = { ...ANA, name: 'Ana Ruiz', user: { ...NAMELY, unsubscribed: true } }
    assert.equal(taken(record).consent.optOut, true)
  })

  it('a mapping by name looks at as many answers as a form may have, and at no more', () => {
    const answers = Array.from({ length: 3_000 }, (_, at) => ({ name: `q${at}`, value: `a${at}` }))
    const mapping = ['q1999', 'q2000'].map((name) => ({
      to: `attributes.${name}`,
      from: `data.answers.${name}`,
    }))
    const { attributes } = taken({ ...ANA, data: { answers } }, { mapping })
    assert.deepEqual(attributes, { q1999: 'a1999' })
  })

  it('no refusal is lost, in the lead’s own shape or another, of the lead or of another person', () => {
    const names = ['data', 'payload', 'contact', 'lead', 'fields', 'user', 'properties', 'record']
    const ways = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 })
    const refusals = fc.constantFrom<readonly [object, 'optOut' | 'marketing' | 'phone']>(
      [{ unsubscribed: true }, 'optOut'],
      [{ consent: { optOut: true } }, 'optOut'],
      [{ consent: { opt_out: true } }, 'optOut'],
      [{ consent: { marketing: 'denied' } }, 'marketing'],
      [{ consent: { phone: 'no' } }, 'phone'],
      [{ do_not_call: 'yes' }, 'phone'],
    )
    fc.assert(
      fc.property(ways, refusals, fc.boolean(), fc.boolean(), (way, said, other, own) => {
        const [refusal, kind] = said
        const person = own ? { ...refusal, contact: ANA } : { ...refusal, ...ANA }
        const inside = way.reduce<object>(
          (record, name) => ({ [name === 'contact' && own ? 'data' : name]: record }),
          person,
        )
        const { consent } = taken({ ...inside, ...(other ? BEA : { phone: '+49 30 901820' }) })
        assert.equal(consent[kind], kind === 'optOut' ? true : 'denied')
      }),
      { numRuns: 1_000 },
    )
  })

  it('a consent that cannot be read is told once', () => {
    const { consent, problems } = taken({
      data: { contact: ANA, consent: { marketing: 'perhaps' } },
    })
    assert.equal(consent.marketing, 'denied')
    assert.deepEqual(
      problems!.map(({ from }) => from),
      ['data.consent.marketing'],
    )
  })

  for (const made of ['form', 'item', 'record'])
    it(`when a ${made} was made says nothing about when something happened`, () => {
      const thing = { id: '7', name: 'Contact', created_at: '2019-01-01T00:00:00Z' }
      assert.equal(taken({ ...ANA, [made]: thing }).event.occurredAt, undefined)
    })
})

describe('toLead: which of several places wins', () => {
  for (const [name, record, want] of [
    ['the top', { ...ANA, title: 'CEO', data: { jobtitle: 'CTO' } }, 'CEO'],
    ['the nearer', { data: { ...ANA, title: 'CEO', lead: { jobtitle: 'CTO' } } }, 'CEO'],
    ['what says something', { ...ANA, title: ' ', data: { jobtitle: 'CTO' } }, 'CTO'],
    ['nothing of a cart', { ...ANA, items: pairs({ Title: 'CTO' }) }, undefined],
    ['a list of pairs, whoever made it', { ...ANA, inputs: pairs({ 'Job Title': 'CTO' }) }, 'CTO'],
    ['a wrapper at the top', { ...ANA, title: { value: 'CTO' } }, 'CTO'],
    ['a lead before a user', { user: { role: 'CTO' }, lead: { ...ANA, role: 'CEO' } }, 'CEO'],
    [
      'the order of this and not of the keys',
      { lead: { ...ANA, role: 'CEO' }, user: { role: 'CTO' } },
      'CEO',
    ],
    ['a list of one record', { data: [{ ...ANA, title: 'CEO' }] }, 'CEO'],
    ['also of one with a value', { data: [{ ...ANA, name: 'A', value: 5, title: 'CEO' }] }, 'CEO'],
    ['nothing that is in no envelope', { ...ANA, device: { title: 'Phone' } }, undefined],
    ['nothing of a message', { ...ANA, data: { title: 'Contact form' } }, undefined],
    ['but of a message that is the person', { data: { ...ANA, title: 'CEO' } }, 'CEO'],
    [
      'nothing of a message at the top',
      { title: 'Contact form', data: { fields: ANA } },
      undefined,
    ],
    ['a surer name before another', { fields: { job_role: 'CTO', title: 'CEO', ...ANA } }, 'CEO'],
    ['a contact in another spelling', { contact: { ...ANA, role: 'CTO' } }, 'CTO'],
  ] as const) {
    it(name, () => assert.equal(taken(record).contact.title, want))
  }
  it('not even the usual names at the top when they are not to be read', () => {
    assert.equal(toLead({ data: ANA }, intakeSettings({ guessNames: false }), NOW).kind, 'rejected')
  })
  it('several leads in one record are none: nobody could say which', () => {
    assert.equal(toLead({ data: [ANA, BEA] }, intakeSettings(), NOW).kind, 'rejected')
  })
  it('an answer that is an address is the person’s only when it is the only one', () => {
    const answer = (email: string) => ({ type: 'email', email, field: { ref: email } })
    assert.equal(taken({ answers: [answer(ANA.email)] }).contact.email, ANA.email)
    const two = { answers: [answer(ANA.email), answer(BEA.email)] }
    assert.equal(toLead(two, intakeSettings(), NOW).kind, 'rejected')
  })
  it('a value that cannot be used is told with its place', () => {
    const { problems } = taken({ data: { ...ANA, fields: pairs({ Country: 'Atlantis' }) } })
    assert.deepEqual(
      problems!.map(({ field, from }) => [field, from]),
      [['company.country', 'data.fields.Country']],
    )
  })
})

describe('toLead: the id of an event that stands deeper', () => {
  for (const [name, record, want] of [
    ['of a form that was sent', { data: { ...ANA, submission_id: 's1' } }, 'web:s1'],
    ['of Meta', { ...ANA, leadgen_id: '7' }, 'web:7'],
    ['beside answers', { form_response: { token: 't', answers: pairs(ANA) } }, 'web:t'],
    ['the source’s own first', { event_id: 'e', id: '1', field_data: pairs(ANA) }, 'web:e'],
  ] as const)
    it(name, () => assert.equal(taken(record).event.id, want))
  for (const [name, record] of [
    ['a CRM’s id of the lead, which stays', { ...ANA, lead_id: '7' }],
    ['an id beside a person', { id: '7', properties: ANA }],
    ['the id of a webinar, which all have', { payload: { event_id: 'w', registrant: ANA } }],
    ['an id beside fields of a contact', { ...ANA, id: '7', custom_fields: pairs({ a: 1 }) }],
  ] as const)
    it(`is not ${name}`, () => assert.match(taken(record).event.id, /^web:#/))
})

describe('toLead: refusals and consent that stand deeper', () => {
  for (const [name, record, want] of [
    ['in a list', { ...ANA, inputs: pairs({ unsubscribed: 'yes' }) }, { optOut: true }],
    ['in a list of who knows what', { ...ANA, prefs: pairs({ dnc: 1 }) }, { optOut: true }],
    ['but no yes in it', { ...ANA, prefs: pairs({ newsletter: 'yes' }) }, {}],
    ['in a wrapper', { ...ANA, unsubscribed: { value: true } }, { optOut: true }],
    ['in a section that is wrapped', { ...ANA, consent: { value: 'no' } }, { marketing: 'denied' }],
    ['in the same wrapper, no', { ...ANA, unsubscribed: { value: false } }, { optOut: false }],
    [
      'below a yes at the top',
      { ...ANA, consent: 'yes', data: { dnc: 1 } },
      { marketing: 'granted', optOut: true },
    ],
    [
      'no below yes',
      { ...ANA, newsletter: 'yes', data: { newsletter: 'no' } },
      { marketing: 'denied' },
    ],
    [
      'yes below no',
      { ...ANA, newsletter: 'no', data: { newsletter: 'yes' } },
      { marketing: 'denied' },
    ],
    [
      'in the consent of an envelope',
      { data: { ...ANA, consent: { opt_out: 1 } } },
      { optOut: true },
    ],
    ['of another address', { ...ANA, user: { ...BEA, DoNotCall: true } }, { phone: 'denied' }],
    [
      'of another’s consent',
      { ...ANA, user: { ...BEA, consent: { optOut: true } } },
      { optOut: true },
    ],
    ['no of another', { ...ANA, user: { ...BEA, newsletter: 'no' } }, { marketing: 'denied' }],
    ['but yes of another is none', { ...ANA, user: { ...BEA, newsletter: 'yes' } }, {}],
    [
      'of several wrappers',
      { ...ANA, optin: [{ value: 'yes' }, { value: 'no' }] },
      { marketing: 'denied' },
    ],
    ['as a status', { data: { ...ANA, status: 'Unsubscribed' } }, { marketing: 'denied' }],
    ['as a status of a lead', { ...ANA, Status: 'Do Not Contact' }, { optOut: true }],
    ['no status else', { ...ANA, status: 'subscribed', type: 'lead' }, {}],
    [
      'no tick under the terms',
      { data: { ...ANA, legalConsentOptions: { consent: { consentToProcess: true } } } },
      {},
    ],
    [
      'no consent of an unknown kind',
      { ...ANA, consentResponses: [{ consentId: 1, accepted: true }] },
      {},
    ],
  ] as const) {
    it(name, () => {
      const lead = taken(record)
      assert.deepEqual([lead.consent, lead.problems], [want, undefined])
    })
  }
  it('what cannot be read counts as refused, and is told with its place', () => {
    const lead = taken({ data: { ...ANA, fields: pairs({ Newsletter: 'I agree, perhaps' }) } })
    assert.equal(lead.consent.marketing, 'denied')
    assert.equal(lead.problems![0]!.from, 'data.fields.Newsletter')
    assert.equal(
      taken({ ...ANA, data: { unsubscribed: { news: 1, ads: 0 } } }).consent.optOut,
      true,
    )
  })
  it('of another nothing else is taken: nobody is made of two', () => {
    const record = { ...ANA, user: { ...BEA, name: 'Bea', phone: '+4930901820', company: 'B' } }
    const { contact, company } = taken(record)
    assert.deepEqual([contact.name, contact.phone, company.name], [undefined, undefined, undefined])
  })
})

describe('toLead: hostile nestings', () => {
  const takenInTime = (record: unknown): Lead => {
    const settings = { mapping: [{ to: 'attributes.x', from: 'fields.none.of.it' }] }
    const lead = inBoundedTime(3_000, () => taken(record, settings))
    assert.deepEqual(schemaFindings(validate, lead), [])
    return lead
  }
  it('ten thousand pairs, the last of them a refusal', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => ({ name: `k${n}`, value: n }))
    assert.equal(
      takenInTime({ fields: [...many, ...pairs({ ...ANA, dnc: 1 })] }).consent.optOut,
      true,
    )
  })
  it('ten thousand statements about one consent refuse, with few problems', () => {
    const fields = Array.from({ length: 10_000 }, (_, n) => ({
      name: 'newsletter',
      value: `yes ${n}`,
    }))
    const grants = Array.from({ length: 60 }, () => ({ name: 'optin', value: 'yes' }))
    const lead = takenInTime({ ...ANA, fields })
    assert.equal(lead.consent.marketing, 'denied')
    assert.ok(lead.problems!.length < 100)
    assert.equal(takenInTime({ ...ANA, fields: grants }).consent.marketing, 'denied')
  })
  it('envelopes in envelopes, without an end', () => {
    let data: object = { dnc: 1 }
    for (let depth = 0; depth < 5_000; depth++) data = { data }
    const refused = toLead({ ...ANA, ...data }, intakeSettings(), NOW)
    assert.ok(refused.kind === 'lead' || refused.problems[0]!.field === 'record')
  })
  it('as many envelopes as there are spellings', () => {
    const many = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, n) => [
        `da${'_'.repeat(n % 50)}ta${'.'.repeat(n / 50)}`,
        { plan: n },
      ]),
    )
    takenInTime({ ...many, ...ANA })
  })
  it('names of the language are names like others', () => {
    const raw = JSON.parse(
      '{"data":{"__proto__":{"email":"x@y.example"},"email":"ana@acme.example"},"fields":[{"name":"__proto__","value":{"title":"x"}},{"name":"constructor","value":"y"},{"type":"__proto__","name":"email"}],"answers":{"toString":{"value":1},"__proto__":{"name":"title","value":"z"}}}',
    )
    takenInTime(raw)
    assert.equal(({} as Record<string, unknown>).title, undefined)
  })
  it('values in boxes in boxes', () => {
    let value: unknown = 'CEO'
    for (let depth = 0; depth < 20; depth++) value = { value }
    takenInTime({ ...ANA, title: value, fields: [{ name: 'role', value }] })
  })
})

describe('toLead: laws of what stands deeper', () => {
  const word = fc.constantFrom(
    'yes',
    'no',
    'maybe',
    '',
    'n/a',
    'opted out',
    true,
    false,
    1,
    0,
    null,
  )
  const said = fc.dictionary(
    fc.constantFrom('unsubscribed', 'dnc', 'optout', 'Opt Out', 'newsletter', 'title', 'name', 'x'),
    word,
  )
  type Way = (fields: object) => object
  const ways: readonly Way[] = [
    (data) => ({ data }),
    (lead) => ({ lead }),
    (fields) => ({ payload: { fields } }),
    (fields) => ({ field_data: pairs(fields) }),
    (fields) => ({
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, value], n) => [n, { label: name, value }]),
      ),
    }),
    (fields) => ({
      properties: Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, { value }]),
      ),
    }),
    (fields) => ({
      form_response: {
        answers: Object.entries(fields).map(([ref, text]) => ({
          type: 'text',
          text,
          field: { ref },
        })),
      },
    }),
  ]
  const way = fc.constantFrom(...ways)
  const refuses = (one: unknown) => ['yes', 'maybe', 'opted out', true, 1].includes(one as string)

  it('no refusal is lost, wherever it stands and whatever the top says', () => {
    fc.assert(
      fc.property(said, said, way, (top, deep, how) => {
        const { consent } = taken({ ...ANA, ...top, ...how(deep) })
        const kinds = [...Object.entries(top), ...Object.entries(deep)]
        const wanted = kinds.some(([key, value]) => /^(unsub|dnc|opt)/i.test(key) && refuses(value))
        assert.equal(consent.optOut === true, wanted)
        if (
          kinds.some(
            ([key, value]) =>
              key === 'newsletter' && ['no', 'maybe', false, 0].includes(value as string),
          )
        )
          assert.notEqual(consent.marketing, 'granted')
      }),
      { numRuns: 500 },
    )
  })

  const key = fc.constantFrom(
    ...['email', 'phone', 'name', 'title', 'company', 'country', 'unsubscribed', 'newsletter'],
    ...['data', 'lead', 'contact', 'fields', 'properties', 'answers', 'attributes', 'consent'],
    ...['value', 'values', 'type', 'label', 'field', 'id', 'options', 'definition', '__proto__'],
  )
  const { tree: nested } = fc.letrec<{ tree: unknown; node: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(word, fc.constantFrom('ana@acme.example', 'bea@acme.example', 'DE', 'email')),
      tie('node'),
    ),
    node: fc.oneof(
      fc.dictionary(key, tie('tree'), { maxKeys: 6 }),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.array(fc.record({ name: key, value: tie('tree') }), { maxLength: 4 }),
    ),
  }))
  const deep = fc
    .tuple(fc.dictionary(key, nested, { maxKeys: 8 }), fc.boolean())
    .map(([record, isNamed]) => (isNamed ? { ...record, email: ANA.email } : record))
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, one]) => [name, shuffled(one)]),
    )
  }

  it('total and deterministic: a lead that fits the schema, or problems; the record stays as it was', () => {
    let leads = 0
    fc.assert(
      fc.property(deep, (record) => {
        const frozen = deepFreeze(structuredClone(record))
        const one = toLead(frozen, intakeSettings(), NOW)
        assert.deepEqual(one, toLead(structuredClone(record), intakeSettings(), NOW))
        if (one.kind === 'rejected') return
        leads += 1
        assert.deepEqual(schemaFindings(validate, one.lead), [])
        assert.deepEqual(JSON.parse(JSON.stringify(one.lead)), one.lead)
      }),
      { numRuns: 2_000 },
    )
    assert.ok(leads > 100, `only ${leads} records became leads`)
  })

  it('who the lead is does not depend on the order of envelopes', () => {
    const people = fc.dictionary(
      fc.constantFrom('lead', 'contact', 'user', 'data', 'fields', 'customer'),
      fc.record({
        email: fc.constantFrom(ANA.email, BEA.email),
        title: fc.constantFrom('CEO', 'CTO'),
      }),
      { minKeys: 1 },
    )
    fc.assert(
      fc.property(people, (record) => {
        const [a, b] = [taken(record), taken(shuffled(record))]
        assert.deepEqual(a.contact, b.contact)
      }),
    )
  })

  it('the top is read as if there were nothing deeper', () => {
    const flat = fc.dictionary(
      fc.constantFrom('name', 'title', 'country', 'company', 'phone', 'employees', 'utm_source'),
      fc.constantFrom('Ana', 'DE', 'CEO', '', '5'),
    )
    fc.assert(
      fc.property(flat, said, way, (top, inside, how) => {
        const alone = taken({ ...ANA, ...top })
        const both = taken({ ...ANA, ...top, ...how({ ...inside, phone: '+4930901820' }) })
        for (const section of ['contact', 'company', 'source'] as const)
          for (const [path, value] of Object.entries(alone[section]))
            if (path !== 'name' || alone.contact.firstName === undefined)
              assert.deepEqual((both[section] as Record<string, unknown>)[path], value, path)
      }),
      { numRuns: 500 },
    )
  })
})
