/**
 * The usual names of fields in forms, CSV exports and webhooks, so that most sources need no
 * mapping. Compared without case, spaces, dashes and underscores.
 *
 * CRMs and mail systems have names of their own for what a person refuses; such a column may refuse,
 * and never grants anything. What is refused there by fax or letter, neither of which the lead knows,
 * and what only bounces, refuses nothing here. Nor does a list that is left (HubSpot's `hs_email_optout_<id>`):
 * the others are still wanted.
 */
import { type Field, fieldAt, refusalField, type Telling } from './fields'

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

const REFUSAL_BY_NAME: ReadonlyMap<string, Field> = new Map([
  ...SYNONYMS['consent.optOut']!.map((name) => [name, fieldAt('consent.optOut')] as const),
  ...REFUSALS.flatMap(([path, telling, names]) => {
    const field = refusalField(path, telling)
    return names.map((name) => [name, field] as const)
  }),
])
const BY_NAME: ReadonlyMap<string, Field> = new Map([
  ...Object.entries(SYNONYMS).flatMap(([path, names]) =>
    names.map((name) => [name, fieldAt(path)] as const),
  ),
  ...REFUSAL_BY_NAME,
])

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
  const name = key.toLowerCase().replace(/[\s_\-.]/g, '')
  const field = BY_NAME.get(name)
  // Salesforce marks fields that a customer has added; whatever else they mean, a refusal is one.
  return field ?? (/__c$/i.test(key) ? REFUSAL_BY_NAME.get(name.slice(0, -1)) : undefined)
}
