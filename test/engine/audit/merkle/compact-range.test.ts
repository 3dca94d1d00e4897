// Goal: the range has the root RFC 6962 defines at every size, and survives a store and a restart.
// Method: a recursive reference straight from section 2.1, sizes 0 to 64 exhaustively, public vectors.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { CompactRange, type CompactRangeState } from '../../../../engine/audit/merkle/compact-range'
import { leafHash, nodeHash } from '../../../../engine/audit/merkle/hash'

const entries = Array.from({ length: 64 }, (_, index) => Buffer.from(`entry ${index}`))
const leaves = entries.map(leafHash)

describe('compact range', () => {
  it('has the root of the reference at every size from 0 to 64', () => {
    const range = CompactRange.create()
    for (let size = 0; size <= entries.length; size++) {
      assert.equal(range.size, size)
      assert.equal(hexOf(range), referenceRoot(entries.slice(0, size)).toString('hex'))
      if (size < entries.length) assert.equal(range.append(leaves[size]!), size)
    }
  })

  it('goes on from its stored state at every size as if never stopped', () => {
    let state = CompactRange.create().toState()
    for (const [index, leaf] of leaves.entries()) {
      const range = CompactRange.fromState(JSON.parse(JSON.stringify(state)))
      range.append(leaf)
      state = range.toState()
      assert.equal(hexOf(range), referenceRoot(entries.slice(0, index + 1)).toString('hex'))
    }
  })

  it('keeps one hash per 1 bit of the size, the largest subtree first', () => {
    const { size, hashes } = rangeOf(leaves.slice(0, 7)).toState()
    const want = [entries.slice(0, 4), entries.slice(4, 6), entries.slice(6, 7)]
    assert.equal(size, 7)
    assert.deepEqual(
      hashes,
      want.map((part) => referenceRoot(part).toString('hex')),
    )
  })

  it('has the root of the reference for any entries, split into two runs anywhere', () => {
    const anyEntries = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 80 })
    fc.assert(
      fc.property(anyEntries, fc.nat(80), (anyOf, cut) => {
        const first = rangeOf(anyOf.slice(0, cut).map(leafHash))
        const second = CompactRange.fromState(first.toState())
        for (const entry of anyOf.slice(cut)) second.append(leafHash(entry))
        assert.equal(hexOf(second), referenceRoot(anyOf).toString('hex'))
      }),
    )
  })

  it('counts beyond 32 bits', () => {
    const half = leafHash('a subtree of 2^40 leaves')
    const range = CompactRange.fromState({ size: 2 ** 40, hashes: [half.toString('hex')] })
    assert.equal(range.append(leaves[0]!), 2 ** 40)
    assert.equal(range.append(leaves[1]!), 2 ** 40 + 1)
    assert.equal(range.toState().hashes.length, 2)
    assert.deepEqual(range.root(), nodeHash(half, nodeHash(leaves[0]!, leaves[1]!)))

    const hashes = Array.from({ length: 40 }, () => half.toString('hex'))
    const almost = CompactRange.fromState({ size: 2 ** 40 - 1, hashes })
    const root = hashes.reduce((right) => nodeHash(half, right), leaves[0]!)
    almost.append(leaves[0]!)
    assert.deepEqual(almost.toState(), { size: 2 ** 40, hashes: [root.toString('hex')] })
  })

  it('joins all 53 subtrees of the largest size but refuses one leaf more', () => {
    const hashes = Array.from({ length: 53 }, () => 'ab'.repeat(32))
    const last = { size: Number.MAX_SAFE_INTEGER - 1, hashes: hashes.slice(1) }
    const range = CompactRange.fromState(last)
    range.append(leaves[0]!)
    assert.equal(range.size, Number.MAX_SAFE_INTEGER)
    assert.throws(() => range.append(leaves[0]!), /full/)
    assert.equal(range.toState().hashes.length, 53)
  })

  it('shares no memory with its caller', () => {
    const leaf = leafHash('a')
    const range = rangeOf([leaf])
    const before = range.toState()
    const root = hexOf(range)
    leaf.fill(0)
    range.root().fill(0)
    assert.equal(hexOf(range), root)
    range.append(leafHash('b'))
    assert.equal(before.size, 1)
    assert.deepEqual(before.hashes, [root])
  })

  it('refuses a leaf that is not 32 bytes and stays as it was', () => {
    const range = rangeOf(leaves.slice(0, 3))
    const before = range.toState()
    for (const bad of [new Uint8Array(31), new Uint8Array(33), 'a'.repeat(32)]) {
      assert.throws(() => range.append(bad as Uint8Array), RangeError)
    }
    assert.deepEqual(range.toState(), before)
  })

  const good = rangeOf(leaves.slice(0, 3)).toState()
  const damaged: ReadonlyArray<{ name: string; state: object }> = [
    { name: 'negative size', state: { ...good, size: -1 } },
    { name: 'fractional size', state: { ...good, size: 3.5 } },
    { name: 'NaN size', state: { ...good, size: Number.NaN } },
    { name: 'unsafe size', state: { ...good, size: 2 ** 53 } },
    { name: 'size as text', state: { ...good, size: '3' } },
    { name: 'missing hash', state: { ...good, hashes: good.hashes.slice(1) } },
    { name: 'trailing hash', state: { ...good, hashes: [...good.hashes, good.hashes[0]] } },
    { name: 'hash for the empty log', state: { size: 0, hashes: [good.hashes[0]] } },
    { name: 'short hash', state: { size: 1, hashes: ['ab'.repeat(31)] } },
    { name: 'upper case hash', state: { size: 1, hashes: ['AB'.repeat(32)] } },
    { name: 'line end after the hash', state: { size: 1, hashes: [`${'ab'.repeat(32)}\n`] } },
    { name: 'hash as bytes', state: { size: 1, hashes: [leaves[0]] } },
    { name: 'no hashes', state: { size: 0 } },
  ]
  for (const { name, state } of damaged) {
    it(`refuses a damaged state: ${name}`, () => {
      assert.throws(() => CompactRange.fromState(state as CompactRangeState), RangeError)
    })
  }
})

describe('compact range: public RFC 6962 vectors', () => {
  const vectors = loadVectors()
  if (vectors === undefined) {
    it.skip('not run: no audit/merkle.json below LEAD_DATA')
    return
  }
  const inputs = vectors.leaf_inputs_hex.map((hex) => Buffer.from(hex, 'hex'))

  it('leaf hashes', () => {
    assert.deepEqual(
      inputs.map((input) => leafHash(input).toString('hex')),
      vectors.leaf_hashes_hex,
    )
  })

  for (const [size, want] of vectors.root_hashes_hex_by_size.entries()) {
    it(`root of size ${size}`, () => {
      assert.equal(hexOf(rangeOf(inputs.slice(0, size).map(leafHash))), want)
      assert.equal(referenceRoot(inputs.slice(0, size)).toString('hex'), want)
    })
  }
})

interface Vectors {
  leaf_inputs_hex: string[]
  leaf_hashes_hex: string[]
  root_hashes_hex_by_size: string[]
}

function loadVectors(): Vectors | undefined {
  const root = resolve(__dirname, '../../../..', process.env.LEAD_DATA ?? '../shared/data')
  const file = join(root, 'audit', 'merkle.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

function rangeOf(leafHashes: readonly Uint8Array[]): CompactRange {
  const range = CompactRange.create()
  for (const leaf of leafHashes) range.append(leaf)
  return range
}

function hexOf(range: CompactRange): string {
  return range.root().toString('hex')
}

/** MTH of RFC 6962 section 2.1, word by word, with no code of ours. */
function referenceRoot(data: readonly Uint8Array[]): Buffer {
  const sha256 = (...parts: Uint8Array[]) =>
    createHash('sha256').update(Buffer.concat(parts)).digest()
  if (data.length === 0) return sha256()
  if (data.length === 1) return sha256(Buffer.of(0), data[0]!)
  let split = 1
  while (split * 2 < data.length) split *= 2
  return sha256(Buffer.of(1), referenceRoot(data.slice(0, split)), referenceRoot(data.slice(split)))
}
