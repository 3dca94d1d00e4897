/** How a source's records become leads. Data Engineering owns this part. */

/** One row of the mapping: a field of the lead from a place in the record, or a constant. */
export interface FieldMapping {
  /** e.g. `contact.email` or `attributes.plan`. */
  readonly to: string
  /** Where in the record; several places separated by `|`, the first that has a value counts. */
  readonly from?: string
  /** The same for every record; used instead of `from`. */
  readonly value?: string
}

/** A signal that a record stands for. */
export interface SignalMapping {
  readonly type: string
  /** The signal exists when this place holds something other than nothing, false, no or 0. */
  readonly when?: string
  /** … and, when given, only when it holds one of these (compared without case). */
  readonly equals?: readonly string[]
  /** Details of the signal: name → place in the record. */
  readonly details?: Readonly<Record<string, string>>
}

export interface IntakeSettings {
  /** Name of the source system. */
  readonly system: string
  readonly mapping: readonly FieldMapping[]
  readonly signals: readonly SignalMapping[]
  /** Where the record holds the event's own id; without one the content identifies it. */
  readonly eventIdFrom?: string
  /** Words by which the source says "nothing", lower case: a list's `Select`, `-none-`, `n/a`. */
  readonly missing?: ReadonlySet<string>
  /** Read fields by their usual names (email, first_name, utm_campaign …) when not mapped. */
  readonly guessNames: boolean
  /** Country of national phone numbers without any other hint, ISO 3166-1 alpha-2. */
  readonly country?: string
  /** Fields without which a record is rejected, beside the need for one identity. */
  readonly required: readonly string[]
  /** Goes into the ids of leads: without it they can be found out by who knows what was sent. */
  readonly idSecret?: string
  /** What to do with a value that cannot be used: leave it out and go on, or reject the record. */
  readonly onInvalid: 'set-aside' | 'reject'
}

/** Largest record that is read, in characters of its JSON. */
export const RECORD_CHARS_MAX = 1_000_000
