/** Everything that goes to disk together: what it writes, who waits for it, who did not wait. */
import type { Target } from './apply'
import type { Batch, PlainWrite } from './batch'
import type { Realm } from './realm'

/** Who waits until it is on disk, and what is to be answered then. */
export interface Caller {
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: Error) => void
  readonly value: unknown
}

export class Group {
  readonly callers: Caller[] = []
  /** Events whose message went ahead. */
  readonly ahead: string[] = []
  readonly writes: PlainWrite[] = []
  readonly #targets = new Map<Realm, Target>()

  constructor(readonly id: number) {}

  get isEmpty(): boolean {
    return this.#targets.size === 0 && this.writes.length === 0
  }

  get targets(): ReadonlyMap<Realm, Target> {
    return this.#targets
  }

  /** What the group brings to the realm. */
  target(realm: Realm): Target {
    let target = this.#targets.get(realm)
    if (target === undefined) {
      target = realm.target(this.id)
      this.#targets.set(realm, target)
    }
    return target
  }

  batch(epoch: number): Batch {
    return {
      id: this.id,
      epoch,
      parts: [...this.#targets.values()].map(({ realm, out }) => ({
        realm,
        statements: out.flat(),
        audit: out.audit,
      })),
      writes: this.writes,
    }
  }
}
