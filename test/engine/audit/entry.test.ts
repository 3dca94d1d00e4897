// Goal: the public part of an entry proves the private part and tells nothing personal.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { canonicalJson } from '../../../engine/audit/canonical-json'
import {
  commit,
  type PrivateEntry,
  type PublicEntry,
  publicText,
  seal,
  sealEntry,
} from '../../../engine/audit/entry'
import { leafHash } from '../../../engine/audit/merkle/hash'
import { type Decision, patched } from '../../../engine/decision'
import { lead, NOW } from '../support/leads'

const DECISION: Decision = {
  step: 'qualify',
  outcome: 'sales',
  patch: { sla: undefined, company: { name: 'Secret GmbH' } },
  because: [
    {
      rule: 'decide.sql',
      why: 'Ana from Secret GmbH',
      inputs: [{ path: 'contact.email', value: 'ana@acme.example' }],
    },
    { rule: 'fit.size', points: 25, why: 'Size', inputs: [] },
    { rule: 'fit.plan', points: 5, unknown: true, why: 'Plan', inputs: [] },
  ],
  changes: [
    { kind: 'lead.save', state: 'qualified', reason: 'Ana is hot' },
    { kind: 'identity.link', key: 'email:ana@acme.example', leadId: 'L1' },
  ],
}
const SALT = '00112233445566778899aabbccddeeff'
const facts = (more: object = {}) => ({
  realm: 'live',
  nowMs: NOW,
  lead: lead(),
  decision: DECISION,
  actor: 'dana',
  salt: SALT,
  ...more,
})
const publicOf = (body: string) => JSON.parse(body) as PublicEntry

describe('sealEntry', () => {
  const sealed = sealEntry(
    facts({
      key: 'L1#web:1',
      artefact: { name: 'c', version: '1.0.0', hash: 'ab' },
      before: lead(),
    }),
  )
  const entry = publicOf(sealed.body)

  it('tells when, where, which step, which rules with points, which changes, by which artefact', () => {
    const { commitment: _commitment, ...told } = entry
    assert.deepEqual(told, {
      v: 1,
      realm: 'live',
      at: '2026-03-02T10:00:00.000Z',
      lead: 'L1',
      step: 'qualify',
      outcome: 'sales',
      rules: [
        ['decide.sql', null],
        ['fit.size', 25],
        ['fit.plan', 5, true],
      ],
      changes: ['lead.save', 'identity.link'],
      artefact: { name: 'c', version: '1.0.0', hash: 'ab' },
    })
  })
  it('tells nothing personal', () => {
    for (const word of ['ana@', 'Ana', 'Secret', 'dana', 'web:1', 'acme.example'])
      assert.ok(!sealed.body.includes(word), word)
  })
  it('commits to the private part with its salt, and hashes to its leaf', () => {
    assert.equal(entry.commitment, commit(SALT, sealed.payload))
    assert.notEqual(commit(SALT, `${sealed.payload} `), entry.commitment)
    assert.notEqual(commit(SALT.replace('0', '1'), sealed.payload), entry.commitment)
    assert.ok(sealed.leaf.equals(leafHash(sealed.body)))
  })
  it('keeps actor, reasons, patch, key and the lead before in the private part', () => {
    const hidden = JSON.parse(sealed.payload) as PrivateEntry
    assert.deepEqual([hidden.actor, hidden.key, hidden.lead!.id], ['dana', 'L1#web:1', 'L1'])
    assert.deepEqual(hidden.because, DECISION.because)
  })
  it('keeps that a section was removed, so that the answer can be given again', () => {
    const { patch } = JSON.parse(sealed.payload) as PrivateEntry
    const before = lead({ sla: { tier: 't' } as never })
    assert.deepEqual(patched(before, patch), patched(before, DECISION.patch))
  })
  it('the same facts and salt give the same entry, another salt another commitment', () => {
    assert.deepEqual(sealEntry(facts()), sealEntry(facts()))
    assert.notEqual(
      publicOf(sealEntry(facts({ salt: SALT.replace('0', '1') })).body).commitment,
      publicOf(sealEntry(facts()).body).commitment,
    )
  })
  it('is canonical JSON, whatever it tells', () => {
    const word = fc.string({ unit: 'grapheme' })
    const rules = fc.array(
      fc.tuple(word, fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }))),
    )
    const artefact = fc.option(fc.record({ version: word, name: word, hash: word }), {
      nil: undefined,
    })
    fc.assert(
      fc.property(
        word,
        word,
        word,
        rules,
        fc.array(word),
        artefact,
        (realm, leadId, outcome, told, changes, ref) => {
          const facts = {
            realm,
            leadId,
            outcome,
            rules: told,
            changes,
            nowMs: NOW,
            step: 'route' as const,
          }
          const text = publicText(ref === undefined ? facts : { ...facts, artefact: ref })
          const { body } = seal(text, '{}', SALT)
          assert.equal(body, canonicalJson(JSON.parse(body)))
        },
      ),
    )
  })
  it('keeps what no entry before it tells, unless it keeps the lead whole', () => {
    const seen = { fit: { points: 40 } } as never
    const decision = { ...DECISION, seen }
    const hidden = (more: object) =>
      JSON.parse(sealEntry(facts({ decision, ...more })).payload) as PrivateEntry
    assert.deepEqual([hidden({}).seen, hidden({}).lead], [seen, undefined])
    assert.deepEqual(
      [hidden({ before: lead() }).seen, hidden({ before: lead() }).lead?.id],
      [undefined, 'L1'],
    )
  })
  it('leaves out what is not given', () => {
    const bare = sealEntry(facts())
    assert.ok(!('artefact' in publicOf(bare.body)))
    const hidden = JSON.parse(bare.payload) as PrivateEntry
    assert.ok(!('key' in hidden) && !('lead' in hidden))
  })
})

describe('commit', () => {
  it('two different pairs of salt and payload never share a commitment by moving their border', () => {
    const hex = fc.string({
      unit: fc.constantFrom(...'0123456789abcdef'),
      minLength: 32,
      maxLength: 32,
    })
    fc.assert(
      fc.property(hex, fc.string(), hex, fc.string(), (saltA, a, saltB, b) => {
        fc.pre(saltA !== saltB || a !== b)
        assert.notEqual(commit(saltA, a), commit(saltB, b))
      }),
    )
  })
})
