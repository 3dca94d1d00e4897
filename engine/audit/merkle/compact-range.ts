/**
 * The growing edge of the audit log's Merkle tree: enough to append leaves and to tell the root.
 *
 * Rule: a tree of n leaves (RFC 6962 §2.1) is a row of full subtrees, one per 1 bit of n, the largest
 * on the left. Only their roots are kept, at most 53, so an append costs about one node hash whatever
 * the size, and the state fits in one database row.
 * Does not keep leaves and proves nothing (proof.ts); does not store its state (the store does).
 */
import { emptyRoot, isHash, nodeHash } from './hash'

/** What to store between appends. Hashes are lower-case hex, the largest subtree first. */
export interface CompactRangeState {
  readonly size: number
  readonly hashes: readonly string[]
}

const HASH_HEX = /^[0-9a-f]{64}$/

export class CompactRange {
  #size: number
  readonly #subtreeRoots: Buffer[]

  private constructor(size: number, subtreeRoots: Buffer[]) {
    this.#size = size
    this.#subtreeRoots = subtreeRoots
  }

  /** The range of an empty log. */
  static create(): CompactRange {
    return new CompactRange(0, [])
  }

  /** Throws RangeError when the state was not written by toState: a damaged log must not grow. */
  static fromState(state: CompactRangeState): CompactRange {
    const { size, hashes } = state
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError(`compact range has size ${size}, want an integer >= 0`)
    }
    if (!Array.isArray(hashes) || hashes.length !== countOnes(size)) {
      throw new RangeError(`compact range of size ${size} wants ${countOnes(size)} hashes`)
    }
    if (!hashes.every((hex) => typeof hex === 'string' && HASH_HEX.test(hex))) {
      throw new RangeError('compact range wants hashes of 64 lower-case hex digits')
    }
    return new CompactRange(
      size,
      hashes.map((hex) => Buffer.from(hex, 'hex')),
    )
  }

  /** A snapshot; later appends do not change it, so a rolled back transaction goes back to it. */
  toState(): CompactRangeState {
    return { size: this.#size, hashes: this.#subtreeRoots.map((root) => root.toString('hex')) }
  }

  /** The number of leaves. */
  get size(): number {
    return this.#size
  }

  /**
   * Adds one leaf and returns its index. Requires the leaf *hash*, not the entry (see leafHash).
   * Throws RangeError, and changes nothing, when it is not 32 bytes or no index is left.
   */
  append(leafHash: Uint8Array): number {
    if (!isHash(leafHash)) throw new RangeError('append wants a leaf hash of 32 bytes')
    if (this.#size === Number.MAX_SAFE_INTEGER) throw new RangeError('the log is full')

    // A copy: the caller may reuse its buffer, and this hash may stay for long.
    let root: Buffer = Buffer.from(leafHash)
    // Adding 1 carries through the trailing 1 bits: each is a subtree just as large as the one in
    // hand, so the two join. Division, because >> would cut the size to 32 bits.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      root = nodeHash(this.#subtreeRoots.pop()!, root)
    }
    this.#subtreeRoots.push(root)
    return this.#size++
  }

  /** The Merkle tree hash of all leaves so far. */
  root(): Buffer {
    const [last, ...larger] = this.#subtreeRoots.toReversed()
    if (last === undefined) return emptyRoot()
    // RFC 6962 splits off the largest full subtree on the left, so the row folds from the right.
    return larger.reduce((right, left) => nodeHash(left, right), Buffer.from(last))
  }
}

function countOnes(size: number): number {
  let ones = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2
  return ones
}
