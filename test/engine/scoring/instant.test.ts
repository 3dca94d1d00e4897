// Goal: reading an instant by hand never differs from Date.parse. Method: edges, then many texts.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { instantMs } from '../../../engine/scoring/instant'

describe('instantMs', () => {
  const texts = [
    '1970-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '2000-02-28T12:30:15.250Z',
    '2000-02-29T00:00:00.000Z',
    '2024-02-29T23:59:59.999Z',
    '2023-02-29T00:00:00.000Z',
    '2026-02-30T00:00:00.000Z',
    '2026-04-31T00:00:00.000Z',
    '2026-12-31T23:59:59.999Z',
    '2026-03-01T24:00:00.000Z',
    '2026-03-01T23:60:00.000Z',
    '2026-03-01T23:00:60.000Z',
    '2026-00-01T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-03-00T00:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '0001-03-01T00:00:00.000Z',
    '0099-12-28T00:00:00.000Z',
    '9999-12-28T23:59:59.999Z',
    '2026-03-02T09:00:00Z',
    '2026-03-02T09:00:00.000+01:00',
    '2026-03-02',
    '2026-03-02 09:00:00.000Z',
    '2026-03-02T09:00:00.000z',
    '2026-03-02T09:0x:00.000Z',
    '+2026-3-2T09:00:00.000Z',
    '٢026-03-02T09:00:00.000Z',
    'not a time',
    '',
  ]
  for (const text of texts) {
    it(`${text || 'nothing'} as Date.parse does`, () => {
      assert.equal(instantMs(text), Date.parse(text))
    })
  }

  it('every instant that a lead writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
        assert.equal(instantMs(new Date(ms).toISOString()), ms)
      }),
    )
  })

  it('an instant with one character changed', () => {
    fc.assert(
      fc.property(fc.nat(23), fc.constantFrom(...'0139T:-Z. xé'), (index, character) => {
        const text = '2026-03-28T19:05:06.789Z'
        const changed = text.slice(0, index) + character + text.slice(index + 1)
        assert.equal(instantMs(changed), Date.parse(changed))
      }),
    )
  })
})
