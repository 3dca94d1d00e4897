// Goal: an id is kept as it is written; a word for "no id" is none. Method: tables, laws.
import fc from 'fast-check'
import { normaliseOutsideId } from '../../../../engine/lead/normalise/outside-id'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

describe('normalise: id of an outside system', () => {
  itObeysTheLaws(normaliseOutsideId, { typical: fc.oneof(fc.uuid(), fc.string(), fc.nat()) })

  accepts(normaliseOutsideId, [
    ['00Q5e000001AbCd', '00Q5e000001AbCd'],
    [' 7 ', '7'],
    [7, '7'],
    ['GA1.2.1033.17', 'GA1.2.1033.17'],
    ['10', '10'],
    ['null-7', 'null-7'],
    ['{3f2504e0-4f89-11d3-9a0c-0305e82c3301}', '{3f2504e0-4f89-11d3-9a0c-0305e82c3301}'],
    ['guest-12', 'guest-12'],
  ])
  findsNothingIn(normaliseOutsideId, [
    'undefined',
    'NULL',
    'None',
    'N/A',
    'n.a.',
    'unknown',
    'nil',
    'NaN',
    '0',
    0,
    '-1',
    '-',
    '--',
    '(not set)',
    'not set',
    '(none)',
    '<null>',
    '"undefined"',
    '""',
    'false',
    '[object Object]',
    '00000000-0000-0000-0000-000000000000',
    '{00000000-0000-0000-0000-000000000000}',
  ])
  refuses(normaliseOutsideId, [{}, [], true], /a text/)
})
