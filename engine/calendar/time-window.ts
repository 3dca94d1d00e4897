/**
 * A window of opening hours: local wall times [open, close) of one day, in minutes after its midnight.
 *
 * Written "09:00-12:30". The end may be 24:00. An end that is earlier than the start lies on the next
 * day ("22:00-06:00"): closeMin then exceeds 1440, and the window belongs to the day it starts on.
 */
export interface TimeWindow {
  readonly openMin: number
  readonly closeMin: number
}

export const DAY_MIN = 1440

const WINDOW = /^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$/

/** The window that a text means, or a sentence saying what is wrong with it. */
export function parseWindow(text: unknown): TimeWindow | string {
  const match = typeof text === 'string' ? WINDOW.exec(text.trim()) : null
  if (!match) return `${JSON.stringify(text)} is not a window; write it like "09:00-17:30"`

  const openMin = minuteOf(match[1]!, match[2]!)
  const closeMin = minuteOf(match[3]!, match[4]!)
  if (openMin === undefined || openMin === DAY_MIN) {
    return `"${text}" starts at ${match[1]}:${match[2]}, which is no time of day; use 00:00 to 23:59`
  }
  if (closeMin === undefined) {
    return `"${text}" ends at ${match[3]}:${match[4]}, which is no time of day; use 00:00 to 24:00`
  }
  if (openMin === closeMin) {
    return `"${text}" is empty: it ends when it starts; write "00:00-24:00" for the whole day`
  }
  return { openMin, closeMin: closeMin < openMin ? closeMin + DAY_MIN : closeMin }
}

/** "09:00-12:30" of a window, for messages. */
export function formatWindow({ openMin, closeMin }: TimeWindow): string {
  return `${formatMinute(openMin)}-${formatMinute(closeMin > DAY_MIN ? closeMin - DAY_MIN : closeMin)}`
}

function minuteOf(hours: string, minutes: string): number | undefined {
  const total = Number(hours) * 60 + Number(minutes)
  return Number(minutes) < 60 && total <= DAY_MIN ? total : undefined
}

function formatMinute(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
