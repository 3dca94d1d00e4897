/** The Maven CRM sales data: opportunities with their agents, regional offices and accounts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Row, readTable } from '../leads/csv'

export interface Opportunity {
  readonly id: string
  readonly agent: string
  readonly region: string
  readonly account: Row | undefined
  /** When it was engaged, epoch ms. */
  readonly cameMs: number
  /** How long it was worked on; infinite when it is still open. */
  readonly takesMs: number
}

export interface Pipeline {
  /** In the order in which they came. */
  readonly opportunities: readonly Opportunity[]
  /** Agents who have an opportunity, with their regional office. */
  readonly agents: ReadonlyMap<string, string>
}

const DAY_MS = 86_400_000
const OPENS_MS = 9 * 3_600_000
const OFFICE_MS = 8 * 3_600_000

/** Throws, with file and row, when the three files do not fit together. */
export function readPipeline(folder: string): Pipeline {
  const offices = new Map(
    read(folder, 'maven_sales_teams.csv').map((row) => [row.sales_agent, row.regional_office!]),
  )
  const accounts = new Map(
    read(folder, 'maven_accounts.csv').map((row) => [row.account, row] as const),
  )
  const rows = read(folder, 'maven_sales_pipeline.csv')
  const days = rows.map(({ engage_date }) => dayMs(engage_date))
  // Who is still prospected has no date yet: these come after all the others.
  const lastMs = Math.max(...days.flatMap((day) => day ?? [])) + DAY_MS
  const listed = rows.map((row, index) => {
    const region = offices.get(row.sales_agent)
    if (region === undefined)
      throw new Error(
        `maven_sales_pipeline.csv: ${row.opportunity_id} is of "${row.sales_agent}", who is in no team`,
      )
    const engagedMs = days[index] ?? lastMs
    const closedMs = dayMs(row.close_date)
    return {
      id: row.opportunity_id!,
      agent: row.sales_agent!,
      region,
      account: accounts.get(row.account),
      cameMs: engagedMs,
      takesMs: closedMs === undefined ? Number.POSITIVE_INFINITY : closedMs - engagedMs,
    }
  })
  const opportunities = spreadOverDays(listed.sort((a, b) => a.cameMs - b.cameMs))
  return {
    opportunities,
    agents: new Map(opportunities.map(({ agent, region }) => [agent, region])),
  }
}

function read(folder: string, file: string): readonly Row[] {
  try {
    return readTable(readFileSync(join(folder, file), 'utf8')).rows
  } catch (raw) {
    throw new Error(`${file}: ${(raw as Error).message}`)
  }
}

/** "10/20/2016", the month first, as UTC midnight. */
function dayMs(date: string | undefined): number | undefined {
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(date ?? '') ?? []
  return year === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, Number(day))
}

/** The file knows days only; those of one day come one after the other in office hours. */
function spreadOverDays(sorted: readonly Opportunity[]): Opportunity[] {
  const perDay = new Map<number, number>()
  for (const { cameMs } of sorted) perDay.set(cameMs, (perDay.get(cameMs) ?? 0) + 1)
  const seen = new Map<number, number>()
  return sorted.map((one) => {
    const before = seen.get(one.cameMs) ?? 0
    seen.set(one.cameMs, before + 1)
    const sinceMs = Math.floor((OFFICE_MS * before) / perDay.get(one.cameMs)!)
    return { ...one, cameMs: one.cameMs + OPENS_MS + sinceMs }
  })
}
