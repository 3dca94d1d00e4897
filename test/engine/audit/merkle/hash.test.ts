// Goal: leaf, node and empty hashes are those of RFC 6962, and no two kinds can be confused.
// Method: well-known digests, the definition spelled out with createHash, wrong lengths.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  emptyRoot,
  HASH_BYTES,
  isHash,
  leafHash,
  nodeHash,
  sha256Hex,
} from '../../../../engine/audit/merkle/hash'

const sha256 = (...parts: Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest()

describe('merkle hashes', () => {
  const known: ReadonlyArray<{ name: string; got: string; want: string }> = [
    {
      name: 'the empty root is SHA-256 of nothing',
      got: emptyRoot().toString('hex'),
      want: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    },
    {
      name: 'the empty leaf is SHA-256 of one zero byte',
      got: leafHash('').toString('hex'),
      want: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    },
    {
      name: 'sha256Hex of "abc" has no prefix',
      got: sha256Hex('abc'),
      want: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    },
  ]
  for (const { name, got, want } of known) it(name, () => assert.equal(got, want))

  it('leafHash is SHA-256(0x00 || data), for bytes of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10_000 }), (data) => {
        assert.deepEqual(leafHash(data), sha256(Buffer.of(0), data))
        assert.equal(sha256Hex(data), sha256(data).toString('hex'))
      }),
    )
  })

  it('a string counts as its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.deepEqual(leafHash(text), leafHash(Buffer.from(text, 'utf8')))
        assert.equal(sha256Hex(text), sha256Hex(Buffer.from(text, 'utf8')))
      }),
    )
  })

  it('nodeHash is SHA-256(0x01 || left || right), so neither a leaf nor symmetric', () => {
    const [left, right] = [leafHash('a'), leafHash('b')]
    assert.deepEqual(nodeHash(left, right), sha256(Buffer.of(1), left, right))
    assert.notDeepEqual(nodeHash(left, right), leafHash(Buffer.concat([left, right])))
    assert.notDeepEqual(nodeHash(left, right), nodeHash(right, left))
  })

  it('results are independent: a later call never changes an earlier hash', () => {
    const first = nodeHash(leafHash('a'), leafHash('b'))
    const before = first.toString('hex')
    emptyRoot().fill(0)
    nodeHash(first, first)
    assert.equal(first.toString('hex'), before)
    assert.equal(emptyRoot().toString('hex'), sha256Hex(''))
  })

  it('nodeHash refuses what is not 32 bytes', () => {
    const good = leafHash('')
    for (const bad of [new Uint8Array(31), new Uint8Array(33), new Uint8Array(0)]) {
      assert.throws(() => nodeHash(bad, good), RangeError)
      assert.throws(() => nodeHash(good, bad), RangeError)
    }
  })

  it('isHash is true for 32 bytes only, whatever it is given', () => {
    assert.ok(isHash(new Uint8Array(HASH_BYTES)))
    assert.ok(isHash(Buffer.alloc(HASH_BYTES)))
    const forged = Object.create(Uint8Array.prototype)
    const others = [new Uint8Array(31), new DataView(new ArrayBuffer(32)), new Uint16Array(16)]
    for (const value of [...others, forged, 'a'.repeat(32), { byteLength: 32 }, null, undefined]) {
      assert.equal(isHash(value), false)
    }
  })
})
