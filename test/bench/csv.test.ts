// Goal: a table to judge by is read whole or refused with a reason. Method: one table of texts.
import assert from 'node:assert/strict'
import { readTable } from '../../bench/leads/csv'

describe('readTable', () => {
  const readable: readonly [name: string, text: string, rows: object[]][] = [
    ['plain', 'a,b\n1,2\n', [{ a: '1', b: '2' }]],
    ['no line end at the end', 'a,b\n1,2', [{ a: '1', b: '2' }]],
    ['a byte order mark', '\uFEFFa,b\n1,2\n', [{ a: '1', b: '2' }]],
    ['lines that end as on Windows', 'a,b\r\n1,2\r\n', [{ a: '1', b: '2' }]],
    ['empty lines', 'a,b\n\n1,2\n\n', [{ a: '1', b: '2' }]],
    ['commas in quotes', 'a,b\n"1,5",2\n', [{ a: '1,5', b: '2' }]],
    ['line breaks in quotes', 'a,b\n"1\n5",2\n', [{ a: '1\n5', b: '2' }]],
    ['quotes in quotes', 'a,b\n"say ""hi""",2\n', [{ a: 'say "hi"', b: '2' }]],
    ['empty cells', 'a,b\n,\n', [{ a: '', b: '' }]],
    ['blanks around the names only', ' a , b \n 1 , 2 \n', [{ a: ' 1 ', b: ' 2 ' }]],
    ['a column that is called like a method', 'toString\n1\n', [{ toString: '1' }]],
  ]
  for (const [name, text, rows] of readable) {
    it(name, () => assert.deepEqual(readTable(text).rows, rows))
  }

  const refused: readonly [name: string, text: string, says: RegExp][] = [
    ['nothing', '', /empty; expected a header line/],
    ['a header alone', 'a,b\n', /no rows/],
    ['a row that is too short', 'a,b\n1,2\n3\n', /line 3/],
    ['a row that is too long', 'a,b\n1,2,3\n', /line 2/],
    ['a quote that is never closed', 'a,b\n"1,2\n', /not readable as CSV/],
    ['a name twice', 'a,b,a\n1,2,3\n', /"a" twice/],
  ]
  for (const [name, text, says] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => readTable(text), says))
  }

  it('keeps the order of the columns', () => {
    assert.deepEqual(readTable('b,a,c\n1,2,3\n').header, ['b', 'a', 'c'])
  })
})
