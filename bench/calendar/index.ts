/** How many due times per second on a warm calendar, beside moment-business-time. */
import type { BenchOptions, BenchResult } from '../lib/bench'
import { built } from '../lib/built'
import { atLeast, holds } from '../lib/check'
import { profiled } from '../lib/profile'
import { Random } from '../lib/random'
import { compare } from '../lib/rounds'
import { fixed, table, whole } from '../lib/table'
import { momentBusinessTime } from './theirs'

const { compileCalendar, due, parseCalendar } =
  built<typeof import('../../engine/calendar')>('engine/calendar/index')

interface Question {
  readonly startMs: number
  readonly minutes: number
}

const QUESTIONS = 1_000
const ROUNDS = 9
const ROUND_MS = 250
const SEED = 20_260_302
const PER_SECOND_MIN = 1_000_000
const RATIO_MIN = 500
const MINUTE_MS = 60_000
const YEAR_MINUTES = 365 * 24 * 60

export async function benchCalendar({ prof }: BenchOptions): Promise<BenchResult> {
  const calendar = office()
  const theirs = momentBusinessTime()
  const questions = randomQuestions()
  const ours = ({ startMs, minutes }: Question) => due(calendar, startMs, minutes * MINUTE_MS) ?? 0
  const agreed = questions.filter((one) => ours(one) === theirs(one.startMs, one.minutes)).length
  const result = await compare(
    async () => rate(ours, questions),
    async () => rate(({ startMs, minutes }) => theirs(startMs, minutes), questions.slice(0, 20)),
    ROUNDS,
  )
  const text = [
    table(
      ['calendar', 'due times per second of processor time'],
      [
        ['ours', whole(result.ours)],
        ['moment-business-time', whole(result.theirs)],
      ],
    ),
    `  ratio ${fixed(result.ratio, 0)} × (${fixed(result.ratioMin, 0)} – ${fixed(result.ratioMax, 0)} in ` +
      `${result.rounds} pairs of rounds); they agree on ${agreed} of ${QUESTIONS}`,
  ].join('\n')
  return {
    title: 'Calendar: weekdays 09:00 – 17:00, random starts within a year, 5 minutes to 108 hours',
    text,
    checks: [
      holds(
        'both give the same due time',
        agreed === QUESTIONS,
        `${agreed} of ${QUESTIONS}`,
        'all',
      ),
      atLeast('due() per second, warm', PER_SECOND_MIN, result.ours, 0),
      atLeast('due(), times moment-business-time', RATIO_MIN, result.ratio, 0),
    ],
    figures: { ...result, agreed },
    ...(prof ? { profiles: [await profiled(async () => void rate(ours, questions, 3_000))] } : {}),
  }
}

function office() {
  const hours = { 'mon-fri': ['09:00-17:00'] }
  const { calendar, problems } = parseCalendar({ timezone: 'Etc/UTC', hours }, '')
  if (calendar === undefined) throw new Error(`the benchmark's calendar: ${problems[0]?.message}`)
  return compileCalendar(calendar)
}

function randomQuestions(): Question[] {
  const random = new Random(SEED)
  return Array.from({ length: QUESTIONS }, () => ({
    startMs: Date.UTC(2026, 0) + random.between(0, YEAR_MINUTES) * MINUTE_MS,
    minutes: random.between(5, 108 * 60),
  }))
}

/** The sum keeps the optimiser from dropping work whose result nobody reads. */
let total = 0

function rate(
  answer: (question: Question) => number,
  questions: readonly Question[],
  ms = ROUND_MS,
): number {
  const startMs = processorMs()
  let done = 0
  do {
    for (const question of questions) total += answer(question)
    done += questions.length
  } while (processorMs() - startMs < ms)
  if (total === 0) throw new Error('nothing was due')
  return done / ((processorMs() - startMs) / 1_000)
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
