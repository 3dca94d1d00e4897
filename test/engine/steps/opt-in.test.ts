// Goal: only a later, evidenced word of the person lifts a refusal, exactly the one that it is about.
// Method: tables of reports and refusals; records that say anything, for which nothing may give way.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LEAD_STATES, patched } from '../../../engine/decision'
import { asHeard, CONSENT_KINDS, isRefused } from '../../../engine/lead/consent'
import { toLead } from '../../../engine/lead/intake/to-lead'
import type { Lead } from '../../../engine/lead/lead'
import { writablePaths } from '../../../engine/lead/paths'
import { soundLead } from '../../../engine/lead/sound'
import { dedupeStep } from '../../../engine/steps/dedupe'
import { ingestStep } from '../../../engine/steps/ingest'
import { optInStep } from '../../../engine/steps/opt-in'
import type { SalesEvent } from '../../../engine/steps/sales-event'
import { anyLead } from '../support/arbitraries'
import { intakeSettings } from '../support/intake'
import { at, DAY, deepFreeze, HOUR, lead, NOW } from '../support/leads'
import { change, ends, kinds } from './support'

type Known = Parameters<typeof optInStep.decide>[2]
const REFUSED: Lead['consent'] = {
  optOut: true,
  email: 'denied',
  refusedAt: { optOut: at(NOW - DAY), email: at(NOW - 2 * DAY) },
}
const go = (
  event: Partial<SalesEvent>,
  changes: Partial<Lead> = { consent: REFUSED },
  known: Partial<Known> = {},
) =>
  optInStep.decide(
    deepFreeze(lead(changes)),
    {
      event: {
        id: 'o1',
        kind: 'opted_in',
        consent: ['optOut', 'email'],
        evidence: 'doi-4711',
        by: 'Dana',
        atMs: NOW - HOUR,
        ...event,
      },
    },
    { state: 'suppressed', own: [], ...known },
    NOW,
  )
const GRANT = { at: at(NOW - HOUR), evidence: 'doi-4711', by: 'Dana' }

describe('an opt-in', () => {
  it('lifts what it names, keeps its evidence, and moves nothing', () => {
    const decision = go({})
    assert.equal(decision.outcome, 'recorded')
    assert.deepEqual(decision.patch, {
      consent: {
        optOut: false,
        email: 'granted',
        at: GRANT.at,
        basis: 'doi-4711',
        regranted: { optOut: GRANT, email: GRANT },
      },
    })
    assert.deepEqual(kinds(decision), ['lead.save'])
    assert.deepEqual(
      decision.because.map(({ why }) => why),
      [`The person granted optOut, email again at ${GRANT.at} (doi-4711), reported by Dana`],
    )
    assert.deepEqual(decision.because[0]!.inputs, [
      { path: 'consent.optOut', value: true },
      { path: 'consent.email', value: 'denied' },
      { path: 'consent.refusedAt.optOut', value: at(NOW - DAY) },
      { path: 'consent.refusedAt.email', value: at(NOW - 2 * DAY) },
    ])
    const after = patched(lead({ consent: REFUSED }), decision.patch)
    assert.equal(soundLead(after), after)
  })

  it('leaves what it does not name, and says that it holds', () => {
    const { patch, because } = go({ consent: ['email'] })
    assert.deepEqual(
      [patch.consent!.optOut, patch.consent!.email, patch.consent!.refusedAt],
      [true, 'granted', { optOut: at(NOW - DAY) }],
    )
    assert.match(because.at(-1)!.why, /still not to be contacted/)
  })

  for (const state of LEAD_STATES.filter((one) => one !== 'erased')) {
    it(`leaves a lead that stands ${state} there`, () => {
      assert.equal(change(go({}, undefined, { state }), 'lead.save')!.state, state)
    })
  }

  for (const [title, event, changes, why] of [
    ['of the moment of the refusal', { atMs: NOW - DAY }, undefined, /^optOut was refused, as/],
    [
      'from before it',
      { consent: ['email'], atMs: NOW - 3 * DAY },
      undefined,
      /^email was refused/,
    ],
    ['of which one kind was refused later', { atMs: NOW - 36 * HOUR }, undefined, /^optOut was/],
    ['that is still to come', { atMs: NOW + 1 }, undefined, /still to come/],
    ['of another year', { atMs: Date.UTC(2016, 1, 1) }, undefined, /expected a time from/],
    [
      'of what was not refused',
      { consent: ['phone'] },
      undefined,
      /refused nothing of this: phone/,
    ],
    ['of a mailbox that is none', { mailbox: true }, undefined, /ana@acme.example is no shared/],
    [
      'no later than the event of a refusal without a time',
      { atMs: NOW - HOUR },
      { consent: { optOut: true }, event: { id: 'web:1', receivedAt: at(NOW - HOUR) } },
      /^optOut was refused/,
    ],
    [
      'no later than such a refusal says itself',
      { atMs: NOW - HOUR },
      {
        consent: { optOut: true, at: at(NOW - HOUR) },
        event: { id: 'web:1', receivedAt: at(NOW - DAY) },
      },
      /^optOut was refused/,
    ],
  ] as const satisfies readonly (readonly [
    string,
    Partial<SalesEvent>,
    Partial<Lead> | undefined,
    RegExp,
  ])[]) {
    it(`${title} changes nothing, and says why`, () => {
      const decision = go(event, changes)
      assert.deepEqual([decision.outcome, decision.changes, decision.patch], ['ignored', [], {}])
      assert.match(decision.because[0]!.why, why)
    })
  }

  it('of a lead that was erased meanwhile brings nothing back', () => {
    assert.deepEqual(go({}, undefined, { state: 'erased' }).changes, [])
  })

  it('that comes twice is answered like the first, and writes nothing', () => {
    const consent = go({}).patch.consent!
    const again = go({}, { consent })
    assert.deepEqual([again.outcome, again.changes, again.patch], ['recorded', [], {}])
    assert.equal(go({ evidence: 'another' }, { consent }).outcome, 'ignored')
    const refusedSince: Lead['consent'] = { ...REFUSED, refusedAt: { optOut: at(NOW) } }
    assert.equal(go({}, { consent: refusedSince }).outcome, 'ignored')
  })

  it('after a refusal without a time lifts it when it is later than the last event', () => {
    const event = { id: 'web:1', receivedAt: at(NOW - DAY) }
    assert.equal(go({}, { consent: { optOut: true }, event }).patch.consent!.optOut, false)
  })

  it('lifts on the list what it names, entry by entry', () => {
    const key = 'email:ana@acme.example'
    const own = [
      { key, consent: { optOut: true, phone: 'denied', refusedAt: { optOut: at(NOW - DAY) } } },
      { key: 'id:crm:7', consent: { phone: 'denied' } },
    ] as const
    const decision = go({}, { consent: {} }, { own })
    assert.deepEqual(kinds(decision), ['consent.suppress', 'lead.save'])
    const { consent } = change(decision, 'consent.suppress')!
    assert.deepEqual(
      [consent.optOut, consent.phone, consent.regranted],
      [false, 'denied', { optOut: GRANT }],
    )
    const later = [{ key, consent: { optOut: true, refusedAt: { optOut: at(NOW) } } }] as const
    assert.equal(go({}, { consent: {} }, { own: later }).outcome, 'ignored')
  })

  it('locks the lead, and the keys by which a refusal could come in meanwhile', () => {
    assert.deepEqual(optInStep.scopes(lead(), {} as never), [
      'lead:L1',
      'identity:email:ana@acme.example',
    ])
  })
})

describe('an opt-in about any lead', () => {
  it('gets an answer with a reason, and leaves what fits the schema and is no stricter', () => {
    const kindsOf = fc.subarray([...CONSENT_KINDS], { minLength: 1 })
    const report = fc.record({
      consent: kindsOf,
      atMs: fc.integer({ min: NOW - 9 * DAY, max: NOW + DAY }),
      mailbox: fc.constantFrom(undefined, true as const),
    })
    fc.assert(
      fc.property(anyLead, report, kindsOf, ({ ...one }, { mailbox, ...said }, listed) => {
        const entry = {
          ...asHeard(REFUSED, at(NOW)),
          ...(listed.length > 2 ? { phone: 'denied' } : {}),
        }
        const own = [{ key: 'k', consent: entry as Lead['consent'] }]
        const event = { ...said, ...(mailbox && { mailbox }) }
        const decision = go(event, one, { own })
        assert.ok(decision.because[0]!.why.length > 0)
        const after = patched(one, decision.patch)
        assert.equal(soundLead(after), after)
        for (const kind of CONSENT_KINDS) {
          const holds = isRefused(after.consent, kind)
          if (!said.consent.includes(kind)) assert.equal(holds, isRefused(one.consent, kind))
          else if (decision.changes.length > 0) assert.ok(!holds)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('an intake record', () => {
  // Every name that a field may have, and the very sections in which an opt-in is kept.
  const yes = fc.constantFrom(
    'yes',
    true,
    'granted',
    'opted in',
    1,
    false,
    'no',
    'denied',
    at(NOW + DAY),
  )
  const names = [
    ...writablePaths().filter((path) => path.startsWith('consent.')),
    ...['opt_out', 'optin', 'email_consent', 'marketing_consent', 'unsubscribed', 'double_opt_in'],
  ]
  const bag = fc.dictionary(
    fc.constantFrom('optOut', 'email', 'phone', 'marketing', 'at', 'evidence', 'by'),
    fc.oneof(yes, fc.constant({ at: at(NOW + DAY), evidence: 'doi', by: 'x' })),
  )
  const record = fc
    .tuple(
      fc.dictionary(fc.constantFrom(...names), yes),
      fc.record({ consent: fc.oneof(yes, fc.record({ regranted: bag, refusedAt: bag }), bag) }),
      fc.dictionary(
        fc.constantFrom('consent.regranted', 'consent.regranted.optOut', 'regranted', 'outcome'),
        bag,
      ),
    )
    .map((parts) => Object.assign({ email: 'ana@acme.example' }, ...parts))

  it('never lifts a refusal, whatever it says', () => {
    const settings = intakeSettings()
    const refused: Lead['consent'] = {
      optOut: true,
      marketing: 'denied',
      email: 'denied',
      phone: 'denied',
      refusedAt: { optOut: at(NOW - DAY), email: at(NOW - DAY) },
    }
    let read = 0
    fc.assert(
      fc.property(record, (raw) => {
        const intake = toLead(raw, settings, NOW)
        if (intake.kind !== 'lead') return
        read += 1
        const rules = { ...ends(), rememberMs: DAY, nodeId: 'n' }
        const taken = patched(
          intake.lead,
          ingestStep.decide(intake.lead, rules, undefined, NOW).patch,
        )
        const known = lead({ id: 'K', consent: refused })
        const merged = patched(
          taken,
          dedupeStep.decide(
            taken,
            ends(),
            {
              linked: new Map([['email:ana@acme.example', 'K']]),
              leads: new Map([['K', { lead: known, state: 'suppressed' as const }]]),
              accounts: new Map(),
            },
            NOW,
          ).patch,
        )
        const { optOut, marketing, email, phone, regranted } = merged.consent
        assert.deepEqual(
          [merged.id, optOut, marketing, email, phone, regranted],
          ['K', true, 'denied', 'denied', 'denied', undefined],
        )
      }),
      { numRuns: 500 },
    )
    assert.ok(read > 400)
  })
})
