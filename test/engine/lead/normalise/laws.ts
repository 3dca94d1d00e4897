// The laws that every normaliser obeys, as tests to be called from each normaliser's own suite:
// total (answers, never throws), bounded (a megabyte costs no more than a line), idempotent.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import fc from 'fast-check'
import type { Normalised } from '../../../../engine/lead/normalise/result'

type Normalise = (input: unknown) => Normalised<unknown>

export interface Laws {
  /** Texts that this normaliser mostly accepts, so that idempotence is tested on more than noise. */
  readonly typical: fc.Arbitrary<unknown>
  /** What of a value goes in again; the value itself unless told. */
  readonly again?: (value: never) => unknown
}

const MEGABYTE = 1_000_000
/** Generous for a loaded machine; work that grows with the input takes seconds. */
const BOUND_MS = 50

const HOSTILE: readonly unknown[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '\u0000',
  '\u202Eevil\u202C',
  '\uD800',
  '\uDC00\uD800',
  '\u200B\u200B',
  '‏مرحبا‏',
  '👩‍👩‍👧‍👦',
  '🚀',
  '%',
  '%E0%A4%A',
  '=cmd()',
  '<>',
  '()',
  ',',
  '@',
  '+',
  '-',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  1e21,
  10n,
  true,
  false,
  Symbol('s'),
  () => 1,
  [],
  [['ana@example.com']],
  {},
  Object.create(null),
  new Date(Number.NaN),
  new Map(),
  { toString: () => 'ana@example.com' },
  { name: {}, firstName: [], lastName: 1 },
  JSON.parse('{"__proto__":{"name":"x"},"constructor":{}}'),
  Object.defineProperty({}, 'name', { get: () => assert.fail('a getter that throws') }),
  new Proxy({}, { get: () => assert.fail('a trap that throws') }),
]

const MEGABYTES: readonly string[] = [
  'a'.repeat(MEGABYTE),
  ' '.repeat(MEGABYTE),
  '1'.repeat(MEGABYTE),
  '('.repeat(MEGABYTE),
  'a@'.repeat(MEGABYTE / 2),
  'a.'.repeat(MEGABYTE / 2),
  '\u0301'.repeat(MEGABYTE),
  '\u200B'.repeat(MEGABYTE),
  '🚀'.repeat(MEGABYTE / 2),
]

/** The worst that still fits: every pattern here has made a careless expression quadratic. */
const LONGEST = [
  'a',
  ' ',
  '1',
  '(',
  '<',
  "'",
  '.',
  ',',
  'a.',
  '1,',
  'a ',
  'a-',
  'é',
  '"',
  '١',
  '/',
].flatMap((unit) => [64, 200, 512, 2048].map((length) => `${unit.repeat(length / unit.length)}!`))

/** Registers the laws for one normaliser. */
export function itObeysTheLaws(normalise: Normalise, { typical, again = (v) => v }: Laws): void {
  it('answers whatever comes in and never throws', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
    })
    const text = fc.string({ unit: 'binary', maxLength: 80 })
    fc.assert(
      fc.property(fc.oneof(anything, text, fc.string({ unit: 'grapheme' })), (input) =>
        assertAnswer(normalise(input)),
      ),
      { numRuns: 500 },
    )
    for (const input of HOSTILE) assertAnswer(normalise(input))
  })

  it('finds nothing in null, undefined, an empty text and blanks', () => {
    for (const input of [null, undefined, '', '  \t\n', '\u200B']) {
      assert.deepEqual(normalise(input), { ok: false, empty: true })
    }
  })

  it('agrees with itself: a normalised value normalises to itself', () => {
    const noise = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
    let accepted = 0
    fc.assert(
      fc.property(
        fc.oneof({ weight: 4, arbitrary: typical }, { weight: 1, arbitrary: noise }),
        (x) => {
          const once = normalise(x)
          if (!once.ok) return
          accepted += 1
          assert.deepEqual(normalise(again(once.value as never)), once)
        },
      ),
      { numRuns: 1000 },
    )
    assert.ok(accepted > 50, `only ${accepted} inputs were accepted: the law is untested`)
  })

  it('spends no more on a megabyte than on a line', () => {
    normalise('warm up')
    for (const input of [...MEGABYTES, ...LONGEST]) {
      const startNs = process.hrtime.bigint()
      assertAnswer(normalise(input))
      const elapsedMs = Number(process.hrtime.bigint() - startNs) / 1e6
      assert.ok(elapsedMs < BOUND_MS, `${elapsedMs} ms on ${input.length} × ${input.slice(0, 2)}`)
    }
  })
}

/** A row per case: the input and the value wanted. */
export function accepts<T>(
  normalise: (input: unknown) => Normalised<T>,
  rows: ReadonlyArray<readonly [input: unknown, want: T]>,
): void {
  for (const [input, want] of rows) {
    it(`${show(input)} → ${show(want)}`, () => {
      assert.deepEqual(normalise(input), { ok: true, value: want })
    })
  }
}

/** Inputs that state something unusable; each answer says what was expected instead. */
export function refuses(normalise: Normalise, inputs: readonly unknown[], expected: RegExp): void {
  for (const input of inputs) {
    it(`refuses ${show(input)}`, () => {
      const answer = normalise(input)
      assert.ok(!answer.ok && !answer.empty, `got ${show(answer)}`)
      assert.match(answer.expected, expected)
    })
  }
}

/** Inputs that say that there is no answer. */
export function findsNothingIn(normalise: Normalise, inputs: readonly unknown[]): void {
  for (const input of inputs) {
    it(`finds nothing in ${show(input)}`, () => {
      assert.deepEqual(normalise(input), { ok: false, empty: true })
    })
  }
}

function show(value: unknown): string {
  const text = inspect(value, { breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80 })
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

function assertAnswer(answer: Normalised<unknown>): void {
  if (answer.ok) assert.notEqual(answer.value, undefined)
  else if (answer.empty) assert.deepEqual(answer, { ok: false, empty: true })
  else assert.ok(answer.expected.length > 5)
}
