// Goal: where a record begins, where it ends, and where reading goes on behind one that is broken.
// Method: every record is read anew by a reader that has seen nothing before it; every line that is no
// part of a record before it begins one; how much is read of hostile text is counted by its rows.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { COLUMNS_MAX, CsvReader, type CsvRecord } from '../../../../engine/lead/intake/csv'

function all(text: string): CsvRecord[] {
  const reader = new CsvReader(text, ',')
  const records: CsvRecord[] = []
  for (let one = reader.next(); one !== undefined; one = reader.next()) records.push(one)
  return records
}

const lineOf = (text: string, at: number) => text.slice(0, at).split(/\r\n|\n|\r/).length
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r'), maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('b","c\n', 'x,"c\n', '"', '"",', 'a\n', ',"\n"'),
    maxLength: 12,
  }),
)

describe('CsvReader', () => {
  const rows: readonly (readonly [string, string, readonly (readonly string[])[]])[] = [
    ['nothing', '', []],
    ['an empty line', '\n', [[]]],
    ['an empty value at the end', 'a,', [['a', '']]],
    ['an empty value in quotes', '""', [['']]],
    ['each line end', 'a\r\nb\nc\rd', [['a'], ['b'], ['c'], ['d']]],
    ['line ends in quotes', '"a\r\nb\rc",d\ne', [['a\r\nb\rc', 'd'], ['e']]],
    ['doubled quotes', '"""a""",""""', [['"a"', '"']]],
    ['quotes within a value', 'a"b"",c', [['a"b""', 'c']]],
  ]
  for (const [name, csv, want] of rows) {
    it(name, () => {
      const read = all(csv)
      assert.deepEqual(
        read.map(({ cells }) => cells),
        want,
      )
      assert.ok(read.every(({ fault }) => fault === undefined))
    })
  }

  it('reads each record as if there were none before it', () => {
    fc.assert(
      fc.property(text, (csv) => {
        for (const { at, line, cells, fault } of all(csv)) {
          const anew = new CsvReader(csv, ',')
          anew.seek(at, line)
          const same = anew.next()!
          assert.equal(same.fault === undefined, fault === undefined)
          if (fault === undefined) assert.deepEqual(same.cells, cells)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('leaves no line out: a record begins where the one before it ends, or one line behind a broken one', () => {
    fc.assert(
      fc.property(text, (csv) => {
        let [at, line] = [0, 1]
        for (const one of all(csv)) {
          assert.deepEqual([one.at, one.line], [at, line])
          assert.equal(lineOf(csv, at), line)
          const reader = new CsvReader(csv, ',')
          reader.seek(at, line)
          reader.next()
          at = reader.at
          line = lineOf(csv, at)
          if (one.fault === undefined) continue
          assert.equal(
            csv.slice(one.at, at).match(/\r\n?|\n/g)?.length ?? 0,
            at > csv.length ? 0 : 1,
          )
        }
        assert.ok(at >= csv.length)
      }),
      { numRuns: 2_000 },
    )
  })

  it('follows quotes over many lines once, not from each of them', () => {
    // From each line anew, this would be 200,000 times up to a thousand columns of several lines.
    const csv = `${'b","c\n'.repeat(200_000)}"x`
    const read = all(csv)
    assert.equal(read.length, 200_001)
    assert.ok(read.filter(({ cells }) => cells.length > COLUMNS_MAX).length <= 400)
  })
})
