// Goal: one mailbox has one address and one key, and the kind of its provider is told.
// Method: tables for syntax, key, kind and role; laws; the key is a fixed point of itself.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Email, normaliseEmail } from '../../../../engine/lead/normalise/email'
import type { Normalised } from '../../../../engine/lead/normalise/result'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

function pick<K extends keyof Email>(part: K): (input: unknown) => Normalised<Email[K]> {
  return (input) => {
    const email = normaliseEmail(input)
    return email.ok ? { ok: true, value: email.value[part] } : email
  }
}

const local = fc.stringMatching(/^[A-Za-z0-9_%+'-]{1,12}(\.[A-Za-z0-9+]{1,8}){0,2}$/)
const host = fc.constantFrom(
  'Gmail.com',
  'googlemail.com',
  'outlook.de',
  'acme.co.uk',
  'a.b.acme.test',
  'münchen.de',
)
const wrap = fc.constantFrom(
  (a: string) => a,
  (a: string) => `mailto:${a}?subject=x`,
  (a: string) => `Ana Ruiz <${a}>`,
  (a: string) => ` "${a}", `,
)
const typical = fc.tuple(local, host, wrap).map(([l, h, w]) => w(`${l}@${h}`))

describe('normalise: e-mail', () => {
  itObeysTheLaws(normaliseEmail, { typical, again: (value: Email) => value.address })

  it('is whole', () => {
    assert.deepEqual(normaliseEmail('Ana.Ruiz+Demo@Mail.Acme.co.uk'), {
      ok: true,
      value: {
        address: 'ana.ruiz+demo@mail.acme.co.uk',
        key: 'ana.ruiz+demo@mail.acme.co.uk',
        domain: 'acme.co.uk',
        kind: 'business',
        role: false,
      },
    })
  })

  it('has a key that is its own key', () => {
    fc.assert(
      fc.property(typical, (input) => {
        const key = pick('key')(input)
        if (key.ok) assert.deepEqual(pick('key')(key.value), key)
      }),
    )
  })

  describe('address', () => {
    accepts(pick('address'), [
      ['ana@example.com', 'ana@example.com'],
      [' ANA@EXAMPLE.COM ', 'ana@example.com'],
      ['mailto:ana@example.com', 'ana@example.com'],
      ['MAILTO:ana@example.com?subject=Hi', 'ana@example.com'],
      ['Ana Ruiz <ana@example.com>', 'ana@example.com'],
      ['"Ruiz, Ana" <ana@example.com>', 'ana@example.com'],
      ['<ana@example.com>', 'ana@example.com'],
      ['Ana <mailto:ana@example.com>', 'ana@example.com'],
      ["'ana@example.com'", 'ana@example.com'],
      ['(ana@example.com)', 'ana@example.com'],
      ['ana@example.com,', 'ana@example.com'],
      ['ana@example.com.', 'ana@example.com'],
      ['ana\u200B@example.com', 'ana@example.com'],
      ['ana＠example．com', 'ana@example.com'],
      ["o'neill@example.com", "o'neill@example.com"],
      ['a!#$%&*+/=?^_`{|}~-z@example.com', 'a!#$%&*+/=?^_`{|}~-z@example.com'],
      ['ana@münchen.de', 'ana@xn--mnchen-3ya.de'],
      ['ana@xn--mnchen-3ya.de', 'ana@xn--mnchen-3ya.de'],
      ['ana@acme.example', 'ana@acme.example'],
      ['ana@acme.test', 'ana@acme.test'],
      ['ana@acme.invalid', 'ana@acme.invalid'],
      ['ana@a-b.c-d.com', 'ana@a-b.c-d.com'],
      ['1@2.com', '1@2.com'],
      ['__proto__@example.com', '__proto__@example.com'],
      [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
    ])
    findsNothingIn(normaliseEmail, ['n/a', '-', 'none'])
    refuses(
      normaliseEmail,
      [
        'ana',
        'ana@',
        '@example.com',
        'ana@example',
        'ana@localhost',
        'ana@@example.com',
        'a@b@example.com',
        'ana ruiz@example.com',
        'ana@exam ple.com',
        '.ana@example.com',
        'ana.@example.com',
        'an..a@example.com',
        'ana@-example.com',
        'ana@example-.com',
        'ana@exa_mple.com',
        'ana@example..com',
        'ana@.com',
        'ana@com',
        'ana@co.uk',
        'ana@acme.unknowntld',
        'ana@acme.local',
        'ana@1.2.3.4',
        'ana@[1.2.3.4]',
        '"ana"@example.com',
        'añá@example.com',
        'a@example.com, b@example.com',
        'a@example.com b@example.com',
        'a@example.com;b@example.com',
        'A <a@example.com> B <b@example.com>',
        'ana@example.com>',
        '<ana@example.com',
        'http://example.com',
        'ana at example.com',
        `${'a'.repeat(65)}@example.com`,
        `a@${'b'.repeat(64)}.com`,
        `a@${'b.'.repeat(130)}com`,
        '=cmd()',
        42,
        true,
        {},
        ['ana@example.com'],
        'ana@%65xample.com',
        'ana@xn--a-ecp.ru\u0000@',
        'a\u202E@b',
      ],
      /e-mail address such as ana@example\.com/,
    )
    it('holds 254 characters and refuses 255', () => {
      const local = 'a'.repeat(64)
      const host = `${'b'.repeat(62)}.${'c'.repeat(62)}.${'d'.repeat(59)}.com`
      assert.equal(`${local}@${host}`.length, 254)
      assert.ok(normaliseEmail(`${local}@${host}`).ok)
      assert.ok(!normaliseEmail(`${local}@b${host}`).ok)
    })
  })

  describe('key', () => {
    accepts(pick('key'), [
      ['a.n.a@gmail.com', 'ana@gmail.com'],
      ['Ana+Demo@GoogleMail.com', 'ana@gmail.com'],
      ['a.na+x.y+z@gmail.com', 'ana@gmail.com'],
      ['+ana@gmail.com', '+ana@gmail.com'],
      ['ana+demo@outlook.com', 'ana@outlook.com'],
      ['ana.ruiz+demo@hotmail.co.uk', 'ana.ruiz@hotmail.co.uk'],
      ['ana+x@live.nl', 'ana@live.nl'],
      ['ana+x@icloud.com', 'ana@icloud.com'],
      ['ana+x@proton.me', 'ana@proton.me'],
      ['ana+x@fastmail.com', 'ana@fastmail.com'],
      ['ana+x@gmx.de', 'ana+x@gmx.de'],
      ['ana+x@yahoo.com', 'ana+x@yahoo.com'],
      ['ana+x@acme.example', 'ana+x@acme.example'],
      ['a.na@acme.example', 'a.na@acme.example'],
      ['ana+x@outlook.example', 'ana+x@outlook.example'],
      ['ana+x@live.acme.com', 'ana+x@live.acme.com'],
    ])
  })

  describe('domain', () => {
    accepts(pick('domain'), [
      ['ana@acme.com', 'acme.com'],
      ['ana@eu.mail.acme.co.uk', 'acme.co.uk'],
      ['ana@acme.example', 'acme.example'],
      ['ana@eu.acme.example', 'acme.example'],
      ['ana@acme.uk.com', 'acme.uk.com'],
      ['ana@contoso.onmicrosoft.com', 'contoso.onmicrosoft.com'],
    ])
  })

  describe('kind', () => {
    accepts(pick('kind'), [
      ...rows('business', 'acme.com acme.example ibm.com facebook.com nus.edu.sg cornell.edu'),
      ...rows(
        'free',
        'gmail.com googlemail.com outlook.com hotmail.co.uk live.nl yahoo.co.uk aol.com',
      ),
      ...rows('free', 'icloud.com me.com proton.me protonmail.com pm.me duck.com hey.com zoho.com'),
      ...rows(
        'free',
        'zohomail.eu tuta.com mailbox.org posteo.de gmx.de gmx.ch web.de t-online.de',
      ),
      ...rows(
        'free',
        'mail.ru yandex.ru qq.com 163.com naver.com daum.net libero.it orange.fr sfr.fr',
      ),
      ...rows(
        'free',
        'bol.com.br comcast.net btinternet.com bluewin.ch wp.pl seznam.cz mozmail.com',
      ),
      ...rows(
        'free',
        'privaterelay.appleid.com relay.firefox.com fastmail.com shaw.ca bigpond.com',
      ),
      ...rows('free', 'outlook.pl outlook.co.nz hotmail.com.tr hotmail.co.jp yahoo.com.vn gmx.li'),
      ...rows('free', 'o2online.de nate.com ymail.ne.jp indamail.hu prodigy.net.mx'),
      ...rows('business', 'outlook.example gmx.io live.me bt.com outlook.acme.de myoutlook.pl'),
      ...rows('disposable', 'mailinator.com yopmail.com guerrillamail.com 10minutemail.com'),
      ...rows('disposable', 'temp-mail.org eu.mailinator.com'),
    ])
  })

  it('reads a bare address as it reads one with something around it', () => {
    const piece = fc.constantFrom('a', 'Z', '9', '.', '-', '_', '+', '@', 'gmail.com', 'x.co.uk')
    const address = fc.oneof(
      fc.emailAddress(),
      fc.array(piece, { maxLength: 8 }).map((some) => `a${some.join('')}`),
      fc.tuple(fc.emailAddress(), fc.constantFrom('acme.example', 'GMAIL.com')).map((parts) => {
        const [some, host] = parts
        return `${some.slice(0, some.indexOf('@'))}+tag@${host}`
      }),
    )
    fc.assert(
      fc.property(address, (one) =>
        assert.deepEqual(normaliseEmail(one), normaliseEmail(`Ana <${one}>`)),
      ),
      { numRuns: 2_000 },
    )
  })

  describe('role', () => {
    const is = (role: boolean, locals: string) =>
      locals.split(' ').map((one) => [`${one}@acme.example`, role] as const)
    accepts(pick('role'), [
      ...is(
        true,
        'info sales support admin no-reply noreply no_reply contact hello office billing hr',
      ),
      ...is(
        true,
        'Kontakt vertrieb buero ventas contacto vendas commerciale verkoop info+x sales.uk',
      ),
      ...is(
        true,
        'info-de customer-service customer_service Accounts.Payable postmaster webmaster',
      ),
      ...is(false, 'ana ana.ruiz infos.ruiz salesmann mark bill art dev.patel hr.mueller ana.it x'),
      ...is(false, '__proto__ constructor toString'),
    ])
  })
})

function rows<T>(want: T, hosts: string): Array<readonly [string, T]> {
  return hosts.split(' ').map((host) => [`ana@${host}`, want] as const)
}
