// Goal: a list shows what was asked for or says what is wrong with the question; a mistyped filter lists nobody.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LEADS_MAX, readListed } from '../../../engine/audit/listed'

const listed = (raw: unknown) => (readListed(raw) as { listed?: object }).listed
const problem = (raw: unknown) => (readListed(raw) as { problem?: string }).problem ?? ''
const ALL = { limit: LEADS_MAX, person: false }

describe('readListed', () => {
  it('reads a state by itself, and each filter', () => {
    assert.deepEqual(listed('waiting'), { state: 'waiting', ...ALL })
    assert.deepEqual(listed({ state: 'waiting', rep: '', account: null }), {
      state: 'waiting',
      ...ALL,
    })
    assert.deepEqual(listed({ rep: 'ana', person: true, limit: 5 }), {
      rep: 'ana',
      limit: 5,
      person: true,
    })
    assert.deepEqual(listed({ account: 'www.acme.example', state: 'open' }), {
      state: 'open',
      accountId: 'domain:acme.example',
      ...ALL,
    })
    assert.deepEqual(listed({ email: 'Ana@acme.example' }), {
      asked: {
        sought: [{ by: 'key', value: 'email:ana@acme.example' }],
        words: 'this e-mail address',
      },
      ...ALL,
    })
    const after = { ms: 5, id: 'L1' }
    assert.deepEqual(listed({ rep: 'ana', after }), { rep: 'ana', after, ...ALL })
    const texts = { rep: 'ana', limit: '5', after: { ms: '5', id: 'L1' } }
    assert.deepEqual(listed(texts), { rep: 'ana', after, ...ALL, limit: 5 })
  })

  it('shows who it is only to whoever asks for that', () => {
    assert.equal((listed({ rep: 'ana', person: 'true' }) as { person: boolean }).person, true)
    for (const person of [undefined, false, 'no', 0, 'false', 1])
      assert.equal((listed({ rep: 'ana', person }) as { person: boolean }).person, false)
  })

  it('says what is wrong', () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /expected a state \(open, .*erased\), or \{ state, rep, account \}/],
      [{}, /expected a state/],
      [{ person: true, limit: 5 }, /expected a state/],
      ['won', /state must be one of open, qualified/],
      [{ State: 'open' }, /"State" is no field of it; expected state, rep, account/],
      [{ rep: 7 }, /rep must be the id/],
      [{ '{"email":"ana@acme.example"}': '' }, /^a field of it is not known; expected state, rep/],
      [{ state: 'open', 'Ana Ruiz': 1 }, /^a field of it is not known; expected/],
      [{ account: 'Acme' }, /account must be a company’s domain/],
      [{ state: 'open', limit: 0 }, /limit must be a number from 1 to 1000/],
      [{ state: 'open', limit: 1001 }, /limit/],
      [{ state: 'open', limit: 'five' }, /limit/],
      [{ state: 'open', after: 'L1' }, /after must be \{ ms, id \}, as in msg\.next/],
      [{ state: 'open', after: { ms: 1.5, id: 'L1' } }, /after/],
      [{ email: 'x' }, /email must be/],
    ]
    for (const [raw, says] of cases) assert.match(problem(raw), says, JSON.stringify(raw))
    for (const raw of ['x'.repeat(1e6), { ['x'.repeat(1e6)]: 1 }])
      assert.ok(problem(raw).length < 300)
  })

  it('is total', () => {
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        const read = readListed(raw)
        assert.ok('problem' in read || read.listed.limit <= LEADS_MAX)
      }),
    )
  })
})
