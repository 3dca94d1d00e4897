/**
 * The usual names of fields in forms, CSV exports and webhooks, so that most sources need no
 * mapping. Compared without case, spaces, dashes and underscores.
 */
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
  'consent.marketing': ['consent', 'optin', 'marketingconsent', 'newsletter', 'gdprconsent'],
  'consent.optOut': ['optout', 'unsubscribed', 'donotcontact', 'dnc'],
  'consent.email': ['emailconsent', 'emailoptin'],
  'consent.phone': ['phoneconsent', 'phoneoptin'],
  'event.id': ['eventid', 'submissionid', 'messageid'],
  'event.occurredAt': ['occurredat', 'createdat', 'submittedat', 'timestamp', 'createdate'],
}

const BY_NAME = new Map(
  Object.entries(SYNONYMS).flatMap(([path, names]) => names.map((name) => [name, path] as const)),
)

/** Keys that records have had, with what they mean: a source sends the same ones in every record. */
const seen = new Map<string, string | undefined>()
const SEEN_MAX = 2_000

/** The field that a record's key usually means, or undefined. */
export function usualField(key: string): string | undefined {
  if (key.length > 60) return undefined
  const known = seen.get(key)
  if (known !== undefined || seen.has(key)) return known
  const path = BY_NAME.get(key.toLowerCase().replace(/[\s_\-.]/g, ''))
  if (seen.size === SEEN_MAX) seen.clear()
  seen.set(key, path)
  return path
}
