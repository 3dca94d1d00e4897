/**
 * What holds for the signals of a lead wherever they come together: which of them are one, and which
 * are kept when there are too many.
 *
 * A source numbers its signals by itself, so an id is unique only together with the system. Of too many
 * the most frequent type gives way first, so that page views push out neither a demo request nor an
 * unsubscribe that the contract still counts.
 */
import { sha256Hex } from '../audit/merkle/hash'
import { withdrawnBy } from './intake/consent'

/** Signals that a lead carries itself; older ones stay in the store. */
export const SIGNALS_MAX = 500
const ID_CHARS_MAX = 200

/** An id that is too long is named by its hash: it stays the same, and stays its own. */
export function bounded(id: string, charsMax: number = ID_CHARS_MAX): string {
  return id.length <= charsMax ? id : `#${sha256Hex(id).slice(0, 32)}`
}

/** The id of a signal that its source calls `id`: `crm/17`. Events have a colon behind the system. */
export function signalId(system: string | undefined, id: string): string {
  if (system === undefined || system === '') return id
  return bounded(`${system.replace(/[%/:]/g, (sign) => ESCAPED[sign]!)}/${id}`)
}

const ESCAPED: Readonly<Record<string, string>> = { '%': '%25', '/': '%2F', ':': '%3A' }

/**
 * Which of the signals, told by their types in the order of preference, are kept of each type: places
 * in that order, `max` at most. None gives way while another type has more left; of equals a refusal stays,
 * or else the one that is preferred.
 */
export function keepEveryType(types: readonly string[], max: number): ReadonlySet<number> {
  const counts = new Map<string, number>()
  const ranked = types.map((type, place) => {
    const before = counts.get(type) ?? 0
    counts.set(type, before + 1)
    return { place, before, refusal: withdrawnBy(type) === undefined ? 1 : 0 }
  })
  ranked.sort((a, b) => a.before - b.before || a.refusal - b.refusal || a.place - b.place)
  return new Set(ranked.slice(0, max).map(({ place }) => place))
}
