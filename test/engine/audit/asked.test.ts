// Goal: what the intake knows a person by finds that person, in every spelling that the intake understands; and
// what names nobody says so without repeating what may be personal.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Asked, readAccount, readAsked, shownId } from '../../../engine/audit/asked'
import { accountKey, personKeys } from '../../../engine/identity/keys'
import { toLead } from '../../../engine/lead/intake/to-lead'
import type { Lead } from '../../../engine/lead/lead'
import { intakeSettings } from '../support/intake'
import { NOW } from '../support/leads'

/** The lead that the intake makes of it; undefined when it names nobody. */
function taken(record: object): Lead | undefined {
  const intake = toLead(record, intakeSettings(), NOW)
  return intake.kind === 'lead' ? intake.lead : undefined
}
const keysOf = (asked: Asked) =>
  'sought' in asked ? asked.sought.filter(({ by }) => by === 'key').map(({ value }) => value) : []
const problem = (asked: Asked) => ('problem' in asked ? asked.problem : undefined)

const ID = 'L0mws9htpzc4e7a8b30dd3'

describe('readAsked', () => {
  it('reads an id, from wherever a message carries it', () => {
    const id = { sought: [{ by: 'id', value: ID }], words: `"${ID}"` }
    for (const payload of [{ id: ID }, { lead: ID }, { id: '', lead: ID }])
      assert.deepEqual(readAsked(payload), id)
    const whole = taken({ email: 'ana@acme.example', event_id: 'e' })!
    assert.deepEqual(readAsked({ ...whole, id: ID }), id)
    for (const [payload, topic] of [
      [ID, undefined],
      [undefined, ID],
      [{}, ID],
      ['', ID],
    ])
      assert.deepEqual(readAsked(payload, topic), {
        sought: [
          { by: 'id', value: ID },
          { by: 'event', value: ID },
        ],
        words: `"${ID}"`,
      })
  })

  it('finds whoever the intake knows by an address, however it is written', () => {
    const local = fc.stringMatching(/^[a-zA-Z]{1,6}(\.[a-z]{1,4})?(\+[a-z]{1,4})?$/)
    const host = fc.constantFrom('acme.example', 'Gmail.com', 'googlemail.com', 'outlook.com')
    const dressed = fc.constantFrom(
      (email: string) => email,
      (email: string) => ` ${email.toUpperCase()}\n`,
      (email: string) => `"Ana Ruiz" <${email}>`,
      (email: string) => `mailto:${email}`,
    )
    fc.assert(
      fc.property(local, host, dressed, dressed, (name, at, one, other) => {
        const email = `${name}@${at}`
        const known = taken({ email: one(email), phone: '+49 30 901820' })!
        const keys = personKeys(known).map(({ key }) => key)
        const asked = keys.filter((key) => key.startsWith('email:'))
        assert.deepEqual(keysOf(readAsked({ email: other(email) })), asked)
        assert.deepEqual(keysOf(readAsked(other(email))).slice(0, asked.length), asked)
      }),
    )
  })

  it('finds whoever the intake knows by a phone number or an id, or refuses what it refuses', () => {
    const phone = fc.constantFrom('+49 30 901820', '0049 (30) 90-1820', 'tel:+4930901820', '1', 'x')
    const id = fc.oneof(fc.string(), fc.integer(), fc.constantFrom(' 42 ', 'n/a', '0', '<42>'))
    fc.assert(
      fc.property(phone, id, (number, raw) => {
        const known = taken({ phone: number, externalIds: { crm: raw } })
        const keys = known === undefined ? [] : personKeys(known).map(({ key }) => key)
        const of = (kind: string) => keys.filter((key) => key.startsWith(kind))
        assert.deepEqual(keysOf(readAsked({ phone: number })), of('phone:'))
        assert.deepEqual(keysOf(readAsked({ externalIds: { crm: raw } })), of('id:'))
      }),
    )
  })

  it('reads a national number in the country that is named', () => {
    assert.deepEqual(keysOf(readAsked({ phone: '030 901820', country: 'DE' })), [
      'phone:+4930901820',
    ])
    assert.match(problem(readAsked({ phone: '030 901820' }))!, /country \(DE\)/)
  })

  it('tries a text as whatever it may be, an id first', () => {
    assert.deepEqual(readAsked('crm:00Q 1'), {
      sought: [
        { by: 'id', value: 'crm:00Q 1' },
        { by: 'event', value: 'crm:00Q 1' },
        { by: 'key', value: 'id:crm:00Q 1' },
      ],
      words: 'this id of another system',
    })
  })

  it('repeats an id, and says what else a text could have been', () => {
    for (const id of [ID, taken({ email: 'ana@acme.example' })!.id])
      assert.equal(shownId(id), `"${id}"`)
    for (const text of [
      'Ana',
      'ana-ruiz',
      '030777666',
      'ana7@acme.example',
      'crm:00Q7',
      '',
      'lead-7',
      'ruiz1980',
      'ana.ruiz-7',
      ID.toUpperCase(),
      `${ID}\n`,
      'x1'.repeat(31),
    ])
      assert.equal(shownId(text), 'this text')
    assert.match(
      (readAsked('nobody') as { words: string }).words,
      /^this text \(expected the id of a lead, an e-mail address, .* system:id\)$/,
    )
  })

  it('repeats nothing that may be personal', () => {
    const texts = [
      'ana@acme.example',
      '+49 30 777666',
      '030777666',
      'Ana Ruiz',
      'mail:ana@acme.example',
    ]
    for (const text of texts) {
      const asked = readAsked(text)
      assert.ok('words' in asked && !/ana|ruiz|acme|7776/i.test(asked.words), JSON.stringify(asked))
    }
    for (const payload of [
      { email: 'ana at acme' },
      { phone: '030777666' },
      { email: 'info@acme.example' },
    ])
      assert.doesNotMatch(JSON.stringify({ ...readAsked(payload), sought: [] }), /acme|7776/)
  })

  it('knows nobody by a shared mailbox, and says so', () => {
    const asked = readAsked({ email: 'Info@acme.example' })
    assert.deepEqual(asked, {
      sought: [],
      words: 'this e-mail address (it is a shared mailbox, and so nobody’s)',
    })
  })

  it('says what is missing, wrong or too much', () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /nobody is named in msg\.payload or msg\.topic/],
      [{}, /nobody is named/],
      [{ email: '', phone: null }, /nobody is named/],
      [{ email: 'a@acme.example', phone: '+4930901820' }, /names email and phone; one of them/],
      [{ email: 'nobody' }, /email must be one e-mail address/],
      [{ email: {} }, /email must be one e-mail address/],
      [{ externalIds: { a: '1', b: '2' } }, /one id under the name of its system/],
      [{ externalIds: ['7', '8'] }, /one id under/],
      ['x'.repeat(513), /a text of 513 characters/],
      [{ id: 'x'.repeat(513) }, /an id of 513 characters/],
    ]
    for (const [payload, says] of cases) assert.match(problem(readAsked(payload)) ?? '', says)
  })

  it('is total', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (payload, topic) => {
        const asked = readAsked(payload, topic)
        assert.ok('problem' in asked || Array.isArray(asked.sought))
      }),
    )
  })
})

describe('readAccount', () => {
  it('is the id under which dedupe keeps the account, whichever way the site is written', () => {
    for (const site of ['acme.example', 'https://www.ACME.example/jobs', ' acme.example '])
      assert.equal(
        readAccount(site),
        accountKey(taken({ email: 'a@b.example', website: site })!),
        site,
      )
    for (const id of ['crm:001', 'domain:acme.example']) assert.equal(readAccount(id), id)
    for (const none of ['gmail.com', 'Acme', 'crm:', '', 7, undefined, {}])
      assert.equal(readAccount(none), undefined, String(none))
  })
})
