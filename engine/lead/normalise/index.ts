/**
 * Every normaliser: what people type in, the form on which identities and rules are matched out.
 *
 * All are pure, total (nothing throws, whatever comes in) and bounded (an over-long input is refused
 * unread), and all agree with themselves: a normalised value normalises to itself.
 */
export { normaliseBoolean } from './boolean'
export { normaliseCompanyDomain } from './company-domain'
export { type CompanyName, normaliseCompanyName } from './company-name'
export { normaliseCountry } from './country'
export { normaliseDomain } from './domain'
export { type Email, type EmailKind, normaliseEmail } from './email'
export { normaliseIndustry } from './industry'
export { normaliseAmount, normaliseCount } from './number'
export { normaliseOutsideId } from './outside-id'
export { normalisePersonName, type PersonName } from './person-name'
export { normalisePhone, type Phone, type PhoneContext } from './phone'
export { EMPTY, type Normalised, normalised, refused } from './result'
export { normaliseSlug, slugOf } from './slug'
export { clean, cleanStated, isPlaceholder, neutraliseFormula, TEXT_LENGTH_MAX } from './text'
export { isInstantMs, normaliseTimestamp, TIME_EXPECTED } from './timestamp'
