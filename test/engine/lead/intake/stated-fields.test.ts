// Goal: what a record states by field is what a plain reading of the rules says, in the same order.
// Method: the rules written straight down, path by path, against the prepared way; random records.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fieldAt } from '../../../../engine/lead/intake/fields'
import { planOf } from '../../../../engine/lead/intake/plan'
import {
  isMissing,
  isNothing,
  isRecord,
  type RawRecord,
  readPlace,
  readPlaces,
} from '../../../../engine/lead/intake/record'
import type { IntakeSettings } from '../../../../engine/lead/intake/settings'
import { statedFields } from '../../../../engine/lead/intake/stated-fields'
import { usualField } from '../../../../engine/lead/intake/synonyms'
import { pathProblem, writablePaths } from '../../../../engine/lead/paths'

const OWN_PATHS = [
  ...writablePaths().filter((path) => !path.startsWith('model.features')),
  'event.id',
  'event.occurredAt',
]

/** What a person may refuse is kept each time that it is said. */
const REFUSABLE = /^consent\.(optOut|marketing|email|phone)$/

function statedPlainly(record: RawRecord, settings: IntakeSettings): [string, unknown][] {
  const { mapping, guessNames, missing = new Set() } = settings
  const fields: { path: string; value: unknown; by: unknown }[] = []
  // `by`: a column that is named after a refusal reads the same word in another way.
  const state = (path: string, value: unknown, by: unknown = fieldAt(path).fill) => {
    const isSaid = fields.some(
      (one) =>
        one.path === path &&
        (!REFUSABLE.test(path) || (one.by === by && Object.is(one.value, value))),
    )
    if (!isSaid && !isNothing(value) && !isMissing(value, missing)) fields.push({ path, value, by })
  }
  for (const { to, from, value } of mapping) {
    if (from === undefined) state(to, value)
    else if (!REFUSABLE.test(to)) state(to, readPlaces(record, from, missing))
    else for (const place of from.split('|')) state(to, readPlace(record, place.trim()))
  }
  for (const path of OWN_PATHS) {
    state(path, readPlace(record, path))
    const [section, key] = path.split('.') as [string, string]
    const own = Object.hasOwn(record, section) ? record[section] : undefined
    if (REFUSABLE.test(path) && typeof own === 'object' && own && Object.hasOwn(own, key))
      state(path, (own as RawRecord)[key])
  }
  const attributes = readPlace(record, 'attributes')
  for (const [name, value] of isRecord(attributes) ? Object.entries(attributes) : []) {
    if (pathProblem(`attributes.${name}`) === undefined) state(`attributes.${name}`, value)
  }
  const states = (key: string, value: unknown, only = '') => {
    const isSection = isRecord(value) && OWN_PATHS.some((path) => path.startsWith(`${key}.`))
    const isEmptyList = Array.isArray(value) && value.length === 0
    const usual = isSection || isEmptyList ? undefined : usualField(key)
    if (usual?.path.startsWith(only)) state(usual.path, value, usual.fill)
  }
  if (guessNames) {
    for (const [key, value] of Object.entries(record)) states(key, value)
    for (const of of ['consent', 'contact'].map((section) => readPlace(record, section)))
      for (const [key, value] of isRecord(of) ? Object.entries(of) : [])
        states(key, value, 'consent.')
  }
  return fields.map(({ path, value }) => [path, value])
}

const word = fc.constantFrom('Ana', 'DE', '', ' ', 'Select', 'select', 5, 0, null, true, ['x'], [])
const key = fc.constantFrom(
  ...['email', 'E-Mail', 'phone', 'country', 'Land', 'company', 'consent', 'name', 'plan'],
  ...[
    'newsletter',
    'unsubscribed',
    'dnc',
    'do_not_call',
    'donotbulkemail',
    'donotsendmm',
    'consent.optOut',
    'consent.marketing',
  ],
  ...['contact.email', 'company.country', 'attributes.plan', 'event.id', 'x', 'a.b', '__proto__'],
)
const inner = fc.constantFrom(
  ...['email', 'country', 'id', 'plan', 'x', 'a.b', '__proto__', 'name', 'optOut', 'marketing'],
)
const section = fc.oneof(fc.dictionary(inner, word), word)
const record = fc
  .tuple(
    fc.dictionary(key, fc.oneof(word, section)),
    fc.record(
      { contact: section, company: section, event: section, attributes: section, consent: section },
      { requiredKeys: [] },
    ),
  )
  .map(([keys, sections]) => ({ ...keys, ...sections }))
const to = fc.constantFrom(
  ...['contact.email', 'attributes.plan', 'attributes.x', 'externalIds.x', 'consent.optOut'],
)
const from = fc.constantFrom(
  ...['email', 'contact.email', 'x|a.b', 'attributes.plan | name', 'unsubscribed | dnc|x', '.', ''],
)
const settings: fc.Arbitrary<IntakeSettings> = fc.record({
  system: fc.constant('web'),
  mapping: fc.array(
    fc.oneof(fc.record({ to, from }), fc.record({ to, value: fc.constantFrom('b', '') })),
    { maxLength: 4 },
  ),
  signals: fc.constant([]),
  required: fc.constant([]),
  guessNames: fc.boolean(),
  missing: fc.constantFrom(new Set<string>(), new Set(['select'])),
  onInvalid: fc.constant('set-aside' as const),
})

describe('statedFields', () => {
  it('states what the rules say, for every record of a source', () => {
    fc.assert(
      fc.property(settings, fc.array(record, { maxLength: 5 }), (more, records) => {
        for (const one of records) {
          const { fields, values } = statedFields(one, planOf(more))
          const got = fields.map(({ path }, index) => [path, values[index]])
          assert.deepEqual(got, statedPlainly(one, more))
        }
      }),
      { numRuns: 1_000 },
    )
  })
  it('states a field once, however many attributes a source has named', () => {
    const more: IntakeSettings = {
      ...{ system: 'web', signals: [], required: [], guessNames: true, onInvalid: 'set-aside' },
      mapping: [{ to: 'attributes.late', from: 'late' }],
    }
    for (let number = 0; number < 1_000; number++)
      statedFields({ attributes: { [`a${number}`]: 1 } }, planOf(more))
    const { fields, values } = statedFields({ late: 1, attributes: { late: 2 } }, planOf(more))
    assert.deepEqual([fields.map(({ path }) => path), values], [['attributes.late'], [1]])
  })
})
