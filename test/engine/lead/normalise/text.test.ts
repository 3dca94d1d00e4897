// Goal: a clean text shows what was typed and hides nothing. Method: tables per kind of dirt, laws.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { clean, cleanStated, neutraliseFormula } from '../../../../engine/lead/normalise/text'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

const stated = (input: unknown) => cleanStated(input, 20, 'a thing')

describe('normalise: text', () => {
  itObeysTheLaws((input) => clean(input), {
    typical: fc.string({ unit: 'grapheme', maxLength: 60 }),
  })

  describe('clean', () => {
    accepts(clean, [
      ['plain', 'plain'],
      ['  two   words ', 'two words'],
      ['tab\tand\r\nbreak', 'tab and break'],
      ['line\u2028break', 'line break'],
      ['next\u0085line', 'next line'],
      ['no\u00A0break', 'no break'],
      ['ideographic\u3000space', 'ideographic space'],
      ['e\u0301te\u0301', 'été'],
      ['e\u200D\u0301', 'é'],
      ['zero\u200Bwidth\u200D\uFEFF', 'zerowidth'],
      ['soft\u00ADhyphen', 'softhyphen'],
      ['\u202Egnp.exe\u202C', 'gnp.exe'],
      ['\u2066isolated\u2069', 'isolated'],
      ['nul\u0000bell\u0007del\u007F', 'nulbelldel'],
      ['lone\uD800surrogate', 'lonesurrogate'],
      ['a filler\u3164', 'a filler'],
      ['🚀 launch', '🚀 launch'],
      ['שלום', 'שלום'],
      ['=cmd|’/c calc’!A1', '=cmd|’/c calc’!A1'],
      ['=HYPERLINK("http://x")', '=HYPERLINK("http://x")'],
      ['__proto__', '__proto__'],
      [42, '42'],
      [-1.5, '-1.5'],
      [0, '0'],
    ])
    findsNothingIn(clean, ['\u200B \u00AD', '\u0000'])
    refuses(clean, [{}, [], ['a'], true, false, Number.NaN, 5n, Symbol('a'), new Date(0)], /text/)
    refuses(clean, ['x'.repeat(513), ' '.repeat(5000)], /at most 512/)
  })

  it('counts the length after cleaning', () => {
    assert.deepEqual(clean('  abc  ', 3), { ok: true, value: 'abc' })
    assert.deepEqual(clean('a\u200B\u200Bbc', 3), { ok: true, value: 'abc' })
    assert.ok(!clean('abcd', 3).ok)
  })

  describe('cleanStated', () => {
    accepts(stated, [
      ['Nano', 'Nano'],
      ['None of them', 'None of them'],
      ['-5', '-5'],
    ])
    findsNothingIn(stated, ['n/a', 'N/A', '#N/A', 'na', 'n.a.', 'none', 'NULL', 'unknown', 'TBD'])
    findsNothingIn(stated, ['-', '--', '—', '?', '...', '- -', '***'])
  })

  describe('neutraliseFormula', () => {
    const rows = [
      ['=1+1', "'=1+1"],
      ['+4930901820', "'+4930901820"],
      ['-1', "'-1"],
      ['@SUM(A1)', "'@SUM(A1)"],
      ['\tcmd(', "'\tcmd("],
      ['＝1+1', "'＝1+1"],
      ['Acme', 'Acme'],
      ["'=1+1", "'=1+1"],
      ['a=b', 'a=b'],
      ['', ''],
    ] as const
    for (const [text, want] of rows) {
      it(`${JSON.stringify(text)} → ${JSON.stringify(want)}`, () => {
        assert.equal(neutraliseFormula(text), want)
        assert.equal(neutraliseFormula(want), want)
      })
    }
  })
})
