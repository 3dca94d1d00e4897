// Goal: a lead can change what a provider is asked for, never whom we ask; no secret is remembered.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  fillProblem,
  normaliseValue,
  type ProviderSpec,
  requestFor,
  urlProblem,
  valuesFrom,
  wanted,
} from '../../../engine/enrichment/provider'
import { lead } from '../support/leads'

const spec = (more: Partial<ProviderSpec> = {}): ProviderSpec => ({
  name: 'p',
  url: 'https://api.example/company?domain={{company.domain}}&key={{secret}}',
  header: 'Authorization: Bearer {{secret}}',
  timeoutMs: 1000,
  confidence: 0.8,
  ttlMs: 0,
  map: [
    { to: 'company.employees', from: 'metrics.employees' },
    { to: 'company.country', from: 'geo.country|country' },
  ],
  verify: false,
  ...more,
})

describe('wanted: the fields that the lead does not know', () => {
  it('only those', () => {
    assert.deepEqual(wanted(spec(), lead()), [])
    assert.deepEqual(wanted(spec(), lead({ company: { country: 'DE' } })), ['company.employees'])
  })
})

describe('requestFor', () => {
  it('fills the lead’s values and the secret in', () => {
    assert.deepEqual(requestFor(spec(), lead(), 's3cret'), {
      url: 'https://api.example/company?domain=acme.example&key=s3cret',
      headers: { accept: 'application/json', authorization: 'Bearer s3cret' },
      cacheKey: 'https://api.example/company?domain=acme.example&key={{secret}}',
    })
  })
  it('there is none when the lead lacks a value', () => {
    assert.equal(requestFor(spec(), lead({ company: {} }), 's'), undefined)
    assert.equal(
      requestFor(
        spec({ url: 'https://x/{{attributes.a}}' }),
        lead({ attributes: { a: { b: 1 } } }),
        's',
      ),
      undefined,
    )
  })
  it('the secret is in no key under which an answer is remembered', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), (secret) => {
        fc.pre(!'https://api.example/company?domain=acme.example&key={{secret}}'.includes(secret))
        assert.ok(!requestFor(spec(), lead(), secret)!.cacheKey.includes(secret))
      }),
    )
  })
  it('whatever the lead holds, the host, path and other parameters stay', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (domain) => {
        const url = new URL(requestFor(spec(), lead({ company: { domain } }), 's')!.url)
        assert.deepEqual(
          [url.origin, url.pathname, [...url.searchParams.keys()]],
          ['https://api.example', '/company', ['domain', 'key']],
        )
        assert.equal(url.searchParams.get('domain'), domain)
      }),
    )
  })
  it('a value that looks like the secret’s place does not become the secret', () => {
    const { url } = requestFor(spec(), lead({ company: { domain: '{{secret}}' } }), 's3cret')!
    assert.equal(url.match(/s3cret/g)!.length, 1)
  })
  it('a value that is no Unicode text does not throw', () => {
    assert.doesNotThrow(() => requestFor(spec(), lead({ company: { domain: '\uD800' } }), 's'))
  })
})

describe('what an answer is remembered under', () => {
  const key = (name: string) =>
    requestFor(
      spec({ url: 'https://api.example/?n={{company.name}}&k={{secret}}' }),
      lead({ company: { name } }),
      's',
    )!.cacheKey
  it('is short enough for any index, and its own', () => {
    assert.ok(key('公'.repeat(400)).length <= 500)
    assert.equal(key('公'.repeat(400)), key('公'.repeat(400)))
    assert.notEqual(key('公'.repeat(400)), key(`${'公'.repeat(399)}司`))
  })
})

describe('a value that is a way up in a path', () => {
  const inPath = spec({
    url: 'https://api.example/v1/plans/{{attributes.plan}}/prices?of={{attributes.plan}}',
  })
  const inQuery = spec({ url: 'https://api.example/v1/prices?of={{attributes.plan}}' })
  for (const plan of ['.', '..']) {
    it(`"${plan}" asks nobody`, () =>
      assert.equal(requestFor(inPath, lead({ attributes: { plan } }), 's'), undefined))
    it(`"${plan}" is a value like others behind the question mark`, () => {
      const { url } = requestFor(inQuery, lead({ attributes: { plan } }), 's')!
      assert.equal(new URL(url).searchParams.get('of'), plan)
    })
  }
  it('whatever the lead holds, the path has as many parts', () => {
    const anything = fc.string({ unit: fc.constantFrom('.', '/', '%', '2', 'e', '\\', 'a') })
    fc.assert(
      fc.property(anything, (plan) => {
        const request = requestFor(inPath, lead({ attributes: { plan } }), 's')
        if (request === undefined) return
        assert.equal(new URL(request.url).pathname.split('/').length, 5)
      }),
    )
  })
})

describe('the secret is sent letter for letter', () => {
  for (const secret of ['pa$$word', '$&', "$'x", '$`x', '$1']) {
    it(secret, () => {
      const { url, headers } = requestFor(spec(), lead(), secret)!
      assert.equal(headers.authorization, `Bearer ${secret}`)
      assert.equal(new URL(url).searchParams.get('key'), secret)
    })
  }
  it('with room in its place, as in a URL', () => {
    const { url, headers } = requestFor(
      spec({ url: 'https://api.example/?k={{ secret }}', header: 'X-Key: {{ secret }}' }),
      lead(),
      's3',
    )!
    assert.deepEqual([url, headers['x-key']], ['https://api.example/?k=s3', 's3'])
  })
})

describe('urlProblem: whom we ask is not up to the lead', () => {
  for (const url of [
    'https://api.example/companies/{{company.domain}}',
    'https://api.example?domain={{company.domain}}',
    'https://{{secret}}.api.example/{{company.domain}}',
    'https://user:{{secret}}@api.example/',
    'http://localhost:8080/{{contact.email}}',
  ])
    it(`${url} can be used`, () => assert.equal(urlProblem({ url }), undefined))
  for (const url of [
    'https://{{company.domain}}/about.json',
    'https://api.{{company.domain}}/',
    'https://api.example{{company.domain}}/',
    'https://{{contact.email}}@api.example/',
    '{{attributes.scheme}}://api.example/',
  ])
    it(`${url} cannot`, () => assert.match(urlProblem({ url })!, /who is asked|an address such as/))
  for (const url of [
    '',
    'api.example',
    'https://api.example:{{attributes.port}}.',
    '{{attributes.url}}',
  ])
    it(`"${url}" is no address`, () => assert.match(urlProblem({ url })!, /an address such as/))
})

describe('valuesFrom: an answer in the form that the lead keeps', () => {
  const { map } = spec()
  for (const [answer, want] of [
    [
      { metrics: { employees: '1,200' }, geo: { country: 'Germany' } },
      { 'company.employees': 1200, 'company.country': 'DE' },
    ],
    [{ country: 'de' }, { 'company.country': 'DE' }],
    [{ metrics: { employees: 'many' }, country: 'Atlantis' }, {}],
    [{ metrics: null, geo: [] }, {}],
    [null, {}],
    ['text', {}],
    [[], {}],
  ] as const) {
    it(`${JSON.stringify(answer)} → ${JSON.stringify(want)}`, () =>
      assert.deepEqual(valuesFrom(map, answer), want))
  }
  it('is total over any answer', () => {
    fc.assert(fc.property(fc.anything(), (answer) => void valuesFrom(map, answer)))
  })
})

describe('normaliseValue and fillProblem', () => {
  it('normalise by the field', () => {
    assert.equal(normaliseValue('company.domain', 'https://www.Acme.example/about'), 'acme.example')
    assert.equal(normaliseValue('company.domain', 'linkedin.com/company/acme'), undefined)
    assert.equal(normaliseValue('contact.name', 'Dr. ANA RUIZ'), 'Ana Ruiz')
    assert.equal(normaliseValue('contact.lastName', 'RUIZ'), 'Ruiz')
    assert.equal(normaliseValue('contact.name', 'null null'), undefined)
    assert.equal(normaliseValue('attributes.tech', 5), 5)
    assert.equal(normaliseValue('company.employees', null), undefined)
  })
  for (const [path, ok] of [
    ['company.employees', true],
    ['contact.title', true],
    ['attributes.tech', true],
    ['crm.owner', true],
    ['consent.optOut', false],
    ['source.trigger', false],
    ['decision.outcome', false],
    ['contact.emailKey', false],
    ['company.employes', false],
  ] as const) {
    it(`a provider ${ok ? 'may' : 'may not'} fill ${path}`, () =>
      assert.equal(fillProblem(path) === undefined, ok))
  }
})
