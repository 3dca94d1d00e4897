/** Sales: closes leads a while after they were assigned, so that their reps have room again. */
import type { Client } from './client'
import { type OpenAssignment, openAssignments, type Witness } from './witness'

const LOOK_EVERY_MS = 300
const REPORTS_AT_ONCE = 24
const HOLD_MS_MIN = 1_000
const HOLD_MS_SPREAD = 5_000
/** One in so many is never closed. */
const KEPT_ONE_IN = 100

export class Desk {
  readonly #witness: Witness
  readonly #client: Client
  readonly #reported = new Set<string>()
  #working = true
  #work: Promise<void> | undefined

  constructor(witness: Witness, client: Client) {
    this.#witness = witness
    this.#client = client
  }

  start(): void {
    this.#work = this.#run()
  }

  /** Resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.#working = false
    await this.#work
  }

  async #run(): Promise<void> {
    while (this.#working) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
      // While the store is away there is nothing to be seen.
      const open = await openAssignments(this.#witness).catch(() => [])
      const ripe = open.filter((one) => this.#isRipe(one))
      const report = async () => {
        for (let one = ripe.pop(); one !== undefined; one = ripe.pop()) await this.#close(one)
      }
      await Promise.all(Array.from({ length: REPORTS_AT_ONCE }, report))
    }
  }

  #isRipe({ lead, cycle, openedMs }: OpenAssignment): boolean {
    if (this.#reported.has(`${lead}#${cycle}`)) return false
    const chance = Number.parseInt(lead.slice(-6), 16)
    if (chance % KEPT_ONE_IN === 0) return false
    return Date.now() - openedMs > HOLD_MS_MIN + (chance % HOLD_MS_SPREAD)
  }

  async #close({ lead, cycle }: OpenAssignment): Promise<void> {
    this.#reported.add(`${lead}#${cycle}`)
    await this.#client.insist('/outcome', {
      lead,
      outcome: { kind: 'closed', by: 'desk', id: `desk-${cycle}` },
    })
  }
}
