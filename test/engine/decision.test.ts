// Goal: a patch sets sections, removes sections, and touches nothing else; also when it was kept as JSON.
import assert from 'node:assert/strict'
import { patched } from '../../engine/decision'
import { deepFreeze, lead } from './support/leads'

describe('patched', () => {
  const sla = { tier: 't' } as never
  it('sets a section as a whole', () => {
    assert.deepEqual(patched(lead(), { company: { name: 'B' } }).company, { name: 'B' })
  })
  it('removes a section that is undefined', () => {
    assert.equal('sla' in patched(lead({ sla }), { sla: undefined }), false)
  })
  it('removes it as well when the patch went through JSON', () => {
    const kept = JSON.parse(JSON.stringify({ sla: null }))
    assert.equal('sla' in patched(lead({ sla }), kept), false)
  })
  it('leaves the given lead alone, and everything that it does not name', () => {
    const before = deepFreeze(lead({ sla }))
    const after = patched(before, { cycle: 2 })
    assert.deepEqual(after, { ...before, cycle: 2 })
  })
})
