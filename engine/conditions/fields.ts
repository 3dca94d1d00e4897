/**
 * The fields that a set of compiled conditions reads, each once per evaluation.
 *
 * Rules share fields; reading each field once makes the trace cheap enough to be always on.
 */

import type { Input, Lead } from '../lead/lead'
import { pathReader } from '../lead/paths'

export class FieldTable {
  readonly #slots = new Map<string, number>()
  readonly #readers: ((source: unknown) => unknown)[] = []
  readonly #paths: string[] = []

  /** The slot of `path` in the inputs array; reserves one at first use. */
  slot(path: string): number {
    const existing = this.#slots.get(path)
    if (existing !== undefined) return existing
    const slot = this.#paths.length
    this.#slots.set(path, slot)
    this.#paths.push(path)
    this.#readers.push(pathReader(path))
    return slot
  }

  /** Reads every field of a lead, with the provenance of the values that have one. */
  readLead(lead: Lead): Input[] {
    const inputs = new Array<Input>(this.#paths.length)
    const { provenance } = lead
    for (let slot = 0; slot < inputs.length; slot++) {
      const path = this.#paths[slot]!
      const value = this.#readers[slot]!(lead) ?? null
      const entry = provenance[path]
      inputs[slot] =
        entry === undefined
          ? { path, value }
          : {
              path,
              value,
              source: entry.source,
              confidence: entry.confidence,
              observedAt: entry.observedAt,
            }
    }
    return inputs
  }

  /** Reads every field of something that carries no provenance, such as a signal. */
  readPlain(source: unknown): Input[] {
    return this.#paths.map((path, slot) => ({ path, value: this.#readers[slot]!(source) ?? null }))
  }
}
