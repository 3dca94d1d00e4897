/**
 * When a pass over the leads that wait is worth its time. One over very many takes seconds, nearly all
 * of them in vain: so who looks without a reason looks seldom, and who has one lets others have as
 * much time in between.
 */

/**
 * `room`: somebody may have room again. `all`: anything may be different, or a lead's time has come;
 * then each is tried, also where nobody has room, as the reason why it waits may be another.
 */
export type Pass = 'room' | 'all'

/** A look without a reason may take a part of the time as small as this. */
const LOOK_SHARE = 20
/** It comes so late at the latest where room becomes free all the time. */
const LOOK_MS = 60_000

interface Made {
  readonly beganMs: number
  readonly endedMs: number
}

const NEVER: Made = { beganMs: Number.NEGATIVE_INFINITY, endedMs: Number.NEGATIVE_INFINITY }

export class Pace {
  #news: Pass | undefined = 'all'
  #last = NEVER
  /** The last pass in which each was tried. */
  #lastOfAll = NEVER
  /** When to try again what could not be done is for the alarm to say, which waits longer each time. */
  #failed = false

  note(news: Pass): void {
    if (this.#news !== 'all') this.#news = news
  }

  /** When what was noted is worth a pass, epoch ms; undefined when nothing was. */
  get nextMs(): number | undefined {
    if (this.#news === undefined || this.#failed) return undefined
    return this.#last.endedMs + tookMs(this.#last)
  }

  /** `retryMs`: when the first that waits is worth a try because of time. Undefined: not now. */
  due(nowMs: number, retryMs = Number.POSITIVE_INFINITY): Pass | undefined {
    if (this.#news === 'all' && !this.#failed) return 'all'
    if (!hasRested(this.#last, 1, nowMs)) return undefined
    // What was due before all were tried, and is still, no pass can help.
    const isTime = this.#lastOfAll.beganMs < retryMs && retryMs <= nowMs
    if (isTime) return 'all'
    const lookMs = this.#news === undefined ? 0 : LOOK_MS
    return hasRested(this.#lastOfAll, LOOK_SHARE, nowMs, lookMs) ? 'all' : this.#news
  }

  /** Carries a pass out; one that fails is to be made again. */
  async make(pass: Pass, now: () => number, work: () => Promise<void>): Promise<void> {
    this.#news = undefined
    this.#failed = false
    const beganMs = now()
    try {
      await work()
    } catch (raw) {
      this.note(pass)
      this.#failed = true
      throw raw
    } finally {
      this.#last = { beganMs, endedMs: now() }
      if (pass === 'all') this.#lastOfAll = this.#last
    }
  }
}

function tookMs({ beganMs, endedMs }: Made): number {
  return Number.isFinite(beganMs) ? Math.abs(endedMs - beganMs) : 0
}

/** For as long as it took, or so many times. A clock that was put back keeps nobody waiting. */
function hasRested(made: Made, times: number, nowMs: number, leastMs = 0): boolean {
  return Math.abs(nowMs - made.endedMs) >= Math.max(leastMs, times * tookMs(made))
}
