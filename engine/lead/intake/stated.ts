/** What a record states, by field of the lead, in the order in which it was stated. */
import type { Field } from './fields'
import { everythingSaid, said } from './named-values'
import { isMissing, isNothing, type MissingWords, type RawRecord } from './record'

/**
 * The first who states a field wins. What somebody says about consent is kept beside what was said
 * before, so that no refusal is lost: such a field stands here several times.
 */
export class StatedFields {
  readonly fields: Field[] = []
  readonly values: unknown[] = []
  /** Where inside of the record, where it is not at its top. */
  readonly places: (string | undefined)[] = []
  /** A record in the lead's own shape that stands inside of this one. */
  shape: RawRecord | undefined
  readonly #missing: MissingWords

  constructor(missing: MissingWords) {
    this.#missing = missing
  }

  state(field: Field, value: unknown, place?: string): void {
    if (!field.everySaid) this.#add(field, said(value), place)
    else for (const one of everythingSaid(value)) this.#add(field, one, place)
  }

  #add(field: Field, value: unknown, place: string | undefined): void {
    if (this.says(value) && !this.isSaid(field, value)) {
      this.fields.push(field)
      this.values.push(value)
      this.places.push(place)
    }
  }

  says(value: unknown): boolean {
    return !isNothing(value) && !isMissing(value, this.#missing)
  }

  /** Whether it is stated already, so that to state it again says nothing. */
  isSaid(field: Field, value: unknown): boolean {
    if (!field.everySaid) return this.fields.includes(field)
    return this.fields.some((one, index) => one === field && Object.is(this.values[index], value))
  }

  /** The first statement; undefined when there is none. */
  at(field: Field): unknown {
    const index = this.fields.indexOf(field)
    return index === -1 ? undefined : this.values[index]
  }

  /** Where inside of the record this value of a field was stated. */
  placeOf(path: string, value: unknown): string | undefined {
    const index = this.fields.findIndex(
      (field, at) => field.path === path && Object.is(this.values[at], value),
    )
    return this.places[index]
  }
}
