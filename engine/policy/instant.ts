/** An instant as a policy writes it: a date (its UTC midnight) or ISO 8601; without an offset it is UTC. */
import { normaliseTimestamp } from '../lead/normalise'

/** Epoch ms, or undefined when `text` is not an instant with one meaning. */
export function instantMs(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const instant = normaliseTimestamp(text)
  return instant.ok ? Date.parse(instant.value) : undefined
}
