/**
 * The hashes of the audit log's Merkle tree: leaf, inner node, empty tree.
 *
 * Rule: RFC 6962 §2.1 over SHA-256. A leaf is hashed behind the byte 0x00, an inner node behind 0x01,
 * so no leaf can be passed off as a node. Also sha256Hex, for digests outside the tree.
 * Does not know the shape of a tree (compact-range.ts, proof.ts), does not salt what it hashes.
 */
import { hash } from 'node:crypto'

export const HASH_BYTES = 32

const LEAF_PREFIX = Buffer.of(0x00)

/** 0x01, left, right. One buffer for all calls: nothing here awaits between filling and hashing. */
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, 0x01)

/** True for 32 bytes, whatever the value is. */
export function isHash(value: unknown): value is Uint8Array {
  // isView looks at the object itself, so a forged prototype cannot make byteLength throw.
  return ArrayBuffer.isView(value) && value instanceof Uint8Array && value.byteLength === HASH_BYTES
}

/** The root of a tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Buffer {
  return sha256('')
}

/**
 * SHA-256(0x00 || data); a string counts as its UTF-8 bytes.
 * Requires a string without lone surrogates (canonicalJson writes none): UTF-8 has no bytes for them,
 * and two such strings could share a hash.
 */
export function leafHash(data: string | Uint8Array): Buffer {
  return sha256(typeof data === 'string' ? `\0${data}` : Buffer.concat([LEAF_PREFIX, data]))
}

/** SHA-256(0x01 || left || right). Throws RangeError unless both are 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (!isHash(left) || !isHash(right)) {
    throw new RangeError(`nodeHash wants two hashes of ${HASH_BYTES} bytes`)
  }
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + HASH_BYTES)
  return sha256(nodeInput)
}

/** SHA-256 as 64 lower-case hex digits; a string counts as its UTF-8 bytes. No tree prefix. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

/**
 * Through a Latin-1 string, not 'buffer': a digest as a Buffer gets backing memory of its own, which
 * made a leaf hash 2.5 times slower (0.63 against 1.6 million a second); this one comes from the pool.
 */
function sha256(data: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', data, 'binary'), 'latin1')
}
