/**
 * Can this rep still meet the lead's deadline? Only if enough of the rep's own hours lie before it.
 *
 * The deadline is when the tier's budget is used up on its clock. A rep can meet it when at least
 * `handle` (the time that a first response takes) of the rep's hours are left until then, or all of
 * the time that is left when that is less. Past the deadline nobody can.
 */
import { ALWAYS, type Calendar, due, elapsed, type Pause } from '../calendar'
import type { Rep } from '../policy/policy'

export interface Budget {
  /** From when the budget counts, epoch ms. */
  readonly startMs: number
  readonly respondMs: number
  readonly handleMs: number
  /** On which the budget counts; absent: on the hours of the rep. */
  readonly clock?: Calendar | undefined
}

export class Deadline {
  /** Absent: each rep's hours have a deadline of their own. */
  readonly #common: { readonly dueMs: number | undefined } | undefined

  constructor(
    readonly budget: Budget,
    readonly nowMs: number,
  ) {
    const { clock, startMs, respondMs } = budget
    if (clock !== undefined) this.#common = { dueMs: due(clock, startMs, respondMs) }
  }

  /** Whether a rep who is there in all of these hours can meet it. */
  isMetOn(shift: Calendar = ALWAYS): boolean {
    return this.#isMet(shift, [])
  }

  /** Requires a rep who may take the lead now. `shift`: the hours that count. */
  isMetBy({ away }: Rep, shift: Calendar = ALWAYS): boolean {
    return this.#isMet(
      shift,
      away.map(({ fromMs, toMs }) => ({ startMs: fromMs, endMs: toMs })),
    )
  }

  #isMet(shift: Calendar, pauses: readonly Pause[]): boolean {
    const { startMs, respondMs } = this.budget
    const { dueMs } = this.#common ?? { dueMs: due(shift, startMs, respondMs) }
    // A clock that never gets there leaves everybody time.
    if (dueMs === undefined) return true
    const leftMs = dueMs - this.nowMs
    if (leftMs <= 0) return false
    const openMs = elapsed(shift, this.nowMs, dueMs, pauses)
    return openMs >= Math.min(this.budget.handleMs, leftMs)
  }
}
