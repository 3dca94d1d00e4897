// Goal: a rule may name exactly the fields that a lead has, and nothing reaches the prototype.
import assert from 'node:assert/strict'
import {
  isStepSection,
  knownPaths,
  mayHoldList,
  pathProblem,
  pathReader,
  setPath,
  writablePaths,
} from '../../../engine/lead/paths'

describe('pathProblem', () => {
  for (const path of [
    'contact.email',
    'company.employees',
    'source.trigger',
    'consent.optOut',
    'crm.openDeal',
    'model.score',
    'attributes.anything',
    'externalIds.hubspot',
    'fit.points',
    'intent.account.points',
    'event.receivedAt',
    'cycle',
    'id',
  ]) {
    it(`${path} is a field`, () => assert.equal(pathProblem(path), undefined))
  }
  for (const [path, want] of [
    ['company.employes', /did you mean "company\.employees"\?/],
    ['contact.mail', /did you mean "contact\.email"\?/],
    ['country', /did you mean "(contact|company)\.country"\?/],
    ['Company.Employees', /did you mean "company\.employees"\?/],
    ['', /"" is not a field of the lead$/],
    ['.', /is not a field/],
    ['company..employees', /is not a field/],
    ['company', /is not a field/],
    ['attributes', /is not a field/],
    ['attributes.a.b', /is not a field/],
    ['attributes.__proto__', /"attributes\.__proto__" is not a field of the lead$/],
    ['__proto__.polluted', /is not a field/],
    ['constructor', /is not a field/],
    ['contact.constructor.name', /is not a field/],
    ['toString', /is not a field/],
    ['provenance.x', /is not a field/],
    ['contact', /a part of it; write a field of it, such as "contact\.email"$/],
    ['x'.repeat(10_000), /is not a field of the lead$/],
  ] as const) {
    it(`"${path.slice(0, 40)}" is not`, () => assert.match(pathProblem(path)!, want))
  }
})

describe('writablePaths: what a source or a provider may fill', () => {
  const writable = writablePaths()
  it('holds the fields of the lead', () => {
    for (const path of [
      'contact.email',
      'company.industry',
      'consent.optOut',
      'crm.owner',
      'model.score',
      'source.campaign',
    ])
      assert.ok(writable.includes(path), path)
  })
  it('holds nothing that steps write, nothing derived, no identity of the lead', () => {
    for (const path of writable) {
      assert.ok(!isStepSection(path), path)
      assert.ok(
        !/Key$|emailKind|emailRole|^id$|^cycle$|^event\.|^signals|^problems|^account\.id/.test(
          path,
        ),
        path,
      )
    }
  })
  it('is part of what a rule may read', () => {
    for (const path of writable) assert.ok(knownPaths().includes(path), path)
  })
})

describe('mayHoldList', () => {
  for (const [path, want] of [
    ['attributes.tags', true],
    ['identity.matchedBy', true],
    ['decision.factors', true],
    ['company.employees', false],
    ['externalIds.sf', false],
    ['seconds', false],
  ] as const) {
    it(`${path}: ${want}`, () => assert.equal(mayHoldList(path), want))
  }
})

describe('pathReader and setPath', () => {
  for (const path of ['a', 'a.b', 'a.b.c', 'a.b.c.d', 'a.b.c.d.e']) {
    it(`${path} reads what was set, and nothing where nothing is`, () => {
      const target: Record<string, unknown> = {}
      assert.equal(pathReader(path)(target), undefined)
      setPath(target, path, 7)
      assert.equal(pathReader(path)(target), 7)
      assert.equal(pathReader(`${path}.x`)(target), undefined)
    })
  }
  it('sets through what is no object', () => {
    const target: Record<string, unknown> = { a: 5, b: null }
    setPath(target, 'a.x', 1)
    setPath(target, 'b.y', 2)
    assert.deepEqual(target, { a: { x: 1 }, b: { y: 2 } })
  })
})
