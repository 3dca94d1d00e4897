/**
 * Whether a record is plain JSON data of a bounded size, told by looking and without writing it
 * down: nearly every record is, and its text is only needed where no id names the event.
 *
 * "No" is only a doubt. Who doubts writes the canonical JSON, which decides and names the culprit.
 */

/** A character may be escaped to six. */
const CHAR_CHARS_MAX = 6
/** As in -1.2345678901234567e-300. */
const NUMBER_CHARS_MAX = 25
/** Quotes, colon and comma of a member. */
const MEMBER_CHARS = 4
/** Deeper records are rare, and this ends the walk through one that holds itself. */
const DEPTH_MAX = 32
const DOUBT = -1

/** True only for data whose canonical JSON exists and has at most `charsMax` characters. */
export function isSurelyPlain(record: object, charsMax: number): boolean {
  return roomBehind(record, charsMax, 0) >= 0
}

/** How many characters of `room` are left behind a value's text; below 0 when in doubt. */
function roomBehind(value: unknown, room: number, depth: number): number {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? room - value.length * CHAR_CHARS_MAX - MEMBER_CHARS : DOUBT
    case 'number':
      return Number.isFinite(value) ? room - NUMBER_CHARS_MAX : DOUBT
    case 'boolean':
    case 'undefined':
      return room - MEMBER_CHARS - 1
    case 'object':
      return value === null ? room - MEMBER_CHARS : roomBehindContainer(value, room, depth + 1)
    default:
      return DOUBT
  }
}

function roomBehindContainer(container: object, room: number, depth: number): number {
  if (depth > DEPTH_MAX) return DOUBT
  let left = room - MEMBER_CHARS
  if (Array.isArray(container)) {
    for (let index = 0; index < container.length && left >= 0; index++)
      left = roomBehind(container[index], left, depth)
    return left
  }
  if (!isPlain(container)) return DOUBT
  for (const key in container) {
    left = roomBehind(key, left, depth)
    if (left >= 0) left = roomBehind((container as Record<string, unknown>)[key], left, depth)
    if (left < 0) return DOUBT
  }
  return left
}

/** As canonical JSON has it: no prototype, or one that ends the chain, of whatever context. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype === Object.prototype || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null
}
