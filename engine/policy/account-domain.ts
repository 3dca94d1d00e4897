/**
 * The domain by which a policy names an account, in the form in which leads carry it: what a person
 * pastes (`https://www.acme.example/about`) is the account acme.example.
 */
import { shown } from '../artefact'
import { normaliseDomain } from '../lead/normalise'
import { isDisposableDomain, isFreeDomain } from '../lead/normalise/mail-providers'

/** The registrable domain. Requires a text without a problem. */
export function accountDomain(text: string): string {
  const domain = normaliseDomain(text)
  return domain.ok ? domain.value : text.toLowerCase()
}

/** Why the text names no account, or undefined. */
export function accountProblem(text: string): string | undefined {
  const domain = normaliseDomain(text)
  if (!domain.ok) return `${shown(text)} is no domain such as acme.example`
  if (text.includes('@'))
    return `${shown(text)} is an e-mail address and no domain; write ${domain.value}`
  if (isFreeDomain(domain.value) || isDisposableDomain(domain.value))
    return `${shown(text)} is a mail provider, where anybody may have an address, and no account`
  return undefined
}
