// Goal: the body of a lead and its standing together are the lead, and the body holds nothing of what
// may go stale in it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bodyOf, standingOf, withStanding } from '../../../engine/lead/standing'
import { anyLead } from '../support/arbitraries'

const json = (value: unknown) => JSON.parse(JSON.stringify(value))

describe('a lead in two parts', () => {
  it('is whole again', () => {
    fc.assert(
      fc.property(anyLead, (lead) => {
        assert.deepEqual(withStanding(JSON.parse(bodyOf(lead)), json(standingOf(lead))), json(lead))
      }),
    )
  })
  it('has neither its assignment nor its clock in the body', () => {
    fc.assert(
      fc.property(anyLead, (lead) => {
        const { assignment, sla, ...rest } = lead
        assert.deepEqual(JSON.parse(bodyOf(lead)), json(rest))
      }),
    )
  })
})
