// Goal: the run's figures count every row once. Method: hand-made fates and censuses.
import assert from 'node:assert/strict'
import {
  accountFor,
  gradesAreOrdered,
  type Judged,
  judgedPart,
  partFigures,
  quantile,
} from '../../bench/leads/figures'
import type { Fate } from '../../bench/lib/feed'

const fate = (port: string, more: Partial<Fate> = {}): Fate => ({ port, ms: 1, ...more })
const started = fate('lead-sla-timer started')

describe('accountFor', () => {
  const census = (byState: object, underway = 0) => ({ byState, underway, dead: 0, entries: 9 })

  it('adds up states, rejected rows and repeated events', () => {
    const fates = [started, started, fate('lead-ingest rejected'), fate('lead-ingest repeated')]
    const account = accountFor(fates, census({ assigned: 1, waiting: 1 }))
    assert.equal(account.sum, 4)
    assert.equal(account.rows, 4)
    assert.equal(account.astray, 0)
  })

  it('misses a lead that is in no state', () => {
    const account = accountFor([started, started], census({ assigned: 1 }))
    assert.equal(account.sum, 1)
  })

  it('counts who only passes through, and events that are not done, as astray', () => {
    const account = accountFor([started, started], census({ open: 1, qualified: 1 }, 1))
    assert.equal(account.astray, 3)
  })
})

describe('partFigures', () => {
  const one = (grade: string, points: number, converted: boolean): Judged => ({
    fate: fate('x', { outcome: 'sql', grade, fit: points, intent: 1 }),
    converted,
  })

  it('ranks by both points together and groups by grade', () => {
    const part = partFigures([one('B', 1, false), one('A', 9, true), one('A', 8, false)])
    assert.equal(part.auc, 1)
    assert.deepEqual(part.grades, [
      { grade: 'A', outcome: 'sql', leads: 2, conversion: 0.5 },
      { grade: 'B', outcome: 'sql', leads: 1, conversion: 0 },
    ])
  })

  it('ranks no lead without points, and says how many there are', () => {
    const rejected: Judged = { fate: fate('lead-ingest rejected'), converted: true }
    const part = partFigures([one('A', 2, true), one('A', 1, false), rejected])
    assert.equal(part.unscored, 1)
    assert.equal(part.leads, 3)
    assert.equal(part.auc, 1)
    assert.equal(part.grades.length, 1)
  })

  it('knows no conversion without a truth', () => {
    const part = partFigures([{ fate: one('A', 2, true).fate, converted: undefined }])
    assert.equal(part.conversion, undefined)
    assert.equal(part.auc, undefined)
    assert.equal(part.grades[0]!.leads, 1)
  })
})

describe('judgedPart', () => {
  it('is the newest three tenths', () => {
    assert.deepEqual(judgedPart([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), [7, 8, 9])
    assert.equal(judgedPart(new Array(9_240).fill(0)).length, 2_772)
  })

  it('of nobody is nobody', () => {
    assert.deepEqual(judgedPart([]), [])
  })
})

describe('gradesAreOrdered', () => {
  const grades = (...rates: (number | undefined)[]) =>
    rates.map((conversion, index) => ({ grade: `${index}`, outcome: 'x', leads: 1, conversion }))

  const cases: readonly [rates: (number | undefined)[], want: boolean][] = [
    [[], true],
    [[0.5], true],
    [[0.9, 0.5, 0.1], true],
    [[0.5, 0.5], true],
    [[0.5, 0.9], false],
    [[0.9, undefined, 0.5], true],
    [[0.5, undefined, 0.9], false],
  ]
  for (const [rates, want] of cases) {
    it(`${rates.join(' ')}: ${want}`, () => assert.equal(gradesAreOrdered(grades(...rates)), want))
  }
})

describe('quantile', () => {
  it('is the value that the share lies below', () => {
    const values = [5, 1, 4, 2, 3]
    assert.equal(quantile(values, 0.5), 3)
    assert.equal(quantile(values, 0.99), 5)
    assert.equal(quantile(values, 0), 1)
    assert.ok(Number.isNaN(quantile([], 0.5)))
  })
})
