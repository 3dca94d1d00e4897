// Goal: the same person typed in different ways has the same parts, and nobody's name is ruined.
// Method: tables for splitting, titles and case; laws on the whole value.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isAsWritten } from '../../../../engine/lead/normalise/name-case'
import {
  nameWithCare,
  normalisePersonName,
  type PersonName,
} from '../../../../engine/lead/normalise/person-name'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

const word = fc.constantFrom(
  ...'Ana RUIZ o’neill MCDONALD van DER de la Cruz AJ x J. Dr. Mr PhD MD, Jr. III Ma, Ruiz, (she/her) ßa İnce 李 jean-luc unknown - Null ABC1 É'.split(
    ' ',
  ),
)
const phrase = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '))
const typical = fc.oneof(
  phrase,
  fc.record({ name: phrase, firstName: phrase, lastName: phrase }, { requiredKeys: [] }),
  fc.record({ firstName: fc.string({ unit: 'grapheme' }), lastName: phrase }),
)

const spelt = (input: unknown) => {
  const person = normalisePersonName(input)
  if (!person.ok) return person
  const { firstName = '', lastName = '' } = person.value
  return { ok: true, value: `${firstName}|${lastName}` } as const
}

describe('normalise: person name', () => {
  itObeysTheLaws(normalisePersonName, { typical })

  it('is whole', () => {
    assert.deepEqual(normalisePersonName({ firstName: ' José ', lastName: 'de la CRUZ' }), {
      ok: true,
      value: {
        firstName: 'José',
        lastName: 'de la Cruz',
        name: 'José de la Cruz',
        key: 'jose de la cruz',
      },
    })
    assert.deepEqual(normalisePersonName('Cher'), {
      ok: true,
      value: { firstName: 'Cher', name: 'Cher', key: 'cher' },
    })
    assert.deepEqual(normalisePersonName({ lastName: 'Ruiz' }), {
      ok: true,
      value: { lastName: 'Ruiz', name: 'Ruiz', key: 'ruiz' },
    })
  })

  it('has an ASCII key that is its own key', () => {
    fc.assert(
      fc.property(typical, (input) => {
        const person = normalisePersonName(input)
        if (!person.ok) return
        assert.match(person.value.key, /^[a-z0-9]+( [a-z0-9]+)*$/)
      }),
    )
  })

  it('gives one key to one name, whatever its case, accents and order', () => {
    const key = (input: unknown) => (normalisePersonName(input) as { value: PersonName }).value.key
    for (const same of [
      'Zoë O’Neill',
      'ZOË O’NEILL',
      'zoe oneill',
      "O'Neill, Zoë",
      'Dr. Zoë O´Neill, PhD',
    ]) {
      assert.equal(key(same), 'zoe oneill', same)
    }
    assert.equal(key('Иван Петров'), 'ivan petrov')
    assert.equal(key('李小龍'), 'lixiaolong')
  })

  it('reads a name that is as most people write theirs no differently from any other', () => {
    const words =
      'Ana RUIZ müller José Dr van der Jr III McDonald Anna-Lena J 7 PhD null Na Straße Al'
    const part = fc.oneof(
      fc
        .array(fc.constantFrom(...words.split(' '), "O'Neill", '-', "'t"), { maxLength: 3 })
        .map((some) => some.join(' ')),
      fc.constantFrom('Ana', 'José', 'Anna-Lena'),
    )
    let short = 0
    fc.assert(
      fc.property(part, part, part, (name, firstName, lastName) => {
        if (isAsWritten(firstName) && isAsWritten(lastName)) short += 1
        assert.deepEqual(
          normalisePersonName({ name, firstName, lastName }),
          nameWithCare(name, firstName, lastName),
        )
        assert.deepEqual(normalisePersonName(name), nameWithCare(name, '', ''))
      }),
      { numRuns: 5_000 },
    )
    assert.ok(short > 50, `only ${short} names took the short way`)
  })

  describe('splits', () => {
    accepts(spelt, [
      ['Ana Ruiz', 'Ana|Ruiz'],
      ['Ana Maria Ruiz', 'Ana Maria|Ruiz'],
      ['Ruiz, Ana', 'Ana|Ruiz'],
      ['Ruiz Garcia, Ana Maria', 'Ana Maria|Ruiz Garcia'],
      ['van der Berg, Jan', 'Jan|van der Berg'],
      ['Jan van der Berg', 'Jan|van der Berg'],
      ['Juan de la Cruz', 'Juan|de la Cruz'],
      ['Ludwig van Beethoven', 'Ludwig|van Beethoven'],
      ['van der Berg', '|van der Berg'],
      ['Van Morrison', 'Van|Morrison'],
      ['Al Gore', 'Al|Gore'],
      ['John Smith Jr.', 'John|Smith Jr.'],
      ['John Smith, Jr.', 'John|Smith Jr.'],
      ['Smith Jr., John', 'John|Smith Jr.'],
      ['John Smith III', 'John|Smith III'],
      ['J.R.R. Tolkien', 'J.R.R.|Tolkien'],
      ['J. Smith', 'J.|Smith'],
      ['Cher', 'Cher|'],
      ['李小龍', '李小龍|'],
      ['Ana (she/her) Ruiz', 'Ana|Ruiz'],
      ['Robert (Bob) Smith', 'Robert|Smith'],
      ['(Ana)', 'Ana|'],
      ['Ana - Ruiz', 'Ana|Ruiz'],
      ['Ana 🚀 Ruiz', 'Ana|Ruiz'],
      ['Ruiz,', 'Ruiz|'],
      [', Ana', 'Ana|'],
      ['M. Night Shyamalan', 'M. Night|Shyamalan'],
      ['Jennifer Null', 'Jennifer|Null'],
      [{ firstName: 'Ana', lastName: 'Ruiz' }, 'Ana|Ruiz'],
      [{ firstName: 'Ana', lastName: 'Ruiz', name: 'Somebody Else' }, 'Ana|Ruiz'],
      [{ firstName: 'Ana' }, 'Ana|'],
      [{ lastName: 'Ruiz' }, '|Ruiz'],
      [{ firstName: 'Na', lastName: 'Li' }, 'Na|Li'],
      [{ firstName: 'null', lastName: 'Ruiz' }, '|Ruiz'],
      ['Unknown Ruiz', '|Ruiz'],
      [{ name: 'Ana Ruiz' }, 'Ana|Ruiz'],
      [{ firstName: 'Ana', name: 'Ana Ruiz' }, 'Ana|Ruiz'],
      [{ firstName: 'Ana', name: 'Ana Ruiz Garcia' }, 'Ana|Ruiz Garcia'],
      [{ lastName: 'Ruiz Garcia', name: 'Ana Ruiz Garcia' }, 'Ana|Ruiz Garcia'],
      [{ lastName: 'ruiz', name: 'Ana' }, 'Ana|Ruiz'],
      [{ firstName: 'Ana', lastName: '-', name: 'n/a' }, 'Ana|'],
      [{ firstName: 'n/a', lastName: 'Ruiz' }, '|Ruiz'],
    ])
  })

  describe('drops titles', () => {
    accepts(spelt, [
      ['Dr. Ana Ruiz', 'Ana|Ruiz'],
      ['Prof. Dr. Ana Ruiz', 'Ana|Ruiz'],
      ['Prof. Dr.-Ing. Ana Ruiz', 'Ana|Ruiz'],
      ['Dipl.-Ing. Ana Ruiz', 'Ana|Ruiz'],
      ['Mr John Smith', 'John|Smith'],
      ['Mrs. Smith', 'Smith|'],
      ['Herr Müller', 'Müller|'],
      ['Sra. Ana Ruiz', 'Ana|Ruiz'],
      ['Dott.ssa Ana Rossi', 'Ana|Rossi'],
      ['Ing. Jan Novák', 'Jan|Novák'],
      ['Ing Wong', 'Ing|Wong'],
      ['Ana Ruiz PhD', 'Ana|Ruiz'],
      ['Ana Ruiz, Ph.D., MBA', 'Ana|Ruiz'],
      ['Ana Ruiz, MA', 'Ana|Ruiz'],
      ['Yo-Yo Ma', 'Yo-Yo|Ma'],
      ['Ruiz, Dr. Ana', 'Ana|Ruiz'],
      ['Dr. Ruiz, Ana', 'Ana|Ruiz'],
      ['Ruiz MD, Ana', 'Ana|Ruiz'],
      [{ firstName: 'Dr. Ana', lastName: 'Ruiz, PhD' }, 'Ana|Ruiz'],
      ['Dr', 'Dr|'],
      ['Don Draper', 'Don|Draper'],
    ])
  })

  describe('mends case', () => {
    accepts(spelt, [
      ['ANA RUIZ', 'Ana|Ruiz'],
      ['ana ruiz', 'Ana|Ruiz'],
      ['ana Ruiz', 'Ana|Ruiz'],
      ['Ana RUIZ', 'Ana|Ruiz'],
      ['JEAN-LUC PICARD', 'Jean-Luc|Picard'],
      ['RONALD MCDONALD', 'Ronald|McDonald'],
      ['ronald mcdonald', 'Ronald|McDonald'],
      ['Ronald McDonald', 'Ronald|McDonald'],
      ['RONALD MACDONALD', 'Ronald|Macdonald'],
      ['Fiona MacDonald', 'Fiona|MacDonald'],
      ["SHAQUILLE O'NEILL", "Shaquille|O'Neill"],
      ["eugene o'neill", "Eugene|O'Neill"],
      ["Eugene O'Neill", "Eugene|O'Neill"],
      ["D'ANGELO RUSSELL", "D'Angelo|Russell"],
      ['JAN VAN DER BERG', 'Jan|van der Berg'],
      ['jan van der berg', 'Jan|van der Berg'],
      ['JUAN DE LA CRUZ', 'Juan|de la Cruz'],
      [{ firstName: 'JUAN', lastName: 'DE LA CRUZ' }, 'Juan|de la Cruz'],
      [{ firstName: 'Juan', lastName: 'DE LA CRUZ' }, 'Juan|de la Cruz'],
      [{ firstName: 'juan', lastName: 'de la cruz' }, 'Juan|de la Cruz'],
      ['AL PACINO', 'Al|Pacino'],
      ['LI LE', 'LI|LE'],
      ['AJ Smith', 'AJ|Smith'],
      ['J.R.R. TOLKIEN', 'J.R.R.|Tolkien'],
      ['j.r.r. tolkien', 'J.R.R.|Tolkien'],
      ['JOHN SMITH III', 'John|Smith III'],
      ['ÉMILIE ÇELIK', 'Émilie|Çelik'],
      ['ALİ İNCE', 'Ali|İnce'],
      ['ΓΙΏΡΓΟΣ ΠΑΠΑΔΌΠΟΥΛΟΣ', 'Γιώργος|Παπαδόπουλος'],
      ['ИВАН ПЕТРОВ', 'Иван|Петров'],
      ['გიორგი მელაძე', 'გიორგი|მელაძე'],
      ['Ludwig DuPont', 'Ludwig|DuPont'],
      ['bell hooks', 'Bell|Hooks'],
    ])
  })

  findsNothingIn(normalisePersonName, [
    {},
    { name: '' },
    { firstName: null, lastName: ' ' },
    new Date(0),
    'n/a',
    '-',
    '🚀',
    'null null',
    { firstName: 'null', lastName: 'null' },
    { firstName: 'N/A', lastName: '-' },
  ])
  refuses(
    normalisePersonName,
    [
      '12345',
      'ana@example.com',
      'Win at http://spam.example',
      true,
      [],
      ['Ana'],
      { firstName: {} },
      { name: 'Ana', lastName: [] },
      'x'.repeat(201),
      42,
    ],
    /name of a person/,
  )
})
