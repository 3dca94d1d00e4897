// Goal: whatever a source sends becomes a valid lead or a list of problems that name field, value
// and want. Method: tables for mapping, synonyms and problems; hostile records; totality as a law.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileSchema, schemaFindings } from '../../../../engine/artefact'
import type { IntakeSettings } from '../../../../engine/lead/intake/settings'
import { toLead } from '../../../../engine/lead/intake/to-lead'
import { type Lead, LeadSchema, type Problem } from '../../../../engine/lead/lead'
import { intakeSettings, taken } from '../../support/intake'
import { at, deepFreeze, NOW } from '../../support/leads'
import { inBoundedTime } from '../../support/processor'

const ANA = { email: 'ana@acme.example' }
function rejected(record: unknown, more: Partial<IntakeSettings> = {}): readonly Problem[] {
  const intake = toLead(record, intakeSettings(more), NOW)
  assert.ok(intake.kind === 'rejected', JSON.stringify(intake))
  return intake.problems
}

const field = (problems: readonly Problem[] | undefined) => problems?.map((one) => one.field)

const validate = compileSchema({ ...LeadSchema, $id: 'intake-test' } as typeof LeadSchema)
const assertValid = (lead: Lead) => assert.deepEqual(schemaFindings(validate, lead), [])

describe('toLead: a plain record', () => {
  const lead = taken({
    ...ANA,
    'First Name': 'Ana',
    'Last Name': 'Ruiz',
    company: 'Acme GmbH',
    country: 'Germany',
    phone: '030 901820',
    employees: '51-200',
    utm_campaign: 'Q1',
    trigger: 'Demo Request',
    consent: 'yes',
    event_id: 'e-1',
    created_at: '2026-03-01T09:00:00+01:00',
  })
  it('has everything in its place, normalised', () => {
    assert.equal(lead.contact.email, 'ana@acme.example')
    assert.deepEqual(
      [lead.contact.name, lead.contact.firstName, lead.contact.lastName],
      ['Ana Ruiz', 'Ana', 'Ruiz'],
    )
    assert.deepEqual(
      [lead.company.name, lead.company.country, lead.company.employees],
      ['Acme GmbH', 'DE', 51],
    )
    assert.equal(
      lead.contact.phone,
      '+4930901820',
      'a national number is read in the stated country',
    )
    assert.deepEqual(
      [lead.source.campaign, lead.source.trigger, lead.source.system],
      ['Q1', 'demo_request', 'web'],
    )
    assert.equal(lead.consent.marketing, 'granted')
  })
  it('derives the company’s domain from a business address, and says so', () => {
    assert.equal(lead.company.domain, 'acme.example')
    assert.deepEqual(lead.provenance['company.domain'], {
      source: 'contact.email',
      method: 'derived',
      confidence: 0.9,
      observedAt: '2026-03-01T08:00:00.000Z',
    })
    const { provenance } = taken(ANA)
    assert.equal(provenance['company.domain']!.observedAt, at(NOW), 'or when it came')
  })
  it('names the event by the source’s id, and its time by the source’s clock', () => {
    assert.deepEqual(lead.event, {
      id: 'web:e-1',
      receivedAt: at(NOW),
      occurredAt: '2026-03-01T08:00:00.000Z',
    })
  })
  it('has the trigger as its signal, at the source’s time', () => {
    assert.deepEqual(lead.signals, [
      { id: 'web:e-1', type: 'demo_request', at: '2026-03-01T08:00:00.000Z' },
    ])
  })
  it('has no problems, and fits the schema', () => {
    assert.equal(lead.problems, undefined)
    assertValid(lead)
  })
})

describe('toLead: which source of a field wins', () => {
  const rows: ReadonlyArray<
    readonly [string, object, Partial<IntakeSettings>, string | undefined]
  > = [
    [
      'a mapping',
      { ...ANA, position: 'CTO', job: 'CEO' },
      { mapping: [{ to: 'contact.title', from: 'job' }] },
      'CEO',
    ],
    [
      'the first place of a mapping that has something',
      { ...ANA, a: '', b: 'CEO' },
      { mapping: [{ to: 'contact.title', from: 'a|b' }] },
      'CEO',
    ],
    [
      'a nested place',
      { ...ANA, form: { job: 'CEO' } },
      { mapping: [{ to: 'contact.title', from: 'form.job' }] },
      'CEO',
    ],
    [
      'a key with a dot before a nested place',
      { ...ANA, 'form.job': 'CTO', form: { job: 'CEO' } },
      { mapping: [{ to: 'contact.title', from: 'form.job' }] },
      'CTO',
    ],
    [
      'a place in a list',
      { ...ANA, jobs: ['CEO'] },
      { mapping: [{ to: 'contact.title', from: 'jobs.0' }] },
      'CEO',
    ],
    ['a constant', ANA, { mapping: [{ to: 'contact.title', value: 'CEO' }] }, 'CEO'],
    [
      'the lead’s own shape before a usual name',
      { contact: { email: 'a@b.example', title: 'CEO' }, jobtitle: 'CTO' },
      {},
      'CEO',
    ],
    ['a dotted key', { ...ANA, 'contact.title': 'CEO' }, {}, 'CEO'],
    ['a usual name', { ...ANA, 'Job Title': 'CEO' }, {}, 'CEO'],
    [
      'no usual names when they are switched off',
      { contact: ANA, jobtitle: 'CTO' },
      { guessNames: false },
      undefined,
    ],
    [
      'an empty mapping falls back to the record',
      { ...ANA, job: '', 'Job Title': 'CEO' },
      { mapping: [{ to: 'contact.title', from: 'job' }] },
      'CEO',
    ],
    [
      'an empty own field falls back to a usual name',
      { ...ANA, 'contact.title': '', jobtitle: 'CEO' },
      {},
      'CEO',
    ],
    [
      'an empty usual name falls back to the next',
      { ...ANA, title: ' ', jobtitle: 'CEO' },
      {},
      'CEO',
    ],
    [
      'a word for nothing states nothing',
      { ...ANA, title: 'Select', jobtitle: 'CEO' },
      { missing: new Set(['select']) },
      'CEO',
    ],
  ]
  for (const [name, record, more, want] of rows) {
    it(name, () => assert.equal(taken(record, more).contact.title, want))
  }

  it('two columns for an address, the first of them empty: the lead is not lost', () => {
    assert.equal(
      taken({ Email: '', 'Work Email': 'ana@acme.example' }).contact.email,
      'ana@acme.example',
    )
    assert.equal(taken({ phone: '', mobile: '+4930901820' }).contact.phone, '+4930901820')
  })
})

describe('toLead: usual names', () => {
  for (const [key, value, section, field, want] of [
    ['E-Mail', 'Ana@Acme.example', 'contact', 'email', 'Ana@acme.example'],
    ['work_email', 'ana@acme.example', 'contact', 'email', 'ana@acme.example'],
    ['Nachname', 'Ruiz', 'contact', 'lastName', 'Ruiz'],
    ['Telephone', '+4930901820', 'contact', 'phone', '+4930901820'],
    ['Company Name', 'Acme', 'company', 'name', 'Acme'],
    ['Website', 'https://www.acme.example/x', 'company', 'domain', 'acme.example'],
    ['Land', 'Österreich', 'company', 'country', 'AT'],
    ['number-of-employees', '1.200', 'company', 'employees', 1200],
    ['annual revenue', '1.2M', 'company', 'revenue', 1_200_000],
    ['utm_medium', 'CPC', 'source', 'medium', 'cpc'],
    ['utm_source', 'google', 'source', 'originalTouch', 'google'],
    ['unsubscribed', 'true', 'consent', 'optOut', true],
    ['newsletter', 'no', 'consent', 'marketing', 'denied'],
  ] as const) {
    it(`${key} is ${section}.${field}`, () => {
      const lead = taken({ externalIds: { x: '1' }, [key]: value })
      const got = (lead[section] as Record<string, unknown>)[field]
      assert.deepEqual(String(got).toLowerCase(), String(want).toLowerCase())
    })
  }
})

describe('toLead: what is wrong', () => {
  for (const [name, record] of [
    ['nothing', undefined],
    ['null', null],
    ['a text', 'ana@acme.example'],
    ['a number', 5],
    ['a list', [ANA]],
    ['a buffer', Buffer.from('x')],
  ] as const) {
    it(`${name} is rejected: it is no record`, () => {
      const [problem] = rejected(record)
      assert.deepEqual(
        [problem!.field, problem!.expected],
        ['record', 'an object with the fields of one lead'],
      )
    })
  }
  for (const [name, record] of [
    ['an empty record', {}],
    ['only a name', { name: 'Ana Ruiz', company: 'Acme' }],
    ['an address that is none', { email: 'ana at acme' }],
    ['a phone that is none', { phone: 'call me' }],
    ['an empty object of ids', { externalIds: {} }],
  ] as const) {
    it(`${name} is rejected: it names nobody`, () => {
      const problems = rejected(record)
      assert.equal(problems[0]!.field, 'contact')
      assert.match(
        problems[0]!.expected,
        /an e-mail address, a phone number or an id of another system/,
      )
    })
  }
  for (const [name, record, path] of [
    ['a phone', { ...ANA, phone: 'call me' }, 'contact.phone'],
    ['a country', { ...ANA, country: 'Atlantis' }, 'company.country'],
    ['a head count', { ...ANA, employees: 'many' }, 'company.employees'],
    ['a negative head count', { ...ANA, employees: -5 }, 'company.employees'],
    ['a time', { ...ANA, timestamp: '31.02.2026' }, 'event.occurredAt'],
    ['a time in two meanings', { ...ANA, timestamp: '03/04/2026' }, 'event.occurredAt'],
    ['a consent', { ...ANA, consent: 'perhaps' }, 'consent.marketing'],
    ['an opt-out', { ...ANA, optout: 'maybe' }, 'consent.optOut'],
    ['a name', { ...ANA, name: 'x'.repeat(1_000_000 - 100) }, 'contact.name'],
    ['a title that is an object', { ...ANA, contact: { title: { a: 1 } } }, 'contact.title'],
    ['signals that are no list', { ...ANA, signals: 'demo' }, 'signals'],
    ['a signal without a type', { ...ANA, signals: [{ at: at(NOW) }] }, 'signals[0].type'],
    ['a signal at no time', { ...ANA, signals: [{ type: 'a', at: 'soon' }] }, 'signals[0].at'],
    ['a score without its confidence', { ...ANA, model: { score: 0.5 } }, 'model.confidence'],
    ['a score above 1', { ...ANA, model: { score: 5, confidence: 1 } }, 'model.score'],
  ] as const) {
    it(`${name} that cannot be used is set aside, with a problem`, () => {
      const lead = taken(record)
      assert.ok(field(lead.problems)?.includes(path), JSON.stringify(lead.problems))
      for (const { value, expected } of lead.problems!) {
        assert.ok(value.length <= 60)
        assert.ok(expected.length > 5)
      }
      assertValid(lead)
    })
    it(`${name} that cannot be used rejects the record where the source wants that`, () => {
      assert.ok(field(rejected(record, { onInvalid: 'reject' }))!.includes(path))
    })
  }
  it('a required field that is missing rejects', () => {
    const [problem] = rejected(ANA, { required: ['company.name'] })
    assert.deepEqual([problem!.field, problem!.value], ['company.name', 'null'])
  })
  it('a required field that could not be used rejects, and shows its value', () => {
    const problems = rejected({ ...ANA, employees: 'many' }, { required: ['company.employees'] })
    assert.deepEqual([problems[0]!.field, problems[0]!.value], ['company.employees', '"many"'])
  })
  it('a required attribute that could not be used rejects, and shows its value', () => {
    const problems = rejected(
      { ...ANA, attributes: { plan: { a: 1 } } },
      { required: ['attributes.plan'] },
    )
    assert.deepEqual([problems[0]!.field, problems[0]!.value], ['attributes.plan', '{"a":1}'])
  })
  it('a required time of the event is one that the source gives', () => {
    assert.equal(
      taken({ ...ANA, timestamp: at(NOW) }, { required: ['event.occurredAt'] }).event.occurredAt,
      at(NOW),
    )
    assert.equal(rejected(ANA, { required: ['event.occurredAt'] })[0]!.field, 'event.occurredAt')
  })
  it('a required id of the event is one that the source gives', () => {
    assert.equal(taken({ ...ANA, event_id: '7' }, { required: ['event.id'] }).event.id, 'web:7')
    assert.equal(rejected(ANA, { required: ['event.id'] })[0]!.field, 'event.id')
  })
  it('are told with their place in the record, where that is called otherwise', () => {
    const mapping = [{ to: 'contact.phone', from: 'work.phone | mobile' }]
    const record = {
      ...ANA,
      work: { phone: ' ' },
      mobile: 'none of yours',
      'Job Title': ['Head'],
      country: 'Atlantis',
      company: { employees: 'many' },
    }
    const { problems } = taken(record, { mapping })
    assert.deepEqual(
      new Map(problems!.map(({ field, from }) => [field, from])),
      new Map([
        ['contact.phone', 'mobile'],
        ['contact.title', 'Job Title'],
        ['company.country', 'country'],
        ['company.employees', undefined],
      ]),
    )
    assert.deepEqual(
      rejected(
        { work_email: 42 },
        { mapping: [{ to: 'contact.email', from: 'work_email|email' }] },
      ).map(({ field, from }) => [field, from]),
      [
        ['contact', undefined],
        ['contact.email', 'work_email'],
      ],
    )
  })
  it('a list or an object where one value belongs is a problem, and no section of the lead is', () => {
    const record = { ...ANA, name: ['Ana'], utm_campaign: { a: 1 }, company: { name: 'Acme' } }
    const lead = taken(record)
    assert.deepEqual(field(lead.problems)?.sort(), ['contact.name', 'source.campaign'])
    assert.equal(lead.company.name, 'Acme')
  })
  it('empty values are no problems', () => {
    assert.equal(
      taken({ ...ANA, phone: '', country: ' ', employees: null, name: 'n/a', title: [] }).problems,
      undefined,
    )
  })
})

describe('toLead: the key of the event', () => {
  it('is the source’s own id, from where it is said to be', () => {
    assert.equal(taken({ ...ANA, meta: { id: 7 } }, { eventIdFrom: 'meta.id' }).event.id, 'web:7')
  })
  it('else the content, whatever the order of its keys', () => {
    const [a, b] = [taken({ ...ANA, name: 'Ana' }), taken({ name: 'Ana', ...ANA })]
    assert.equal(a.event.id, b.event.id)
    assert.match(a.event.id, /^web:#[0-9a-f]{32}$/)
    assert.notEqual(taken({ ...ANA, name: 'Bea' }).event.id, a.event.id)
  })
  it('says which of both it is', () => {
    const one = toLead({ ...ANA, event_id: '1' }, intakeSettings(), NOW)
    const other = toLead(ANA, intakeSettings(), NOW)
    assert.deepEqual(
      [one.kind === 'lead' && one.byContent, other.kind === 'lead' && other.byContent],
      [false, true],
    )
  })
  it('differs by source', () => {
    assert.notEqual(
      taken({ ...ANA, event_id: '1' }).event.id,
      taken({ ...ANA, event_id: '1' }, { system: 'crm' }).event.id,
    )
  })
  it('the id of a lead differs by event and time, and is the same for the same', () => {
    const id = (event_id: string, nowMs: number) => {
      const intake = toLead({ ...ANA, event_id }, intakeSettings(), nowMs)
      return intake.kind === 'lead' && intake.lead.id
    }
    assert.equal(id('1', NOW), id('1', NOW))
    assert.notEqual(id('1', NOW), id('2', NOW))
    assert.notEqual(id('1', NOW), id('1', NOW + 1))
  })
  it('a system of an id with too long a name is set aside: it would fit into no index', () => {
    const lead = taken({ ...ANA, externalIds: { ['x'.repeat(101)]: '1', ['y'.repeat(100)]: '2' } })
    assert.deepEqual(lead.externalIds, { ['y'.repeat(100)]: '2' })
    assert.deepEqual(
      lead.problems!.map(({ field }) => field),
      ['externalIds'],
    )
  })
  it('nor can the id be found out from what was sent, without the secret', () => {
    const id = (idSecret: string) => taken({ email: ANA.email }, { idSecret }).id
    assert.equal(id('a'), id('a'))
    assert.notEqual(id('a'), id('b'))
    assert.equal(id('a').slice(0, 10), id('b').slice(0, 10), 'the time')
  })
})

describe('toLead: signals', () => {
  const types = (record: object, more: Partial<IntakeSettings> = {}) =>
    taken({ ...ANA, ...record }, more).signals.map(({ type }) => type)
  for (const [name, record, more, want] of [
    ['a mapping that always holds', {}, { signals: [{ type: 'form' }] }, ['form']],
    [
      'a mapping whose place says yes',
      { demo: 'yes' },
      { signals: [{ type: 'demo', when: 'demo' }] },
      ['demo'],
    ],
    [
      'a mapping whose place says no',
      { demo: 'No' },
      { signals: [{ type: 'demo', when: 'demo' }] },
      [],
    ],
    [
      'a mapping whose place says 0',
      { demo: 0 },
      { signals: [{ type: 'demo', when: 'demo' }] },
      [],
    ],
    ['a mapping whose place is missing', {}, { signals: [{ type: 'demo', when: 'demo' }] }, []],
    [
      'a mapping whose place has the word',
      { kind: 'Demo ' },
      { signals: [{ type: 'demo', when: 'kind', equals: ['demo', 'trial'] }] },
      ['demo'],
    ],
    [
      'a mapping whose place has another word',
      { kind: 'docs' },
      { signals: [{ type: 'demo', when: 'kind', equals: ['demo'] }] },
      [],
    ],
    [
      'the trigger and a mapping',
      { trigger: 'Chat!' },
      { signals: [{ type: 'form' }] },
      ['chat', 'form'],
    ],
    ['a trigger of punctuation only', { trigger: '!!!' }, {}, []],
    [
      'a mapping whose place holds what cannot be written as text',
      { demo: { toString: 1 } },
      { signals: [{ type: 'demo', when: 'demo' }] },
      ['demo'],
    ],
    [
      'those that the record lists',
      { signals: [{ type: 'a' }, { type: 'b', at: at(NOW - 5) }] },
      {},
      ['a', 'b'],
    ],
    ['a trigger that is listed as well', { trigger: 'a', signals: [{ type: 'a' }] }, {}, ['a']],
    [
      'a trigger that is listed at the time of the event',
      { trigger: 'A', occurredAt: at(NOW - 5), signals: [{ type: 'a', at: at(NOW - 5) }] },
      {},
      ['a'],
    ],
    [
      'a trigger that is listed at another time is two signals',
      { trigger: 'a', signals: [{ type: 'a', at: at(NOW - 5) }] },
      {},
      ['a', 'a'],
    ],
    ['a trigger that is mapped as well', { trigger: 'a' }, { signals: [{ type: 'a' }] }, ['a']],
  ] as const) {
    it(name, () => assert.deepEqual(types(record, more as Partial<IntakeSettings>), want))
  }
  it('details come from their places, numbers as numbers', () => {
    const signals = [
      { type: 'page', details: { minutes: 'time', url: 'page.url', none: 'x', list: 'l' } },
    ]
    const record = { ...ANA, time: '2.5', page: { url: '/pricing' }, l: [1] }
    const [one] = taken(record, { signals }).signals as Record<string, unknown>[]
    assert.deepEqual(
      [one!.minutes, one!.url, 'none' in one!, 'list' in one!],
      [2.5, '/pricing', false, false],
    )
  })
  it('a listed signal keeps its id, beside its system, and plain details, and nothing else', () => {
    const raw = JSON.parse(
      `{"id":"s1","type":"page","at":"${at(NOW)}","seconds":5,"deep":{"a":1},"person":"L2","__proto__":"x"}`,
    )
    const [one] = taken({ ...ANA, signals: [raw] }).signals
    assert.deepEqual(one, { id: 'web/s1', type: 'page', at: at(NOW), seconds: 5 })
  })
  const DAY = 86_400_000
  it('a signal from further ahead than a clock may run is taken at the time of receipt', () => {
    const record = (ms: number) => ({ ...ANA, signals: [{ type: 'a', at: at(NOW + ms) }] })
    const soon = taken(record(DAY))
    assert.deepEqual([soon.signals[0]!.at, soon.problems], [at(NOW + DAY), undefined])
    const late = taken(record(DAY + 1))
    assert.equal(late.signals[0]!.at, at(NOW))
    const { field, expected } = late.problems![0]!
    assert.deepEqual(
      [field, expected],
      ['signals[0].at', 'a time at most 24 hours after it was received'],
    )
  })
  it('so is an event, and the signal of its trigger', () => {
    const record = (ms: number) => ({ ...ANA, trigger: 'demo', occurredAt: at(NOW + ms) })
    assert.equal(taken(record(DAY)).event.occurredAt, at(NOW + DAY))
    const late = taken(record(DAY + 1))
    assert.deepEqual([late.event.occurredAt, late.signals[0]!.at], [undefined, at(NOW)])
    assert.deepEqual(
      late.problems?.map(({ field }) => field),
      ['event.occurredAt'],
    )
  })
  it('an unsubscribe withdraws consent, an opt-out is one', () => {
    assert.deepEqual(taken({ ...ANA, consent: 'yes', trigger: 'unsubscribe' }).consent, {
      marketing: 'denied',
    })
    assert.equal(taken({ ...ANA, trigger: 'opt-out' }).consent.optOut, true)
    assert.equal(
      taken({ ...ANA, optout: 'no', signals: [{ type: 'do_not_contact' }] }).consent.optOut,
      true,
    )
  })
  it('has its type in one form, however the source writes it', () => {
    const signals = [{ type: 'Page View', when: 'viewed' }]
    const record = { ...ANA, viewed: 1, signals: [{ type: 'Demo-Request' }, { type: '!' }] }
    const lead = taken(record, { signals })
    assert.deepEqual(
      lead.signals.map(({ type }) => type),
      ['page_view', 'demo_request'],
    )
    assert.deepEqual(field(lead.problems), ['signals[1].type'])
  })
  for (const [type, want] of [
    ['Unsubscribe', { marketing: 'denied' }],
    ['unsubscribed', { marketing: 'denied' }],
    ['opt-out', { optOut: true }],
    ['Opted out', { optOut: true }],
    ['Do Not Contact', { optOut: true }],
    ['page_view', {}],
  ] as const) {
    it(`of the type ${type} withdraws as much as a trigger, in the list and mapped`, () => {
      assert.deepEqual(taken({ ...ANA, trigger: type }).consent, want)
      assert.deepEqual(taken({ ...ANA, signals: [{ type }] }).consent, want)
      assert.deepEqual(taken({ ...ANA, x: 1 }, { signals: [{ type, when: 'x' }] }).consent, want)
    })
  }
  it('that refuses counts though its time cannot be read', () => {
    const signals = [
      { type: 'opt_out', at: 'yesterday' },
      { type: 'page', at: 'yesterday' },
    ]
    const lead = taken({ ...ANA, signals })
    assert.equal(lead.consent.optOut, true)
    assert.deepEqual(
      lead.signals.map(({ type, at: time }) => [type, time]),
      [['opt_out', at(NOW)]],
    )
    assert.deepEqual(field(lead.problems), ['signals[0].at', 'signals[1].at'])
  })
  it('five hundred at most are kept, of every type some, and the others are told', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => ({ id: `${index}`, type: 'a' }))
    const lead = taken({ ...ANA, signals: [...many, { type: 'opt_out' }, { type: 'demo' }] })
    assert.deepEqual(
      lead.signals.map(({ type }) => type),
      [...Array(498).fill('a'), 'opt_out', 'demo'],
    )
    assert.equal(lead.consent.optOut, true, 'a refusal counts wherever it stands')
    const [problem, ...others] = lead.problems!
    assert.deepEqual([problem!.field, others], ['signals', []])
    assert.match(`${problem!.value} ${problem!.expected}`, /^1002 of them at most 500/)
  })
  it('of a list that is too long the latest of a type are kept, in whatever order it stands', () => {
    const newestFirst = Array.from({ length: 600 }, (_, hours) => ({
      id: `${hours}`,
      type: 'page_view',
      at: at(NOW - hours * 3_600_000),
    }))
    for (const signals of [newestFirst, newestFirst.toReversed()]) {
      const times = taken({ ...ANA, signals }).signals.map((signal) => signal.at)
      assert.deepEqual(
        times.sort().toReversed(),
        newestFirst.slice(0, 500).map((signal) => signal.at),
      )
    }
  })
  it('in a list that is too long, what is no signal takes no place from one', () => {
    const views = Array.from({ length: 300 }, (_, index) => ({ id: `${index}`, type: 'page_view' }))
    const junk = Array.from({ length: 400 }, () => ({ name: 'junk' }))
    const undated = Array.from({ length: 400 }, () => ({ type: 'demo', at: 'never' }))
    for (const signals of [
      [...junk, ...views],
      [...views, ...undated],
    ]) {
      const lead = taken({ ...ANA, signals })
      assert.equal(lead.signals.length, 300)
      assert.equal(lead.problems!.length, 1 + 200, 'what is told stays within the limit')
    }
  })
  it('one id from two systems is two signals', () => {
    const of = (system: string, source?: object) => {
      const record = { ...ANA, source, signals: [{ id: 1, type: 'a' }] }
      return taken(record, { system }).signals.map(({ id }) => id)
    }
    assert.deepEqual([of('web'), of('crm')], [['web/1'], ['crm/1']])
    assert.deepEqual(of('hub', { system: 'chat' }), ['chat/1'], 'the system that the record names')
  })
  it('a listed signal is none that the event itself stands for', () => {
    const record = { ...ANA, event_id: 7, trigger: 'demo', signals: [{ id: 7, type: 'page' }] }
    const { signals, problems } = taken(record)
    assert.deepEqual(
      signals.map(({ id, type }) => [id, type]),
      [
        ['web:7', 'demo'],
        ['web/7', 'page'],
      ],
    )
    assert.equal(problems, undefined)
  })
  it('with one id and different content both count, and the second is told', () => {
    const signals = [
      { id: 'Z', type: 'unsubscribe' },
      { id: 'Z', type: 'demo_request' },
      { id: 'Z', type: 'demo_request' },
    ]
    const lead = taken({ ...ANA, signals })
    assert.deepEqual(
      lead.signals.map(({ type }) => type),
      ['unsubscribe', 'demo_request'],
    )
    assert.equal(new Set(lead.signals.map(({ id }) => id)).size, 2)
    assert.deepEqual(field(lead.problems), ['signals[1].id'])
  })
  it('beside thousands of other keys nothing is overlooked', () => {
    const junk = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, 'v']))
    assert.equal(taken({ ...junk, ...ANA, opt_out: true }).consent.optOut, true)
  })
  it('more ids or attributes than are kept are told', () => {
    const many = (n: number) =>
      Object.fromEntries(Array.from({ length: n }, (_, k) => [`k${k}`, 'v']))
    const lead = taken({ ...ANA, externalIds: many(25), attributes: many(250) })
    assert.deepEqual(field(lead.problems), ['externalIds', 'attributes'])
  })
})

describe('toLead: what strangers share', () => {
  it('a word for no id is no id, so that it makes nobody the same', () => {
    for (const word of ['undefined', 'null', 'N/A', 'unknown', '0', '-', '(not set)']) {
      const lead = taken({
        ...ANA,
        externalIds: { ga: word, hubspot: '7' },
        crm: { leadId: word, accountId: word, stage: 'new' },
      })
      assert.deepEqual(lead.externalIds, { hubspot: '7' }, word)
      assert.deepEqual(lead.crm, { stage: 'new' }, word)
      assert.equal(lead.problems, undefined)
    }
  })
  it('and names nobody', () => {
    assert.deepEqual(
      rejected({ externalIds: { ga: '(not set)' } }).map(({ field }) => field),
      ['contact'],
    )
  })
  for (const website of ['gmail.com', 'facebook.com/acme', 'linkedin.com/company/acme']) {
    it(`${website} says nothing about the company, and is no problem`, () => {
      const free = taken({ email: 'ana@gmail.com', website })
      assert.deepEqual([free.company, free.problems], [{}, undefined])
      assert.equal(taken({ ...ANA, website }).company.domain, 'acme.example', 'the address does')
    })
  }
})

describe('toLead: ids, attributes, a model', () => {
  it('ids of other systems make a person known without an address', () => {
    assert.deepEqual(taken({ externalIds: { hubspot: 7, sf: '00Q' } }).externalIds, {
      hubspot: '7',
      sf: '00Q',
    })
  })
  it('attributes are plain values and short lists of them', () => {
    const { attributes, problems } = taken({
      ...ANA,
      attributes: {
        plan: 'pro',
        n: 5,
        yes: true,
        tags: ['a', 1],
        deep: { a: 1 },
        long: ['x'.repeat(600)],
      },
    })
    assert.deepEqual(attributes, { plan: 'pro', n: 5, yes: true, tags: ['a', 1] })
    assert.deepEqual(problems!.map(({ field }) => field).sort(), [
      'attributes.deep',
      'attributes.long',
    ])
  })
  it('a model’s judgement with its features', () => {
    const { model } = taken({
      ...ANA,
      model: {
        score: '0.8',
        confidence: 0.9,
        version: 'v1',
        features: [{ name: 'a', weight: 1, x: 2 }, { name: 5 }, null],
      },
    })
    assert.deepEqual(model, {
      score: 0.8,
      confidence: 0.9,
      version: 'v1',
      features: [{ name: 'a', weight: 1 }],
    })
  })
  it('a Date, as database nodes give it, is a time like every other', () => {
    const lead = taken({ ...ANA, created_at: new Date(NOW - 5), meta: { updated: new Date(NOW) } })
    assert.equal(lead.event.occurredAt, at(NOW - 5))
    assert.notEqual(lead.event.id, taken({ ...ANA, created_at: new Date(NOW - 6) }).event.id)
  })
})

describe('toLead: hostile records', () => {
  const hostile: ReadonlyArray<readonly [string, unknown]> = [
    [
      'a __proto__ key',
      JSON.parse('{"__proto__":{"email":"x@y.example"},"email":"ana@acme.example"}'),
    ],
    [
      '__proto__ in every section',
      JSON.parse(
        '{"email":"ana@acme.example","contact":{"__proto__":{"title":"x"}},"attributes":{"__proto__":1,"constructor":2},"externalIds":{"__proto__":"1"}}',
      ),
    ],
    ['a null prototype', Object.assign(Object.create(null), ANA)],
    [
      'keys of the language',
      { ...ANA, constructor: 'x', toString: 'y', hasOwnProperty: 'z', valueOf: 1 },
    ],
    ['a formula', { ...ANA, name: '=cmd()', company: '=HYPERLINK("http://x")' }],
    ['right-to-left and emoji', { ...ANA, name: '‮evil', company: '🚀 مرحبا', title: '👩‍👩‍👧‍👦' }],
    ['a NUL', { ...ANA, name: 'Ana\u0000Ruiz' }],
    [
      'many keys',
      {
        ...ANA,
        ...Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 'v'])),
      },
    ],
    [
      'many attributes',
      {
        ...ANA,
        attributes: Object.fromEntries(
          Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 'v']),
        ),
      },
    ],
    [
      'a long key',
      { ...ANA, ['k'.repeat(10_000)]: 'v', attributes: { ['k'.repeat(10_000)]: 'v' } },
    ],
    [
      'lists everywhere',
      {
        email: ['ana@acme.example'],
        phone: ['1'],
        contact: { email: 'ana@acme.example', name: [1] },
        company: [],
        consent: [],
        source: ['x'],
        signals: [[]],
      },
    ],
    [
      'numbers everywhere',
      { email: 'ana@acme.example', name: 5, company: 5, country: 5, trigger: 5, event_id: 5 },
    ],
    [
      'Turkish capitals, which grow when lowered',
      {
        ...ANA,
        trigger: 'İ'.repeat(100),
        medium: 'İ'.repeat(512),
        signals: [{ type: 'İ'.repeat(100) }],
      },
    ],
    [
      'a very long id of the event',
      { ...ANA, trigger: 'a', event_id: 'x'.repeat(200), signals: [{ type: 'a' }] },
    ],
  ]
  for (const [name, record] of hostile) {
    it(`${name}: a lead that fits the schema`, () => {
      const lead = taken(record, { signals: [{ type: 'form' }] })
      assertValid(lead)
      assert.deepEqual(JSON.parse(JSON.stringify(lead)), lead, 'plain JSON')
      assert.equal(({} as Record<string, unknown>).title, undefined)
    })
  }
  it('a source with a long name still gives valid signals', () => {
    assertValid(
      taken({ ...ANA, trigger: 'a', event_id: 'x'.repeat(200) }, { system: 's'.repeat(90) }),
    )
  })
  it('a formula is kept as it was written', () => {
    assert.equal(taken({ ...ANA, company: '=cmd()' }).company.name, '=cmd()')
  })
  const cycle: Record<string, unknown> = { ...ANA }
  cycle.self = cycle
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level++) deep = { deep }
  for (const [name, record] of [
    ['a record beyond the bound', { ...ANA, x: 'x'.repeat(1_000_001) }],
    ['ten million characters', { ...ANA, x: 'x'.repeat(10_000_000) }],
    ['deep nesting', { ...ANA, deep }],
    ['a record that holds itself', cycle],
    ['a number that is none', { ...ANA, x: Number.NaN }],
    ['a bigint', { ...ANA, x: 5n }],
    ['a lone surrogate', { ...ANA, x: '\uD800' }],
    ['a Map', { ...ANA, x: new Map() }],
    ['a Date that is none', { ...ANA, x: new Date(Number.NaN) }],
    ['a function', { ...ANA, x: () => 1 }],
    [
      'a getter that throws',
      Object.defineProperty({ ...ANA }, 'x', { enumerable: true, get: () => assert.fail('read') }),
    ],
  ] as const) {
    it(`${name} is rejected with one problem, in bounded time`, () => {
      const problems = inBoundedTime(2_000, () => rejected(record))
      assert.deepEqual([problems.length, problems[0]!.field], [1, 'record'])
      assert.ok(problems[0]!.value.length <= 60 && problems[0]!.expected.length < 300)
    })
  }

  const key = fc.constantFrom(
    'email',
    'phone',
    'name',
    'country',
    'event_id',
    'trigger',
    'signals',
    'contact',
    'company',
    'model',
    'externalIds',
    'attributes',
    'consent',
    '__proto__',
    'contact.email',
    'employees',
    'timestamp',
  )
  const record = fc.oneof(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withTypedArray: true,
    }),
    fc.dictionary(key, fc.anything({ maxDepth: 3 })),
    fc
      .dictionary(key, fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.jsonValue()))
      .map((one) => ({ ...one, email: 'ana@acme.example' })),
    fc.object({ maxDepth: 3 }),
  )
  const config = fc.record({
    onInvalid: fc.constantFrom('set-aside' as const, 'reject' as const),
    guessNames: fc.boolean(),
    mapping: fc.array(
      fc.record({
        to: fc.constantFrom('contact.email', 'attributes.x', 'event.id', 'company.country'),
        from: fc.oneof(key, fc.string()),
      }),
      { maxLength: 3 },
    ),
    signals: fc.array(fc.record({ type: fc.constantFrom('a', 'b'), when: key }), { maxLength: 2 }),
  })

  it('is total, and every lead fits the schema and survives JSON', () => {
    let leads = 0
    fc.assert(
      fc.property(record, config, (one, more) => {
        const intake = toLead(one, intakeSettings(more), NOW)
        if (intake.kind === 'rejected') {
          assert.ok(intake.problems.length > 0)
          return
        }
        leads += 1
        assertValid(intake.lead)
        assert.deepEqual(JSON.parse(JSON.stringify(intake.lead)), intake.lead)
      }),
      { numRuns: 1_500 },
    )
    assert.ok(leads > 30, `only ${leads} records became leads`)
  })

  it('leaves the record as it was, and answers the same for the same', () => {
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), config, (one, more) => {
        const frozen = deepFreeze({ ...one, email: 'ana@acme.example' })
        assert.deepEqual(
          toLead(frozen, intakeSettings(more), NOW),
          toLead(structuredClone(frozen), intakeSettings(more), NOW),
        )
      }),
      { numRuns: 300 },
    )
  })
})

describe('toLead: what is said about consent', () => {
  const mapping = (to: string, from: string) => ({ mapping: [{ to, from }] })
  for (const [title, record, more, want] of [
    ['of two columns yes', { unsubscribed: 'no', do_not_contact: 'yes' }, {}, { optOut: true }],
    ['of two columns no', { unsubscribed: 'no', dnc: 0 }, {}, { optOut: false }],
    [
      'of its own shape no, of a column yes',
      { consent: { optOut: false }, dnc: 1 },
      {},
      { optOut: true },
    ],
    [
      'twice in its own shape',
      { 'consent.optOut': 'no', consent: { optOut: true } },
      {},
      { optOut: true },
    ],
    ['granted and denied', { gdpr_consent: 'yes', newsletter: 'no' }, {}, { marketing: 'denied' }],
    ['granted and unknown', { optin: 'unknown', newsletter: 'yes' }, {}, { marketing: 'granted' }],
    [
      'granted and nothing',
      { gdpr_consent: 'yes', newsletter: 'n/a' },
      {},
      { marketing: 'granted' },
    ],
    [
      'mapped no, by its usual name yes',
      { mails: 'no', dnc: 'yes' },
      mapping('consent.optOut', 'mails'),
      { optOut: true },
    ],
    [
      'in two mapped places',
      { a: 'no', b: 'yes' },
      mapping('consent.optOut', 'a | b'),
      { optOut: true },
    ],
  ] as const satisfies readonly (readonly [string, object, object, Lead['consent']])[]) {
    it(`${title}: the strictest holds`, () => {
      const lead = taken({ ...ANA, ...record }, more)
      assert.deepEqual([lead.consent, lead.problems], [want, undefined])
    })
  }

  for (const [record, want] of [
    [{ unsubscribed: '2026-01-05' }, { optOut: true }],
    [{ unsubscribed: new Date(NOW) }, { optOut: true }],
    [{ do_not_contact: 'granted' }, { optOut: true }],
    [{ optout: ['mail'] }, { optOut: true }],
    [{ newsletter: 'maybe' }, { marketing: 'denied' }],
    [
      { email_consent: 'perhaps', phone_consent: {} },
      { email: 'denied', phone: 'denied' },
    ],
    [{ newsletter: 'yes', gdpr_consent: 'see note' }, { marketing: 'denied' }],
  ] as const) {
    it(`${JSON.stringify(record)} cannot be read, is told, and counts as refused`, () => {
      const { consent, problems } = taken({ ...ANA, ...record })
      assert.deepEqual(consent, want)
      assert.deepEqual(
        problems!.map(({ field: path }) => path),
        Object.keys(want).map((kind) => `consent.${kind}`),
      )
      for (const { expected } of problems!) assert.match(expected, /; it counts as (yes|denied)$/)
    })
  }

  for (const [said, optOut, marketing] of [
    ['opted out', true, 'denied'],
    ['Opt-Out', true, 'denied'],
    ['opted_out', true, 'denied'],
    ['Unsubscribed', true, 'denied'],
    ['do not contact', true, 'denied'],
    ['Subscribed', false, 'granted'],
    ['opted-in', false, 'granted'],
    ['n/a', undefined, undefined],
    ['-', undefined, undefined],
    [' ', undefined, undefined],
    [null, undefined, undefined],
  ] as const) {
    it(`${JSON.stringify(said)} is understood as what it says`, () => {
      const lead = taken({ ...ANA, unsubscribed: said, newsletter: said })
      assert.deepEqual([lead.consent.optOut, lead.consent.marketing], [optOut, marketing])
      assert.equal(lead.problems, undefined)
    })
  }

  it('a problem names the place that cannot be read, once', () => {
    const record = { ...ANA, unsubscribed: 'no', do_not_contact: '2026-01-05', dnc: '2026-01-05' }
    const problems = taken(record, mapping('consent.optOut', 'unsubscribed | dnc')).problems!
    assert.deepEqual(
      problems.map(({ field: path, from, value }) => [path, from, value]),
      [['consent.optOut', 'dnc', '"2026-01-05"']],
    )
  })

  it('a refusal is never lost, whatever else is said in whatever order', () => {
    const name = fc.constantFrom('unsubscribed', 'do_not_contact', 'dnc', 'optout', 'opt_out')
    const word = fc.constantFrom('yes', 'no', 'maybe', '', 'n/a', 'opted out', true, false, 1)
    const refuses = (said: unknown) =>
      ['yes', 'maybe', 'opted out', true, 1].includes(said as string)
    fc.assert(
      fc.property(fc.dictionary(name, word), (said) => {
        const { consent } = taken({ ...ANA, ...said })
        assert.equal(consent.optOut === true, Object.values(said).some(refuses))
      }),
    )
  })
})

describe('toLead: refusals as CRMs and mail systems name them', () => {
  const EMAIL = { email: 'denied' } as const
  const PHONE = { phone: 'denied' } as const
  const MARKETING = { marketing: 'denied' } as const
  const EVERYTHING = { optOut: true } as const
  const names: ReadonlyArray<readonly [string, readonly string[], Lead['consent']]> = [
    [
      'Salesforce',
      ['HasOptedOutOfEmail', 'Email Opt Out', 'has_opted_out_of_email', 'Email_Opt_Out__c'],
      EMAIL,
    ],
    ['Salesforce', ['DoNotCall', 'Do Not Call', 'do-not-call', 'Do_Not_Call__c'], PHONE],
    ['Salesforce', ['Do_Not_Contact__c', 'OptOut__C'], EVERYTHING],
    ['Salesforce, person accounts', ['PersonHasOptedOutOfEmail'], EMAIL],
    ['Salesforce, person accounts', ['PersonDoNotCall'], PHONE],
    [
      'Salesforce: no fax is sent',
      ['HasOptedOutOfFax', 'Fax Opt Out', 'PersonHasOptedOutOfFax'],
      {},
    ],
    ['HubSpot', ['hs_email_optout', 'Unsubscribed from all email', 'unsubscribed_from_all'], EMAIL],
    ['HubSpot: one list left', ['hs_email_optout_9876543', 'Opted out of email: Our News'], {}],
    ['Dynamics', ['donotemail', 'Do not allow Emails', 'DoNotEMail'], EMAIL],
    ['Dynamics', ['donotbulkemail', 'Do not allow Bulk Emails', 'donotsendmm'], MARKETING],
    ['Dynamics', ['donotphone', 'Do not allow Phone Calls'], PHONE],
    ['Dynamics: no letter is sent', ['donotpostalmail', 'donotfax'], {}],
    ['Pardot', ['is_do_not_email', 'emailOptOut', 'emailOptedOut'], EMAIL],
    ['Pardot', ['is_do_not_call'], PHONE],
    ['Pardot, Marketo', ['optedOut', 'opted_out', 'unsubscribed'], EVERYTHING],
    ['a bounce is no refusal', ['emailInvalid', 'Email Bounced', 'unsubscribedReason'], {}],
  ]
  for (const [system, keys, want] of names)
    for (const key of keys) {
      it(`${system}: ${key}`, () => {
        for (const yes of [true, 'true', 'Yes', 1, '1', 'Do Not Allow', 'Opted out']) {
          const { consent, problems } = taken({ ...ANA, [key]: yes })
          assert.deepEqual([consent, problems], [want, undefined], String(yes))
        }
        for (const no of [false, 'false', 'No', 0, '0', '', ' ', null, undefined, 'n/a', 'Allow'])
          for (const [kind, said] of Object.entries(taken({ ...ANA, [key]: no }).consent))
            assert.deepEqual([kind, said], ['optOut', false], `${no} grants nothing`)
        const unread = taken({ ...ANA, [key]: 'see note' })
        assert.deepEqual(unread.consent, want, 'what cannot be read is refused')
        assert.deepEqual(
          unread.problems?.map(({ field: path, from }) => [path, from]) ?? [],
          Object.keys(want).map((kind) => [`consent.${kind}`, key]),
        )
        assert.deepEqual(taken({ contact: ANA, [key]: true }, { guessNames: false }).consent, {})
      })
    }

  for (const [record, want] of [
    [{ hs_marketable_status: 'false' }, {}],
    [{ 'Marketing contact status': 'Non-marketing contact' }, {}],
    [{ 'Send Marketing Materials': 'Do Not Send' }, MARKETING],
    [{ 'Send Marketing Materials': 'Send' }, {}],
    [{ marketing_opt_in: 'Allow' }, { marketing: 'granted' }],
    [{ UNSUB_TIME: '2026-01-05 10:22:11' }, MARKETING],
    [{ UNSUB_TIME: '' }, {}],
    [{ unsubscribed_at: '2026-01-05T10:22:11Z' }, MARKETING],
    [{ 'Unsubscribed Time': '2026-01-05 10:22:11' }, MARKETING],
    [{ unsubscribed_at: null, 'Unsubscribed Time': '' }, {}],
    [{ marketing_opt_in: false }, MARKETING],
    [{ marketing_opt_in: true }, { marketing: 'granted' }],
    [{ UNSUB_TIME: 0 }, {}],
  ] as const) {
    it(`${JSON.stringify(record)} is understood`, () => {
      const { consent, problems } = taken({ ...ANA, ...record })
      assert.deepEqual([consent, problems], [want, undefined])
    })
  }
  for (const record of [{ 'Send Marketing Materials': 'perhaps' }, { UNSUB_TIME: 'last spring' }])
    it(`${JSON.stringify(record)} cannot be read and counts as refused`, () => {
      const { consent, problems } = taken({ ...ANA, ...record })
      assert.deepEqual([consent, field(problems)], [MARKETING, ['consent.marketing']])
    })

  it('the label of a button grants nothing', () => {
    assert.notEqual(taken({ ...ANA, newsletter: 'Send' }).consent.marketing, 'granted')
  })

  it('under `consent` they are understood as well', () => {
    for (const [consent, want] of [
      [{ opt_out: true }, EVERYTHING],
      [{ HasOptedOutOfEmail: true }, EMAIL],
      [
        { 'Do Not Call': 'yes', marketing: 'yes' },
        { ...PHONE, marketing: 'granted' },
      ],
      [{ optOut: false, unsubscribed: 1 }, EVERYTHING],
    ] as const)
      assert.deepEqual(taken({ ...ANA, consent }).consent, want)
  })

  it('a list that is left denies marketing where a row of Signals makes it an unsubscribe', () => {
    const signals = [{ type: 'unsubscribe', when: 'hs_email_optout_7' }]
    for (const [left, want] of [
      ['true', MARKETING],
      ['false', {}],
    ] as const)
      assert.deepEqual(taken({ ...ANA, hs_email_optout_7: left }, { signals }).consent, want)
  })

  it('among the fields of `contact` they are understood as well, and nothing else there is', () => {
    for (const [said, want] of [
      [{ HasOptedOutOfEmail: true }, EMAIL],
      [
        { unsubscribed: 'yes', DoNotCall: 1 },
        { ...EVERYTHING, ...PHONE },
      ],
      [{ newsletter: [], consent: { marketing: 'yes' } }, {}],
    ] as const)
      assert.deepEqual(taken({ contact: { ...ANA, ...said } }).consent, want)
    const granted = { email_consent: 'yes', contact: { ...ANA, HasOptedOutOfEmail: true } }
    assert.deepEqual(taken(granted).consent, EMAIL, 'the strictest holds')
    const { company, consent } = taken({ contact: { ...ANA, firma: 'Acme', donotemail: false } })
    assert.deepEqual([company.name, consent], [undefined, {}])
  })

  it('the strictest holds, whatever else grants, and the kinds stay apart', () => {
    const grants = { email_consent: 'yes', phone_consent: 'yes', newsletter: 'yes' }
    const granted = { email: 'granted', phone: 'granted', marketing: 'granted' }
    fc.assert(
      fc.property(
        fc.constantFrom(...names.filter(([, , want]) => !('optOut' in want))),
        fc.boolean(),
        fc.boolean(),
        ([, [key], want], refuses, first) => {
          const refusal = { [key!]: refuses }
          const record = first ? { ...refusal, ...grants } : { ...grants, ...refusal }
          const { consent } = taken({ ...ANA, ...record })
          assert.deepEqual(consent, refuses ? { ...granted, ...want } : granted)
        },
      ),
    )
  })
})
