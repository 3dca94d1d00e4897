/**
 * Writes a value as canonical JSON: one value, one text, so that its hash can be recomputed anywhere.
 *
 * Rule: RFC 8785 (JCS). Members sorted by UTF-16 code units, numbers as ECMAScript prints them, no
 * white space. What JSON cannot hold is refused rather than guessed at: NaN, bigint, functions,
 * class instances such as Date or Buffer, lone surrogates, cycles.
 * Does not hash (merkle/hash.ts), does not parse, does not call toJSON.
 */

/** Containers inside one another, the outermost counted as 1. Keeps the recursion off the stack limit. */
export const CANONICAL_DEPTH_MAX = 200

/**
 * The value has no canonical form. `path` is a JSON Pointer (RFC 6901) to the first culprit in
 * canonical order, so the same fault reads the same whatever the key order.
 * The message never quotes the value: it may be personal, and faults end up in log lines.
 */
export class CanonicalJsonError extends TypeError {
  override readonly name = 'CanonicalJsonError'
  readonly because: string
  readonly path: string

  constructor(because: string, path: string) {
    super(`no canonical JSON for ${path === '' ? 'the value' : path}: ${because}`)
    this.because = because
    this.path = path
  }
}

/**
 * The canonical JSON text of `value`; throws CanonicalJsonError when it has none.
 *
 * As in JSON.stringify, a member that is undefined is left out and an array slot that is undefined
 * or a hole becomes null, so a value and its JSON round trip have the same text. Unlike there, a
 * function or a symbol is refused: dropping it in silence would let two records share one hash.
 * An object shared by two members is written twice; only a true cycle is refused.
 */
export function canonicalJson(value: unknown): string {
  return write(value, [])
}

/** `above` holds the containers around the value: its length is the depth, its members the cycles. */
function write(value: unknown, above: object[]): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      // RFC 8785 §3.2.2.3 is Number::toString of ECMAScript, which also turns -0 into "0".
      return Number.isFinite(value) ? `${value}` : refuse('NaN and Infinity are not JSON numbers')
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : writeContainer(value, above)
    default:
      return refuse(`${typeof value} is not a JSON type`)
  }
}

function writeContainer(container: object, above: object[]): string {
  if (above.length === CANONICAL_DEPTH_MAX) refuse(`nested deeper than ${CANONICAL_DEPTH_MAX}`)
  // A plain scan: records nest three or four deep, where a Set would cost more than it saves.
  if (above.includes(container)) refuse('the object contains itself')
  above.push(container)
  const text = Array.isArray(container)
    ? writeArray(container, above)
    : writeObject(container, above)
  above.pop()
  return text
}

function writeArray(items: readonly unknown[], above: object[]): string {
  let text = ''
  let index = 0
  try {
    for (; index < items.length; index++) {
      const item = items[index]
      text += `${index === 0 ? '' : ','}${item === undefined ? 'null' : write(item, above)}`
    }
  } catch (raw) {
    throw under(`${index}`, raw)
  }
  return `[${text}]`
}

function writeObject(object: object, above: object[]): string {
  assertPlain(object)
  const keys = sortedKeys(object)
  let text = ''
  let index = 0
  try {
    for (; index < keys.length; index++) {
      const key = keys[index]!
      const member = (object as Record<string, unknown>)[key]
      if (member === undefined) continue
      text += `${text === '' ? '' : ','}${quote(key)}:${write(member, above)}`
    }
  } catch (raw) {
    throw under(keys[index]!, raw)
  }
  return `{${text}}`
}

/**
 * A Date or a Map would come out as {} and lose its content in silence. "Plain" is: no prototype, or
 * one that ends the chain. Comparing with Object.prototype would refuse every object made in a
 * Node-RED function node, which runs in a vm context with an Object of its own.
 */
function assertPlain(object: object): void {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype === Object.prototype || prototype === null) return
  if (Object.getPrototypeOf(prototype) === null) return
  refuse('an instance of a class (Date, Map, Buffer, ...) is not a plain object')
}

/** Above this many keys the quadratic insertion sort loses to the built-in one. */
const INSERTION_SORT_KEYS_MAX = 24

/** Sorted by UTF-16 code units: that is what `>` and the default sort compare, and localeCompare not. */
function sortedKeys(object: object): string[] {
  const keys = Object.keys(object)
  if (keys.length > INSERTION_SORT_KEYS_MAX) return keys.sort()
  // Records have few keys, often in order already: by hand this doubles the speed of small objects.
  for (let next = 1; next < keys.length; next++) {
    const key = keys[next]!
    let slot = next
    for (; slot > 0 && keys[slot - 1]! > key; slot--) keys[slot] = keys[slot - 1]!
    keys[slot] = key
  }
  return keys
}

/** With the u flag a proper pair is one code point, so only a surrogate without its partner matches. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** Most strings need nothing but quotes; looking first is cheaper than a JSON.stringify for each. */
function quote(text: string): string {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff)) {
      return quoteWithCare(text)
    }
  }
  return `"${text}"`
}

/** JSON.stringify escapes exactly as RFC 8785 §3.2.2.2 asks, but for the surrogates refused here. */
function quoteWithCare(text: string): string {
  if (LONE_SURROGATE.test(text)) refuse('a lone surrogate is not Unicode text')
  return JSON.stringify(text)
}

function refuse(because: string): never {
  throw new CanonicalJsonError(because, '')
}

/** Builds the path while the refusal travels up: a value without fault pays nothing for it. */
function under(key: string, raw: unknown): unknown {
  if (!(raw instanceof CanonicalJsonError)) return raw
  const token = key.replaceAll('~', '~0').replaceAll('/', '~1')
  return new CanonicalJsonError(raw.because, `/${token}${raw.path}`)
}
