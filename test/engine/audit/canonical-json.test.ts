// Goal: one value has one text, that of RFC 8785, and a value JSON cannot hold is never written.
// Method: the RFC's published examples, every UTF-16 code unit, a slow reference, random values.
import assert from 'node:assert/strict'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import {
  CANONICAL_DEPTH_MAX,
  CanonicalJsonError,
  canonicalJson,
} from '../../../engine/audit/canonical-json'

describe('canonicalJson: RFC 8785 published examples', () => {
  // Appendix B: the bits of a double and the text it must have.
  const numbers: ReadonlyArray<readonly [bits: string, want: string]> = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ]
  for (const [bits, want] of numbers) {
    it(`appendix B: ${bits} is ${want}`, () => assert.equal(canonicalJson(double(bits)), want))
  }

  for (const bits of ['7fffffffffffffff', '7ff0000000000000']) {
    it(`appendix B: ${bits} is refused`, () => {
      assert.throws(() => canonicalJson(double(bits)), CanonicalJsonError)
    })
  }

  it('section 3.2.2: literals, numbers and strings', () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`
    const want = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
    assert.equal(canonicalJson(JSON.parse(input)), want)
  })

  it('section 3.2.3: members stand in the order of their UTF-16 code units', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    const want = [
      '"\\r":"Carriage Return"',
      '"1":"One"',
      '"\u0080":"Control"',
      '"\u00f6":"Latin Small Letter O With Diaeresis"',
      '"\u20ac":"Euro Sign"',
      '"\ud83d\ude00":"Emoji: Grinning Face"',
      '"\ufb33":"Hebrew Letter Dalet With Dagesh"',
    ]
    assert.equal(canonicalJson(input), `{${want.join(',')}}`)
  })
})

describe('canonicalJson: what is written', () => {
  const shared = { x: 1 }
  const cases: ReadonlyArray<{ name: string; value: unknown; want: string }> = [
    { name: 'null', value: null, want: 'null' },
    { name: 'booleans', value: [true, false], want: '[true,false]' },
    { name: 'the empty string', value: '', want: '""' },
    { name: 'empty containers', value: [{}, []], want: '[{},[]]' },
    { name: 'an undefined member is left out', value: { a: undefined, b: 1 }, want: '{"b":1}' },
    { name: 'only undefined members', value: { a: undefined }, want: '{}' },
    { name: 'an undefined slot is null', value: [undefined, 1], want: '[null,1]' },
    { name: 'a hole is null', value: new Array(2), want: '[null,null]' },
    { name: 'integer-like keys sort as text', value: { 10: 0, 9: 0 }, want: '{"10":0,"9":0}' },
    { name: 'the empty key comes first', value: { a: 1, '': 2 }, want: '{"":2,"a":1}' },
    {
      name: 'a prefix comes before the longer key',
      value: { ab: 1, a: 2 },
      want: '{"a":2,"ab":1}',
    },
    { name: 'upper case before lower case', value: { a: 1, B: 2 }, want: '{"B":2,"a":1}' },
    { name: 'a key is escaped too', value: { '"\n': 1 }, want: '{"\\"\\n":1}' },
    { name: 'U+2028 and DEL stay', value: '\u2028\u007f', want: '"\u2028\u007f"' },
    { name: 'a surrogate pair stays', value: '\ud83d\ude00', want: '"\ud83d\ude00"' },
    { name: 'no normalisation', value: ['é', 'e\u0301'], want: '["é","e\u0301"]' },
    { name: 'a shared object, twice', value: [shared, shared], want: '[{"x":1},{"x":1}]' },
    { name: 'an own __proto__', value: JSON.parse('{"__proto__":1}'), want: '{"__proto__":1}' },
    { name: 'no prototype', value: Object.assign(Object.create(null), { a: 1 }), want: '{"a":1}' },
    {
      name: 'an object of another vm context',
      value: runInNewContext('({b:[1],a:{}})'),
      want: '{"a":{},"b":[1]}',
    },
  ]
  for (const { name, value, want } of cases) {
    it(name, () => assert.equal(canonicalJson(value), want))
  }

  it('escapes every UTF-16 code unit as JSON.stringify does, and refuses each lone surrogate', () => {
    for (let unit = 0; unit <= 0xffff; unit++) {
      const text = `a${String.fromCharCode(unit)}b`
      if (unit >= 0xd800 && unit <= 0xdfff) {
        assert.throws(() => canonicalJson(text), CanonicalJsonError, unit.toString(16))
      } else {
        assert.equal(canonicalJson(text), JSON.stringify(text))
      }
    }
  })

  it('sorts long objects by code units as well', () => {
    const keys = Array.from({ length: 200 }, (_, index) => `k${(index * 7919) % 200}`)
    const value = Object.fromEntries(keys.map((key) => [key, 0]))
    assert.equal(canonicalJson(value), reference(value))
  })

  it('leaves its input alone', () => {
    const value = Object.freeze({ b: Object.freeze([2, 1]), a: 1 })
    assert.equal(canonicalJson(value), '{"a":1,"b":[2,1]}')
    assert.deepEqual(Object.keys(value), ['b', 'a'])
  })
})

describe('canonicalJson: what is refused', () => {
  class Lead {
    id = 1
  }
  const cases: ReadonlyArray<{ name: string; value: unknown; because: RegExp; path: string }> = [
    { name: 'undefined', value: undefined, because: /^undefined is not/, path: '' },
    { name: 'NaN', value: { a: [0, Number.NaN] }, because: /NaN/, path: '/a/1' },
    { name: 'Infinity', value: [Infinity], because: /Infinity/, path: '/0' },
    { name: '-Infinity', value: -Infinity, because: /Infinity/, path: '' },
    { name: 'a bigint', value: { n: 1n }, because: /^bigint/, path: '/n' },
    { name: 'a function', value: { f: () => 1 }, because: /^function/, path: '/f' },
    { name: 'an own toJSON', value: { toJSON: () => 1 }, because: /^function/, path: '/toJSON' },
    { name: 'a symbol', value: [Symbol('s')], because: /^symbol/, path: '/0' },
    { name: 'a Date', value: { at: new Date(0) }, because: /class/, path: '/at' },
    { name: 'a Map', value: new Map(), because: /class/, path: '' },
    { name: 'a Buffer', value: [Buffer.of(1)], because: /class/, path: '/0' },
    { name: 'a boxed number', value: Object(1), because: /class/, path: '' },
    { name: 'a class instance', value: { lead: new Lead() }, because: /class/, path: '/lead' },
    {
      name: 'a Date of another context',
      value: runInNewContext('new Date(0)'),
      because: /class/,
      path: '',
    },
    { name: 'a high surrogate alone', value: { s: 'x\ud83d' }, because: /surrogate/, path: '/s' },
    { name: 'a low surrogate alone', value: { s: '\ude00x' }, because: /surrogate/, path: '/s' },
    { name: 'surrogates the wrong way', value: '\ude00\ud83d', because: /surrogate/, path: '' },
    {
      name: 'a lone surrogate in a key',
      value: { '\ud83d': 1 },
      because: /surrogate/,
      path: '/\ud83d',
    },
    {
      name: 'the path escapes ~ and /',
      value: { 'a/b~c': 1n },
      because: /^bigint/,
      path: '/a~1b~0c',
    },
    {
      name: 'the first culprit in canonical order',
      value: { b: 1n, a: Number.NaN },
      because: /NaN/,
      path: '/a',
    },
  ]
  for (const { name, value, because, path } of cases) {
    it(name, () => {
      const error = refusalOf(value)
      assert.match(error.because, because)
      assert.equal(error.path, path)
      assert.ok(error.message.includes(path === '' ? 'the value' : path))
    })
  }

  it('an object that contains itself', () => {
    const lead: Record<string, unknown> = { id: 1 }
    lead.parent = { children: [lead] }
    assert.equal(refusalOf(lead).because, 'the object contains itself')
    assert.equal(refusalOf(lead).path, '/parent/children/0')
  })

  it('an array that contains itself', () => {
    const list: unknown[] = []
    list.push(1, list)
    assert.equal(refusalOf(list).path, '/1')
  })

  it(`nesting beyond ${CANONICAL_DEPTH_MAX}, while ${CANONICAL_DEPTH_MAX} is written`, () => {
    const deepest = '['.repeat(CANONICAL_DEPTH_MAX) + ']'.repeat(CANONICAL_DEPTH_MAX)
    assert.equal(canonicalJson(JSON.parse(deepest)), deepest)
    assert.match(refusalOf(JSON.parse(`[${deepest}]`)).because, /deeper than 200/)
    assert.match(refusalOf(JSON.parse('['.repeat(5000) + ']'.repeat(5000))).because, /deeper/)
  })

  it('never quotes the value', () => {
    assert.ok(!refusalOf({ mail: 'ann@example.com\ud83d' }).message.includes('ann'))
  })

  it('lets the error of a getter through', () => {
    const value = {
      get a(): never {
        throw new RangeError('mine')
      },
    }
    assert.throws(() => canonicalJson(value), /mine/)
  })
})

describe('canonicalJson: any value', () => {
  const anyJson = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' })

  it('agrees with the slow reference', () => {
    fc.assert(fc.property(anyJson, (value) => canonicalJson(value) === reference(value)))
  })

  it('is stable: its text, parsed and written again, is the same text', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = canonicalJson(value)
        assert.equal(canonicalJson(JSON.parse(text)), text)
      }),
    )
  })

  it('survives a JSON round trip of the value, undefined members and slots included', () => {
    const ragged = fc.object({ values: [fc.string(), fc.integer(), fc.constant(undefined)] })
    fc.assert(
      fc.property(ragged, (value) => {
        assert.equal(canonicalJson(value), canonicalJson(JSON.parse(JSON.stringify(value))))
      }),
    )
  })

  it('does not depend on the order of the keys', () => {
    fc.assert(
      fc.property(anyJson, (value) => canonicalJson(value) === canonicalJson(reversed(value))),
    )
  })

  it('tells different doubles apart', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.ok(Number(canonicalJson(value)) === value)
      }),
    )
  })

  it('writes or refuses, but never fails otherwise', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
        try {
          JSON.parse(canonicalJson(value))
        } catch (error) {
          assert.ok(error instanceof CanonicalJsonError)
        }
      }),
    )
  })
})

/** Slow and plain: every part by JSON.stringify, the keys by the default sort. */
function reference(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(reference).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = value as Record<string, unknown>
  const parts = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${reference(members[key])}`)
  return `{${parts.join(',')}}`
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, member]) => [key, reversed(member)] as const)
  return Object.fromEntries(entries.reverse())
}

function double(bits: string): number {
  return Buffer.from(bits, 'hex').readDoubleBE(0)
}

function refusalOf(value: unknown): CanonicalJsonError {
  try {
    canonicalJson(value)
  } catch (error) {
    if (error instanceof CanonicalJsonError) return error
    throw error
  }
  assert.fail('want a refusal, got a text')
}
