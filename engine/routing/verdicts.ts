/**
 * Why the lead did not go to me: for every candidate the first gate that failed, or the rank.
 *
 * Reps who are told the same stand together, so that an assignment from a pool of hundreds stays a
 * few kilobytes. Ranked ones stand in their order: the place in the group gives the rank.
 */
import type { Assignment } from '../lead/lead'
import { type Asked, FINAL_GATES, GATES, type Gate, gateSubject, gateWords } from './eligibility'

export type Candidates = Assignment['candidates']
export type Verdict = Candidates[number]

/** What one rep is told, in words; undefined when the rep was no candidate. */
export function verdictOf(candidates: Candidates, repId: string): string | undefined {
  for (const group of candidates) {
    const place = repsOf(group).indexOf(repId)
    if (place >= 0) return place === 0 ? groupWords(group, 1) : rankWords(group, place)
  }
  return undefined
}

/** Each group in words, the chosen one left out: `not ben, kim: full: 5 of 5`. */
export function whyNot(candidates: Candidates): string[] {
  return candidates
    .filter(({ verdict }) => verdict !== CHOSEN)
    .map((group) => {
      const reps = repsOf(group)
      return `not ${reps.join(', ')}: ${groupWords(group, reps.length)}`
    })
}

/** The log keeps its entries for ever: in early ones each rep has a verdict alone, as `rep`. */
function repsOf(group: Verdict & { readonly rep?: string }): readonly string[] {
  return group.reps ?? [group.rep]
}

export const CHOSEN = 'chosen'

function groupWords(group: Verdict, count: number): string {
  if (count === 1 || group.rank === undefined) return rankWords(group, 0)
  return `ranked ${group.rank} to ${group.rank + count - 1} in this order: ${group.verdict}`
}

function rankWords({ rank, verdict }: Verdict, place: number): string {
  return rank === undefined ? verdict : `ranked ${rank + place}: ${verdict}`
}

interface Group {
  readonly verdict: string
  readonly rank?: number
  readonly reps: string[]
}

/** Collects the verdicts of one routing. */
export class Hearing {
  readonly #placed: Group[] = []
  /** Mostly nobody is held back. */
  #refused: Map<Gate, Map<unknown, Group>> | undefined
  /** Reps of the pools that were asked before; a rep is told once, however many pools ask. */
  #heard: Set<string> | undefined

  /** Another pool is asked. */
  nextPool(): void {
    if (this.#refused !== undefined)
      this.#heard = new Set(GATES.flatMap((gate) => this.#groups(gate).flatMap(({ reps }) => reps)))
  }

  /** Whether the rep was held back in a pool that was asked before. */
  heard(repId: string): boolean {
    return this.#heard?.has(repId) === true
  }

  /** A rep whom the gate held back joins those who are told the same. */
  refuse(gate: Gate, asked: Asked): void {
    if (!this.heard(asked.rep.id)) this.told(gate, asked).push(asked.rep.id)
  }

  /** Those who are told the same as this rep, as a list to add to. */
  told(gate: Gate, asked: Asked): string[] {
    this.#refused ??= new Map()
    let bySubject = this.#refused.get(gate)
    if (bySubject === undefined) {
      bySubject = new Map()
      this.#refused.set(gate, bySubject)
    }
    const subject = gateSubject(gate, asked)
    let group = bySubject.get(subject)
    if (group === undefined) {
      group = { verdict: gateWords(gate, asked), reps: [] }
      bySubject.set(subject, group)
    }
    return group.reps
  }

  /** Reps who could take the lead, in their order; they join those before when told the same. */
  place(verdict: string, reps: string[], rank?: number): void {
    const last = this.#placed.at(-1)
    if (last?.verdict === verdict && (last.rank === undefined) === (rank === undefined))
      for (const repId of reps) last.reps.push(repId)
    else if (rank === undefined) this.#placed.push({ verdict, reps })
    else this.#placed.push({ verdict, rank, reps })
  }

  /** How many were held back by each gate: `2 away, 3 full`. */
  summary(): string {
    return this.#gates()
      .map((gate) => {
        const count = this.#groups(gate).reduce((sum, { reps }) => sum + reps.length, 0)
        return `${count} ${GATE_LABELS[gate]}`
      })
      .join(', ')
  }

  /** Whether all were held back by what nothing but another policy changes, so that waiting helps nobody. */
  neverMay(): boolean {
    return this.#placed.length === 0 && this.#gates().every((gate) => FINAL_GATES.has(gate))
  }

  /** The placed first, then gate by gate. */
  candidates(): Candidates {
    const groups = this.#placed.slice()
    for (const gate of this.#gates())
      groups.push(...this.#groups(gate).filter(({ reps }) => reps.length > 0))
    return groups
  }

  #gates(): readonly Gate[] {
    const refused = this.#refused
    return refused === undefined ? [] : GATES.filter((gate) => refused.has(gate))
  }

  #groups(gate: Gate): Group[] {
    return [...(this.#refused?.get(gate)?.values() ?? [])]
  }
}

const GATE_LABELS: Readonly<Record<Gate, string>> = {
  paused: 'paused',
  excluded: 'excluded',
  passed: 'passed on it',
  skill: 'without the skill',
  offline: 'offline',
  away: 'away',
  shift: 'off shift',
  full: 'full',
  cap: 'at the cap',
}
