// Goal: a domain that strangers share is no company's; one that is a company's own is never lost.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { normaliseCompanyDomain } from '../../../../engine/lead/normalise/company-domain'
import { normaliseEmail } from '../../../../engine/lead/normalise/email'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

describe('normalise: the domain of a company', () => {
  itObeysTheLaws(normaliseCompanyDomain, { typical: fc.oneof(fc.webUrl(), fc.domain()) })

  accepts(normaliseCompanyDomain, [
    ['https://www.acme.co.uk/about', 'acme.co.uk'],
    ['ana@acme.com', 'acme.com'],
    ['acme.com/facebook.com', 'acme.com'],
    ['myfacebook.com', 'myfacebook.com'],
    ['https://acme.myshopify.com/collections', 'acme.myshopify.com'],
    ['contoso.onmicrosoft.com', 'contoso.onmicrosoft.com'],
    ['acme.wordpress.com', 'acme.wordpress.com'],
    ['www.acme.wixsite.com/home', 'acme.wixsite.com'],
  ])
  findsNothingIn(normaliseCompanyDomain, [
    'n/a',
    'gmail.com',
    'www.gmail.com',
    'https://mail.yahoo.co.jp/',
    'ana@gmail.com',
    'mailinator.com',
    'https://www.facebook.com/acme',
    'm.facebook.com/acme',
    'linkedin.com/company/acme',
    'https://uk.linkedin.com/in/ana',
    'instagram.com/acme',
    'x.com/acme',
    'https://linktr.ee/acme',
    'https://t.me/acme',
    'outlook.pl',
  ])
  refuses(normaliseCompanyDomain, ['acme', 'localhost', '1.2.3.4', 42], /domain such as/)

  it('never says that a free mailbox’s domain is a company’s', () => {
    fc.assert(
      fc.property(fc.constantFrom('gmail.com', 'gmx.at', 'web.de', 'qq.com', 'hey.com'), (host) => {
        const email = normaliseEmail(`ana@${host}`)
        assert.ok(email.ok && email.value.kind === 'free')
        assert.ok(!normaliseCompanyDomain(host).ok)
      }),
    )
  })
})
