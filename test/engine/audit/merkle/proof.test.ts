// Goal: every true claim has a proof that verifies; every damaged one is refused with a reason.
// Method: PATH and SUBPROOF straight from RFC 6962 as reference, all trees up to 16 leaves, every
// single damage to each of their proofs, trees beyond 32 bits with assumed subtrees, public vectors.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { emptyRoot, leafHash } from '../../../../engine/audit/merkle/hash'
import {
  type ConsistencyClaim,
  consistencyProof,
  type InclusionClaim,
  inclusionProof,
  type ProofFlaw,
  type ProofVerdict,
  verifyConsistency,
  verifyInclusion,
} from '../../../../engine/audit/merkle/proof'

const SIZE_MAX = 16
const leaves = Array.from({ length: SIZE_MAX }, (_, index) => leafHash(`entry ${index}`))
const OK: ProofVerdict = { ok: true }

/** MTH(leaves[start, end)); the references below take any such function. */
type RootOf = (start: number, end: number) => Buffer

const rootOf: RootOf = (start, end) => {
  if (start === end) return sha256()
  if (end - start === 1) return leaves[start]!
  const middle = start + split(end - start)
  return sha256(Buffer.of(1), rootOf(start, middle), rootOf(middle, end))
}

const inclusionClaims: InclusionClaim[] = []
const consistencyClaims: ConsistencyClaim[] = []
for (let size = 1; size <= SIZE_MAX; size++) {
  for (let index = 0; index < size; index++) {
    const proof = inclusionProof(leaves, index, size)
    inclusionClaims.push({ leafHash: leaves[index]!, index, size, proof, root: rootOf(0, size) })
  }
}
for (let size2 = 0; size2 <= SIZE_MAX; size2++) {
  for (let size1 = 0; size1 <= size2; size1++) {
    const proof = consistencyProof(leaves, size1, size2)
    consistencyClaims.push({
      size1,
      size2,
      proof,
      root1: rootOf(0, size1),
      root2: rootOf(0, size2),
    })
  }
}

describe('inclusion proof', () => {
  it(`is the PATH of RFC 6962 and verifies, for all ${inclusionClaims.length} leaves of sizes <= 16`, () => {
    for (const claim of inclusionClaims) {
      assert.deepEqual(claim.proof, path(rootOf, claim.index, 0, claim.size))
      assert.deepEqual(verifyInclusion(claim), OK)
    }
  })

  it('verifies for trees of any size, beyond 32 bits too', () => {
    fc.assert(
      fc.property(anySize, fc.maxSafeNat(), (size, seed) => {
        const index = seed % size
        const assumed = assumedRoots([index, index + 1])
        const root = assumed(0, size)
        const proof = path(assumed, index, 0, size)
        const claim = { leafHash: assumed(index, index + 1), index, size, proof, root }
        assert.deepEqual(verifyInclusion(claim), OK)
        assert.equal(verifyInclusion({ ...claim, proof: proof.slice(0, -1) }).ok, size === 1)
        refused(verifyInclusion({ ...claim, root: flip(root) }), 'root-mismatch')
      }),
    )
  })

  it('names what is missing or surplus', () => {
    for (const claim of inclusionClaims) {
      const { proof } = claim
      for (let keep = 0; keep < proof.length; keep++) {
        refused(verifyInclusion({ ...claim, proof: proof.slice(0, keep) }), 'proof-too-short')
      }
      for (const extra of [leaves[0]!, claim.root, emptyRoot()]) {
        refused(verifyInclusion({ ...claim, proof: [...proof, extra] }), 'proof-too-long')
        refused(verifyInclusion({ ...claim, proof: [extra, ...proof] }), 'proof-too-long')
      }
    }
  })

  it('refuses every single flipped hash, swapped hash and truncated hash', () => {
    for (const claim of inclusionClaims) {
      refused(verifyInclusion({ ...claim, root: flip(claim.root) }), 'root-mismatch')
      refused(verifyInclusion({ ...claim, leafHash: flip(claim.leafHash) }), 'root-mismatch')
      for (const proof of flippedEach(claim.proof)) {
        refused(verifyInclusion({ ...claim, proof }), 'root-mismatch')
      }
      for (const proof of swappedEach(claim.proof)) {
        refused(verifyInclusion({ ...claim, proof }), 'root-mismatch')
      }
      for (const proof of cutEach(claim.proof)) {
        refused(verifyInclusion({ ...claim, proof }), 'hash-malformed')
      }
    }
  })

  it('refuses every single bit flipped anywhere in one proof', () => {
    const claim = inclusionClaims.find(({ index, size }) => index === 6 && size === 11)!
    for (let bit = 0; bit < claim.proof.length * 256; bit++) {
      const proof = claim.proof.map((hash, at) => (at === bit >> 8 ? flip(hash, bit & 255) : hash))
      refused(verifyInclusion({ ...claim, proof }), 'root-mismatch')
    }
  })

  it('refuses the leaf at any other index, and another leaf at this index', () => {
    for (const claim of inclusionClaims) {
      for (let other = 0; other < claim.size; other++) {
        if (other === claim.index) continue
        assert.equal(verifyInclusion({ ...claim, index: other }).ok, false)
        assert.equal(verifyInclusion({ ...claim, leafHash: leaves[other]! }).ok, false)
      }
    }
  })

  it('refuses index and size swapped', () => {
    for (const claim of inclusionClaims) {
      const verdict = verifyInclusion({ ...claim, index: claim.size, size: claim.index })
      refused(verdict, claim.index === 0 ? 'size-invalid' : 'index-out-of-range')
    }
  })

  it('refuses an inner node passed off as a leaf', () => {
    // Leaves 0 and 1 under one node: without its sibling the path of leaf 0 is the path of that node.
    const claim = {
      leafHash: rootOf(0, 2),
      index: 0,
      size: 4,
      proof: [rootOf(2, 4)],
      root: rootOf(0, 4),
    }
    refused(verifyInclusion(claim), 'proof-too-short')
    refused(
      verifyInclusion({ ...claim, leafHash: leafHash(Buffer.concat(leaves.slice(0, 2))), size: 2 }),
      'root-mismatch',
    )
  })

  const good = inclusionClaims.find(({ index, size }) => index === 2 && size === 5)!
  const malformed: ReadonlyArray<{ name: string; claim: unknown; why: ProofFlaw }> = [
    { name: 'no claim', claim: undefined, why: 'claim-malformed' },
    { name: 'null', claim: null, why: 'claim-malformed' },
    { name: 'size 0', claim: { ...good, index: 0, size: 0, proof: [] }, why: 'size-invalid' },
    { name: 'negative size', claim: { ...good, size: -5 }, why: 'size-invalid' },
    { name: 'fractional size', claim: { ...good, size: 5.5 }, why: 'size-invalid' },
    { name: 'infinite size', claim: { ...good, size: Infinity }, why: 'size-invalid' },
    { name: 'unsafe size', claim: { ...good, size: 2 ** 53 }, why: 'size-invalid' },
    { name: 'size as text', claim: { ...good, size: '5' }, why: 'size-invalid' },
    { name: 'index at size', claim: { ...good, index: 5 }, why: 'index-out-of-range' },
    { name: 'negative index', claim: { ...good, index: -1 }, why: 'index-out-of-range' },
    { name: 'NaN index', claim: { ...good, index: Number.NaN }, why: 'index-out-of-range' },
    {
      name: 'short leaf hash',
      claim: { ...good, leafHash: good.leafHash.subarray(1) },
      why: 'hash-malformed',
    },
    { name: 'no root', claim: { ...good, root: undefined }, why: 'hash-malformed' },
    { name: 'root as hex', claim: { ...good, root: 'ab'.repeat(32) }, why: 'hash-malformed' },
    { name: 'no proof', claim: { ...good, proof: undefined }, why: 'proof-malformed' },
    {
      name: 'proof as bytes',
      claim: { ...good, proof: Buffer.concat(good.proof) },
      why: 'proof-malformed',
    },
    {
      name: 'hash as hex',
      claim: { ...good, proof: good.proof.map(String) },
      why: 'hash-malformed',
    },
    { name: 'hole in the proof', claim: { ...good, proof: new Array(3) }, why: 'hash-malformed' },
  ]
  for (const { name, claim, why } of malformed) {
    it(`refuses a malformed claim: ${name}`, () => refused(verifyInclusion(claim as never), why))
  }

  it('gives a verdict for anything at all', () => {
    fc.assert(fc.property(fc.anything(), (claim) => isVerdict(verifyInclusion(claim as never))))
    const fields = fc.constantFrom(...Object.keys(good))
    fc.assert(
      fc.property(fields, fc.anything(), (field, value) =>
        isVerdict(verifyInclusion({ ...good, [field]: value })),
      ),
    )
  })

  it('shares no memory with the leaves', () => {
    for (const proof of [inclusionProof(leaves, 0, 2), consistencyProof(leaves, 1, 2)]) {
      proof[0]!.fill(0)
    }
    assert.deepEqual(inclusionProof(leaves, 0, 2), [leafHash('entry 1')])
  })

  it('is not made for an index or a size outside the log', () => {
    for (const [index, size] of [
      [0, 0],
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [Number.NaN, 5],
      [0, 17],
    ]) {
      assert.throws(() => inclusionProof(leaves, index!, size!), RangeError)
    }
    assert.throws(() => inclusionProof([leaves[0]!, Buffer.alloc(31)], 0, 2), /leaf 1/)
  })
})

describe('consistency proof', () => {
  it(`is the PROOF of RFC 6962 and verifies, for all ${consistencyClaims.length} pairs of sizes <= 16`, () => {
    for (const claim of consistencyClaims) {
      const { size1, size2, proof } = claim
      assert.deepEqual(proof, size1 === 0 ? [] : subproof(rootOf, size1, 0, size2, true))
      assert.deepEqual(verifyConsistency(claim), OK)
    }
  })

  it('verifies for trees of any size, beyond 32 bits too', () => {
    fc.assert(
      fc.property(anySize, fc.maxSafeNat(), (size2, seed) => {
        const size1 = 1 + (seed % size2)
        const assumed = assumedRoots([size1])
        const [root1, root2] = [assumed(0, size1), assumed(0, size2)]
        const proof = subproof(assumed, size1, 0, size2, true)
        const claim = { size1, size2, proof, root1, root2 }
        assert.deepEqual(verifyConsistency(claim), OK)
        assert.equal(verifyConsistency({ ...claim, proof: proof.slice(0, -1) }).ok, size1 === size2)
        assert.equal(verifyConsistency({ ...claim, root1: flip(root1) }).ok, false)
        assert.equal(verifyConsistency({ ...claim, root2: flip(root2) }).ok, false)
      }),
    )
  })

  it('names what is missing or surplus', () => {
    for (const claim of consistencyClaims) {
      const { proof } = claim
      for (let keep = 0; keep < proof.length; keep++) {
        refused(verifyConsistency({ ...claim, proof: proof.slice(0, keep) }), 'proof-too-short')
      }
      for (const extra of [leaves[0]!, claim.root1, claim.root2]) {
        refused(verifyConsistency({ ...claim, proof: [...proof, extra] }), 'proof-too-long')
        refused(verifyConsistency({ ...claim, proof: [extra, ...proof] }), 'proof-too-long')
      }
    }
  })

  it('refuses every single flipped hash, swapped hash and truncated hash', () => {
    for (const claim of consistencyClaims) {
      assert.equal(verifyConsistency({ ...claim, root1: flip(claim.root1) }).ok, false)
      for (const change of [flippedEach, swappedEach, cutEach]) {
        for (const proof of change(claim.proof)) {
          assert.equal(verifyConsistency({ ...claim, proof }).ok, false)
        }
      }
      // An empty log is a prefix of any other, so then and only then root2 is free.
      const isFree = claim.size1 === 0 && claim.size2 > 0
      assert.equal(verifyConsistency({ ...claim, root2: flip(claim.root2) }).ok, isFree)
    }
  })

  it('refuses every single bit flipped anywhere in one proof', () => {
    const claim = consistencyClaims.find(({ size1, size2 }) => size1 === 7 && size2 === 13)!
    for (let bit = 0; bit < claim.proof.length * 256; bit++) {
      const proof = claim.proof.map((hash, at) => (at === bit >> 8 ? flip(hash, bit & 255) : hash))
      assert.equal(verifyConsistency({ ...claim, proof }).ok, false)
    }
  })

  it('refuses swapped sizes and swapped roots', () => {
    for (const claim of consistencyClaims) {
      const { size1, size2, root1, root2 } = claim
      if (size1 === size2) continue
      refused(verifyConsistency({ ...claim, size1: size2, size2: size1 }), 'size-invalid')
      assert.equal(verifyConsistency({ ...claim, root1: root2, root2: root1 }).ok, false)
    }
  })

  it('refuses a log whose past was rewritten, whatever entry was changed', () => {
    for (const { size1, size2, root1 } of consistencyClaims) {
      for (let changed = 0; changed < size1; changed++) {
        const forged = leaves.map((leaf, index) => (index === changed ? leafHash('forged') : leaf))
        const root2 = rootFrom(forged.slice(0, size2))
        const proof = consistencyProof(forged, size1, size2)
        assert.equal(verifyConsistency({ size1, size2, proof, root1, root2 }).ok, false)
      }
    }
  })

  const good = consistencyClaims.find(({ size1, size2 }) => size1 === 3 && size2 === 7)!
  const empty = consistencyClaims.find(({ size2 }) => size2 === 0)!
  const malformed: ReadonlyArray<{ name: string; claim: unknown; why: ProofFlaw }> = [
    { name: 'no claim', claim: undefined, why: 'claim-malformed' },
    { name: 'a number', claim: 7, why: 'claim-malformed' },
    { name: 'negative size1', claim: { ...good, size1: -3 }, why: 'size-invalid' },
    { name: 'fractional size1', claim: { ...good, size1: 3.5 }, why: 'size-invalid' },
    { name: 'unsafe size2', claim: { ...good, size2: 2 ** 53 }, why: 'size-invalid' },
    { name: 'bigint size2', claim: { ...good, size2: 7n }, why: 'size-invalid' },
    {
      name: 'short root1',
      claim: { ...good, root1: good.root1.subarray(1) },
      why: 'hash-malformed',
    },
    { name: 'no root2', claim: { ...good, root2: null }, why: 'hash-malformed' },
    { name: 'no proof', claim: { ...good, proof: null }, why: 'proof-malformed' },
    {
      name: 'proof like an array',
      claim: { ...good, proof: { length: 0 } },
      why: 'proof-malformed',
    },
    { name: 'hole in the proof', claim: { ...good, proof: new Array(4) }, why: 'hash-malformed' },
    {
      name: 'empty log, root of another',
      claim: { ...empty, root1: good.root1, root2: good.root1 },
      why: 'root1-mismatch',
    },
    {
      name: 'size1 0, root1 not empty',
      claim: { ...good, size1: 0, proof: [] },
      why: 'root1-mismatch',
    },
    {
      name: 'size1 0 with a proof',
      claim: { ...good, size1: 0, root1: emptyRoot() },
      why: 'proof-too-long',
    },
    {
      name: 'same size, other root',
      claim: { ...good, size1: 7, proof: [] },
      why: 'root2-mismatch',
    },
  ]
  for (const { name, claim, why } of malformed) {
    it(`refuses a malformed claim: ${name}`, () => refused(verifyConsistency(claim as never), why))
  }

  it('gives a verdict for anything at all', () => {
    fc.assert(fc.property(fc.anything(), (claim) => isVerdict(verifyConsistency(claim as never))))
    const fields = fc.constantFrom(...Object.keys(good))
    fc.assert(
      fc.property(fields, fc.anything(), (field, value) =>
        isVerdict(verifyConsistency({ ...good, [field]: value })),
      ),
    )
  })

  it('is not made for sizes outside the log or in the wrong order', () => {
    for (const [size1, size2] of [
      [4, 3],
      [-1, 3],
      [1.5, 3],
      [0, 17],
      [1, Number.NaN],
    ]) {
      assert.throws(() => consistencyProof(leaves, size1!, size2!), RangeError)
    }
  })
})

describe('proofs: public RFC 6962 vectors', () => {
  const vectors = loadVectors()
  if (vectors === undefined) {
    it.skip('not run: no audit/merkle.json below LEAD_DATA')
    return
  }
  const vectorLeaves = bytesOf(vectors.leaf_hashes_hex)

  for (const { index, size, root, proof } of vectors.inclusion) {
    it(`inclusion of ${index} in ${size}`, () => {
      const made = inclusionProof(vectorLeaves, index, size)
      assert.deepEqual(made, bytesOf(proof))
      const claim = { leafHash: vectorLeaves[index]!, index, size, proof: made, root: bytes(root) }
      assert.deepEqual(verifyInclusion(claim), OK)
    })
  }

  for (const { size1, size2, root1, root2, proof } of vectors.consistency) {
    it(`consistency of ${size1} with ${size2}`, () => {
      const made = consistencyProof(vectorLeaves, size1, size2)
      assert.deepEqual(made, bytesOf(proof))
      const claim = { size1, size2, proof: made, root1: bytes(root1), root2: bytes(root2) }
      assert.deepEqual(verifyConsistency(claim), OK)
    })
  }
})

interface Vectors {
  leaf_hashes_hex: string[]
  inclusion: Array<{ index: number; size: number; root: string; proof: string[] }>
  consistency: Array<{
    size1: number
    size2: number
    root1: string
    root2: string
    proof: string[]
  }>
}

function loadVectors(): Vectors | undefined {
  const root = resolve(__dirname, '../../../..', process.env.LEAD_DATA ?? '../shared/data')
  const file = join(root, 'audit', 'merkle.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

function bytesOf(hexes: readonly string[]): Buffer[] {
  return hexes.map(bytes)
}

/** Sizes of every magnitude up to 2^53 - 1, and their neighbours of powers of two. */
const anySize = fc
  .tuple(
    fc.integer({ min: 0, max: 52 }),
    fc.integer({ min: -2, max: 2 }),
    fc.maxSafeNat(),
    fc.boolean(),
  )
  .map(([power, near, any, isNear]) => (isNear ? 2 ** power + near : any % 2 ** (power + 1)))
  .filter((size) => size >= 1)

/**
 * The tree function of a log too large to hold: a full subtree that no `cut` divides gets an assumed
 * hash, everything else is hashed as RFC 6962 says, so all ranges agree with one another.
 */
function assumedRoots(cuts: readonly number[]): RootOf {
  const roots: RootOf = (start, end) => {
    // Not Math.log2: it rounds 2^49 - 1 to a whole 49.
    const count = end - start
    const isFull = split(count + 1) === count && start % count === 0
    if (isFull && !cuts.some((cut) => cut > start && cut < end)) {
      return sha256(Buffer.from(`leaves ${start} to ${end}`))
    }
    const middle = start + split(end - start)
    return sha256(Buffer.of(1), roots(start, middle), roots(middle, end))
  }
  return roots
}

/** PATH of RFC 6962 section 2.1.1, over leaves [start, end). */
function path(roots: RootOf, index: number, start: number, end: number): Buffer[] {
  if (end - start === 1) return []
  const middle = start + split(end - start)
  return index < middle
    ? [...path(roots, index, start, middle), roots(middle, end)]
    : [...path(roots, index, middle, end), roots(start, middle)]
}

/** SUBPROOF of RFC 6962 section 2.1.2; `size1` counts from leaf 0, not from `start`. */
function subproof(
  roots: RootOf,
  size1: number,
  start: number,
  end: number,
  isWhole: boolean,
): Buffer[] {
  if (size1 === end) return isWhole ? [] : [roots(start, end)]
  const middle = start + split(end - start)
  return size1 <= middle
    ? [...subproof(roots, size1, start, middle, isWhole), roots(middle, end)]
    : [...subproof(roots, size1, middle, end, false), roots(start, middle)]
}

function rootFrom(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 1) return hashes[0]!
  const at = split(hashes.length)
  return sha256(Buffer.of(1), rootFrom(hashes.slice(0, at)), rootFrom(hashes.slice(at)))
}

/** The largest power of two below `count`. */
function split(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

function sha256(...parts: Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}

function flip(hash: Uint8Array, bit = 0): Buffer {
  const copy = Buffer.from(hash)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

type Hashes = readonly Uint8Array[]

function flippedEach(proof: Hashes): Hashes[] {
  return proof.map((_, at) => proof.map((hash, index) => (index === at ? flip(hash, 255) : hash)))
}

function swappedEach(proof: Hashes): Hashes[] {
  return proof.slice(1).map((_, at) => {
    const copy = [...proof]
    copy[at] = proof[at + 1]!
    copy[at + 1] = proof[at]!
    return copy
  })
}

function cutEach(proof: Hashes): Hashes[] {
  return proof.map((_, at) => proof.map((hash, i) => (i === at ? hash.subarray(0, 31) : hash)))
}

function refused(verdict: ProofVerdict, why: ProofFlaw): void {
  assert.deepEqual(verdict, { ok: false, why })
}

function isVerdict(verdict: ProofVerdict): boolean {
  return verdict.ok === true || typeof verdict.why === 'string'
}
