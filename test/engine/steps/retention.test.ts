// Goal: a lead is erased only at rest and only as it was seen; entries say nothing of the person.
// Method: tables over states and keys; the stores' part is in test/store/contract/retention.
import assert from 'node:assert/strict'
import { publicFacts, publicText } from '../../../engine/audit/entry'
import { AT_REST, LEAD_STATES, type LeadState } from '../../../engine/decision'
import { eraseDetailsStep, eraseLeadStep, retentionSubject } from '../../../engine/steps/retention'
import { deepFreeze, lead, NOW } from '../support/leads'

const KEYS = ['email:ana@acme.example', 'phone:+4930']
const decide = (
  state: LeadState | undefined,
  keys: readonly string[] | undefined = KEYS,
  changes: Parameters<typeof lead>[0] = {},
) =>
  eraseLeadStep.decide(
    deepFreeze(lead(changes)),
    { months: 24, keys: KEYS },
    { state, keys, refused: [] },
    NOW,
  )

describe('the retention step', () => {
  for (const state of [...LEAD_STATES, undefined]) {
    const isAtRest = (AT_REST as readonly unknown[]).includes(state)
    it(`${isAtRest ? 'erases' : 'keeps'} a lead that stands ${state}`, () => {
      const { outcome, changes } = decide(state)
      assert.equal(outcome, isAtRest ? 'erased' : 'kept')
      assert.deepEqual(
        changes.map(({ kind }) => kind),
        isAtRest ? ['lead.erase'] : [],
      )
    })
  }

  it('keeps a lead for which something is under way, or that got another key meanwhile', () => {
    assert.equal(
      eraseLeadStep.decide(
        lead(),
        { months: 24, keys: KEYS },
        { state: 'closed', keys: undefined, refused: [] },
        NOW,
      ).outcome,
      'kept',
    )
    assert.equal(decide('closed', [...KEYS, 'id:crm:7']).outcome, 'kept')
    assert.equal(decide('closed', KEYS.slice(1)).outcome, 'kept')
  })

  it('locks the lead and every key by which somebody could take it up', () => {
    assert.deepEqual(eraseLeadStep.scopes(lead(), { months: 24, keys: KEYS }), [
      'retention',
      'lead:L1',
      ...KEYS.map((key) => `identity:${key}`),
    ])
  })

  it('keeps refusals, those on the list already too, and says so', () => {
    assert.equal('refused' in decide('closed').changes[0]!, false)
    const step = eraseLeadStep.decide(
      lead({ consent: { email: 'denied', phone: 'granted' } }),
      { months: 24, keys: KEYS },
      { state: 'closed', keys: KEYS, refused: [{ optOut: true }] },
      NOW,
    )
    const [change] = step.changes
    assert.ok(change?.kind === 'lead.erase')
    assert.deepEqual(change.refused, {
      keys: [KEYS[0], 'phone:+4930 ana ruiz', 'phone:+4930 ::anybody'],
      consent: { optOut: true, email: 'denied' },
    })
    assert.ok(step.because.some(({ rule }) => rule === 'retention.refusal'))
  })

  it('writes nothing of the person into its entry, public or private', () => {
    const decision = decide('suppressed', KEYS, { consent: { optOut: true } })
    const facts = publicFacts({ realm: 'live', nowMs: NOW, lead: lead(), decision })
    const { because, patch } = decision
    const written = JSON.stringify([publicText(facts), because, patch])
    assert.doesNotMatch(written, /acme|4930|ruiz/i)
    assert.deepEqual(patch, {})
  })

  it('erases the details that are over their time, or says nothing', () => {
    const settings = { months: 36, seqs: [3, 4, 9] }
    const ask = (left: readonly number[]) =>
      eraseDetailsStep.decide(retentionSubject(NOW), settings, left, NOW)
    assert.deepEqual(ask([4, 9]).changes, [{ kind: 'details.erase', seqs: [4, 9] }])
    assert.match(ask([4, 9]).because[0]!.why, /^The details of 2 entries were kept for 36 months/)
    assert.deepEqual([ask([]).outcome, ask([]).changes], ['kept', []])
  })
})
