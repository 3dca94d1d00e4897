// Goal: everybody gets the share that the weights promise, at every moment, and nobody is flooded.
// Method: a team that is played lead by lead, with the records that a store would keep.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { charged, rank, Table } from '../../../engine/routing/fair-share'
import type { FairnessRecord } from '../../../engine/step'
import { HOUR, NOW } from '../support/leads'

const CATCH_UP = 4 * HOUR
interface Contender {
  readonly id: string
  readonly weight: number
  readonly openUnits: number
  readonly capacity: number
  readonly late?: boolean
}
interface Turn {
  readonly records: ReadonlyMap<string, FairnessRecord>
  readonly catchUpMs: number
  readonly units: number
  readonly nowMs: number
}

/** The contenders, next first, ranked at a table of their own or at one that served others. */
function ranked(list: readonly Contender[], turn: Turn, table = tableOf(everybody(list, turn))) {
  table.begin()
  table.members.forEach(({ rep: { id } }, member) => {
    table.records[member] = turn.records.get(id)
    const contender = list.find((one) => one.id === id)
    if (contender !== undefined) table.add(member, contender.openUnits, contender.late ?? false)
  })
  rank(table, turn)
  return Array.from(table.order.subarray(0, table.count), (member) => ({
    ...list.find(({ id }) => id === table.ids[member])!,
    virtualTime: table.virtualTimes[member]!,
  }))
}

/** The contenders, and those who are away from the pool. */
function everybody(list: readonly Contender[], { records }: Turn): Contender[] {
  const away = [...records.keys()].filter((id) => list.every((one) => one.id !== id))
  return [...list, ...away.map((id) => ({ id, weight: 1, openUnits: 0, capacity: 1 }))]
}

const tableOf = (list: readonly Pick<Contender, 'id' | 'capacity' | 'weight'>[]) =>
  new Table(list.map(({ id, capacity, weight }) => ({ rep: { id, capacity }, weight })))

const turn = (records: ReadonlyMap<string, FairnessRecord>) => ({
  records,
  catchUpMs: CATCH_UP,
  units: 1,
  nowMs: NOW,
})

/** A pool whose open work is never in the way, so that only fairness decides. */
class Team {
  readonly records = new Map<string, FairnessRecord>()
  readonly got = new Map<string, number>()

  constructor(readonly weights: Readonly<Record<string, number>>) {}

  /** One lead of `units` for those present; who is not present is away from now on. */
  lead(present: readonly string[], { nowMs = NOW, units = 1 } = {}): string {
    for (const [id, record] of this.records) {
      if (!present.includes(id) && record.awaySinceMs === undefined)
        this.records.set(id, { ...record, awaySinceMs: nowMs })
    }
    const contenders = present.map((id) => ({
      id,
      weight: this.weights[id]!,
      openUnits: 0,
      capacity: 1000,
    }))
    const facts = { records: this.records, catchUpMs: CATCH_UP, units, nowMs }
    const order = ranked(contenders, facts)
    order.forEach(({ id, weight, virtualTime }, index) => {
      const after = index === 0 ? charged(virtualTime, weight, units) : virtualTime
      this.records.set(id, { virtualTime: after })
    })
    const { id } = order[0]!
    this.got.set(id, (this.got.get(id) ?? 0) + units)
    return id
  }

  /** How far each present rep is from the share that the weights promise of `total`. */
  errors(present: readonly string[], total: number): number[] {
    const sum = present.reduce((all, id) => all + this.weights[id]!, 0)
    return present.map((id) => (this.got.get(id) ?? 0) - (total * this.weights[id]!) / sum)
  }
}

describe('rank: ties', () => {
  const record = (virtualTime: number): FairnessRecord => ({ virtualTime })
  const one = (id: string, openUnits = 0, capacity = 10, weight = 1) => ({
    id,
    weight,
    openUnits,
    capacity,
  })
  const order = (list: ReturnType<typeof one>[], records: Record<string, FairnessRecord> = {}) =>
    ranked(list, turn(new Map(Object.entries(records)))).map(({ id }) => id)

  it('the one who got least is next', () => {
    assert.deepEqual(
      order([one('a'), one('b'), one('c')], { a: record(2), b: record(1), c: record(3) }),
      ['b', 'a', 'c'],
    )
  })
  it('then the one with the lower load', () => {
    assert.deepEqual(order([one('a', 2), one('b', 1)]), ['b', 'a'])
    assert.deepEqual(order([one('a', 3, 9), one('b', 2, 4)]), ['a', 'b'])
  })
  it('then the name, whatever the order of the list', () => {
    assert.deepEqual(order([one('b'), one('a')]), ['a', 'b'])
    assert.deepEqual(order([one('b', 1, 3), one('a', 2, 6)]), ['a', 'b'])
  })
  it('nobody eligible ranks nobody', () => assert.deepEqual(order([]), []))
})

describe('rank: the share of each', () => {
  const names = 'abcdefghijklmnopqrst'.split('')
  const weights = fc
    .array(fc.oneof(fc.constantFrom(0.5, 1, 2, 3), fc.double({ min: 0.1, max: 10, noNaN: true })), {
      minLength: 1,
      maxLength: 20,
    })
    .map((list) => Object.fromEntries(list.map((weight, index) => [names[index]!, weight])))

  it('with equal work it is never more than one lead off, at any moment', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 120 }), (all, total) => {
        const team = new Team(all)
        const present = Object.keys(all)
        for (let n = 1; n <= total; n++) {
          team.lead(present)
          for (const error of team.errors(present, n))
            assert.ok(Math.abs(error) <= 1 + 1e-6, `${error} after ${n}`)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('a rep of great weight among many gets no flood, and no drought', () => {
    const all = Object.fromEntries(names.map((id, index) => [id, index === 0 ? 20 : 1]))
    const team = new Team(all)
    for (let n = 1; n <= 200; n++) {
      team.lead(names)
      for (const error of team.errors(names, n))
        assert.ok(Math.abs(error) <= 1 + 1e-6, `${error} after ${n}`)
    }
  })

  it('the order of the member list does not matter', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 40 }), (all, total) => {
        const present = Object.keys(all)
        const [there, back] = [new Team(all), new Team(all)]
        for (let n = 0; n < total; n++) {
          assert.equal(there.lead(present), back.lead([...present].reverse()))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('nobody starves: everybody is next within a bounded number of leads', () => {
    fc.assert(
      fc.property(weights, (all) => {
        const team = new Team(all)
        const present = Object.keys(all)
        const sum = present.reduce((total, id) => total + all[id]!, 0)
        const bound = Math.max(...present.map((id) => (2 * sum) / all[id]!)) + 2
        const last = new Map(present.map((id) => [id, 0]))
        for (let n = 1; n <= 300; n++) {
          last.set(team.lead(present), n)
          for (const id of present)
            assert.ok(n - last.get(id)! <= bound, `${id} waits since ${last.get(id)}`)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('with unequal work the units even out, within the largest lead', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 20, maxLength: 80 }),
        (units) => {
          const all = { a: 1, b: 2, c: 1 }
          const team = new Team(all)
          let total = 0
          for (const one of units) {
            team.lead(['a', 'b', 'c'], { units: one })
            total += one
            for (const error of team.errors(['a', 'b', 'c'], total))
              assert.ok(Math.abs(error) <= 5 + 1e-6)
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('rank: late ones', () => {
  const all = ['a', 'b', 'c'].map((id) => ({ id, weight: 1, openUnits: 0, capacity: 9 }))
  it('come after the others, however far behind their share they are', () => {
    const records = new Map([
      ['a', { virtualTime: 0 }],
      ['b', { virtualTime: 9 }],
      ['c', { virtualTime: 8 }],
    ])
    const list = all.map((one) => ({ ...one, late: one.id === 'a' }))
    assert.deepEqual(
      ranked(list, turn(records)).map(({ id }) => id),
      ['c', 'b', 'a'],
    )
  })
  it('among themselves rank as ever', () => {
    const records = new Map([
      ['a', { virtualTime: 2 }],
      ['b', { virtualTime: 1 }],
      ['c', { virtualTime: 3 }],
    ])
    const list = all.map((one) => ({ ...one, late: true }))
    assert.deepEqual(
      ranked(list, turn(records)).map(({ id }) => id),
      ['b', 'a', 'c'],
    )
  })
})

describe('rank: a table that has served other leads', () => {
  it('ranks as a new one does', () => {
    const lead = fc.record({
      present: fc.subarray('abcdefgh'.split('')),
      times: fc.array(fc.nat(6), { minLength: 8, maxLength: 8 }),
      open: fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }),
      late: fc.subarray('abcdefgh'.split('')),
    })
    fc.assert(
      fc.property(fc.array(lead, { minLength: 2, maxLength: 8 }), (leads) => {
        const everybody = 'abcdefgh'.split('').map((id, index) => ({
          id,
          weight: 1 + (index % 3),
          capacity: 4,
        }))
        const table = tableOf(everybody)
        for (const { present, times, open, late } of leads) {
          const list = everybody
            .map((one, index) => ({
              ...one,
              openUnits: open[index]!,
              late: late.includes(one.id),
            }))
            .filter(({ id }) => present.includes(id))
          const records = new Map(
            everybody.map(({ id }, index) => [id, { virtualTime: times[index]! }]),
          )
          assert.deepEqual(ranked(list, turn(records), table), ranked(list, turn(records)))
        }
      }),
    )
  })
})

describe('rank: absence', () => {
  const play = (team: Team, present: readonly string[], leads: number, nowMs: number) => {
    for (let n = 0; n < leads; n++) team.lead(present, { nowMs })
  }

  it('a short absence is caught up in full', () => {
    const team = new Team({ a: 1, b: 1 })
    play(team, ['a', 'b'], 10, NOW)
    play(team, ['a'], 6, NOW + HOUR)
    play(team, ['a', 'b'], 8, NOW + 2 * HOUR)
    assert.deepEqual(team.errors(['a', 'b'], 24), [0, 0])
  })

  it('a long absence is caught up in part only: catchUp of it', () => {
    const team = new Team({ a: 1, b: 1 })
    play(team, ['a', 'b'], 10, NOW)
    play(team, ['a'], 80, NOW + HOUR)
    const backMs = NOW + HOUR + 10 * CATCH_UP
    let inARow = 0
    while (team.lead(['a', 'b'], { nowMs: backMs }) === 'b') inARow++
    // A tenth of the 80 leads, and one for the turn.
    assert.ok(inARow >= 7 && inARow <= 10, `${inARow} in a row`)
  })

  it('after a year away nobody gets a flood', () => {
    const team = new Team({ a: 1, b: 1 })
    play(team, ['a', 'b'], 2, NOW)
    play(team, ['a'], 5_000, NOW + HOUR)
    const backMs = NOW + 365 * 24 * HOUR
    let inARow = 0
    while (team.lead(['a', 'b'], { nowMs: backMs }) === 'b') inARow++
    assert.ok(inARow <= 5_000 * (4 / (365 * 24)) + 2, `${inARow} in a row`)
  })

  it('who was ahead when leaving is still ahead when back', () => {
    const records = new Map<string, FairnessRecord>([
      ['a', { virtualTime: 5 }],
      ['b', { virtualTime: 9, awaySinceMs: NOW - 100 * HOUR }],
    ])
    const contenders = ['a', 'b'].map((id) => ({ id, weight: 1, openUnits: 0, capacity: 9 }))
    assert.deepEqual(
      ranked(contenders, turn(records)).map(({ id, virtualTime }) => [id, virtualTime]),
      [
        ['a', 5],
        ['b', 9],
      ],
    )
  })

  it('a new rep starts level: neither flooded nor last', () => {
    const team = new Team({ a: 1, b: 1, c: 1 })
    play(team, ['a', 'b'], 100, NOW)
    const next = Array.from({ length: 6 }, () => team.lead(['a', 'b', 'c']))
    assert.equal(next.filter((id) => id === 'c').length, 2)
  })

  it('nights that all spend off shift do not bend the shares', () => {
    const team = new Team({ a: 3, b: 1 })
    const days = 40
    for (let day = 0; day < days; day++) {
      team.lead(['a', 'b'], { nowMs: NOW + day * 24 * HOUR })
      // A lead at night finds nobody, and notes that both are away.
      for (const [id, record] of team.records)
        team.records.set(id, { ...record, awaySinceMs: NOW + (day * 24 + 8) * HOUR })
    }
    for (const error of team.errors(['a', 'b'], days))
      assert.ok(Math.abs(error) <= 1 + 1e-6, `${error}`)
  })

  it('who comes back alone is measured against those who went on, not flooded when they return', () => {
    const team = new Team({ day: 1, night: 1 })
    const DAYS = 30
    for (let day = 0; day < DAYS; day++) {
      const morningMs = NOW + day * 24 * HOUR
      play(team, ['day'], 20, morningMs)
      play(team, ['night'], 2, morningMs + 12 * HOUR)
    }
    let inARow = 0
    while (team.lead(['day', 'night'], { nowMs: NOW + DAYS * 24 * HOUR }) === 'night') inARow++
    // 540 leads behind; without forgiveness all of them would come at once.
    assert.ok(inARow < 40, `${inARow} in a row`)
  })

  it('while somebody eligible is present, only the eligible say how far the pool has come', () => {
    const records = new Map<string, FairnessRecord>([
      ['a', { virtualTime: 50 }],
      ['unskilled', { virtualTime: 0 }],
    ])
    const contenders = ['a', 'new'].map((id) => ({ id, weight: 1, openUnits: 0, capacity: 9 }))
    assert.deepEqual(
      ranked(contenders, turn(records)).map(({ virtualTime }) => virtualTime),
      [50, 50],
    )
  })
})

describe('charged', () => {
  it('a lead costs its units over the weight', () => {
    assert.equal(charged(1, 4, 2), 1.5)
  })
})
