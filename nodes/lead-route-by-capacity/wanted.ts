/**
 * The reps for whom some lead waits: whoever else has room, nobody who waits would get. One too many
 * costs a pass in vain; so a lead that was placed meanwhile takes nobody off, until all are tried anew.
 */
import type { Lead } from '../../engine/lead/lead'
import type { Policy } from '../../engine/policy/policy'

export class Wanted {
  readonly #reps = new Set<string>()

  get reps(): ReadonlySet<string> {
    return this.#reps
  }

  /** A lead that was routed, and waits. */
  add({ assignment }: Lead, { ref, reps }: Policy): void {
    // What stands with the lead may be from before the policy was changed, and the same in words.
    const asked =
      assignment?.policy.hash === ref.hash
        ? assignment.candidates.flatMap((told) => told.reps)
        : reps.keys()
    for (const repId of asked) this.#reps.add(repId)
  }

  /** Before all are tried. */
  clear(): void {
    this.#reps.clear()
  }
}
