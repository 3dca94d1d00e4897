/** What the sources send, and what fate has in store: all of it follows from the seed. */
import { Random } from '../lib/random'

export interface Event {
  readonly id: string
  readonly email: string
  readonly record: object
  /** The source sends it once more though it was answered. */
  readonly twice: boolean
}

const AGAIN_SHARE = 0.05
const KNOWN_SHARE = 0.08
const KNOWN_WITHIN = 400
const TRIGGERS = ['live_demo', 'demo_request', 'demo_request', 'webinar', 'webinar'] as const

export function eventsOf(seed: number, count: number): Event[] {
  const random = new Random(seed)
  const events: Event[] = []
  for (let index = 0; index < count; index++) {
    // Somebody who has written lately, perhaps a moment ago.
    const person =
      index > 0 && random.chance(KNOWN_SHARE)
        ? random.between(Math.max(0, index - KNOWN_WITHIN), index - 1)
        : index
    const email = `person.${person}@company-${person % 977}.example`
    const trigger = random.pick(TRIGGERS)
    const id = `${seed}-${index}`
    events.push({
      id,
      email,
      twice: random.chance(AGAIN_SHARE),
      record: {
        id,
        email,
        name: `Kim Person ${person}`,
        company: `Company ${person % 977} GmbH`,
        employees: random.chance(0.9) ? 250 : 10,
        trigger,
        signals: [{ id, type: trigger }],
      },
    })
  }
  return events
}

/** Something that happens when so many events have been answered, and a moment after that. */
export interface Blow {
  readonly kind: 'kill' | 'restart-database'
  readonly afterAnswers: number
  readonly delayMs: number
  /** Which worker, of those that run then. */
  readonly victim: number
}

const DELAY_MS_MAX = 1_000
const MARGIN = 0.02

/** In the order in which they happen, all while there is load. */
export function blowsOf(
  seed: number,
  { leads, kills, restarts }: { leads: number; kills: number; restarts: number },
): Blow[] {
  const random = new Random(seed ^ 0x5bd1e995)
  const one = (kind: Blow['kind']): Blow => ({
    kind,
    afterAnswers: Math.floor(leads * (MARGIN + random.next() * (1 - 2 * MARGIN))),
    delayMs: random.between(0, DELAY_MS_MAX),
    victim: random.between(0, 1_000),
  })
  return [
    ...Array.from({ length: kills }, () => one('kill')),
    ...Array.from({ length: restarts }, () => one('restart-database')),
  ].sort((a, b) => a.afterAnswers - b.afterAnswers)
}
