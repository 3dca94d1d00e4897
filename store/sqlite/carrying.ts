/** Who carries what among the stores of one realm and file: in memory, as only they could. */
import type { Change } from '../../engine/decision'
import type { TakeUp } from '../store'
import type { Realm } from './realm'

export class Carrying {
  /** Events on their way, by key. */
  readonly #underway = new Map<string, { readonly carrier: object; readonly sinceMs: number }>()
  /** Events that a fault cut off, and from when on they may be taken up again, epoch ms. */
  readonly #resting = new Map<string, number>()
  /** Events whose attempts are counted on disk, as far as this process knows. */
  readonly attempted = new Set<string>()
  readonly timers = new Map<string, object>()
  readonly waiting = new Map<string, object>()
  /** Timers that fired here and whose message is not known to be sent. */
  readonly outbox = new Map<string, object>()

  /** An event is accepted, sent on again, or done; a timer has fired. */
  note(changes: readonly Change[], carrier: object, nowMs: number): void {
    for (const change of changes) {
      if (change.kind === 'intake.accept' || change.kind === 'intake.again')
        this.take(change.key, carrier, nowMs)
      else if (change.kind === 'intake.done') {
        this.#underway.delete(change.key)
        this.#resting.delete(change.key)
      } else if (change.kind === 'timer.fired') {
        this.timers.delete(change.timerId)
        if (change.tells) this.outbox.set(change.timerId, carrier)
      }
    }
  }

  take(event: string, carrier: object, nowMs: number): void {
    this.#underway.set(event, { carrier, sinceMs: nowMs })
    this.#resting.delete(event)
  }

  drop(event: string, carrier: object): void {
    if (this.carries(event, carrier)) this.#underway.delete(event)
  }

  carries(event: string, carrier: object): boolean {
    return this.#underway.get(event)?.carrier === carrier
  }

  rest(event: string, untilMs: number): void {
    this.#underway.delete(event)
    this.#resting.set(event, untilMs)
    this.attempted.add(event)
  }

  mayTake(event: string, carrier: object, { nowMs, carriedBeforeMs }: TakeUp): boolean {
    const carried = this.#underway.get(event)
    if (carried === undefined) return (this.#resting.get(event) ?? 0) <= nowMs
    const since = carriedBeforeMs ?? Number.NEGATIVE_INFINITY
    return carried.carrier === carrier && carried.sinceMs < since
  }

  leave(carrier: object): void {
    for (const [event, carried] of this.#underway)
      if (carried.carrier === carrier) this.#underway.delete(event)
    for (const claims of [this.timers, this.waiting, this.outbox])
      for (const [id, one] of claims) if (one === carrier) claims.delete(id)
  }
}

const carryings = new WeakMap<Realm, Carrying>()

export function carryingOf(realm: Realm): Carrying {
  let carrying = carryings.get(realm)
  if (carrying === undefined) {
    carrying = new Carrying()
    carryings.set(realm, carrying)
  }
  return carrying
}
