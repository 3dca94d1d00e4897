// Goal: every usual way to write a country ends at one code. Method: the whole of ISO's table, the
// names of seven languages, a table of what people type, laws.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import codes from 'i18n-iso-countries/codes.json'
import { normaliseCountry } from '../../../../engine/lead/normalise/country'
import { COUNTRY_ALIASES } from '../../../../engine/lead/normalise/country-aliases'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

/** Names that the seven languages give to two countries. */
const SHARED = ['Congo', 'São Martinho']

describe('normalise: country', () => {
  const names = ['Germany', 'Deutschland', 'FRANCE', 'españa', 'DEU', '276', 'Côte d’Ivoire']
  itObeysTheLaws(normaliseCountry, {
    typical: fc.oneof(
      fc.constantFrom(...names),
      fc.constantFrom(...codes.flatMap((c) => c.slice(0, 3))),
    ),
  })

  it('knows every code of ISO 3166-1, in any case, and numbers without leading zeros', () => {
    for (const [alpha2 = '', alpha3 = '', numeric = ''] of codes) {
      for (const code of [alpha2, alpha3, numeric, alpha2.toLowerCase(), Number(numeric)]) {
        assert.deepEqual(normaliseCountry(code), { ok: true, value: alpha2 }, String(code))
      }
    }
  })

  for (const language of ['en', 'de', 'fr', 'es', 'pt', 'it', 'nl']) {
    it(`knows every name in ${language}, shouted and without accents too`, () => {
      const { countries } = require(`i18n-iso-countries/langs/${language}.json`)
      for (const [country, oneOrMore] of Object.entries<string | string[]>(countries)) {
        for (const name of [oneOrMore].flat()) {
          if (SHARED.includes(name)) continue
          const plain = name.normalize('NFD').replace(/\p{M}/gu, '')
          for (const typed of [name, name.toUpperCase(), plain, ` ${name}.`]) {
            assert.deepEqual(normaliseCountry(typed), { ok: true, value: country }, typed)
          }
        }
      }
    })
  }

  it('has aliases for countries that exist, and none of them takes another country’s name', () => {
    const known = new Set(codes.map(([alpha2]) => alpha2))
    for (const [country, aliases] of Object.entries(COUNTRY_ALIASES)) {
      assert.ok(known.has(country), country)
      for (const alias of aliases.split(',')) {
        assert.deepEqual(normaliseCountry(alias), { ok: true, value: country }, alias)
      }
    }
  })

  const rows: Record<string, string> = {
    US: 'USA|usa|U.S.A.|U.S.|US|United States|united states of america|America|EE. UU.|États-Unis|840',
    GB: 'UK|U.K.|GB|GBR|England|Scotland|Wales|Northern Ireland|Great Britain|United Kingdom|Großbritannien|the UK',
    DE: 'Germany|Deutschland|GERMANY|Allemagne|Alemania|Alemanha|Germania|Duitsland|DEU|GER|BRD',
    NL: 'Holland|Netherlands|The Netherlands|Nederland|Niederlande|Pays-Bas|Países Bajos|Paesi Bassi',
    KR: 'South Korea|Korea|Republic of Korea|Korea, Republic of|Südkorea|Suedkorea|Corée du Sud',
    KP: 'North Korea|DPRK|Nordkorea',
    RU: 'Russia|Russian Federation|Russland|Rusia|Россия',
    AE: 'UAE|U.A.E.|United Arab Emirates|VAE|Emirates',
    CZ: 'Czechia|Czech Republic|Tschechien|Česko',
    CH: 'Schweiz|Suisse|Svizzera|Switzerland|Suiza|CHE',
    AT: 'Austria|Österreich|Oesterreich|Osterreich|ÖSTERREICH|Autriche|40|040',
    CI: "Côte d'Ivoire|Cote d’Ivoire|Ivory Coast|Elfenbeinküste",
    TR: 'Turkey|Türkiye|Türkei|Tuerkei|Turquie',
    MM: 'Myanmar|Burma',
    VN: 'Vietnam|Viet Nam',
    TW: 'Taiwan|Taiwan, Province of China',
    CN: 'China|PRC|中国|VR China',
    HK: 'Hong Kong|Hongkong',
    IE: 'Ireland|Irland|Éire|Republic of Ireland',
    NA: 'NA|Namibia',
    NO: 'NO|Norway|Norge',
    GE: 'Georgia|Georgien',
    CD: 'DR Congo|DRC|Democratic Republic of the Congo',
    CG: 'Republic of the Congo|Congo-Brazzaville',
    XK: 'Kosovo|XK',
    GR: 'Greece|EL|Griechenland|Hellas',
    BA: 'Bosnia & Herzegovina|Bosnia and Herzegovina',
    ES: 'España|ESPANA|Spain|Spanje',
    LA: 'Laos',
    BQ: 'Bonaire, Sint Eustatius and Saba',
  }
  for (const [country, typed] of Object.entries(rows)) {
    accepts(
      normaliseCountry,
      typed.split('|').map((one) => [one, country] as const),
    )
  }

  findsNothingIn(normaliseCountry, ['n/a', '-', 'none', 'unknown'])
  refuses(
    normaliseCountry,
    [
      'Congo',
      'Virgin Islands',
      'Europe',
      'EU',
      'Atlantis',
      'California',
      'Munich, Germany',
      'ZZ',
      'XX',
      'QQQ',
      '999',
      '000',
      0,
      1234,
      -40,
      'Germ',
      'DE, AT',
      'D',
      '__proto__',
      'constructor',
      true,
      {},
      ['DE'],
      'x'.repeat(101),
    ],
    /country such as Germany/,
  )

  it('answers the same again, also behind a thousand other spellings', () => {
    const texts = Array.from(
      { length: 1_200 },
      (_, number) => `${' '.repeat(number % 40)}germany${' '.repeat(Math.floor(number / 40))}`,
    )
    for (const text of ['Germany', ...texts, 'Germany', 'Atlantis', 'Atlantis'])
      assert.equal(normaliseCountry(text).ok, text !== 'Atlantis')
    assert.deepEqual(normaliseCountry('Germany'), { ok: true, value: 'DE' })
  })
})
