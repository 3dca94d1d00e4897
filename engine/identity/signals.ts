/** The signals of one person, united from what is known and what a new event brings. */
import type { Lead, Signal } from '../lead/lead'
import { keepEveryType, SIGNALS_MAX, signalId } from '../lead/signals'

/**
 * The signals of an event, under the ids by which the lead has them already: it may have got them from
 * a flow that knows no system, or before ids named theirs, and then one sent again must not count twice.
 */
export function underKnownIds(
  known: readonly Signal[],
  { signals, source }: Pick<Lead, 'signals' | 'source'>,
): Signal[] {
  const { system } = source
  const taken = new Set(signals.map(({ id }) => id))
  const byId = new Map(known.map((one) => [signalId(system, one.id), one]))
  return signals.map((signal) => {
    const same = byId.get(signal.id)
    return same?.type === signal.type && !taken.has(same.id) ? { ...signal, id: same.id } : signal
  })
}

/** Each id once, oldest first; of too many, the latest of every type (../lead/signals). */
export function mergeSignals(ours: readonly Signal[], theirs: readonly Signal[]): Signal[] {
  const byId = new Map([...ours, ...theirs].map((signal) => [signal.id, signal]))
  const latestFirst = [...byId.values()].sort((a, b) =>
    a.at > b.at ? -1 : a.at < b.at ? 1 : a.id > b.id ? -1 : 1,
  )
  if (latestFirst.length <= SIGNALS_MAX) return latestFirst.reverse()
  const types = latestFirst.map(({ type }) => type)
  const kept = keepEveryType(types, SIGNALS_MAX)
  return latestFirst.filter((_, place) => kept.has(place)).reverse()
}
