// Goal: one line has one E.164 number, and a national number without a country is not guessed.
// Method: tables with and without country, laws.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { normalisePhone, type Phone } from '../../../../engine/lead/normalise/phone'
import type { Normalised } from '../../../../engine/lead/normalise/result'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

const e164 =
  (country?: string) =>
  (input: unknown): Normalised<string> => {
    const phone = normalisePhone(input, { country })
    return phone.ok ? { ok: true, value: phone.value.e164 } : phone
  }

const digits = fc.stringMatching(/^\d{4,8}$/)
const typical = fc
  .tuple(
    fc.constantFrom('+4930', '+49 (0)171 ', '+1 415 55', '+44 20 7', '+3906', '0033 1 4'),
    digits,
  )
  .map((parts) => parts.join(''))

describe('normalise: phone', () => {
  itObeysTheLaws(normalisePhone, {
    typical: fc.oneof(
      typical,
      fc.constant('+14155552671'),
      fc.nat(999).map((n) => `+49 30 901${n + 100}`),
    ),
    again: (phone: Phone) => phone.e164 + (phone.extension ? ` ext. ${phone.extension}` : ''),
  })

  it('is whole', () => {
    assert.deepEqual(normalisePhone('(415) 555-2671 x12', { country: 'US' }), {
      ok: true,
      value: { e164: '+14155552671', country: 'US', extension: '12' },
    })
    assert.deepEqual(normalisePhone('+49 30 901820'), {
      ok: true,
      value: { e164: '+4930901820', country: 'DE' },
    })
    assert.deepEqual(normalisePhone('+800 1234 5678'), {
      ok: true,
      value: { e164: '+80012345678' },
    })
  })

  describe('international', () => {
    accepts(e164(), [
      ['+49 30 901820', '+4930901820'],
      ['+49 (0)30 901820', '+4930901820'],
      ['+49-30-90.18.20', '+4930901820'],
      ['0049 30 901820', '+4930901820'],
      ['＋４９ ３０ ９０１８２０', '+4930901820'],
      ['tel:+49-30-901820', '+4930901820'],
      ['tel:+49-30-901820;ext=12', '+4930901820'],
      ['+49 30\u00A0901820', '+4930901820'],
      ['\u202A+49 30 901820\u202C', '+4930901820'],
      ['+44 (0) 20 7946 0958', '+442079460958'],
      ['+44 20 7946 0958 ext. 12', '+442079460958'],
      ['+1 (212) 555-0123', '+12125550123'],
      ['+1.415.555.2671', '+14155552671'],
      ['+39 06 69812345', '+390669812345'],
      ['+33 1 42 68 53 00', '+33142685300'],
      ['+351 21 123 4567', '+351211234567'],
      ['+353 1 234 5678', '+35312345678'],
      ['+7 701 123 4567', '+77011234567'],
      ['+852 2123 4567', '+85221234567'],
    ])
  })

  describe('national', () => {
    accepts(e164('DE'), [
      ['030 901820', '+4930901820'],
      ['0171/1234567', '+491711234567'],
      ['4930901820', '+4930901820'],
      [4930901820, '+4930901820'],
      ['0049 30 901820', '+4930901820'],
      ['+1 415 555 2671', '+14155552671'],
    ])
    accepts(e164('us'), [
      ['(415) 555-2671', '+14155552671'],
      ['1-415-555-2671', '+14155552671'],
      [4155552671, '+14155552671'],
      ['011 49 30 901820', '+4930901820'],
      ['0049 30 901820', '+4930901820'],
    ])
    accepts(e164('GB'), [['020 7946 0958', '+442079460958']])
    accepts(e164('IT'), [['06 69812345', '+390669812345']])
    accepts(e164('RU'), [['8 (495) 123-45-67', '+74951234567']])
  })

  it('needs a country that it knows', () => {
    for (const country of [undefined, 'XX', 'Germany', '', '__proto__', 'de-DE']) {
      const phone = normalisePhone('030 901820', { country })
      assert.ok(!phone.ok && !phone.empty)
      assert.match(phone.expected, /country is needed/)
    }
    assert.ok(!normalisePhone('030 901820', null as never).ok)
    assert.ok(!normalisePhone('030 901820', { country: 49 as never }).ok)
  })

  findsNothingIn(normalisePhone, ['n/a', '-', '+', 'none', '()'])
  refuses(normalisePhone, ['030 901820', '4155552671', '1234', 'call me'], /country is needed/)
  refuses(
    e164('US'),
    [
      '1234',
      '+1 555 555 5555',
      '555-555-5555',
      '0000000000',
      '+1234567',
      '+49',
      'call +49 30 901820',
      '1-800-FLOWERS',
      '+49 30 901820 or +49 30 901821',
      '+49 30 901820, +49 30 901821',
      '4.155552671E9',
      'ana@example.com',
      '9'.repeat(40),
      true,
      {},
      ['+4930901820'],
      Number.NaN,
      -4155552671.5,
    ],
    /^a phone number such as/,
  )
})
