// Shared by the contract and policy tests: a good text, one thing spoilt in it, and what is said.
import assert from 'node:assert/strict'
import type { ArtefactProblem } from '../../../engine/artefact'

export interface Spoilt {
  readonly name: string
  /** Replaces the first occurrence; it must occur. */
  readonly swap: readonly [from: string, to: string]
  /** A piece of the spoilt text that stands on the line that must be named. */
  readonly on: string
  readonly says: RegExp
  readonly level?: 'error' | 'warning'
  readonly path?: string
}

/** One test per row: the expected problem is among those found, at its line. */
export function eachSpoilt(
  good: string,
  rows: readonly Spoilt[],
  load: (text: string) => {
    readonly problems: readonly ArtefactProblem[]
    readonly loaded: boolean
  },
): void {
  for (const { name, swap, on, says, level = 'error', path } of rows) {
    it(name, () => {
      assert.ok(good.includes(swap[0]), `the good text has no ${swap[0]}`)
      const text = good.replace(swap[0], () => swap[1])
      const { problems, loaded } = load(text)
      const found = problems.find(({ message }) => says.test(message))
      assert.ok(found, `no problem says ${says}: ${JSON.stringify(problems)}`)
      assert.equal(found.level, level)
      assert.equal(found.line, lineOf(text, on), JSON.stringify(found))
      if (path !== undefined) assert.equal(found.path, path)
      assert.equal(loaded, level === 'warning', 'an error refuses the text, a warning does not')
    })
  }
}

export function lineOf(text: string, piece: string): number {
  const index = text.indexOf(piece)
  assert.ok(index >= 0, `the text has no ${piece}`)
  return text.slice(0, index).split('\n').length
}

/** Mocha asks for endless stack traces; with them each error of a deep text costs milliseconds. */
export function shortStackTraces(): void {
  let limit: number
  before(() => {
    limit = Error.stackTraceLimit
    Error.stackTraceLimit = 10
  })
  after(() => {
    Error.stackTraceLimit = limit
  })
}

/** Texts that no artefact may choke on; each must be answered with at least one problem. */
export const HOSTILE_TEXTS: ReadonlyArray<readonly [name: string, text: string]> = [
  ['nothing', ''],
  ['blanks', ' \n\t\n'],
  ['a number', '5'],
  ['a text', 'hello'],
  ['null', 'null'],
  ['a list', '- a\n- b\n'],
  ['a comment', '# nothing here\n'],
  ['two documents', 'a: 1\n---\nb: 2\n'],
  ['an alias to itself', 'a: &a\n  b: *a\n'],
  ['an unknown alias', 'a: *nobody\n'],
  ['an unknown tag', 'a: !!js/function "return 1"\n'],
  ['a binary', 'a: !!binary aGVsbG8=\n'],
  ['a complex key', '? [a, b]\n: c\n'],
  ['a NUL', 'a: "\\0"\n\0'],
  ['not a number', 'a: .nan\nb: .inf\n'],
  ['a lone surrogate', 'a: "\\uD800"\n'],
  ['a prototype', '__proto__: { admin: true }\nconstructor: { prototype: 1 }\n'],
  ['deep lists', '['.repeat(20_000)],
  ['deep closed lists', '['.repeat(10_000) + ']'.repeat(10_000)],
  ['deep maps', '{a: '.repeat(10_000)],
  ['deep blocks', Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['many quotes', '"'.repeat(20_000)],
  ['many keys', Array.from({ length: 40_000 }, (_, index) => `a${index}: 1`).join('\n')],
  ['one long line', 'a'.repeat(1_900_000)],
]

/** Each alias stands for nine of the one before: 9^9 values from a few lines. */
export const ALIAS_BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghi'
    .split('')
    .map(
      (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`,
    ),
  '',
].join('\n')
