/**
 * What does not change about a pool from lead to lead, laid out flat: which members can be let
 * through without a closer look, on whose hours they work, who lacks which skill.
 *
 * Made once per compiled pool; nothing in it depends on a lead or a moment.
 */
import { type Calendar, isOpen } from '../calendar'
import type { Member, Pool } from '../policy/policy'
import { Table } from './fair-share'

const rosters = new WeakMap<Pool, Roster>()

export class Roster {
  readonly table: Table
  /** 1 for who is paused, has an absence to come or has a cap: to be asked gate by gate. */
  readonly special: Uint8Array
  /** The hours that count, each once; undefined is always on shift. */
  readonly shifts: readonly (Calendar | undefined)[]
  /** By member, the index into `shifts`. */
  readonly shiftOf: Int32Array
  readonly #lacking = new WeakMap<readonly string[], Uint8Array>()

  static of(pool: Pool): Roster {
    const known = rosters.get(pool)
    if (known !== undefined) return known
    const roster = new Roster(pool)
    rosters.set(pool, roster)
    return roster
  }

  private constructor({ members, calendar }: Pool) {
    this.table = new Table(members)
    this.special = Uint8Array.from(members, isSpecial)
    const hours = members.map(({ rep }) => calendar ?? rep.calendar)
    this.shifts = [...new Set(hours)]
    this.shiftOf = Int32Array.from(hours, (shift) => this.shifts.indexOf(shift))
  }

  /** By shift, whether it is closed at an instant. */
  closed(nowMs: number): boolean[] {
    return this.shifts.map((shift) => shift !== undefined && !isOpen(shift, nowMs))
  }

  /** By member, the first of the skills that is lacking, as its index + 1; 0 when none is. */
  lacking(skills: readonly string[]): Uint8Array {
    // A route asks with the same list every time.
    const known = this.#lacking.get(skills)
    if (known !== undefined) return known
    const members = this.table.members as readonly Member[]
    const lacking = Uint8Array.from(
      members,
      ({ rep }) => skills.findIndex((skill) => !rep.skills.has(skill)) + 1,
    )
    this.#lacking.set(skills, lacking)
    return lacking
  }
}

function isSpecial({ rep }: Member): number {
  return rep.paused || rep.away.length > 0 || rep.caps.length > 0 ? 1 : 0
}
