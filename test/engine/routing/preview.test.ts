// Goal: the preview is what routing would do, lead after lead, and touches nothing.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { previewAssignments } from '../../../engine/routing/preview'
import { policy } from '../support/artefacts'
import { NOW } from '../support/leads'

const TEAM = policy({
  reps: [
    { id: 'ana', name: 'Ana', capacity: 3 },
    { id: 'ben', name: 'Ben', capacity: 2 },
    { id: 'kim', name: 'Kim', capacity: 4 },
  ],
  pools: [
    { id: 'all', members: ['ana', 'ben'], overflow: 'more' },
    { id: 'more', members: ['kim'] },
  ],
})
const options = { poolId: 'all', count: 20, units: 1, nowMs: NOW }
const none = () => ({ loads: new Map<string, number>(), fairness: new Map() })

describe('previewAssignments', () => {
  it('goes round fairly, overflows, and ends with the first lead that waits', () => {
    const list = previewAssignments(TEAM, none(), options)
    assert.deepEqual(
      list.map(({ rep, pool }) => rep && [rep.id, pool]),
      [
        ['ana', 'all'],
        ['ben', 'all'],
        ['ana', 'all'],
        ['ben', 'all'],
        ['ana', 'all'],
        ['kim', 'more'],
        ['kim', 'more'],
        ['kim', 'more'],
        ['kim', 'more'],
        undefined,
      ],
    )
    const told = list.map(({ heldBack }) => heldBack)
    const full = [
      { verdict: 'full: 3 of 3', reps: ['Ana'] },
      { verdict: 'full: 2 of 2', reps: ['Ben'] },
    ]
    assert.deepEqual(told.slice(4, 7), [undefined, full, full], 'and why others help out')
    assert.match(list.at(-1)!.why, /nobody in all → more can take it now: 3 full/)
  })
  it('begins where the open leads and the fair share stand', () => {
    const state = {
      loads: new Map([['ana', 3]]),
      fairness: new Map([['all', new Map([['ben', { virtualTime: 5 }]])]]),
    }
    assert.equal(previewAssignments(TEAM, state, options)[0]!.rep!.id, 'ben')
  })
  it('a pool that is not there leads nowhere, and says so', () => {
    const list = previewAssignments(TEAM, none(), { ...options, poolId: 'gone' })
    assert.equal(list.length, 1)
    assert.match(list[0]!.why, /gone/)
  })
  it('never over capacity, never more than asked, and the state stays as it was', () => {
    const load = fc.integer({ min: 0, max: 6 })
    fc.assert(
      fc.property(load, load, load, fc.integer({ min: 0, max: 30 }), (ana, ben, kim, count) => {
        const loads = new Map(Object.entries({ ana, ben, kim }))
        const before = new Map(loads)
        const list = previewAssignments(TEAM, { loads, fairness: new Map() }, { ...options, count })
        assert.ok(list.length <= count)
        assert.deepEqual(loads, before)
        for (const { rep } of list) if (rep) loads.set(rep.id, loads.get(rep.id)! + 1)
        for (const { id, capacity } of TEAM.reps.values())
          assert.ok(loads.get(id)! <= Math.max(capacity, before.get(id)!), id)
      }),
    )
  })
})
