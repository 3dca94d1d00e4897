/**
 * Replays the audit log of a run, entry by entry: who had how much at any moment, which timers fired,
 * where each lead must stand if every change has its entry.
 */
import type { PrivateEntry, PublicEntry } from '../../engine/audit/entry'
import type { CompactRange } from '../../engine/audit/merkle/compact-range'
import { type AuditRow, Verification } from '../../store/audit-row'

/** The sections that say where a lead stands, as JSON; undefined when no entry has set it. */
const SECTIONS = ['cycle', 'assignment', 'sla'] as const
export type Section = (typeof SECTIONS)[number]
export type Stand = Readonly<Partial<Record<Section, string>>>

interface Open {
  readonly rep: string
  readonly units: number
}

export interface Firing {
  readonly outcome: string
  readonly atMs: number
  /** When its clock was last set, epoch ms: a lead that has waited for a rep may be overdue by then. */
  readonly setMs: number
  count: number
}

export class Trail {
  /** How often each event was taken in. */
  readonly ingests = new Map<string, number>()
  /** How often each `lead#cycle` was assigned. */
  readonly opened = new Map<string, number>()
  readonly closed = new Map<string, number>()
  readonly firings = new Map<string, Firing>()
  readonly stands = new Map<string, Stand>()
  /** Leads with an entry besides that of their event. */
  readonly moved = new Set<string>()
  overCapacity = 0
  /** Assignments of a lead that somebody else had at that moment. */
  doubleAssigned = 0
  entries = 0
  readonly #open = new Map<string, Open & { key: string }>()
  readonly #loads = new Map<string, number>()
  readonly #setMs = new Map<string, number>()
  readonly #verification = new Verification(undefined)
  readonly #capacities: ReadonlyMap<string, number>

  constructor(capacities: ReadonlyMap<string, number>) {
    this.#capacities = capacities
  }

  take(row: AuditRow): void {
    this.#verification.take(row)
    this.entries += 1
    const entry = JSON.parse(row.body) as PublicEntry
    const detail = JSON.parse(row.payload!) as PrivateEntry
    if (entry.step === 'ingest') {
      const event = detail.because[0]!.inputs.find(({ path }) => path === 'event.id')
      count(this.ingests, String(event?.value))
    } else this.moved.add(entry.lead)
    this.#stand(entry.lead, detail.patch)
    for (const change of entry.changes) {
      if (change === 'assignment.close') this.#close(entry.lead)
      if (change === 'assignment.open') this.#assign(entry.lead, detail.patch)
      if (change === 'timer.set') this.#setMs.set(entry.lead, Date.parse(entry.at))
    }
    if (entry.step === 'sla-fire') this.#fire(row.key ?? '', entry)
  }

  /** What does not hold of the log itself. */
  faults(stored: CompactRange, unplaced: number): readonly string[] {
    return this.#verification.report(stored, unplaced > 0).faults
  }

  #stand(lead: string, patch: PrivateEntry['patch']): void {
    const changed = SECTIONS.filter((section) => section in patch)
    if (changed.length === 0) return
    const stand: Partial<Record<Section, string>> = { ...this.stands.get(lead) }
    for (const section of changed) {
      const value = patch[section]
      if (value === undefined || value === null) delete stand[section]
      else stand[section] = JSON.stringify(value)
    }
    this.stands.set(lead, stand)
  }

  #close(lead: string): void {
    const open = this.#open.get(lead)
    if (open === undefined) return
    this.#open.delete(lead)
    this.#loads.set(open.rep, this.#loads.get(open.rep)! - open.units)
    count(this.closed, open.key)
  }

  #assign(lead: string, { assignment }: PrivateEntry['patch']): void {
    const { rep, units, cycle } = assignment!
    const key = `${lead}#${cycle}`
    count(this.opened, key)
    if (this.#open.has(lead)) this.doubleAssigned += 1
    this.#open.set(lead, { rep: rep!.id, units, key })
    const load = (this.#loads.get(rep!.id) ?? 0) + units
    this.#loads.set(rep!.id, load)
    if (load > (this.#capacities.get(rep!.id) ?? 0)) this.overCapacity += 1
  }

  #fire(timer: string, { lead, outcome, at }: PublicEntry): void {
    const before = this.firings.get(timer)
    if (before !== undefined) {
      before.count += 1
      return
    }
    const setMs = this.#setMs.get(lead) ?? 0
    this.firings.set(timer, { outcome, atMs: Date.parse(at), setMs, count: 1 })
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1)
}
