// A slow second opinion, straight from the rule: step minute by minute, read the wall clock with the
// platform's own Intl time zones, and look whether that time is in a window. Shares no code with the engine.

/** Opening hours in the oracle's own form; a window is [open, close) in minutes and may end beyond 1440. */
export interface Plan {
  readonly timezone: string
  /** Monday first. */
  readonly week: readonly (readonly Minutes[])[]
  readonly dates: Readonly<Record<string, readonly Minutes[]>>
  readonly holidays: readonly string[]
}

export type Minutes = readonly [number, number]

export interface Scene {
  readonly timezone: string
  readonly fromMs: number
  /** What the wall shows at minute i after fromMs. */
  readonly walls: readonly Wall[]
}

interface Wall {
  readonly date: string
  readonly minute: number
}

const MINUTE = 60_000

/** Reads the wall clock of a zone for every minute of some days. */
export function scene(timezone: string, from: string, dayCount: number): Scene {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  const fromMs = Date.parse(from)
  const walls = Array.from({ length: dayCount * 1440 }, (_, i) => {
    const [date, time] = format.format(fromMs + i * MINUTE).split(' ') as [string, string]
    const [hours, minutes] = time.split(':').map(Number) as [number, number]
    return { date, minute: hours * 60 + minutes }
  })
  return { timezone, fromMs, walls }
}

/** Whether the plan is open, for every minute of the scene. */
export function openMinutes(plan: Plan, { walls }: Scene): boolean[] {
  let seen = ''
  let today: readonly Minutes[] = []
  let lastNight: readonly Minutes[] = []
  return walls.map(({ date, minute }) => {
    if (date !== seen) {
      seen = date
      today = windowsOf(plan, new Date(date))
      lastNight = windowsOf(plan, new Date(Date.parse(date) - 86_400_000))
    }
    return isIn(today, minute) || isIn(lastNight, minute + 1440)
  })
}

function isIn(windows: readonly Minutes[], minute: number): boolean {
  return windows.some(([start, end]) => start <= minute && minute < end)
}

function windowsOf({ week, dates, holidays }: Plan, day: Date): readonly Minutes[] {
  const date = day.toISOString().slice(0, 10)
  if (holidays.includes(date)) return []
  return dates[date] ?? week[(day.getUTCDay() + 6) % 7]!
}

/** The authored form of a plan. */
export function authoredOf({ timezone, week, dates, holidays }: Plan): object {
  const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
  return {
    timezone,
    holidays,
    hours: Object.fromEntries(week.map((windows, day) => [names[day], windows.map(textOf)])),
    dates: Object.fromEntries(
      Object.entries(dates).map(([date, windows]) => [date, windows.map(textOf)]),
    ),
  }
}

function textOf([start, end]: Minutes): string {
  const clock = (minute: number) =>
    [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':')
  return `${clock(start)}-${clock(end > 1440 ? end - 1440 : end)}`
}
