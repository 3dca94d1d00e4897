/**
 * The usual names of fields in forms, CSV exports and webhooks, so that most sources need no
 * mapping. Compared without case, spaces, dashes and underscores.
 *
 * Of names for one field in one record the first counts; those in `FALLBACKS` only where no other does.
 *
 * CRMs and mail systems have names of their own for what a person refuses; such a column may refuse,
 * and never grants anything. What is refused there by fax or letter, neither of which the lead knows,
 * and what only bounces, refuses nothing here. Nor does a list that is left (HubSpot's `hs_email_optout_<id>`):
 * the others are still wanted.
 */
import { type Field, fieldAt, refusalField, type Telling, WITHDRAWAL } from './fields'
import { folded } from './named-values'

const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  'contact.email': ['email', 'emailaddress', 'workemail', 'businessemail', 'mail', 'contactemail'],
  'contact.phone': [
    'phone',
    'phonenumber',
    'mobile',
    'mobilephone',
    'telephone',
    'tel',
    'workphone',
  ],
  'contact.firstName': ['firstname', 'givenname', 'fname', 'vorname'],
  'contact.lastName': ['lastname', 'surname', 'familyname', 'lname', 'nachname'],
  'contact.name': ['name', 'fullname', 'contactname'],
  'contact.title': ['title', 'jobtitle', 'position', 'role'],
  'contact.seniority': ['seniority', 'joblevel'],
  'contact.department': ['department', 'jobfunction'],
  'contact.language': ['language', 'locale', 'lang'],
  'company.name': ['company', 'companyname', 'organisation', 'organization', 'account', 'firma'],
  'company.domain': ['website', 'companydomain', 'companywebsite', 'domain', 'url'],
  'company.country': ['country', 'companycountry', 'land', 'countrycode'],
  'company.region': ['region', 'state', 'province', 'bundesland'],
  'company.postcode': ['postcode', 'zip', 'zipcode', 'postalcode', 'plz'],
  'company.city': ['city', 'town', 'ort', 'stadt'],
  'company.industry': ['industry', 'branche', 'sector'],
  'company.employees': [
    'employees',
    'companysize',
    'numberofemployees',
    'employeecount',
    'headcount',
  ],
  'company.revenue': ['revenue', 'annualrevenue'],
  'source.type': ['sourcetype', 'leadsourcetype', 'channel'],
  'source.trigger': ['trigger', 'event', 'eventtype', 'formname', 'action'],
  'source.campaign': ['campaign', 'utmcampaign', 'campaignid'],
  'source.medium': ['medium', 'utmmedium'],
  'source.originalTouch': ['originaltouch', 'utmsource', 'leadsource'],
  'source.offer': ['offer', 'offerid', 'utmcontent'],
  'source.partner': ['partner', 'partnerid', 'partnername'],
  'consent.marketing': [
    'consent',
    'optin',
    'marketingconsent',
    'marketingoptin',
    'newsletter',
    'gdprconsent',
  ],
  'consent.optOut': [
    'optout',
    'optedout',
    'isoptedout',
    'hasoptedout',
    'unsubscribed',
    'donotcontact',
    'dnc',
  ],
  'consent.email': ['emailconsent', 'emailoptin'],
  'consent.phone': ['phoneconsent', 'phoneoptin'],
  'event.id': ['eventid', 'submissionid', 'messageid'],
  'event.occurredAt': ['occurredat', 'createdat', 'submittedat', 'timestamp', 'createdate'],
}

/** As ad networks, form builders, webinars and schedulers call them. */
const FALLBACKS: Readonly<Record<string, readonly string[]>> = {
  'contact.email': ['youremail', 'personalemail', 'emailadresse', 'mailadresse'],
  'contact.phone': [
    'workphonenumber',
    'mobilephonenumber',
    'mobilenumber',
    'cellphone',
    'cellphonenumber',
    'businessphone',
    'mainphone',
    'textremindernumber',
    'telefon',
    'telefonnummer',
    'yourphone',
  ],
  'contact.name': ['yourname'],
  'contact.title': ['jobrole', 'jobposition'],
  'contact.language': ['hslanguage', 'preferredlanguage'],
  'company.name': ['org', 'orgname', 'organizationname', 'businessname', 'unternehmen'],
  'company.domain': ['websiteurl', 'companyurl'],
  'company.country': ['countryregion'],
  'company.region': ['stateprovince', 'stateregion'],
  'company.postcode': ['zippostalcode'],
  'company.industry': ['companyindustry'],
  'company.employees': ['noofemployees', 'numemployees', 'employeerange'],
  'source.trigger': ['triggertype'],
  'source.campaign': ['campaignname'],
  'source.originalTouch': ['hsanalyticssource', 'originalsource'],
  // Only of what was sent: when somebody's record was made says nothing about when something happened.
  'event.occurredAt': [
    'createdtime',
    'submittedon',
    'submissiontime',
    'submissiondate',
    'leadsubmittime',
    'firedat',
    'eventts',
  ],
  // One for each form that was sent. Not `lead_id`: in a CRM it stays the same, and each event about it would be a repetition.
  'event.id': ['leadgenid'],
}

/** As Salesforce, HubSpot, Dynamics, Pardot and Mailchimp call them, by label or by their own name. */
const REFUSALS: readonly (readonly [path: string, telling: Telling, names: readonly string[]])[] = [
  [
    'consent.email',
    'refused',
    [
      'emailoptout',
      'emailoptedout',
      'optoutofemail',
      'optedoutofemail',
      'hasoptedoutofemail',
      'personhasoptedoutofemail',
      'hsemailoptout',
      'emailunsubscribed',
      'unsubscribedfromemail',
      'unsubscribedfromall',
      'unsubscribedfromallemail',
      'unsubscribedfromallemails',
      'unsubscribedfromemails',
      'donotemail',
      'isdonotemail',
      'donotallowemail',
      'donotallowemails',
    ],
  ],
  [
    'consent.phone',
    'refused',
    [
      'phoneoptout',
      'calloptout',
      'optedoutofphone',
      'donotcall',
      'isdonotcall',
      'persondonotcall',
      'donotphone',
      'donotallowphonecalls',
    ],
  ],
  [
    'consent.marketing',
    'refused',
    [
      'marketingoptout',
      'newsletteroptout',
      'optedoutofmarketing',
      'donotmarket',
      'donotbulkemail',
      'donotallowbulkemails',
      'donotsendmm',
    ],
  ],
  // Not `hs_marketable_status`: that is whom HubSpot bills for, and nothing that a person said.
  ['consent.marketing', 'allowed', ['sendmarketingmaterials']],
  ['consent.marketing', 'since', ['unsubtime', 'unsubscribedat', 'unsubscribedtime']],
]

/** What somebody is in a list, or what a message is about: `unsubscribed` is a refusal, and all else says nothing. */
const STANDINGS = ['status', 'subscriptionstatus', 'emailstatus', 'type']

const REFUSAL_BY_NAME: ReadonlyMap<string, Field> = new Map([
  ...SYNONYMS['consent.optOut']!.map((name) => [name, fieldAt('consent.optOut')] as const),
  ...REFUSALS.flatMap(([path, telling, names]) => {
    const field = refusalField(path, telling)
    return names.map((name) => [name, field] as const)
  }),
])
const named = (table: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(table).flatMap(([path, names]) =>
    names.map((name) => [name, fieldAt(path)] as const),
  )
const BY_NAME: ReadonlyMap<string, Field> = new Map([
  ...named(FALLBACKS),
  ...named(SYNONYMS),
  ...STANDINGS.map((name) => [name, WITHDRAWAL] as const),
  ...REFUSAL_BY_NAME,
])

const FALLBACK_NAMES: ReadonlySet<string> = new Set(Object.values(FALLBACKS).flat())

/** Whether the name only counts where no other states its field. */
export function isFallback(key: string): boolean {
  return FALLBACK_NAMES.has(folded(key))
}

/** Keys that records have had, with what they mean: a source sends the same ones in every record. */
const seen = new Map<string, Field | undefined>()
const SEEN_MAX = 2_000
const KEY_CHARS_MAX = 200

/** The field that a record's key usually means, or undefined. */
export function usualField(key: string): Field | undefined {
  if (key.length > KEY_CHARS_MAX) return undefined
  const known = seen.get(key)
  if (known !== undefined || seen.has(key)) return known
  const field = fieldNamed(key)
  if (seen.size === SEEN_MAX) seen.clear()
  seen.set(key, field)
  return field
}

function fieldNamed(key: string): Field | undefined {
  const name = folded(key)
  const field = BY_NAME.get(name)
  // Salesforce marks fields that a customer has added; whatever else they mean, a refusal is one.
  return field ?? (/__c$/i.test(key) ? REFUSAL_BY_NAME.get(name.slice(0, -1)) : undefined)
}

/** As a form's builder puts it: `What is your company?`, `E-mail *`, `q3_email7`, `sf:Email`. */
const NUMBERED = /^q\d+_(.+?)\d*$/
const XML_PREFIX = /^[a-z]\w*:(?=\S)/i
const ASKING = /^(?:please)?(?:enter|whatis|whats)?your(?=.)/

/** The field that the label of a question, or a key as builders make them, usually means. */
export function askedField(label: string): Field | undefined {
  const field = usualField(label)
  if (field !== undefined || label.length > KEY_CHARS_MAX) return field
  const name = label.replace(NUMBERED, '$1').replace(XML_PREFIX, '')
  const words = folded(name).replace(/[^\p{L}\p{N}]/gu, '')
  return usualField(name) ?? usualField(words) ?? usualField(words.replace(ASKING, ''))
}
