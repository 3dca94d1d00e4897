/** The messages that lead-ingest makes of one: itself, or one for each record of a list. */
import type { Problem } from '../../engine/lead/lead'
import type { LeadMessage, Red } from '../shared/red'

/** What became of a list; `msg.intake` of its last message, which is sent when all others are on disk. */
export interface Intake {
  readonly records: number
  lead: number
  repeated: number
  readonly rejected: { readonly row?: number; readonly problems: readonly Problem[] }[]
}

export class Parts {
  readonly intake: Intake
  readonly #red: Red
  readonly #msg: LeadMessage
  /** Undefined for a single record, which stays the very message it came in. */
  readonly #id: string | undefined
  #index = 0

  constructor(red: Red, msg: LeadMessage, count: number, isList: boolean) {
    this.#red = red
    this.#msg = msg
    // Of a list that an earlier lead-ingest took.
    delete msg.intake
    this.#id = count === 1 && !isList ? undefined : red.util.generateId()
    this.intake = { records: count, lead: 0, repeated: 0, rejected: [] }
  }

  /**
   * The message of the next record, with `parts` for a join. Only the last carries `req` and `res`, so
   * that a request is answered once, and what became of all.
   */
  next(): LeadMessage {
    if (this.#id === undefined) return this.#msg
    const { req, res, ...rest } = this.#msg
    const { records: count } = this.intake
    const index = this.#index++
    const isLast = index === count - 1
    return {
      ...rest,
      _msgid: this.#red.util.generateId(),
      parts: { id: this.#id, index, count, type: 'array' },
      ...(isLast ? { intake: this.intake } : {}),
      ...(isLast && res !== undefined ? { req, res } : {}),
    }
  }
}
