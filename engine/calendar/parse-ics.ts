/**
 * Reads holidays from iCalendar text (RFC 5545): every all-day event closes its days.
 *
 * It knows DTSTART, DTEND or DURATION, SUMMARY, a yearly RRULE and EXDATE. Events with a time of day and
 * cancelled ones are no holidays and are passed over. Whatever it would get wrong (another RRULE, RDATE)
 * is a problem, so that a day never opens or closes by surprise.
 */
import type { ImportedHoliday } from './calendar-spec'
import { formatDate, parseDate } from './local-date'
import { parseRule } from './parse-ics-rule'
import { type AddProblem, show } from './problem'

interface Property {
  readonly name: string
  readonly params: string
  readonly value: string
}

interface IcsEvent {
  readonly line: number
  readonly properties: readonly Property[]
}

const PROPERTY = /^([A-Za-z0-9-]+)((?:;[^:;"]*(?:"[^"]*"[^:;"]*)*)*):(.*)$/
const DATE = /^(\d{4})(\d{2})(\d{2})$/
/** A longer event is a mistake in the feed, and would close the calendar for good. */
const DAYS_MAX = 366

/** The holidays of iCalendar text. What cannot be read is reported under `path` with its line number. */
export function parseIcs(text: unknown, path: string, problem: AddProblem): ImportedHoliday[] {
  if (typeof text !== 'string' || !/^\s*BEGIN:VCALENDAR\s/i.test(text.replace(/^\uFEFF/, ''))) {
    problem(path, `ics must be iCalendar text (BEGIN:VCALENDAR ...), not ${show(text)}`)
    return []
  }
  const { events, cutOffLine } = eventsOf(text)
  if (cutOffLine) problem(path, `line ${cutOffLine}: no END:VEVENT follows; the text seems cut off`)
  const read = events.map((event) => ({ event, holiday: holidayOf(event) }))
  for (const { event, holiday } of read) {
    if (typeof holiday !== 'string') continue
    const name = summaryOf(event)
    problem(path, `line ${event.line}${name && ` (${name})`}: ${holiday}`)
  }
  if (read.every(({ holiday }) => holiday === undefined)) {
    problem(path, 'the iCalendar text holds no all-day event')
  }
  return read.flatMap(({ holiday }) => (typeof holiday === 'object' ? [holiday] : []))
}

/** The VEVENTs of a text, without parts nested in them (alarms), and the line of one that never ends. */
function eventsOf(text: string): { events: IcsEvent[]; cutOffLine: number | undefined } {
  const events: IcsEvent[] = []
  let event: { line: number; properties: Property[]; inner: number } | undefined
  for (const { content, line } of unfold(text)) {
    const [, name = '', params = '', value = ''] = PROPERTY.exec(content) ?? []
    const part = `${name}:${value.trim()}`.toUpperCase()
    if (part === 'BEGIN:VEVENT') event = { line, properties: [], inner: 0 }
    else if (event === undefined) continue
    else if (part === 'END:VEVENT') {
      events.push(event)
      event = undefined
    } else if (part.startsWith('BEGIN:')) event.inner++
    else if (part.startsWith('END:')) event.inner--
    else if (event.inner === 0) event.properties.push({ name: name.toUpperCase(), params, value })
  }
  return { events, cutOffLine: event?.line }
}

/** Joins folded lines: one that starts with a space or a tab continues the line before. */
function unfold(text: string): { content: string; line: number }[] {
  const lines: { content: string; line: number }[] = []
  text.split(/\r\n|\n|\r/).forEach((raw, i) => {
    const last = lines.at(-1)
    if (last && /^[ \t]/.test(raw)) last.content += raw.slice(1)
    else lines.push({ content: raw, line: i + 1 })
  })
  return lines
}

/** The holiday that an event means, or a sentence saying why it cannot be used; undefined when it is none. */
function holidayOf(event: IcsEvent): ImportedHoliday | string | undefined {
  const start = event.properties.find(({ name }) => name === 'DTSTART')
  if (start === undefined) return 'this event has no DTSTART'
  const cancelled = textOf(event, 'STATUS')?.toUpperCase() === 'CANCELLED'
  if (cancelled || !isAllDay(start)) return undefined

  const date = dateOf(start.value)
  if (date === undefined) return `DTSTART ${show(start.value)} is not a date`
  if (textOf(event, 'RDATE')) return 'RDATE is not supported; list the dates as events'
  const dayCount = dayCountOf(date, textOf(event, 'DTEND'), textOf(event, 'DURATION'))
  if (typeof dayCount === 'string') return dayCount
  const except = exceptionsOf(event)
  if (typeof except === 'string') return except
  const rule = textOf(event, 'RRULE')
  const yearly = rule === undefined ? undefined : parseRule(rule, date)
  if (typeof yearly === 'string') return yearly
  const name = summaryOf(event)
  return {
    date,
    dayCount,
    ...(name && { name }),
    ...(yearly && { yearly }),
    ...(except && { except }),
  }
}

function textOf({ properties }: IcsEvent, wanted: string): string | undefined {
  return properties.find(({ name }) => name === wanted)?.value.trim()
}

function summaryOf(event: IcsEvent): string {
  const text = textOf(event, 'SUMMARY') ?? ''
  return text.replace(/\\n/gi, ' ').replace(/\\(.)/g, '$1')
}

function isAllDay({ params, value }: Property): boolean {
  return /;VALUE="?DATE"?(;|$)/i.test(params) || DATE.test(value.trim())
}

/** The length in days, or a sentence saying what is wrong with it. DTEND is the day after the last. */
function dayCountOf(date: string, end: string | undefined, duration: string | undefined) {
  let dayCount = 1
  if (end !== undefined) {
    const endDate = dateOf(end)
    if (endDate === undefined) return `DTEND ${show(end)} is not a date`
    // Some feeds write DTEND = DTSTART for a single day.
    dayCount = Math.max(1, parseDate(endDate)! - parseDate(date)!)
  } else if (duration !== undefined) {
    const [, count, unit] = /^\+?P(\d+)([DW])$/i.exec(duration) ?? []
    if (!(Number(count) > 0)) return `DURATION ${show(duration)} is no number of days`
    dayCount = Number(count) * (unit!.toUpperCase() === 'W' ? 7 : 1)
  }
  return dayCount > DAYS_MAX ? `the event lasts ${dayCount} days, over a year` : dayCount
}

function exceptionsOf({ properties }: IcsEvent): string[] | string | undefined {
  const texts = properties.flatMap(({ name, value }) => (name === 'EXDATE' ? value.split(',') : []))
  const dates = texts.map((text) => dateOf(text.trim().slice(0, 8)))
  const bad = dates.indexOf(undefined)
  if (bad >= 0) return `EXDATE ${show(texts[bad])} is not a date`
  return dates.length > 0 ? (dates as string[]) : undefined
}

/** "2026-12-25" of "20261225"; undefined when it is no date. */
function dateOf(text: string): string | undefined {
  const day = parseDate(text.trim().replace(DATE, '$1-$2-$3'))
  return day === undefined ? undefined : formatDate(day)
}
