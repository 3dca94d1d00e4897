// Goal: whoever was out of a pool for long is not flooded on return. Method: weeks of leads, in between
// of which a member is taken out and put back.
import assert from 'node:assert/strict'
import { route } from '../../../engine/routing/route'
import type { FairnessRecord } from '../../../engine/step'
import { policy } from '../support/artefacts'
import { DAY, lead, MINUTE, NOW } from '../support/leads'

describe('a member who was taken out of the pool', () => {
  const reps = ['ana', 'ben', 'cy'].map((id) => ({ id, name: id, capacity: 10_000 }))
  const teamOf = (...members: string[]) => policy({ reps, pools: [{ id: 'all', members }] })

  it('and is put back gets the share, and not all that the others had meanwhile', () => {
    const records = new Map<string, FairnessRecord>()
    const give = (team: ReturnType<typeof teamOf>, count: number, fromMs: number) => {
      const got = new Map<string, number>()
      for (let n = 0; n < count; n++) {
        const known = { loads: new Map(), fairness: new Map([['all', records]]) }
        const request = { units: 1, exclude: new Set<string>() }
        const routing = route(team, lead(), known, request, fromMs + n * MINUTE)
        assert.ok(routing.kind === 'assigned')
        for (const { repId, poolId: _poolId, ...record } of routing.standings)
          records.set(repId, record)
        got.set(routing.rep.id, (got.get(routing.rep.id) ?? 0) + 1)
      }
      return got
    }
    give(teamOf('ana', 'ben', 'cy'), 30, NOW)
    give(teamOf('ana', 'ben'), 400, NOW + DAY)
    const after = give(teamOf('ana', 'ben', 'cy'), 60, NOW + 30 * DAY).get('cy')!
    assert.ok(after >= 20 && after <= 24, `${after} of 60`)
  })
})
