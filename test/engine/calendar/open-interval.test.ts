// Goal: lists of intervals come out in order (sorted, neither overlapping nor touching). Method: tables.
import assert from 'node:assert/strict'
import { common, unite } from '../../../engine/calendar/open-interval'

type Spans = readonly (readonly [number, number])[]
const listOf = (spans: Spans) => spans.map(([startMs, endMs]) => ({ startMs, endMs }))

describe('unite', () => {
  const rows: ReadonlyArray<[name: string, spans: Spans, want: Spans]> = [
    ['nothing', [], []],
    ['one', [[1, 2]], [[1, 2]]],
    [
      'empty and reversed ones vanish',
      [
        [1, 1],
        [3, 2],
      ],
      [],
    ],
    [
      'apart, sorted',
      [
        [5, 6],
        [1, 2],
      ],
      [
        [1, 2],
        [5, 6],
      ],
    ],
    [
      'touching ones join',
      [
        [1, 2],
        [2, 3],
      ],
      [[1, 3]],
    ],
    [
      'overlapping ones join',
      [
        [1, 3],
        [2, 4],
      ],
      [[1, 4]],
    ],
    [
      'one inside another',
      [
        [1, 9],
        [2, 3],
        [4, 5],
      ],
      [[1, 9]],
    ],
    [
      'an endless one',
      [
        [1, Number.POSITIVE_INFINITY],
        [5, 6],
      ],
      [[1, Number.POSITIVE_INFINITY]],
    ],
  ]
  for (const [name, spans, want] of rows) {
    it(name, () => assert.deepEqual(unite(listOf(spans)), listOf(want)))
  }
})

describe('common', () => {
  const rows: ReadonlyArray<[name: string, a: Spans, b: Spans, want: Spans]> = [
    ['with nothing', [[1, 2]], [], []],
    [
      'with itself',
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['touching share nothing', [[1, 2]], [[2, 3]], []],
    ['overlap', [[1, 3]], [[2, 4]], [[2, 3]]],
    [
      'one over many',
      [[1, 9]],
      [
        [0, 2],
        [3, 4],
        [8, 10],
      ],
      [
        [1, 2],
        [3, 4],
        [8, 9],
      ],
    ],
  ]
  for (const [name, a, b, want] of rows) {
    it(name, () => {
      assert.deepEqual(common(listOf(a), listOf(b)), listOf(want))
      assert.deepEqual(common(listOf(b), listOf(a)), listOf(want))
    })
  }
})
