// Goal: the records in what a source sent, row by row; what cannot be read is a problem, never a
// throw, and never costs the rows beside it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Format, readRows } from '../../../../engine/lead/intake/rows'
import { RECORD_CHARS_MAX } from '../../../../engine/lead/intake/settings'
import { shortStackTraces } from '../../support/problems'

const records = (payload: unknown, format: Format = 'auto') =>
  readRows(payload, format).records.map(({ record }) => record)
const problems = (payload: unknown, format: Format = 'auto') => readRows(payload, format).problems

describe('readRows: forms', () => {
  const rows: ReadonlyArray<readonly [string, unknown, Format, readonly unknown[]]> = [
    ['an object', { a: 1 }, 'auto', [{ a: 1 }]],
    ['a list of objects', [{ a: 1 }, { a: 2 }], 'auto', [{ a: 1 }, { a: 2 }]],
    ['JSON text of an object', '{"a":1}', 'auto', [{ a: 1 }]],
    ['JSON text of a list', ' \n[{"a":1},{"a":2}]', 'auto', [{ a: 1 }, { a: 2 }]],
    ['JSON text with a byte order mark', '\uFEFF{"a":1}', 'auto', [{ a: 1 }]],
    ['JSON in a buffer', Buffer.from('{"a":1}'), 'auto', [{ a: 1 }]],
    [
      'CSV',
      'a,b\n1,2\n3,4',
      'auto',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    ['CSV with CRLF and a last line end', 'a,b\r\n1,2\r\n', 'auto', [{ a: '1', b: '2' }]],
    ['CSV with a byte order mark', '\uFEFFa,b\n1,2', 'csv', [{ a: '1', b: '2' }]],
    [
      'CSV in a buffer with a byte order mark',
      Buffer.from('\uFEFFa,b\n1,2'),
      'auto',
      [{ a: '1', b: '2' }],
    ],
    [
      'CSV with quotes, commas and line ends in a cell',
      'a,b\n"1,5","say ""hi""\nyou"',
      'auto',
      [{ a: '1,5', b: 'say "hi"\nyou' }],
    ],
    ['CSV with blanks around the names', ' a , b \n1,2', 'auto', [{ a: '1', b: '2' }]],
    ['CSV with semicolons', 'a;b\n"1,5";2\n', 'auto', [{ a: '1,5', b: '2' }]],
    ['CSV with tabs', 'a\tb\n1;5\t2\n', 'auto', [{ a: '1;5', b: '2' }]],
    [
      'CSV with semicolons and commas inside the quoted names',
      '"a, b";"c, d";e\n1;2;3\n',
      'auto',
      [{ 'a, b': '1', 'c, d': '2', e: '3' }],
    ],
    [
      'CSV in a buffer, in Windows-1252',
      Buffer.from('name;ort\nJ\xfcrgen;K\xf6ln', 'latin1'),
      'auto',
      [{ name: 'Jürgen', ort: 'Köln' }],
    ],
    [
      'CSV in a buffer, in UTF-16 with tabs',
      Buffer.from('\uFEFFname\tort\nJürgen\tKöln', 'utf16le'),
      'auto',
      [{ name: 'Jürgen', ort: 'Köln' }],
    ],
    ['CSV with as many semicolons as commas', 'a,b;c\n1,2;3', 'auto', [{ a: '1', 'b;c': '2;3' }]],
    ['CSV with one column', 'a\n1;2', 'auto', [{ a: '1;2' }]],
    ['CSV with empty lines', 'a,b\n\n1,2\n\n', 'auto', [{ a: '1', b: '2' }]],
    ['CSV with a column without a name', 'a,,b\n1,2,3', 'auto', [{ a: '1', b: '3' }]],
    [
      'CSV that begins like JSON, when it is said to be CSV',
      '[a],b\n1,2',
      'csv',
      [{ '[a]': '1', b: '2' }],
    ],
    ['CSV with empty cells', 'a,b\n,2', 'auto', [{ a: '', b: '2' }]],
    ['something else, for the next step to judge', 5, 'auto', [5]],
    ['a list of anything', [1, null, 'x'], 'auto', [1, null, 'x']],
  ]
  for (const [name, payload, format, want] of rows) {
    it(name, () => {
      assert.deepEqual(records(payload, format), want)
      assert.deepEqual(problems(payload, format), [])
    })
  }
})

describe('readRows: broken rows', () => {
  it('are reported with their line, and the others go on', () => {
    const { records: good, problems: bad } = readRows('a,b\n1,2\n3\n4,5\n6,7,8\n9,10', 'auto')
    assert.deepEqual(
      good.map(({ record }) => (record as { a: string }).a),
      ['1', '4', '9'],
    )
    assert.deepEqual(
      bad.map(({ row }) => row),
      [3, 5],
    )
    for (const { field, expected } of bad)
      assert.deepEqual([field, /fits the header/.test(expected)], ['row', true])
  })
  it('each good row has its line', () => {
    assert.deepEqual(
      readRows('a,b\n1,2\n3,4', 'auto').records.map(({ row }) => row),
      [2, 3],
    )
    assert.deepEqual(
      readRows([{}, {}], 'auto').records.map(({ row }) => row),
      [1, 2],
    )
  })
  it('a quote inside a cell costs its row only', () => {
    const { records: good, problems: bad } = readRows('a,b\n1,2\n3,x"y\n4,5', 'auto')
    assert.ok(good.length >= 2, JSON.stringify(good))
    assert.ok(good.length + bad.length === 3)
  })
  it('a quote that is never closed is a problem, and the rows before it stay', () => {
    const { records: good, problems: bad } = readRows('a,b\n1,2\n"3,4\n5,6', 'auto')
    assert.deepEqual(
      good.map(({ record }) => record),
      [{ a: '1', b: '2' }],
    )
    assert.equal(bad.length, 1)
  })
})

describe('readRows: what cannot be read', () => {
  for (const [name, payload, format, want] of [
    ['an empty text', '', 'auto', /CSV text with a header line/],
    ['one word', 'hello', 'auto', /an object, a list of objects, JSON text or CSV text/],
    ['broken JSON', '{"a":', 'auto', /valid JSON/],
    ['CSV that is said to be JSON', 'a,b\n1,2', 'json', /valid JSON/],
    ['a header without rows', 'a,b\n', 'auto', /at least one row/],
    ['a header alone, said to be CSV', 'a,b', 'csv', /at least one row/],
    ['an empty list', [], 'auto', /at least one record/],
    ['JSON text of an empty list', '[]', 'auto', /at least one record/],
  ] as const) {
    it(name, () => {
      const { records: none, problems: found } = readRows(payload, format)
      assert.deepEqual(none, [])
      assert.equal(found.length, 1)
      assert.equal(found[0]!.field, 'payload')
      assert.match(found[0]!.expected, want)
      assert.ok(found[0]!.value.length < 80)
    })
  }
})

describe('readRows: hostile input', () => {
  shortStackTraces()
  it('a column called __proto__ stays harmless', () => {
    const [one] = records('__proto__,a\nx,1') as [Record<string, unknown>]
    assert.equal(one.a, '1')
    assert.equal(Object.getPrototypeOf(one), Object.prototype)
  })
  for (const [name, text, format] of [
    ['one line', 'a'.repeat(10_000_000), 'auto'],
    ['one line that is said to be CSV', 'a'.repeat(10_000_000), 'csv'],
    ['one cell', `a,b\n${'x'.repeat(10_000_000)},2`, 'auto'],
    ['one quoted cell that never ends', `a,b\n"${'x'.repeat(10_000_000)}`, 'auto'],
    ['quotes', `a,b\n${'"'.repeat(1_000_001)}`, 'auto'],
    ['commas', `a,b\n${','.repeat(1_000_000)}`, 'auto'],
    ['a header of many columns', `${'a,'.repeat(20_000)}\n1,2`, 'auto'],
    ['deep JSON', '['.repeat(1_000_000), 'auto'],
    ['deep closed JSON', '['.repeat(100_000) + ']'.repeat(100_000), 'auto'],
    ['many broken rows', `a,b\n${'1\n'.repeat(5_000)}`, 'auto'],
  ] as const) {
    it(`${name}, ${Math.round(text.length / 1e6)} MB: an answer in bounded time`, () => {
      const startMs = performance.now()
      const { records: good, problems: bad } = readRows(text, format)
      assert.ok(performance.now() - startMs < 6_000)
      assert.ok(good.length + bad.length > 0)
      for (const { value, expected } of bad) assert.ok(value.length < 100 && expected.length < 400)
    })
  }
  it('one row beyond the bound is a problem, the others go on', () => {
    const { records: good, problems: bad } = readRows(
      `a,b\n1,2\n${'x'.repeat(RECORD_CHARS_MAX + 10)},2\n3,4`,
      'auto',
    )
    assert.equal(bad.length, 1)
    assert.ok(good.length >= 1)
  })
  it('is total', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ';', '{', '[', ' ', '\uFEFF') }),
      fc.json(),
    )
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), text),
        fc.constantFrom<Format>('auto', 'json', 'csv'),
        (payload, format) => {
          const { records: good, problems: bad } = readRows(payload, format)
          assert.ok(good.length + bad.length > 0)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
