// Goal: places are read from a record's own properties only, and "nothing" is recognised.
import assert from 'node:assert/strict'
import {
  datesAsText,
  isRecord,
  readPlace,
  readPlaces,
  saysYes,
} from '../../../../engine/lead/intake/record'
import { usualField } from '../../../../engine/lead/intake/synonyms'
import { pathProblem, writablePaths } from '../../../../engine/lead/paths'
import { inBoundedTime } from '../../support/processor'

describe('readPlace', () => {
  const record = { a: { b: [{ c: 7 }] }, 'x.y': 1, x: { y: 2 }, n: null, z: 0 }
  for (const [place, want] of [
    ['a.b.0.c', 7],
    ['x.y', 1],
    ['z', 0],
    ['n', null],
    ['n.x', undefined],
    ['a.b.c', undefined],
    ['a.b.length', 1],
    ['__proto__', undefined],
    ['constructor', undefined],
    ['a.constructor.name', undefined],
    ['toString', undefined],
    ['', undefined],
    ['.', undefined],
  ] as const) {
    it(`${place || 'nothing'} is ${want}`, () => assert.deepEqual(readPlace(record, place), want))
  }
  for (const none of [null, undefined, 5, 'text']) {
    it(`${none} holds nothing`, () => assert.equal(readPlace(none, 'a'), undefined))
  }
})

describe('readPlaces: the first place that holds something', () => {
  const record = { a: '', b: ' ', c: null, d: 'n/a', e: 0, f: 'x' }
  for (const [places, missing, want] of [
    ['a|b|c|e|f', [], 0],
    ['a | f', [], 'x'],
    ['d|f', [], 'n/a'],
    ['d|f', ['n/a'], 'x'],
    ['a|b|c', [], undefined],
  ] as const) {
    it(`${places}: ${want}`, () =>
      assert.equal(readPlaces(record, places, new Set<string>(missing)), want))
  }
})

describe('isRecord', () => {
  for (const [value, want] of [
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    ['x', false],
    [Buffer.from('x'), false],
  ] as const) {
    it(`${Object.prototype.toString.call(value)}: ${want}`, () =>
      assert.equal(isRecord(value), want))
  }
})

describe('saysYes', () => {
  for (const [value, want] of [
    [true, true],
    ['yes', true],
    ['x', true],
    [1, true],
    [{}, true],
    [false, false],
    ['No', false],
    [' nein ', false],
    [0, false],
    ['0', false],
    ['', false],
    ['None', false],
    [null, false],
    [undefined, false],
  ] as const) {
    it(`${JSON.stringify(value)}: ${want}`, () => assert.equal(saysYes(value), want))
  }
})

describe('datesAsText', () => {
  it('writes dates at every depth as ISO text, and leaves the record alone', () => {
    const date = new Date('2026-03-02T10:00:00Z')
    const record = { a: date, b: [{ c: date }], d: 'x' }
    assert.deepEqual(JSON.parse(JSON.stringify(datesAsText(record))), {
      a: '2026-03-02T10:00:00.000Z',
      b: [{ c: '2026-03-02T10:00:00.000Z' }],
      d: 'x',
    })
    assert.equal(record.a, date)
  })
  it('what holds itself, and what is shared many times, costs no more than its size', () => {
    const self: Record<string, unknown> = {}
    Object.assign(self, { a: self, b: self, c: [self, self] })
    let shared: unknown = { x: 1 }
    for (let level = 0; level < 200; level++) shared = { a: shared, b: shared }
    inBoundedTime(1_000, () => [datesAsText(self), datesAsText(shared)])
  })
})

describe('usualField', () => {
  for (const [key, want] of [
    ['E-Mail', 'contact.email'],
    ['first_name', 'contact.firstName'],
    ['First Name', 'contact.firstName'],
    ['UTM_Campaign', 'source.campaign'],
    ['shoe size', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
    ['e'.repeat(1_000_000), undefined],
  ] as const) {
    it(`${key.slice(0, 20)} is ${want}`, () => assert.equal(usualField(key)?.path, want))
  }
  it('names fields that a source may fill', () => {
    const fillable = [...writablePaths(), 'event.id', 'event.occurredAt']
    for (const key of [
      'email',
      'phone',
      'vorname',
      'title',
      'company',
      'website',
      'plz',
      'ort',
      'industry',
      'headcount',
      'revenue',
      'channel',
      'formname',
      'offerid',
      'partner',
      'dnc',
      'phoneoptin',
      'donotcall',
      'hs_email_optout',
      'unsub_time',
      'submissionid',
      'timestamp',
    ])
      assert.equal(pathProblem(usualField(key)!.path, fillable), undefined, key)
  })
})
