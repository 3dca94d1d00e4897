// Goal: a known person's record takes up the event, a new one is linked, a conflict asks a person.
import assert from 'node:assert/strict'
import type { LeadState } from '../../../engine/decision'
import { patched } from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import { dedupeStep } from '../../../engine/steps/dedupe'
import { at, HOUR, lead, NOW, signal } from '../support/leads'
import { change, ends, kinds } from './support'

const E = 'email:ana@acme.example'
const P = 'phone:+49301'
const go = (
  one: Lead,
  linked: Record<string, string> = {},
  stored: readonly Lead[] = [],
  more: { owners?: Record<string, string>; state?: LeadState } = {},
) =>
  dedupeStep.decide(
    one,
    ends(),
    {
      linked: new Map(Object.entries(linked)),
      leads: new Map(
        stored.map((known) => [known.id, { lead: known, state: more.state ?? 'open' }]),
      ),
      accounts: new Map(
        Object.entries(more.owners ?? {}).map(([id, repId]) => [
          id,
          { id, crm: [], owner: { repId, sinceMs: NOW } },
        ]),
      ),
    },
    NOW,
  )
const known = (changes: Partial<Lead> = {}) =>
  lead({ id: 'K', event: { id: 'web:0', receivedAt: at(NOW - HOUR) }, ...changes })

describe('dedupe: the signals of a known person', () => {
  it('one that is known by a bare id is kept under it, by lead and store alike', () => {
    const before = signal('page', HOUR, { id: '1' })
    const sent = [signal('page', HOUR, { id: 'web/1' }), signal('demo', 0, { id: 'web/2' })]
    const decision = go(lead({ signals: sent }), { [E]: 'K' }, [known({ signals: [before] })])
    assert.deepEqual(change(decision, 'signals.add')!.signals, [before, sent[1]])
    assert.deepEqual(decision.patch.signals, [before, sent[1]])
  })
})

describe('dedupe: a new person', () => {
  const decision = go(lead({ signals: [signal('demo_request')] }))
  it('is new, and stands open', () => {
    assert.equal(decision.outcome, 'new')
    assert.deepEqual(decision.patch.identity, { match: 'new', matchedBy: [] })
    assert.equal(change(decision, 'lead.save')!.state, 'open')
  })
  it('has the time of the first touch that its event states', () => {
    const first = lead({ source: { originalTouch: 'fair' } })
    const kept = patched(first, go(first).patch)
    const { observedAt } = kept.provenance['source.originalTouch']!
    assert.equal(observedAt, first.event.receivedAt)
  })
  it('is linked by every key, with its signals in its account', () => {
    assert.deepEqual(kinds(decision), ['identity.link', 'signals.add', 'lead.save'])
    assert.deepEqual(change(decision, 'identity.link'), {
      kind: 'identity.link',
      key: E,
      leadId: 'L1',
    })
    assert.equal(change(decision, 'signals.add')!.accountId, 'domain:acme.example')
  })
  it('has its account, with the owner that is known', () => {
    assert.deepEqual(decision.patch.account, { id: 'domain:acme.example', domain: 'acme.example' })
    const owned = go(lead(), {}, [], { owners: { 'domain:acme.example': 'ana' } })
    assert.equal(owned.patch.account!.owner, 'ana')
    const crm = go(lead({ crm: { owner: 'ben' } }), {}, [], {
      owners: { 'domain:acme.example': 'ana' },
    })
    assert.equal(crm.patch.account!.owner, 'ben')
  })
  it('a shared phone number is not linked anew', () => {
    const one = lead({ contact: { email: 'ana@acme.example', phone: '+49301', nameKey: 'ana' } })
    const other = known({ contact: { email: 'ben@acme.example', phone: '+49301', nameKey: 'ben' } })
    const shared = go(one, { [P]: 'K' }, [other])
    assert.equal(shared.outcome, 'new')
    assert.ok(!shared.changes.some((link) => link.kind === 'identity.link' && link.key === P))
    assert.match(shared.because[0]!.why, /a phone number of someone else was not used/)
  })
})

describe('dedupe: a known person', () => {
  const event = lead({
    contact: { email: 'ana@acme.example', emailKey: 'ana@acme.example', phone: '+49301' },
    signals: [signal('page_view')],
  })
  const decision = go(event, { [E]: 'K' }, [known({ signals: [signal('demo_request', HOUR)] })], {
    state: 'assigned',
  })
  it('keeps the record’s id and standing, and takes the event up', () => {
    assert.deepEqual([decision.outcome, decision.patch.id], ['known', 'K'])
    assert.deepEqual(decision.patch.identity, { match: 'known', matchedBy: ['email'] })
    assert.equal(change(decision, 'lead.save')!.state, 'assigned')
    assert.deepEqual(
      decision.patch.signals!.map(({ type }) => type),
      ['demo_request', 'page_view'],
    )
  })
  it('links the event, the new key and only the new signals', () => {
    assert.deepEqual(change(decision, 'intake.link'), {
      kind: 'intake.link',
      key: 'web:1',
      leadId: 'K',
    })
    assert.deepEqual(change(decision, 'identity.link'), {
      kind: 'identity.link',
      key: P,
      leadId: 'K',
    })
    assert.deepEqual(change(decision, 'signals.add')!.signals, [signal('page_view')])
  })
  it('an opt-out in the record holds for the event', () => {
    const { patch } = go(lead({ consent: { email: 'granted' } }), { [E]: 'K' }, [
      known({ consent: { optOut: true } }),
    ])
    assert.equal(patch.consent!.optOut, true)
  })
  it('an event from a private address keeps the account and its owner', () => {
    const private_ = lead({
      contact: { email: 'ana@home.example', phone: '+49301', nameKey: 'ana ruiz' },
      company: {},
    })
    const record = known({
      contact: { phone: '+49301', nameKey: 'ana ruiz' },
      account: { id: 'domain:acme.example', owner: 'ana' },
    })
    const { patch } = go(private_, { [P]: 'K' }, [record], {
      owners: { 'domain:acme.example': 'ana' },
    })
    assert.deepEqual(patch.account, {
      id: 'domain:acme.example',
      domain: 'acme.example',
      owner: 'ana',
    })
  })
  it('a lead that waits goes on waiting, with its pool and its next try', () => {
    const assignment = {
      status: 'waiting',
      pool: 'all',
      retryAt: at(NOW + HOUR),
    } as unknown as NonNullable<Lead['assignment']>
    const waiting = go(lead(), { [E]: 'K' }, [known({ assignment })], { state: 'waiting' })
    const saved = change(waiting, 'lead.save')!
    assert.deepEqual([saved.state, saved.poolId, saved.retryAtMs], ['waiting', 'all', NOW + HOUR])
  })
  it('a key whose lead is gone makes the person new, and the key theirs', () => {
    const gone = go(lead(), { [E]: 'gone' })
    assert.equal(gone.outcome, 'new')
    assert.deepEqual(change(gone, 'identity.link'), { kind: 'identity.link', key: E, leadId: 'L1' })
  })
})

describe('dedupe: keys of two people', () => {
  const one = lead({ externalIds: { sf: '1' } })
  const decision = go(one, { [E]: 'K', 'id:sf:1': 'M' }, [known(), known({ id: 'M' })])
  it('go to review, and nothing is merged or linked', () => {
    assert.equal(decision.outcome, 'review')
    assert.deepEqual(kinds(decision), ['lead.save'])
    assert.equal(change(decision, 'lead.save')!.state, 'review')
    assert.deepEqual(decision.patch, {
      identity: { match: 'review', matchedBy: ['email', 'id:sf'], candidates: ['K', 'M'] },
    })
    assert.equal(patched(one, decision.patch).id, 'L1')
  })
  it('say by which keys, without their values in the public part', () => {
    assert.deepEqual(decision.because[0]!.inputs, [
      { path: 'contact.email', value: 'ana@acme.example' },
      { path: 'externalIds.sf', value: '1' },
    ])
  })
})

describe('dedupe: what no lead would bear is kept by the suppression list', () => {
  const info = { email: 'info@acme.example', emailKey: 'info@acme.example', emailRole: true }
  const I = 'email:info@acme.example'
  const decide = (one: Lead, known: Partial<Parameters<typeof dedupeStep.decide>[2]>) =>
    dedupeStep.decide(
      one,
      ends(),
      { linked: new Map(), leads: new Map(), accounts: new Map(), ...known },
      NOW,
    )
  it('a refusal from a shared mailbox, beside what the list has under it', () => {
    const one = lead({ contact: info, consent: { optOut: true } })
    const decision = decide(one, { suppressed: new Map([[I, [{ email: 'denied' }]]]) })
    assert.deepEqual(kinds(decision), ['consent.suppress', 'lead.save'])
    assert.deepEqual(change(decision, 'consent.suppress'), {
      kind: 'consent.suppress',
      key: I,
      consent: { optOut: true, email: 'denied', refusedAt: { optOut: at(NOW) } },
    })
    assert.deepEqual(
      decision.because.map(({ rule }) => rule),
      ['dedupe.new', 'dedupe.refusal'],
    )
    assert.deepEqual(dedupeStep.scopes(one, ends()), [`identity:${I}`])
  })
  it('not what the mailbox asks for, nor what a person refuses', () => {
    assert.equal(change(decide(lead({ contact: info }), {}), 'consent.suppress'), undefined)
    const person = decide(lead({ consent: { optOut: true } }), {})
    assert.equal(change(person, 'consent.suppress'), undefined)
  })
  it('a refusal with the keys of two people, under each key', () => {
    const one = lead({ externalIds: { sf: '1' }, consent: { optOut: true } })
    const decision = go(one, { [E]: 'K', 'id:sf:1': 'M' }, [known(), known({ id: 'M' })])
    assert.deepEqual(
      decision.changes.flatMap((one) => (one.kind === 'consent.suppress' ? [one.key] : [])),
      [E, 'id:sf:1'],
    )
    assert.ok(decision.because.some(({ rule }) => rule === 'dedupe.refusal'))
  })
  it('what one of two people refused restricts the lead that may be theirs', () => {
    const one = lead({ externalIds: { sf: '1' }, consent: { email: 'granted' } })
    const decision = go(
      one,
      {
        [E]: 'K',
        'id:sf:1': 'M',
      },
      [known({ consent: { email: 'denied', phone: 'granted' } }), known({ id: 'M' })],
    )
    const refusedAt = { email: one.event.receivedAt }
    assert.deepEqual(decision.patch.consent, { email: 'denied', refusedAt })
    assert.deepEqual(
      decision.because.map(({ rule }) => rule),
      ['dedupe.conflict', 'dedupe.refused'],
    )
    assert.equal(change(decision, 'consent.suppress'), undefined)
  })
})

describe('dedupe: scopes and key', () => {
  it('locks every key of the person', () => {
    const one = lead({ contact: { email: 'a@b.example', phone: '+1' }, externalIds: { sf: '1' } })
    assert.deepEqual(dedupeStep.scopes(one, ends()), [
      'identity:email:a@b.example',
      'identity:id:sf:1',
      'identity:phone:+1',
    ])
  })
  it('ends the way where no lead node follows', () => {
    const decision = dedupeStep.decide(
      lead(),
      ends('new'),
      { linked: new Map(), leads: new Map(), accounts: new Map() },
      NOW,
    )
    assert.deepEqual(change(decision, 'intake.done'), { kind: 'intake.done', key: 'web:1' })
  })
})
