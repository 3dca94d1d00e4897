// Shared by the calendar tests: compiles an authored calendar, and writes instants the short way.
import assert from 'node:assert/strict'
import { type Calendar, compileCalendar, parseCalendar } from '../../../engine/calendar'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Compiles an authored calendar, and fails with its problems when there are any. */
export function open(spec: object): Calendar {
  const { calendar, problems } = parseCalendar(spec, 'test')
  assert.deepEqual(problems, [])
  return compileCalendar(calendar!)
}

/** Epoch ms of "2026-03-29T09:00+02:00"; UTC when no offset is given. */
export function at(text: string): number {
  const ms = Date.parse(/[Z+]|-\d\d:\d\d$/.test(text) ? text : `${text}Z`)
  assert.ok(!Number.isNaN(ms), text)
  return ms
}

/** An instant as ISO text, so that a failure can be read. */
export function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}

export const OFFICE = { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-17:00'] } }
export const SPLIT = {
  timezone: 'Europe/Berlin',
  hours: { 'mon-fri': ['09:00-12:30', '13:30-18:00'], sat: ['10:00-14:00'] },
}
