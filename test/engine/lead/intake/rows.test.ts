// Goal: the records in what a source sent, row by row; what cannot be read is a problem, never a
// throw, and never costs the rows beside it.
import assert from 'node:assert/strict'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { COLUMNS_MAX } from '../../../../engine/lead/intake/csv'
import { type Format, type Row, type Rows, readRows } from '../../../../engine/lead/intake/rows'
import { RECORD_CHARS_MAX } from '../../../../engine/lead/intake/settings'
import { shortStackTraces } from '../../support/problems'
import { inBoundedTime } from '../../support/processor'

interface Read {
  readonly records: readonly Row[]
  readonly problems: Rows['problems']
  readonly pauses: number
}

function read(payload: unknown, format: Format = 'auto'): Read {
  const reading = readRows(payload, format)
  for (let pauses = 0; ; pauses++) {
    const step = reading.next()
    if (!step.done) continue
    const { recordCount, problems } = step.value
    const records = [...step.value.records]
    assert.equal(records.length, recordCount)
    return { records, problems, pauses }
  }
}

const records = (payload: unknown, format: Format = 'auto') =>
  read(payload, format).records.map(({ record }) => record)
const problems = (payload: unknown, format: Format = 'auto') => read(payload, format).problems

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
  const FITS = 'a row that fits the header: 2 columns'
  const rows: readonly {
    readonly name: string
    readonly body: string
    /** The first cell of each good row, with its line. */
    readonly good: readonly string[]
    readonly bad: readonly string[]
  }[] = [
    {
      name: 'too few and too many columns',
      body: '1,2\n3\n4,5\n6,7,8\n9,10',
      good: ['2: 1', '4: 4', '6: 9'],
      bad: ['line 3: 1 column', 'line 5: 3 columns'],
    },
    {
      name: 'an open quote, with good rows behind it',
      body: 'a,ok\nb,"x\nc,z\nd,w\ne,v\n',
      good: ['2: a', '4: c', '5: d', '6: e'],
      bad: ['line 3: a quote is opened and never closed'],
    },
    {
      name: 'an open quote that the next quote does not close',
      body: 'a,"x\nb,ok\n"c",z\nd,"w"\n',
      good: ['3: b', '4: c', '5: d'],
      bad: ['line 2: a quote is opened and never closed'],
    },
    {
      name: 'an open quote in the last row',
      body: 'a,ok\n"',
      good: ['2: a'],
      bad: ['line 3: a quote is opened and never closed'],
    },
    {
      name: 'several open quotes',
      body: '"a,x\nb,ok\n"c,x\n"d,x\ne,ok',
      good: ['3: b', '6: e'],
      bad: [2, 4, 5].map((line) => `line ${line}: a quote is opened and never closed`),
    },
    {
      name: 'a value that goes on behind its closing quote',
      body: 'b,"a"b\nc,ok\nd,ok',
      good: ['3: c', '4: d'],
      bad: ['line 2: a value goes on behind its closing quote'],
    },
    {
      name: 'a broken value behind one of several lines',
      body: '"a\nb",ok\n"c\nd","x"y\ne,ok',
      good: ['2: a\nb', '6: e'],
      bad: ['line 4: a value goes on behind its closing quote', 'line 5: a value goes on'],
    },
    {
      name: 'a row of several lines that does not fit',
      body: '"a\nb\nc"\nd,ok',
      good: ['5: d'],
      bad: ['line 2: 1 column'],
    },
    {
      name: 'in CRLF and LF and CR',
      body: '1,2\r\n3\r"4\r\n",5\n\r\n6\r7,8',
      good: ['2: 1', '4: 4\r\n', '8: 7'],
      bad: ['line 3: 1 column', 'line 7: 1 column'],
    },
    {
      name: 'none for a quote inside of a value',
      body: 'John "Jack" Doe,5" screens\n x"y,"z"\n',
      good: ['2: John "Jack" Doe', '3:  x"y'],
      bad: [],
    },
  ]
  for (const { name, body, good, bad } of rows) {
    it(`${name}: each is reported once, where it begins, and the others go on`, () => {
      const found = read(`a,b\n${body}`)
      const told = found.records.map(({ row, record }) => `${row}: ${(record as { a: string }).a}`)
      assert.deepEqual(told, good)
      assert.equal(found.problems.length, bad.length, JSON.stringify(found.problems))
      for (const [index, { field, row, value, expected }] of found.problems.entries()) {
        assert.equal(field, 'row')
        assert.ok(value.startsWith(bad[index]!), value)
        assert.ok(value.startsWith(`line ${row}: `))
        assert.ok(expected !== '' && (!/column/.test(bad[index]!) || expected === FITS))
      }
    })
  }
  it('an open quote before sixty thousand good rows costs its own row', () => {
    const many = Array.from({ length: 60_000 }, (_, index) => `u${index}@acme.example,Name\n`)
    const { records: good, problems: bad } = read(`email,name\n"a@acme.example,x\n${many.join('')}`)
    assert.equal(good.length, 60_000)
    assert.deepEqual(
      bad.map(({ row }) => row),
      [2],
    )
  })
  it('a header with an open quote is the only problem', () => {
    const [one, ...others] = problems('"a,b\n1,2\n3,4')
    assert.deepEqual(others, [])
    assert.equal(one!.value, 'line 1: a quote is opened and never closed')
    assert.match(one!.expected, /header/)
  })
  it('each entry of a list has its number', () => {
    assert.deepEqual(
      read([{}, {}]).records.map(({ row }) => row),
      [1, 2],
    )
  })
})

describe('readRows: columns of one name', () => {
  const rows: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['the first', 'a,', { email: 'a', phone: '1' }],
    ['the second, where the first is empty', ',b', { email: 'b', phone: '1' }],
    ['the second, where the first is blank', '" ",b', { email: 'b', phone: '1' }],
    ['the first, where both are filled', 'a,b', { email: 'a', phone: '1' }],
    ['nothing, where none is filled', ',', { email: '', phone: '1' }],
  ]
  for (const [name, emails, want] of rows) {
    it(`give ${name}`, () => {
      const [first, second] = emails.split(',')
      assert.deepEqual(records(`email,phone, email \n${first},1,${second}`), [want])
    })
  }
})

describe('readRows: in turns', () => {
  it('a long text is read with pauses between rows, and between broken ones', () => {
    for (const row of ['1,2\n', '1\n', '\n', 'x,"c\n'])
      assert.ok(read(`a,b\n1,2\n${row.repeat(20_000)}`).pauses >= 40, row)
    assert.ok(read(`a,b\n${`${'x'.repeat(1_000)},2\n`.repeat(2_000)}`).pauses >= 19)
  })
  it('a short one without', () => {
    assert.equal(read('a,b\n1,2\n3,4').pauses, 0)
  })
  it('records can be had several times, and one at a time', () => {
    const step = readRows('a,b\n1,2\n"3\n",4\n5,6', 'auto').next()
    const { records: some } = step.value as Rows
    const [, second] = some
    assert.deepEqual(second, { record: { a: '3\n', b: '4' }, row: 3 })
    assert.equal([...some].length, 3)
  })
})

describe('readRows: as csv-parse reads it', () => {
  const cell = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', ';', '\t', ' ', 'é') }),
  )
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`
  it('whatever is in the cells', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 4 }).chain((width) =>
          fc.record({
            rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
              minLength: 1,
              maxLength: 6,
            }),
            bare: fc.boolean(),
            delimiter: fc.constantFrom(',', ';', '\t'),
            lineEnd: fc.constantFrom('\n', '\r\n'),
          }),
        ),
        ({ rows, bare, delimiter, lineEnd }) => {
          const names = rows[0]!.map((_, index) => `column ${index}`)
          const written = (value: string) =>
            bare && /^[\w ]+$/.test(value) ? value : quoted(value)
          const text = [names, ...rows]
            .map((cells) => cells.map(written).join(delimiter) + lineEnd)
            .join('')
          assert.deepEqual(records(text, 'csv'), parse(text, { columns: true, delimiter }))
          assert.deepEqual(problems(text, 'csv'), [])
        },
      ),
    )
  })
  it('each line of it, whatever stands there, is read, rejected or empty', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ',', '"', ' '), maxLength: 8 })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const { records: good, problems: bad } = read(`a,b\n${lines.join('\n')}`, 'csv')
        const begun = [...good, ...bad].map(({ row }) => row!).sort((a, b) => a - b)
        assert.equal(new Set(begun).size, begun.length, 'one line, one report')
        for (const [index, text] of lines.entries())
          if (text === 'a,a' && !lines.slice(0, index).some((one) => one.includes('"')))
            assert.ok(good.some(({ row }) => row === index + 2))
      }),
      { numRuns: 500 },
    )
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
      const { records: none, problems: found } = read(payload, format)
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
    ['separators', ';'.repeat(9_000_000), 'csv'],
    ['open quotes', `a,b\n${'x,"c\n'.repeat(200_000)}`, 'auto'],
    ['quotes of several lines', `a,b\n${'b","c\n'.repeat(200_000)}"x`, 'auto'],
    ['many broken rows', `a,b\n${'1\n'.repeat(5_000)}`, 'auto'],
  ] as const) {
    it(`${name}, ${Math.round(text.length / 1e6)} MB: an answer in bounded time`, () => {
      const { records: good, problems: bad } = inBoundedTime(6_000, () => read(text, format))
      assert.ok(good.length + bad.length > 0)
      for (const { value, expected } of bad) assert.ok(value.length < 100 && expected.length < 400)
    })
  }
  it('one row beyond the bound is a problem, the others go on', () => {
    const { records: good, problems: bad } = read(
      `a,b\n1,2\n${'x'.repeat(RECORD_CHARS_MAX + 10)},2\n3,4`,
      'auto',
    )
    assert.deepEqual(
      bad.map(({ row }) => row),
      [3],
    )
    assert.equal(good.length, 2)
  })
  it('more columns than anybody has are a problem of the row, or of the header', () => {
    const wide = 'x,'.repeat(COLUMNS_MAX)
    assert.match(problems(`${wide}\n1,2`)[0]!.value, /^line 1: a row of more than 1000 columns$/)
    const { records: good, problems: bad } = read(`a,b\n${wide}\n1,2`)
    assert.deepEqual([good.length, bad.length], [1, 1])
    assert.match(bad[0]!.value, /^line 2: a row of more than 1000 columns$/)
    const most = Array.from({ length: COLUMNS_MAX }, (_, index) => `c${index}`).join(',')
    assert.equal(records(`${most}\n${most}`).length, 1)
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
          const { records: good, problems: bad } = read(payload, format)
          assert.ok(good.length + bad.length > 0)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
