// Goal: that the invariants hold whatever happens in whatever order.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { at, HOUR, MINUTE, NOW, signal } from '../../engine/support/leads'
import { dueTimers, Life, person, TIGHT } from '../life'
import { entries, loads, type Open } from './support'

export function describeInvariants(open: Open, { runs }: { readonly runs: number }): void {
  describe('whatever happens in whatever order', () => {
    it('the invariants hold: loads, one assignment per cycle, one state per lead, one entry per change', async () => {
      const action = fc.oneof(
        {
          weight: 5,
          arbitrary: fc.record({
            do: fc.constant('arrive' as const),
            n: fc.nat(7),
            again: fc.boolean(),
            optOut: fc.boolean(),
          }),
        },
        {
          weight: 3,
          arbitrary: fc.record({
            do: fc.constantFrom(
              'closed' as const,
              'rejected' as const,
              'accepted' as const,
              'reopened' as const,
              'first_touch' as const,
            ),
            n: fc.nat(7),
          }),
        },
        {
          weight: 2,
          arbitrary: fc.constantFrom<Action>({ do: 'tick' }, { do: 'drain' }),
        },
      )
      await fc.assert(
        fc.asyncProperty(
          fc.array(action, { minLength: 40, maxLength: 60 }),
          fc.nat(1_000),
          async (actions, salt) => {
            const realm = `run:${salt}:${played++}`
            const one = new Life(await open(realm))
            // In waves, as sales can only close what was assigned; within one nothing waits for
            // anything: about 200 steps that overlap as they like.
            for (let from = 0; from < actions.length; from += WAVE) {
              const wave = actions.slice(from, from + WAVE)
              const results = await Promise.allSettled(
                wave.map((act, index) => play(one, act, from + index)),
              )
              for (const result of results) if (result.status === 'rejected') throw result.reason
            }
            await invariants(one)
            await one.store.close()
            // Again from the tables alone, without what the store had in memory.
            const again = new Life(await open(realm))
            await invariants(again)
            await again.store.close()
          },
        ),
        { numRuns: runs, interruptAfterTimeLimit: 40_000 },
      )
    })
  })
}

let played = 0
const WAVE = 10

type Action =
  | { readonly do: 'arrive'; readonly n: number; readonly again: boolean; readonly optOut: boolean }
  | {
      readonly do: 'closed' | 'rejected' | 'accepted' | 'reopened' | 'first_touch'
      readonly n: number
    }
  | { readonly do: 'tick' }
  | { readonly do: 'drain' }

/** One thing that may happen; each event has an id of its own unless it is sent again. */
async function play(one: Life, act: Action, index: number): Promise<void> {
  const nowMs = NOW + index * MINUTE
  if (act.do === 'drain') return one.drain(nowMs)
  if (act.do === 'tick') {
    for (const timer of await dueTimers(one.store, nowMs + 3 * HOUR, 9)) {
      const stored = await one.store.lead(timer.leadId)
      const fired = await one.fire(stored!.lead, timer, nowMs + 3 * HOUR)
      if (fired.lead.routing !== undefined) await one.route(fired.lead, nowMs + 3 * HOUR)
    }
    return
  }
  if (act.do !== 'arrive') {
    const [some] = (await one.store.leads('assigned', 9)).slice(act.n % 3)
    if (some !== undefined)
      await one.sales(some.id, { kind: act.do, id: `o${index}`, evidence: 'call' }, nowMs)
    return
  }
  const id = act.again ? `e${act.n}` : `e${index}`
  const event = person(act.n, {
    id: `L-${index}`,
    event: { id, receivedAt: at(nowMs) },
    signals: [signal('demo_request', 0, { id: `d-${id}` })],
    consent: act.optOut && index % 5 === 0 ? { optOut: true } : {},
  })
  await one.whole(event, nowMs)
}

const CAPACITY: Readonly<Record<string, number>> = { ana: 1, ben: 2 }

async function invariants({ store }: Life): Promise<void> {
  const all = await entries(store)
  const report = await store.verify()
  assert.deepEqual(report.faults, [])
  assert.equal(report.entries, all.length)

  // Loads: never below nothing or above capacity, and the sum of the leads that are assigned.
  const held: Record<string, number> = { ana: 0, ben: 0 }
  for (const { id } of await store.leads('assigned', 999)) {
    const { assignment, cycle } = (await store.lead(id))!.lead
    assert.deepEqual([assignment!.status, assignment!.cycle], ['assigned', cycle], id)
    held[assignment!.rep!.id]! += assignment!.units
  }
  const counted = await loads(store)
  assert.deepEqual(counted, held)
  for (const [rep, units] of Object.entries(counted))
    assert.ok(units >= 0 && units <= CAPACITY[rep]!, `${rep} has ${units}`)

  // Every lead that was taken stands in exactly one state; what is waiting is listed so.
  const { byState, underway } = await store.census()
  assert.equal(underway, 0)
  const ids = new Set(
    all.filter(({ entry: { step } }) => step === 'dedupe').map(({ entry: { lead } }) => lead),
  )
  assert.equal(
    Object.values(byState).reduce((sum, n) => sum + n, 0),
    ids.size,
  )
  assert.equal((await store.claimWaiting([TIGHT.ref.name], 999)).items.length, byState.waiting ?? 0)
  for (const id of ids) assert.ok(await store.lead(id), id)

  // One entry per change: openings and closings alternate, and every opening is a new cycle.
  for (const id of ids) {
    const trail = await store.trail(id)
    const { state, lead } = (await store.lead(id))!
    let open = 0
    const cycles = new Set<number>()
    for (const {
      entry: { changes },
      detail,
    } of trail) {
      if (changes.includes('assignment.close')) open -= 1
      if (changes.includes('assignment.open')) {
        open += 1
        const { cycle } = detail!.patch.assignment!
        assert.ok(!cycles.has(cycle), `${id} has two assignments in cycle ${cycle}`)
        cycles.add(cycle)
      }
      assert.ok(open === 0 || open === 1, `${id} has ${open} assignments`)
    }
    assert.equal(open, state === 'assigned' ? 1 : 0, `${id} stands ${state}`)
    if (lead.consent.optOut) assert.equal(state, 'suppressed', id)
  }

  // An event is taken once, and no decision with a key is there twice.
  const events = all
    .filter(({ entry: { step } }) => step === 'ingest')
    .map(({ detail }) => detail!.lead!.event.id)
  assert.equal(new Set(events).size, events.length)
  const keys = all.flatMap(({ entry: { step }, detail }) =>
    detail!.key === undefined ? [] : [`${step} ${detail!.key}`],
  )
  assert.equal(new Set(keys).size, keys.length)
}
