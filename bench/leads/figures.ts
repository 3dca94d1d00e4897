/** From what became of each lead, and what the audit log answers, to the figures of the run. */
import type { Census, VerifyReport } from '../../store/store'
import type { Fate } from '../lib/feed'
import { areaUnderCurve, conversion, type Ranked, type TopPart, topPart } from './ranking'

/** Part of the leads, the newest, that a scorecard is judged by. */
export const JUDGED_SHARE = 0.3
export const TOP_SHARE = 0.2

/** A lead's fate beside its truth; `converted` is undefined when the file does not say. */
export interface Judged {
  readonly fate: Fate
  readonly converted: boolean | undefined
}

export interface GradeFigures {
  readonly grade: string
  readonly outcome: string
  readonly leads: number
  readonly conversion: number | undefined
}

export interface PartFigures {
  readonly leads: number
  /** Leads without points, e.g. rejected ones; they are not ranked. */
  readonly unscored: number
  readonly conversion: number | undefined
  readonly auc: number | undefined
  readonly top: TopPart | undefined
  readonly grades: readonly GradeFigures[]
}

export function partFigures(leads: readonly Judged[]): PartFigures {
  const ranked = leads.flatMap(rankedOf)
  return {
    leads: leads.length,
    unscored: leads.filter(({ fate }) => pointsOf(fate) === undefined).length,
    conversion: conversion(ranked),
    auc: areaUnderCurve(ranked),
    top: topPart(ranked, TOP_SHARE),
    grades: gradeFigures(leads),
  }
}

/** The last part of leads that stand in their order of time. */
export function judgedPart<T>(leads: readonly T[]): T[] {
  return leads.slice(leads.length - Math.round(leads.length * JUDGED_SHARE))
}

function pointsOf({ fit, intent }: Fate): number | undefined {
  return fit === undefined || intent === undefined ? undefined : fit + intent
}

function rankedOf({ fate, converted }: Judged): Ranked[] {
  const points = pointsOf(fate)
  return points === undefined || converted === undefined ? [] : [{ points, converted }]
}

/** Best grade first, as grades sort by name. */
function gradeFigures(leads: readonly Judged[]): GradeFigures[] {
  const groups = Map.groupBy(leads, ({ fate }) => `${fate.grade ?? ''} ${fate.outcome ?? ''}`)
  return [...groups]
    .filter(([name]) => name !== ' ')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => {
      const [grade, outcome] = name.split(' ')
      return {
        grade: grade || '–',
        outcome: outcome!,
        leads: members.length,
        conversion: conversion(members.flatMap(rankedOf)),
      }
    })
}

/** True when no grade converts better than the one before it. */
export function gradesAreOrdered(grades: readonly GradeFigures[]): boolean {
  const rates = grades.flatMap((one) => one.conversion ?? [])
  return rates.every((rate, index) => index === 0 || rate <= rates[index - 1]!)
}

export function countBy<T>(items: readonly T[], name: (item: T) => string): Record<string, number> {
  const groups = Map.groupBy(items, name)
  return Object.fromEntries(
    [...groups]
      .map(([key, list]): [string, number] => [key, list.length])
      .sort((a, b) => b[1] - a[1]),
  )
}

/** Value below which `share` of the sorted values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** States that a lead merely passes through; after a run nobody may stand in them. */
const PASSING = ['open', 'qualified'] as const

export interface Account {
  readonly byState: Census['byState']
  readonly rejected: number
  readonly repeated: number
  /** All of them together. */
  readonly sum: number
  readonly rows: number
  /** Leads that stand in no final or waiting state, and events that are not done. */
  readonly astray: number
}

/** Every row must stand in exactly one place: a state of the census, or refused at the door. */
export function accountFor(fates: readonly Fate[], census: Census): Account {
  const at = (port: string) => fates.filter((fate) => fate.port === port).length
  const rejected = at('lead-ingest rejected')
  const repeated = at('lead-ingest repeated')
  const states = Object.values(census.byState).reduce((total, n) => total + n, 0)
  const passing = PASSING.reduce((total, state) => total + (census.byState[state] ?? 0), 0)
  return {
    byState: census.byState,
    rejected,
    repeated,
    sum: states + rejected + repeated,
    rows: fates.length,
    astray: passing + census.underway,
  }
}

export interface Figures {
  readonly file: string
  readonly mapping: string
  readonly contract: string
  readonly policy: string
  readonly nodeRed: string
  readonly node: string
  readonly concurrency: number
  readonly seconds: number
  readonly leadsPerSecond: number
  readonly latencyMs: { readonly p50: number; readonly p99: number }
  readonly ports: Readonly<Record<string, number>>
  readonly outcomes: Readonly<Record<string, number>>
  readonly all: PartFigures
  /** The newest part; undefined when the file tells no time or no truth. */
  readonly judged?: PartFigures
  readonly account: Account
  readonly audit: VerifyReport
  readonly faults: readonly string[]
}
