// Goal: a lead of which nothing could come costs the rep no share, and nobody gains by declining.
// Method: a table of records; then a rep who declines everything, played lead by lead.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Pool } from '../../../engine/policy/policy'
import { credited } from '../../../engine/routing/credit'
import { route } from '../../../engine/routing/route'
import type { FairnessRecord } from '../../../engine/step'
import { policy } from '../support/artefacts'
import { HOUR, lead, NOW } from '../support/leads'

const REPS = ['ana', 'ben', 'kim'].map((id) => ({ id, name: id, capacity: 1000 }))
const world = (pool: object = {}) =>
  policy({
    reps: REPS,
    pools: [{ id: 'all', members: ['ana', { rep: 'ben', weight: 2 }, 'kim'], ...pool }],
  })
const records = (all: Record<string, FairnessRecord>) => new Map(Object.entries(all))
const poolOf = (pool?: object): Pool => world(pool).pools.get('all')!

describe('credited', () => {
  const rows: ReadonlyArray<
    readonly [
      name: string,
      repId: string,
      units: number,
      Record<string, FairnessRecord>,
      want: number | undefined,
    ]
  > = [
    [
      'the lead’s share comes back',
      'ana',
      1,
      { ana: { virtualTime: 5 }, kim: { virtualTime: 3 } },
      4,
    ],
    ['by weight', 'ben', 1, { ben: { virtualTime: 5 }, kim: { virtualTime: 3 } }, 4.5],
    ['by units', 'ana', 3, { ana: { virtualTime: 9 }, kim: { virtualTime: 3 } }, 6],
    [
      'level with the furthest behind at most',
      'ana',
      3,
      { ana: { virtualTime: 5 }, kim: { virtualTime: 4 } },
      4,
    ],
    [
      'who is furthest behind gets nothing',
      'ana',
      1,
      { ana: { virtualTime: 3 }, kim: { virtualTime: 4 } },
      undefined,
    ],
    [
      'who is away says nothing about how far the pool is',
      'ana',
      1,
      { ana: { virtualTime: 5 }, kim: { virtualTime: 4.5, awaySinceMs: NOW } },
      4,
    ],
    ['alone in the pool', 'ana', 1, { ana: { virtualTime: 5 } }, 4],
    ['a rep without a record', 'ana', 1, { kim: { virtualTime: 4 } }, undefined],
    ['a rep who left the pool', 'gone', 1, { gone: { virtualTime: 4 } }, undefined],
  ]
  for (const [name, repId, units, all, want] of rows) {
    it(name, () => {
      const given = credited(poolOf(), repId, units, records(all), 'declined')
      assert.equal(given?.virtualTime, want)
    })
  }
  it('an absence stays one', () => {
    const away = { virtualTime: 5, awaySinceMs: NOW - HOUR }
    assert.deepEqual(credited(poolOf(), 'ana', 1, records({ ana: away }), 'sla-lost'), {
      virtualTime: 4,
      awaySinceMs: NOW - HOUR,
    })
  })
  it('only for what the pool credits', () => {
    const pool = poolOf({ credit: ['disqualified'] })
    const all = records({ ana: { virtualTime: 5 } })
    assert.equal(credited(pool, 'ana', 1, all, 'declined'), undefined)
    assert.equal(credited(pool, 'ana', 1, all, 'disqualified')!.virtualTime, 4)
    assert.equal(credited(poolOf({ credit: [] }), 'ana', 1, all, 'sla-lost'), undefined)
  })
  it('without a pool there is nothing to give', () => {
    assert.equal(
      credited(undefined, 'ana', 1, records({ ana: { virtualTime: 5 } }), 'declined'),
      undefined,
    )
  })
})

describe('credit: whoever declines', () => {
  it('is never owed more than one lead, however many were declined', () => {
    fc.assert(
      fc.property(
        fc.array(fc.subarray(['ana', 'ben', 'kim']), { minLength: 30, maxLength: 60 }),
        (declines) => {
          const compiled = world()
          const pool = compiled.pools.get('all')!
          const fairness = new Map<string, FairnessRecord>()
          const request = { units: 1, exclude: new Set<string>() }
          for (const declining of declines) {
            const known = { loads: new Map(), fairness: new Map([['all', fairness]]) }
            const routing = route(compiled, lead(), known, request, NOW)
            assert.ok(routing.kind === 'assigned')
            for (const { repId, poolId: _, ...record } of routing.standings)
              fairness.set(repId, record)
            if (!declining.includes(routing.rep.id)) continue
            const back = credited(pool, routing.rep.id, 1, fairness, 'declined')
            if (back !== undefined) fairness.set(routing.rep.id, back)
            const times = [...fairness.values()].map(({ virtualTime }) => virtualTime)
            assert.ok(Math.max(...times) - Math.min(...times) <= 1 + 1e-6)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
