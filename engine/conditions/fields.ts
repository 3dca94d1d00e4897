/**
 * The fields that a set of compiled conditions reads, each once per evaluation.
 *
 * Rules share fields; reading each field once makes the trace cheap enough to be always on. Fields
 * are read section by section (`company`, then everything in it), as looking up a name in an object
 * that is different for every lead is most of the work.
 */

import type { Input, Lead } from '../lead/lead'
import { pathReader } from '../lead/paths'

interface Field {
  readonly slot: number
  readonly path: string
  /** The name in the section; empty when the section itself is the field. */
  readonly key: string
  /** For paths with more than two names: reads the rest of the path. */
  readonly deeper: ((value: unknown) => unknown) | undefined
}

interface Section {
  readonly name: string
  readonly fields: Field[]
}

type Bag = Readonly<Record<string, unknown>>

export class FieldTable {
  readonly #slots = new Map<string, number>()
  readonly #sections: Section[] = []

  /** The slot of `path` in the inputs array; reserves one at first use. */
  slot(path: string): number {
    const existing = this.#slots.get(path)
    if (existing !== undefined) return existing
    const slot = this.#slots.size
    this.#slots.set(path, slot)
    const [name, key = '', ...rest] = path.split('.') as [string, ...string[]]
    const deeper = rest.length === 0 ? undefined : pathReader(rest.join('.'))
    this.#section(name).fields.push({ slot, path, key, deeper })
    return slot
  }

  #section(name: string): Section {
    const existing = this.#sections.find((section) => section.name === name)
    if (existing !== undefined) return existing
    const section = { name, fields: [] }
    this.#sections.push(section)
    return section
  }

  /** Reads every field of a lead, with the provenance of the values that have one. */
  readLead(lead: Lead): Input[] {
    const inputs = this.readPlain(lead)
    const { provenance } = lead
    for (const path in provenance) {
      const slot = this.#slots.get(path)
      if (slot === undefined) continue
      const { value } = inputs[slot]!
      const { source, confidence, observedAt } = provenance[path]!
      inputs[slot] = { path, value, source, confidence, observedAt }
    }
    return inputs
  }

  /** Reads every field of something that carries no provenance, such as a signal. */
  readPlain(source: unknown): Input[] {
    const inputs = new Array<Input>(this.#slots.size)
    for (const { name, fields } of this.#sections) {
      const section = (source as Bag | null | undefined)?.[name]
      for (const { slot, path, key, deeper } of fields) {
        const value = key === '' ? section : (section as Bag | null | undefined)?.[key]
        inputs[slot] = { path, value: (deeper === undefined ? value : deeper(value)) ?? null }
      }
    }
    return inputs
  }
}
