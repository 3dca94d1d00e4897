// Goal: industries, counts, amounts and answers read one way or not at all. Method: tables, laws.
import fc from 'fast-check'
import { normaliseBoolean } from '../../../../engine/lead/normalise/boolean'
import { normaliseIndustry } from '../../../../engine/lead/normalise/industry'
import { normaliseAmount, normaliseCount } from '../../../../engine/lead/normalise/number'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

const numeral = fc.oneof(
  fc.nat().map(String),
  fc.nat().map((n) => n.toLocaleString('en-US')),
  fc
    .tuple(fc.nat(999), fc.constantFrom('k', 'M', ' bn', '+', ' mio', '-1000', '-5M'))
    .map((x) => x.join('')),
  fc.double({ min: 0, max: 1e9, noNaN: true }),
  fc.nat(),
)

describe('normalise: industry', () => {
  itObeysTheLaws(normaliseIndustry, { typical: fc.string({ maxLength: 30 }) })
  accepts(normaliseIndustry, [
    ['Financial Services', 'financial-services'],
    ['FINANCIAL_SERVICES', 'financial-services'],
    ['financial-services', 'financial-services'],
    ['Oil & Gas', 'oil-and-gas'],
    ['Hospital/Health Care', 'hospital-health-care'],
    ["Women's Fashion", 'womens-fashion'],
    ['Santé', 'sante'],
    [' SaaS ', 'saas'],
    ['Soziales, Öffentliches', 'soziales-offentliches'],
    [7372, '7372'],
  ])
  findsNothingIn(normaliseIndustry, ['n/a', '---', 'None'])
  refuses(normaliseIndustry, [{}, [], true, 'x'.repeat(101)], /industry such as/)
})

describe('normalise: count', () => {
  itObeysTheLaws(normaliseCount, { typical: numeral })
  accepts(normaliseCount, [
    [250, 250],
    [0, 0],
    [-0, 0],
    ['250', 250],
    ['007', 7],
    ['1,200', 1200],
    ['1.200', 1200],
    ["1'200", 1200],
    ['1’200', 1200],
    ['1 200', 1200],
    ['1\u00A0200\u202F000', 1_200_000],
    ['12,345,678', 12_345_678],
    ['1,00,000', 100_000],
    ['1.2k', 1200],
    ['1,2k', 1200],
    ['1.2 K', 1200],
    ['10M', 10_000_000],
    ['1.15m', 1_150_000],
    ['2 Tsd.', 2000],
    ['3 Mio.', 3_000_000],
    ['51-200', 51],
    ['51 – 200', 51],
    ['51 to 200', 51],
    ['51 bis 200', 51],
    ['5,001-10,000', 5001],
    ['1-5k', 1000],
    ['500-1k', 500],
    ['1k-5k', 1000],
    ['500+', 500],
    ['10,001+', 10_001],
    ['10 000 +', 10_000],
    ['>500', 500],
    ['>= 500', 500],
    ['≥500', 500],
    ['~50', 50],
    ['ca. 50', 50],
    ['over 500', 500],
    ['more than 1,000', 1000],
    ['über 500', 500],
    ['250 employees', 250],
    ['51-200 employees', 51],
    ['1,000+ people', 1000],
    ['80 Mitarbeiter', 80],
    ['12.0', 12],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])
  findsNothingIn(normaliseCount, ['n/a', '-', 'unknown', '+'])
  refuses(
    normaliseCount,
    [
      12.5,
      '12.5',
      '1.2',
      -1,
      '-1',
      '-5-10',
      '<50',
      'up to 50',
      '200-51',
      '1-2-3',
      '1,2,3',
      '1.200,5',
      '12,34',
      '1,200.5',
      'many',
      '1e3',
      '0x10',
      '١٢',
      '50%',
      '$50',
      '1 2',
      '5 apples',
      '9007199254740993',
      'k',
      '1kk',
      '10 M 5',
      true,
      {},
      [5],
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      5n,
      '9'.repeat(65),
      'overt 5',
    ],
    /whole number such as 250/,
  )
})

describe('normalise: amount', () => {
  itObeysTheLaws(normaliseAmount, { typical: numeral })
  accepts(normaliseAmount, [
    [1200.5, 1200.5],
    ['1200', 1200],
    ['1200.50', 1200.5],
    ['1200,50', 1200.5],
    ['1,200', 1200],
    ['1,200.50', 1200.5],
    ['1.200,50', 1200.5],
    ['1.200.000', 1_200_000],
    ['1,200,000.99', 1_200_000.99],
    ['0.125', 0.125],
    ['0,125', 0.125],
    ['1234.567', 1234.567],
    ['12.34', 12.34],
    ['$1,200', 1200],
    ['€ 1.200,00', 1200],
    ['1.200,00 EUR', 1200],
    ['USD 10M', 10_000_000],
    ['10M', 10_000_000],
    ['1.2bn', 1_200_000_000],
    ['1,5 Mrd. €', 1_500_000_000],
    ['2 Mio EUR', 2_000_000],
    ['10eur', 10],
    ['$10M - $50M', 10_000_000],
    ['10-50M', 10_000_000],
    ['$1M+', 1_000_000],
    ['> 1.5 million', 1_500_000],
    ['1.15M', 1_150_000],
    ['CHF 1’200.50', 1200.5],
  ])
  findsNothingIn(normaliseAmount, ['n/a', '-', '€', 'tbd'])
  refuses(
    normaliseAmount,
    [
      '1.200',
      '€12.345',
      '1.200k',
      -5,
      '-5',
      '($5)',
      '1,2,3',
      '1.2.3',
      '1,200,50',
      '1.200.50',
      '5 dollars',
      '1e6',
      'mio',
      '<5M',
      '10M-5M',
      '1 234 56',
      true,
      {},
      [1],
      Number.NaN,
      '9'.repeat(30),
    ],
    /amount such as/,
  )
})

describe('normalise: boolean', () => {
  const rows = (want: boolean, words: string) =>
    words.split(' ').map((word) => [word, want] as const)
  itObeysTheLaws(normaliseBoolean, {
    typical: fc.constantFrom(true, false, 1, 0, 'yes', 'NO', 'Ja', 'oui', 'sí', 'on', 'off'),
  })
  accepts(normaliseBoolean, [
    [true, true],
    [false, false],
    [1, true],
    [0, false],
    ...rows(true, 'yes YES Y y true True t 1 on checked ja Ja oui si sí SÍ sim tak да ✓'),
    ...rows(false, 'no NO n N false f 0 off unchecked nein nee nej non não nao nie нет ✗'),
    [' yes ', true],
    ['si\u0301', true],
  ])
  findsNothingIn(normaliseBoolean, ['n/a', '-', 'unknown', '?'])
  refuses(
    normaliseBoolean,
    [
      'maybe',
      'ok',
      '2',
      2,
      -1,
      'yes please',
      'yes no',
      'truee',
      '__proto__',
      'constructor',
      {},
      [],
      [true],
      'y'.repeat(21),
    ],
    /yes or no/,
  )
})
