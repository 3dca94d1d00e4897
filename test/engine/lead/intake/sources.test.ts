// Goal: what ad networks, form builders, schedulers, webinars, chats and CRMs send is read without a
// mapping, and can be mapped by name. Method: one payload per source, in its documented shape.
import assert from 'node:assert/strict'
import type { Lead } from '../../../../engine/lead/lead'
import { taken } from '../../support/intake'

/** The fields of a lead that a test is about, by their path. */
function fieldsOf(lead: Lead, paths: readonly string[]): Record<string, unknown> {
  const read = (path: string) =>
    path.split('.').reduce<unknown>((bag, key) => (bag as Record<string, unknown>)?.[key], lead)
  return Object.fromEntries(paths.map((path) => [path, read(path)]))
}

const META = {
  id: '1029384756',
  created_time: '2026-03-01T09:00:00+0000',
  ad_name: 'Spring A',
  campaign_name: 'Spring',
  form_id: '77',
  is_organic: false,
  field_data: [
    { name: 'work_email', values: ['lena@nordwind.example'] },
    { name: 'full_name', values: ['Lena Vogt'] },
    { name: 'work_phone_number', values: ['+4930901820'] },
    { name: 'company_name', values: ['Nordwind GmbH'] },
    { name: 'what_is_your_company_size?', values: ['51-200'] },
    { name: 'which_tools_do_you_use?', values: ['Sheets', 'Docs'] },
  ],
  custom_disclaimer_responses: [{ checkbox_key: 'newsletter', is_checked: '0' }],
}
const TYPEFORM = {
  event_id: '01HTF',
  event_type: 'form_response',
  form_response: {
    form_id: 'lT4Z3j',
    token: 'a3a12ec6',
    submitted_at: '2026-03-01T09:00:00Z',
    hidden: { utm_source: 'linkedin', utm_campaign: 'abm' },
    definition: {
      id: 'lT4Z3j',
      title: 'Talk to us',
      fields: [
        { id: 'q1', ref: 'r1', type: 'short_text', title: 'Your name' },
        { id: 'q2', ref: 'r2', type: 'email', title: 'Where can we write to you?' },
        { id: 'q3', ref: 'r3', type: 'multiple_choice', title: 'What is your role?' },
        { id: 'q4', ref: 'r4', type: 'yes_no', title: 'Newsletter' },
        { id: 'q5', ref: 'budget', type: 'number', title: 'And the budget, approx. (in k)?' },
      ],
    },
    answers: [
      { type: 'text', text: 'Jo Keller', field: { id: 'q1', ref: 'r1', type: 'short_text' } },
      {
        type: 'email',
        email: 'jo@feldhaus.example',
        field: { id: 'q2', ref: 'r2', type: 'email' },
      },
      {
        type: 'choice',
        choice: { id: 'c1', ref: 'cr', label: 'Head of IT' },
        field: { id: 'q3', ref: 'r3', type: 'multiple_choice' },
      },
      { type: 'boolean', boolean: false, field: { id: 'q4', ref: 'r4', type: 'yes_no' } },
      { type: 'number', number: 40, field: { id: 'q5', ref: 'budget', type: 'number' } },
    ],
  },
}
const TALLY = {
  eventId: 'a4cb511e',
  eventType: 'FORM_RESPONSE',
  createdAt: '2026-03-01T09:00:00.000Z',
  data: {
    responseId: '2wgx4n',
    formName: 'Register',
    createdAt: '2026-03-01T08:59:00.000Z',
    fields: [
      { key: 'question_a', label: 'First name', type: 'INPUT_TEXT', value: 'Ida' },
      {
        key: 'question_b',
        label: 'How do we reach you?',
        type: 'INPUT_EMAIL',
        value: 'ida@x.example',
      },
      { key: 'question_c', label: 'Phone', type: 'INPUT_PHONE_NUMBER', value: '+4930901820' },
      {
        key: 'question_d',
        label: 'Country',
        type: 'DROPDOWN',
        value: ['o2'],
        options: [
          { id: 'o1', text: 'France' },
          { id: 'o2', text: 'Germany' },
        ],
      },
      { key: 'question_e', label: 'Notes', type: 'TEXTAREA', value: null },
    ],
  },
}

describe('toLead: what sources send', () => {
  const sources: readonly (readonly [string, object, Record<string, unknown>])[] = [
    [
      'Meta Lead Ads',
      META,
      {
        'contact.email': 'lena@nordwind.example',
        'contact.name': 'Lena Vogt',
        'contact.phone': '+4930901820',
        'company.name': 'Nordwind GmbH',
        'company.employees': 51,
        'source.campaign': 'Spring',
        'consent.marketing': 'denied',
        'event.id': 'web:1029384756',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
      },
    ],
    [
      'Google Ads lead form',
      {
        lead_id: 'TeSter-123',
        api_version: '1.0',
        form_id: 40000000000,
        campaign_id: 123,
        gcl_id: 'x',
        is_test: true,
        user_column_data: [
          { column_id: 'FULL_NAME', column_name: 'Full Name', string_value: 'Ana Ruiz' },
          { column_id: 'EMAIL', string_value: 'ana@acme.example' },
          { column_id: 'PHONE_NUMBER', string_value: '+34911234567' },
          { column_id: 'POSTAL_CODE', string_value: '28001' },
          { column_id: 'COMPANY_NAME', string_value: 'Acme' },
          { column_id: 'JOB_TITLE', string_value: 'CFO' },
        ],
      },
      {
        'contact.email': 'ana@acme.example',
        'contact.name': 'Ana Ruiz',
        'contact.phone': '+34911234567',
        'contact.title': 'CFO',
        'company.postcode': '28001',
        'company.name': 'Acme',
        'source.campaign': '123',
        'event.id': 'web:TeSter-123',
      },
    ],
    [
      'LinkedIn Lead Gen, with the form',
      {
        id: 'c1f2-3',
        leadType: 'SPONSORED',
        submittedAt: 1_772_355_600_000,
        form: {
          id: 7234246,
          name: 'Spring form',
          hiddenFields: [{ name: 'utm_campaign', value: 'abm' }],
          content: {
            questions: [
              { questionId: 107, name: 'First name', predefinedField: 'FIRST_NAME' },
              { questionId: 207, name: 'Nachname', predefinedField: 'LAST_NAME' },
              { questionId: 307, name: 'Work email', predefinedField: 'WORK_EMAIL' },
            ],
          },
        },
        formResponse: {
          answers: [
            { questionId: 107, answerDetails: { textQuestionAnswer: { answer: 'Mia' } } },
            { questionId: 207, answerDetails: { textQuestionAnswer: { answer: 'Sol' } } },
            {
              questionId: 307,
              answerDetails: { textQuestionAnswer: { answer: 'mia@sol.example' } },
            },
          ],
          consentResponses: [{ consentId: 9, accepted: true }],
        },
      },
      {
        'contact.email': 'mia@sol.example',
        'contact.name': 'Mia Sol',
        'source.campaign': 'abm',
        'event.id': 'web:c1f2-3',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
        consent: {},
      },
    ],
    [
      'HubSpot, properties as texts',
      {
        id: '512',
        createdAt: '2026-03-01T09:00:00Z',
        properties: {
          email: 'kai@hafen.example',
          firstname: 'Kai',
          lastname: 'Holm',
          company: 'Hafen AG',
          numemployees: '25',
          hs_email_optout: 'true',
          createdate: '2019-01-01T00:00:00Z',
        },
      },
      {
        'contact.email': 'kai@hafen.example',
        'contact.name': 'Kai Holm',
        'company.name': 'Hafen AG',
        'company.employees': 25,
        'consent.email': 'denied',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
      },
    ],
    [
      'HubSpot, properties in wrappers, without an event of their own',
      {
        vid: 512,
        properties: {
          email: { value: 'kai@hafen.example', versions: [{ value: 'old@hafen.example' }] },
          jobtitle: { value: 'Buyer' },
          unsubscribed: { value: 'true' },
          createdate: { value: '1546300800000' },
        },
      },
      {
        'contact.email': 'kai@hafen.example',
        'contact.title': 'Buyer',
        'consent.optOut': true,
        'event.occurredAt': undefined,
      },
    ],
    [
      'Typeform',
      TYPEFORM,
      {
        'contact.email': 'jo@feldhaus.example',
        'contact.name': 'Jo Keller',
        'contact.title': 'Head of IT',
        'source.originalTouch': 'linkedin',
        'source.campaign': 'abm',
        'source.trigger': 'form_response',
        'consent.marketing': 'denied',
        'event.id': 'web:01HTF',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
      },
    ],
    [
      'Tally',
      TALLY,
      {
        'contact.email': 'ida@x.example',
        'contact.name': 'Ida',
        'contact.phone': '+4930901820',
        'company.country': 'DE',
        'event.id': 'web:a4cb511e',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
      },
    ],
    [
      'Calendly',
      {
        event: 'invitee.created',
        created_at: '2026-03-01T09:00:00Z',
        payload: {
          email: 'tom@berg.example',
          name: 'Tom Berg',
          created_at: '2026-02-28T09:00:00Z',
          event: 'https://api.scheduler.example/scheduled_events/1',
          text_reminder_number: '+4930901820',
          questions_and_answers: [
            { question: 'Company', answer: 'Berg KG', position: 0 },
            { question: 'Anything else?', answer: 'no', position: 1 },
          ],
          tracking: { utm_campaign: 'q1', utm_source: 'mail', utm_medium: null },
          scheduled_event: { event_memberships: [{ user_email: 'rep@us.example' }] },
        },
      },
      {
        'contact.email': 'tom@berg.example',
        'contact.name': 'Tom Berg',
        'contact.phone': '+4930901820',
        'company.name': 'Berg KG',
        'source.campaign': 'q1',
        'source.originalTouch': 'mail',
        'source.trigger': 'invitee_created',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
      },
    ],
    [
      'Zoom webinar',
      {
        event: 'webinar.registration_created',
        event_ts: 1_772_355_600_000,
        payload: {
          account_id: 'acc',
          object: {
            uuid: 'u1',
            id: 8_123,
            host_id: 'h1',
            topic: 'Live demo',
            registrant: {
              id: 'reg-1',
              email: 'eva@tal.example',
              first_name: 'Eva',
              last_name: 'Tal',
              state: 'CA',
              country: 'US',
              org: 'Tal Inc',
              job_title: 'VP Sales',
              no_of_employees: '51-100',
              status: 'approved',
              custom_questions: [{ title: 'Budget', value: '10k' }],
            },
          },
        },
      },
      {
        'contact.email': 'eva@tal.example',
        'contact.name': 'Eva Tal',
        'company.name': 'Tal Inc',
        'company.region': 'CA',
        'company.employees': 51,
        'source.trigger': 'webinar_registration_created',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
        consent: {},
      },
    ],
    [
      'Intercom',
      {
        type: 'notification_event',
        topic: 'contact.user.created',
        data: {
          type: 'notification_event_data',
          item: {
            type: 'contact',
            id: '5ba6',
            email: 'pia@lux.example',
            name: 'Pia Lux',
            phone: '+4930901820',
            unsubscribed_from_emails: true,
            location: { type: 'location', country: 'Germany', region: 'Berlin', city: 'Berlin' },
            custom_attributes: { company_size: 80 },
          },
        },
      },
      {
        'contact.email': 'pia@lux.example',
        'contact.name': 'Pia Lux',
        'company.country': 'DE',
        'company.city': 'Berlin',
        'company.employees': 80,
        'consent.email': 'denied',
      },
    ],
    [
      'Drift, and others by JSON:API',
      {
        data: {
          id: 7,
          createdAt: 1_772_355_600_000,
          attributes: { email: 'li@o.example', name: 'Li O', company: 'O' },
        },
      },
      { 'contact.email': 'li@o.example', 'contact.name': 'Li O', 'company.name': 'O' },
    ],
    [
      'JotForm, a submission of its API',
      {
        id: '501',
        form_id: '211',
        created_at: '2026-03-01 09:00:00',
        status: 'ACTIVE',
        answers: {
          '3': {
            name: 'fullName',
            text: 'Full Name',
            type: 'control_fullname',
            answer: { first: 'Ben', last: 'Ost' },
            prettyFormat: 'Ben Ost',
          },
          '4': {
            name: 'email4',
            text: 'Where to?',
            type: 'control_email',
            answer: 'ben@ost.example',
          },
          '5': { name: 'submit', text: 'Submit', type: 'control_button' },
        },
      },
      {
        'contact.email': 'ben@ost.example',
        'contact.name': 'Ben Ost',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
      },
    ],
    [
      'JotForm, its webhook',
      {
        formID: '211',
        submissionID: '501',
        formTitle: 'Talk to us',
        type: 'WEB',
        pretty: 'Full Name:Ben Ost, E-mail:ben@ost.example',
        rawRequest: JSON.stringify({
          slug: 'submit/211',
          q3_fullName: { first: 'Ben', last: 'Ost' },
          q4_email4: 'ben@ost.example',
          q5_phoneNumber: { full: '+49 30 901820' },
          event_id: '1772_211',
        }),
      },
      {
        'contact.email': 'ben@ost.example',
        'contact.name': 'Ben Ost',
        'contact.lastName': 'Ost',
        'contact.phone': '+4930901820',
        'event.id': 'web:501',
      },
    ],
    [
      'Gravity Forms, with fields that the webhook names',
      { form_id: '3', entry: { Email: 'ben@ost.example', '1.3': 'Ben', 'Company Name': 'Ost' } },
      { 'contact.email': 'ben@ost.example', 'company.name': 'Ost' },
    ],
    [
      'Webflow',
      {
        triggerType: 'form_submission',
        payload: {
          name: 'Contact form',
          siteId: 's1',
          data: { 'First Name': 'Uma', 'Last Name': 'Rey', 'E-mail *': 'uma@rey.example' },
          submittedAt: '2026-03-01T09:00:00.000Z',
          id: 'sub-1',
        },
      },
      {
        'contact.email': 'uma@rey.example',
        'contact.name': 'Uma Rey',
        'source.trigger': 'form_submission',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
      },
    ],
    [
      'Mailchimp, somebody who leaves',
      {
        type: 'unsubscribe',
        fired_at: '2026-03-01 09:00:00',
        data: {
          action: 'unsub',
          email: 'ray@kent.example',
          list_id: 'a6b5',
          merges: { EMAIL: 'ray@kent.example', FNAME: 'Ray', LNAME: 'Kent', PHONE: '+4930901820' },
        },
      },
      {
        'contact.email': 'ray@kent.example',
        'contact.name': 'Ray Kent',
        'contact.phone': '+4930901820',
        'consent.marketing': 'denied',
        'event.occurredAt': '2026-03-01T09:00:00.000Z',
      },
    ],
    [
      'Mailchimp, a member of its API',
      {
        email_address: 'ray@kent.example',
        status: 'unsubscribed',
        merge_fields: {
          FNAME: 'Ray',
          COMPANY: 'Kent Ltd',
          ADDRESS: { city: 'Bath', zip: 'BA1', country: 'GB' },
        },
      },
      {
        'contact.firstName': 'Ray',
        'company.name': 'Kent Ltd',
        'company.city': 'Bath',
        'company.country': 'GB',
        'consent.marketing': 'denied',
      },
    ],
    [
      'Salesforce outbound message, by the XML node',
      {
        'soapenv:Envelope': {
          'soapenv:Body': [
            {
              notifications: [
                {
                  OrganizationId: ['00D'],
                  Notification: [
                    {
                      Id: ['04l'],
                      sObject: [
                        {
                          $: { 'xsi:type': 'sf:Lead' },
                          'sf:Id': ['00Q'],
                          'sf:Email': ['zoe@ray.example'],
                          'sf:LastName': ['Ray'],
                          'sf:Company': ['Ray Ltd'],
                          'sf:HasOptedOutOfEmail': ['true'],
                        },
                      ],
                    },
                  ],
                },
              ],
            },
          ],
        },
      },
      {
        'contact.email': 'zoe@ray.example',
        'contact.name': 'Ray',
        'company.name': 'Ray Ltd',
        'consent.email': 'denied',
      },
    ],
    [
      'WPForms and Elementor, fields by number or by key',
      {
        form: { id: 'f1', name: 'Get in touch' },
        fields: {
          name: {
            id: 'name',
            type: 'text',
            title: 'Your name',
            value: 'Max Lind',
            raw_value: 'Max Lind',
          },
          field_2: { id: 'field_2', type: 'email', title: 'E-Mail', value: 'max@lind.example' },
          field_3: { id: 'field_3', type: 'text', title: 'Unternehmen', value: 'Lind AG' },
        },
        meta: { page_url: { title: 'Page URL', value: 'https://us.example/contact' } },
      },
      {
        'contact.email': 'max@lind.example',
        'contact.name': 'Max Lind',
        'company.name': 'Lind AG',
        'company.domain': 'lind.example',
      },
    ],
    [
      'Pipedrive, several addresses of one person',
      {
        current: {
          name: 'Nia Orr',
          email: [
            { value: 'nia@home.example', primary: false, label: 'home' },
            { value: 'nia@orr.example', primary: true, label: 'work' },
          ],
          phone: [{ value: '+4930901820', primary: true, label: 'mobile' }],
        },
        previous: null,
      },
      {
        'contact.email': 'nia@orr.example',
        'contact.name': 'Nia Orr',
        'contact.phone': '+4930901820',
      },
    ],
    [
      'a lead of our own in an envelope',
      {
        lead: {
          contact: { email: 'ana@acme.example' },
          company: { name: 'Acme', website: 'acme.example', size: '20' },
          externalIds: { crm: '7' },
          attributes: { plan: 'pro' },
          signals: [{ type: 'opt_out' }],
        },
      },
      {
        'contact.email': 'ana@acme.example',
        'company.name': 'Acme',
        'company.domain': 'acme.example',
        'company.employees': 20,
        externalIds: { crm: '7' },
        attributes: { plan: 'pro' },
        'consent.optOut': true,
      },
    ],
    [
      'a contact in another spelling',
      {
        contact: {
          email_address: 'ana@acme.example',
          first_name: 'Ana',
          company: 'Acme',
          role: 'CTO',
        },
        utm: { source: 'ads', campaign: 'q1' },
      },
      {
        'contact.email': 'ana@acme.example',
        'contact.firstName': 'Ana',
        'contact.title': 'CTO',
        'company.name': 'Acme',
        'source.originalTouch': 'ads',
        'source.campaign': 'q1',
      },
    ],
  ]
  for (const [name, payload, want] of sources) {
    it(`${name}: read without a mapping`, () => {
      const lead = taken(payload)
      assert.deepEqual(fieldsOf(lead, Object.keys(want)), want)
      assert.equal(lead.problems, undefined)
    })
  }
})

describe('toLead: a mapping of what stands in a list of names and values', () => {
  for (const [name, payload, from, want] of [
    ['the name of a field', META, 'field_data.which_tools_do_you_use?', ['Sheets', 'Docs']],
    ['one value of one', META, 'field_data.company_name', 'Nordwind GmbH'],
    ['another spelling of it', META, 'field_data.Company Name', 'Nordwind GmbH'],
    ['its place in the entry', META, 'field_data.company_name.values.0', 'Nordwind GmbH'],
    ['the place in the list, as before', META, 'field_data.3.values.0', 'Nordwind GmbH'],
    ['the ref of a question', TYPEFORM, 'form_response.answers.budget', 40],
    ['its id', TYPEFORM, 'form_response.answers.q5', 40],
    [
      'its title, dots and all',
      TYPEFORM,
      'form_response.answers.And the budget, approx. (in k)?',
      40,
    ],
    ['a choice', TYPEFORM, 'form_response.answers.r3', 'Head of IT'],
    ['an option', TALLY, 'data.fields.Country', 'Germany'],
    ['a wrapper', { email: 'a@b.example', p: { plan: { value: 'pro' } } }, 'p.plan', 'pro'],
    [
      'inside of it',
      { email: 'a@b.example', p: { plan: { value: 'pro' } } },
      'p.plan.value',
      'pro',
    ],
    ['a text of JSON', { ...META, raw: '{"plan":"pro"}' }, 'raw.plan', 'pro'],
    ['a text that is none', { ...META, raw: '{plan' }, 'raw.plan', undefined],
    ['what there is not', META, 'field_data.budget', undefined],
    ['no name', META, 'field_data.', undefined],
    ['a name of the language', META, 'field_data.__proto__', undefined],
  ] as const) {
    it(`${name}: ${from}`, () => {
      const lead = taken(payload, { mapping: [{ to: 'attributes.x', from }] })
      assert.deepEqual(lead.attributes.x, want)
    })
  }
  it('wins over what is read by itself, and tells its place', () => {
    const mapping = [{ to: 'contact.title', from: 'field_data.company_name' }]
    assert.equal(taken(META, { mapping }).contact.title, 'Nordwind GmbH')
    const bad = { ...META, field_data: [...META.field_data, { name: 'tel', values: ['later'] }] }
    const { problems } = taken(bad, { mapping: [{ to: 'contact.phone', from: 'field_data.tel' }] })
    assert.deepEqual(
      problems!.map(({ field, from }) => [field, from]),
      [['contact.phone', 'field_data.tel']],
    )
  })
  it('serves signals, their details and the id of the event as well', () => {
    const { signals, event } = taken(TYPEFORM, {
      eventIdFrom: 'form_response.answers.q5',
      signals: [
        { type: 'it', when: 'form_response.answers.r3', equals: ['head of it'] },
        { type: 'no', when: 'form_response.answers.r4' },
        { type: 'k', details: { k: 'form_response.answers.budget' } },
      ],
    })
    assert.equal(event.id, 'web:40')
    assert.deepEqual(
      signals.map(({ type, ...more }) => [type, (more as Record<string, unknown>).k]),
      [
        ['form_response', undefined],
        ['it', undefined],
        ['k', 40],
      ],
    )
  })
})
