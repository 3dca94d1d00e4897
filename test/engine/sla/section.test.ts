// Goal: a section and its list of clocks say the same. Method: there and back for any lead, and against
// the plain way of taking a section apart.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { SlaClockSection, SlaSection } from '../../../engine/lead/lead'
import { clocksOf, withClocks } from '../../../engine/sla/section'
import { anyLead } from '../support/arbitraries'

const anySection = anyLead.filter(({ sla }) => sla !== undefined).map(({ sla }) => sla!)

function plainly(sla: SlaSection): SlaClockSection[] {
  const {
    tier,
    cycle,
    node,
    policy,
    rep,
    pool,
    assignedAt,
    moves,
    clocks = [],
    pauses,
    delays,
    ...own
  } = sla
  return [{ ...own, id: 'first-touch', kind: 'first-touch' }, ...clocks]
}

describe('the clocks of a section', () => {
  it('are the section itself, then the others', () => {
    fc.assert(fc.property(anySection, (sla) => assert.deepEqual(clocksOf(sla), plainly(sla))))
  })
  it('make the section again', () => {
    fc.assert(
      fc.property(anySection, (sla) => {
        const { clocks = [], ...rest } = sla
        const wanted = clocks.length === 0 ? rest : { ...sla }
        assert.deepEqual(withClocks(sla, clocksOf(sla)), wanted)
      }),
    )
  })
  it('take the place of those that a section had', () => {
    fc.assert(
      fc.property(anySection, anySection, (one, other) => {
        const { tier, cycle } = one
        assert.deepEqual(clocksOf(withClocks({ tier, cycle }, clocksOf(other))), plainly(other))
      }),
    )
  })
})
