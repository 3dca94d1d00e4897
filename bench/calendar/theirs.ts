/**
 * moment-business-time (MIT, unmaintained), the npm package that most people reach for. It knows no
 * zones: it counts in that of the process, so both sides are measured in UTC.
 */
import { createRequire } from 'node:module'

interface BusinessMoment {
  addWorkingTime(amount: number, unit: string): BusinessMoment
  valueOf(): number
}

type Moment = ((ms: number) => BusinessMoment) & {
  updateLocale(locale: string, settings: object): void
}

/** Weekdays from 09:00 to 17:00; Sunday is 0. */
const WORKING_HOURS = Object.fromEntries(
  Array.from({ length: 7 }, (_, day) => [
    day,
    day === 0 || day === 6 ? null : ['09:00:00', '17:00:00'],
  ]),
)

/** Adds working minutes to an instant, epoch ms. Sets this process to UTC, and changes `moment` in it. */
export function momentBusinessTime(): (startMs: number, minutes: number) => number {
  process.env.TZ = 'Etc/UTC'
  const moment = createRequire(__filename)('moment-business-time') as Moment
  moment.updateLocale('en', { workinghours: WORKING_HOURS })
  return (startMs, minutes) => moment(startMs).addWorkingTime(minutes, 'minutes').valueOf()
}
