/**
 * Proofs about the audit log's Merkle tree: this entry is in it, this log only grew out of that one.
 *
 * Rule: proofs as RFC 6962 §2.1.1 and §2.1.2 define them, checked by the algorithms of RFC 9162
 * §2.1.3.2 and §2.1.4.2. Makers throw on a wrong request; verifiers read what a stranger sent, so
 * they never throw and always say why not.
 * Does not vouch for a root: a size and its root must come together from a signed checkpoint, since a
 * proof alone cannot tell apart two sizes with the same path. Does not hash entries (hash.ts).
 */
import { emptyRoot, isHash, nodeHash } from './hash'

export type ProofFlaw =
  | 'claim-malformed'
  | 'size-invalid'
  | 'index-out-of-range'
  | 'hash-malformed'
  | 'proof-malformed'
  | 'proof-too-short'
  | 'proof-too-long'
  | 'root-mismatch'
  | 'root1-mismatch'
  | 'root2-mismatch'

export type ProofVerdict = { readonly ok: true } | { readonly ok: false; readonly why: ProofFlaw }

/**
 * "The leaf with this hash stands at `index` in the tree of `size` leaves with this root."
 * Compute `leafHash` from the entry itself: taken from the prover, it could be an inner node.
 */
export interface InclusionClaim {
  readonly leafHash: Uint8Array
  readonly index: number
  readonly size: number
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** "The first `size1` leaves of the tree with `root2` are the tree with `root1`." */
export interface ConsistencyClaim {
  readonly size1: number
  readonly size2: number
  readonly proof: readonly Uint8Array[]
  readonly root1: Uint8Array
  readonly root2: Uint8Array
}

/**
 * The audit path of leaf `index` in the tree of the first `size` leaf hashes, leaf end first.
 * Requires 0 <= index < size <= leaves.length; throws RangeError otherwise.
 */
export function inclusionProof(
  leaves: readonly Uint8Array[],
  index: number,
  size: number,
): Buffer[] {
  assertCount('size', size, 1, leaves.length)
  assertCount('index', index, 0, size - 1)

  const siblings: Uint8Array[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      siblings.push(subtreeRoot(leaves, middle, end))
      end = middle
    } else {
      siblings.push(subtreeRoot(leaves, start, middle))
      start = middle
    }
  }
  return siblings.reverse().map((hash) => Buffer.from(hash))
}

/**
 * The proof that the tree of the first `size1` leaf hashes is a prefix of that of the first `size2`.
 * Requires 0 <= size1 <= size2 <= leaves.length; throws RangeError otherwise. Empty for size1 = 0
 * (nothing to show) and for size1 = size2 (the roots are equal).
 */
export function consistencyProof(
  leaves: readonly Uint8Array[],
  size1: number,
  size2: number,
): Buffer[] {
  assertCount('size2', size2, 0, leaves.length)
  assertCount('size1', size1, 0, size2)
  if (size1 === 0) return []

  const hashes: Uint8Array[] = []
  let start = 0
  let end = size2
  while (end !== size1) {
    const middle = start + splitOf(end - start)
    if (size1 <= middle) {
      hashes.push(subtreeRoot(leaves, middle, end))
      end = middle
    } else {
      hashes.push(subtreeRoot(leaves, start, middle))
      start = middle
    }
  }
  // From start 0 the remaining subtree is the old tree itself: the verifier has that root already.
  if (start > 0) hashes.push(subtreeRoot(leaves, start, end))
  return hashes.reverse().map((hash) => Buffer.from(hash))
}

/** Checks an inclusion claim. Total: any input gives a verdict, none throws. */
export function verifyInclusion(claim: InclusionClaim): ProofVerdict {
  if (!isRecord(claim)) return flaw('claim-malformed')
  const { leafHash, index, size, proof, root } = claim
  if (!isCount(size) || size === 0) return flaw('size-invalid')
  if (!isCount(index) || index >= size) return flaw('index-out-of-range')
  if (!isHash(leafHash) || !isHash(root)) return flaw('hash-malformed')
  if (!Array.isArray(proof)) return flaw('proof-malformed')

  const climb = new Climb(index, size - 1)
  let hash = leafHash
  for (let step = 0; step < proof.length; step++) {
    const sibling: unknown = proof[step]
    if (climb.isAtRoot) return flaw('proof-too-long')
    if (!isHash(sibling)) return flaw('hash-malformed')
    hash = climb.isLeftSiblingNext ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    climb.up()
  }
  if (!climb.isAtRoot) return flaw('proof-too-short')
  return areEqual(hash, root) ? { ok: true } : flaw('root-mismatch')
}

/**
 * Checks a consistency claim. Total: any input gives a verdict, none throws.
 * A log of size 0 is a prefix of every log, so size1 = 0 holds for any root2 and proves nothing of it.
 */
export function verifyConsistency(claim: ConsistencyClaim): ProofVerdict {
  if (!isRecord(claim)) return flaw('claim-malformed')
  const { size1, size2, proof, root1, root2 } = claim
  if (!isCount(size1) || !isCount(size2) || size1 > size2) return flaw('size-invalid')
  if (!isHash(root1) || !isHash(root2)) return flaw('hash-malformed')
  if (!Array.isArray(proof)) return flaw('proof-malformed')

  if (size1 === 0 || size1 === size2) return verifyWithoutProof(claim)
  return verifyGrowth(claim)
}

/** Requires size1 = 0 or size1 = size2: there is nothing to prove, so a proof is surplus. */
function verifyWithoutProof({ size1, size2, proof, root1, root2 }: ConsistencyClaim): ProofVerdict {
  if (proof.length > 0) return flaw('proof-too-long')
  if (size1 === 0 && !areEqual(root1, emptyRoot())) return flaw('root1-mismatch')
  if (size1 === size2 && !areEqual(root1, root2)) return flaw('root2-mismatch')
  return { ok: true }
}

/** Requires 0 < size1 < size2. Rebuilds both roots from the one proof, on the climb of leaf size1 - 1. */
function verifyGrowth({ size1, size2, proof, root1, root2 }: ConsistencyClaim): ProofVerdict {
  const climb = new Climb(size1 - 1, size2 - 1)
  // What the old tree closes below this node has the same hash in both trees and is not in the proof.
  climb.skipRightTurns()
  // Climbed to the left edge, that node is the whole old tree: its root is known, so the proof omits it.
  const isWholeOldTree = climb.isOnLeftEdge
  const first: unknown = isWholeOldTree ? root1 : proof[0]
  if (proof.length === 0) return flaw('proof-too-short')
  if (!isHash(first)) return flaw('hash-malformed')

  let hash1 = first
  let hash2 = first
  for (let step = isWholeOldTree ? 0 : 1; step < proof.length; step++) {
    const sibling: unknown = proof[step]
    if (climb.isAtRoot) return flaw('proof-too-long')
    if (!isHash(sibling)) return flaw('hash-malformed')
    if (climb.isLeftSiblingNext) {
      hash1 = nodeHash(sibling, hash1)
      hash2 = nodeHash(sibling, hash2)
    } else {
      hash2 = nodeHash(hash2, sibling)
    }
    climb.up()
  }
  if (!climb.isAtRoot) return flaw('proof-too-short')
  if (!areEqual(hash1, root1)) return flaw('root1-mismatch')
  return areEqual(hash2, root2) ? { ok: true } : flaw('root2-mismatch')
}

/**
 * The way from a leaf up to the root: `fn` and `sn` of RFC 9162, the positions of the current node and
 * of the last node on its level. Division instead of >>, which would cut positions to 32 bits.
 */
class Climb {
  #node: number
  #last: number

  constructor(node: number, last: number) {
    this.#node = node
    this.#last = last
  }

  get isAtRoot(): boolean {
    return this.#last === 0
  }

  get isOnLeftEdge(): boolean {
    return this.#node === 0
  }

  /** A right child has its sibling on the left; so has the last node, once raised to be one. */
  get isLeftSiblingNext(): boolean {
    return isOdd(this.#node) || this.#node === this.#last
  }

  up(): void {
    // The last node of a level, when it is a left child, has no sibling: it rises as it is until it
    // is a right child.
    if (this.#node === this.#last) while (!isOdd(this.#node) && this.#node > 0) this.#halve()
    this.#halve()
  }

  skipRightTurns(): void {
    while (isOdd(this.#node)) this.#halve()
  }

  #halve(): void {
    this.#node = Math.floor(this.#node / 2)
    this.#last = Math.floor(this.#last / 2)
  }
}

/** MTH(leaves[start, end)) of RFC 6962 §2.1. Requires start < end. */
function subtreeRoot(leaves: readonly Uint8Array[], start: number, end: number): Uint8Array {
  if (end - start === 1) {
    const leaf = leaves[start]
    if (!isHash(leaf)) throw new RangeError(`leaf ${start} is not a hash of 32 bytes`)
    return leaf
  }
  const middle = start + splitOf(end - start)
  return nodeHash(subtreeRoot(leaves, start, middle), subtreeRoot(leaves, middle, end))
}

/** The largest power of two below `count`. Requires 2 <= count < 2^32, as every array length is. */
function splitOf(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1))
}

function assertCount(name: string, value: number, valueMin: number, valueMax: number): void {
  if (Number.isSafeInteger(value) && value >= valueMin && value <= valueMax) return
  throw new RangeError(`${name} is ${value}, want an integer in [${valueMin}, ${valueMax}]`)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isOdd(value: number): boolean {
  return value % 2 === 1
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function flaw(why: ProofFlaw): ProofVerdict {
  return { ok: false, why }
}
