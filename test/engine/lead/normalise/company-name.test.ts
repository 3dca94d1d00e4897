// Goal: two spellings of one firm share a key, two firms do not. Method: groups of equal spellings,
// pairs that must differ, laws.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type CompanyName,
  normaliseCompanyName,
} from '../../../../engine/lead/normalise/company-name'
import { PREFIX_FORMS, SUFFIX_FORMS } from '../../../../engine/lead/normalise/legal-forms'
import type { Normalised } from '../../../../engine/lead/normalise/result'
import { isPlaceholder } from '../../../../engine/lead/normalise/text'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

const part =
  <K extends keyof CompanyName>(name: K) =>
  (input: unknown): Normalised<CompanyName[K]> => {
    const company = normaliseCompanyName(input)
    return company.ok ? { ok: true, value: company.value[name] } : company
  }

const FORMS = [...SUFFIX_FORMS.values(), ...PREFIX_FORMS.values()]
  .flat()
  .map((words) => words.join(' '))
const word = fc.oneof(
  fc.constantFrom('Acme', 'Müller', 'AND', 'the', '&', 'S.', 'p', '株式会社', 'O’Hara'),
  fc.constantFrom(...FORMS),
)
const typical = fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => words.join(' '))

describe('normalise: company name', () => {
  itObeysTheLaws(normaliseCompanyName, { typical, again: (value: CompanyName) => value.name })

  it('has a key that is its own key', () => {
    fc.assert(
      fc.property(fc.oneof(typical, fc.string({ unit: 'grapheme' })), (input) => {
        const key = part('key')(input)
        // One syllable of a faraway script may spell "na", which as a name means none.
        if (key.ok && !isPlaceholder(key.value)) assert.deepEqual(part('key')(key.value), key)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes every form of the table off, and knows well over 60', () => {
    const suffixes = [...SUFFIX_FORMS.values()].flat()
    assert.ok(suffixes.length > 200, `${suffixes.length} forms`)
    for (const form of suffixes) {
      assert.deepEqual(part('key')(`Acme ${form.join(' ')}`), { ok: true, value: 'acme' })
    }
    for (const form of [...PREFIX_FORMS.values()].flat()) {
      assert.deepEqual(part('key')(`${form.join(' ')} Acme`), { ok: true, value: 'acme' })
    }
  })

  describe('name', () => {
    accepts(part('name'), [
      ['  Acme   GmbH ', 'Acme GmbH'],
      ['ACME Inc.', 'ACME Inc.'],
      ['Mu\u0308ller AG', 'Müller AG'],
      ['株式会社ソニー', '株式会社ソニー'],
    ])
  })

  const groups: Record<string, string> = {
    acme: `Acme|ACME|acme.|Acme GmbH|Acme, Inc.|Acme Inc|ACME INCORPORATED|Acme Corp.|Acme Corporation|Acme LLC|Acme L.L.C.|
      Acme Ltd|Acme Ltd.|Acme Limited|Acme Co., Ltd.|Acme Company|Acme & Co.|Acme & Co. KG|Acme GmbH & Co. KG|
      Acme GmbH & Co KGaA|Acme GmbH und Co. KG|Acme gGmbH|Acme UG (haftungsbeschränkt)|Acme AG|Acme SE|Acme SE & Co. KGaA|
      Acme e.K.|Acme e.V.|Acme eG|Acme OHG|Acme GbR|Acme Ges.m.b.H.|Acme S.A.|Acme SA|Acme S.A.S.|Acme SARL|Acme S.à r.l.|
      Acme EURL|SARL Acme|Acme S.r.l.|Acme SRL|Acme S.p.A.|Acme SpA|Acme Spa|Acme S. p. A.|Acme Soc. Coop. a r.l.|Acme S.L.|
      Acme S.L.U.|Acme, S.A. de C.V.|Acme S. de R.L. de C.V.|Acme Lda.|Acme Ltda|Acme Unipessoal, Lda|Acme Ltda - ME|
      Acme BV|Acme B.V.|Acme N.V.|Acme V.O.F.|Acme BVBA|Acme SPRL|Acme AB|Acme AB (publ)|Acme AS|Acme A/S|Acme ApS|Acme ASA|
      Acme Oy|Acme Oyj|Acme Oy Ab|Acme ehf.|Acme OÜ|OÜ Acme OÜ|UAB Acme|SIA „Acme“|Acme Sp. z o.o.|Acme Sp. z o. o.|ACME SP. Z O.O. SP. K.|
      Acme spółka z o.o.|Acme s.r.o.|Acme, spol. s r.o.|Acme a.s.|Acme Kft.|Acme Zrt.|Acme d.o.o.|Acme EOOD|Acme A.Ş.|
      Acme Ltd. Şti.|Acme San. ve Tic. A.Ş.|ООО «Acme»|ZAO Acme|Acme PJSC|ТОВ Acme|Acme Pty Ltd|Acme Pty. Ltd.|Acme (Pty) Ltd|
      Acme Pte. Ltd.|Acme Pvt. Ltd.|Acme Private Limited|Acme Sdn. Bhd.|PT Acme Tbk|PT. Acme|Acme PCL|Acme Public Company Limited|
      Acme K.K.|Acme Kabushiki Kaisha|株式会社Acme|Acme株式会社|㈱Acme|(주)Acme|주식회사 Acme|Acme有限公司|Acme股份有限公司|
      Acme LLP|Acme L.P.|Acme PLC|Acme plc|Acme CIC|Acme DAC|Acme FZE|Acme FZ-LLC|Acme W.L.L.|Acme DMCC|The Acme Company|Công ty TNHH Acme|
      บริษัท Acme จำกัด (มหาชน)|"Acme" Ltd|Ａｃｍｅ Inc`,
    'muller and sohne': 'Müller & Söhne GmbH|Muller and Sohne|MÜLLER & SÖHNE KG',
    'at and t': 'AT&T|AT & T Inc.|AT and T',
    'oreilly media': "O'Reilly Media|O’Reilly Media, Inc.|OReilly Media",
    'jp morgan': 'J.P. Morgan|JP Morgan & Co.|J. P. Morgan Inc|J.P.Morgan',
    'coca cola': 'The Coca-Cola Company|Coca Cola|coca-cola co',
    'amazon com': 'Amazon.com, Inc.|amazon.com',
    lodz: 'Łódź Sp. z o.o.|LODZ',
    orsted: 'Ørsted A/S|Orsted',
    romashka: 'ООО Ромашка|Romashka',
    'ing group': 'ING Group N.V.|ING Group',
    'hotel and spa': 'Hotel & Spa|hotel and spa',
    'sas institute': 'SAS Institute Inc.|SAS Institute',
    'ab inbev': 'AB InBev SA|AB InBev',
    gmbh: 'GmbH|gmbh.',
    holding: 'Holding AG',
    'acme nl': 'Acme NL B.V.|Acme (NL)',
    '3m': '3M|3M Company',
    'l and t': 'L&T Ltd',
  }
  describe('key', () => {
    for (const [key, names] of Object.entries(groups)) {
      accepts(
        part('key'),
        names.split('|').map((name) => [name.trim(), key] as const),
      )
    }
  })

  describe('keeps apart', () => {
    const pairs = [
      ['Acme Group', 'Acme'],
      ['Acme Holding GmbH', 'Acme GmbH'],
      ['Acme (UK) Ltd', 'Acme (US) Inc'],
      ['Bolt', 'Bold'],
      ['Co-op Bank', 'Bank'],
      ['Inc Media', 'Media'],
    ]
    for (const [a, b] of pairs) {
      it(`${a} and ${b}`, () => assert.notDeepEqual(part('key')(a), part('key')(b)))
    }
  })

  findsNothingIn(normaliseCompanyName, ['n/a', 'N.A.', '-', 'none', 'Unknown', '...'])
  refuses(normaliseCompanyName, [{}, [], true, 'x'.repeat(201), '\uFFFC\u{F0000}'], /company name/)
})
