// Goal: that an event or a waiting lead is in one hand at a time and in somebody's at last.
import assert from 'node:assert/strict'
import type { Change } from '../../../engine/decision'
import type { Assignment, Lead } from '../../../engine/lead/lead'
import type { Cursor } from '../../../store/page'
import type { Store } from '../../../store/store'
import { at, DAY, HOUR, MINUTE, NOW } from '../../engine/support/leads'
import { NODE, own, person, TIGHT, takeUp } from '../life'
import { entry, livesIn, type Open, opens, plain, states } from './support'

export function describeClaims(open: Open): void {
  const life = livesIn(open)

  describe('waiting leads', () => {
    const waits: Assignment = {
      cycle: 1,
      attempt: 1,
      at: at(NOW),
      policy: TIGHT.ref,
      status: 'waiting',
      why: 'full',
      candidates: [],
      units: 1,
    }
    const wait = (n: number, nowMs: number, retryAtMs?: number) => {
      const save: Change = {
        kind: 'lead.save',
        state: 'waiting',
        reason: 'full',
        poolId: 'all',
        ...(retryAtMs === undefined ? {} : { retryAtMs }),
      }
      return { ...entry(person(n, { assignment: waits }), [save]), nowMs }
    }
    const order = async (store: Store, limit = 9) =>
      (await store.claimWaiting([TIGHT.ref.name], limit)).items.map(({ id }) => id)

    it('are listed oldest first, and waiting on does not start anew', async () => {
      const store = await open()
      for (const commit of [wait(2, NOW + 1), wait(1, NOW + 2), wait(3, NOW), wait(3, NOW + 9)])
        await store.transaction([], (tx) => tx.commit(commit))
      assert.deepEqual(await order(store), ['L3', 'L2', 'L1'])
      assert.deepEqual(await order(store, 2), ['L3', 'L2'])
      assert.deepEqual(
        (await store.leads('waiting', 9)).map(({ id, reason, sinceMs }) => [
          id,
          reason,
          sinceMs - NOW,
        ]),
        [
          ['L3', 'full', 0],
          ['L2', 'full', 1],
          ['L1', 'full', 2],
        ],
      )
    })
    it('are listed page by page, whatever became of the pages before', async () => {
      const store = await open()
      // Three of them since the same moment.
      const since = [0, 1, 1, 1, 2]
      for (const [n, ms] of since.entries())
        await store.transaction([], (tx) => tx.commit(wait(n, NOW + ms)))
      const { items, next } = await store.claimWaiting([TIGHT.ref.name], 3)
      assert.deepEqual(
        items.map(({ id }) => id),
        ['L0', 'L1', 'L2'],
      )
      assert.deepEqual(next, { ms: NOW + 1, id: 'L2' })
      // One is tried in vain, one finds somebody; neither moves the others.
      await store.releaseWaiting(['L0', 'L1', 'L2'])
      await store.transaction([], (tx) => tx.commit(wait(1, NOW + 9)))
      await store.transaction([], (tx) =>
        tx.commit(entry(person(2), [{ kind: 'lead.save', state: 'assigned', reason: 'x' }])),
      )
      const second = await store.claimWaiting([TIGHT.ref.name], 3, next)
      assert.deepEqual(
        second.items.map(({ id }) => id),
        ['L3', 'L4'],
      )
      assert.equal(second.next, undefined)
    })
    it('of others are passed over, and end no list', async () => {
      const [here, there] = [await open(), await open()]
      for (const n of [1, 2, 3]) await here.transaction([], (tx) => tx.commit(wait(n, NOW + n)))
      assert.deepEqual(await order(here, 2), ['L1', 'L2'])
      const seen: string[] = []
      let after: Cursor<string> | undefined
      do {
        const page = await there.claimWaiting([TIGHT.ref.name], 1, after)
        seen.push(...page.items.map(({ id }) => id))
        after = page.next
      } while (after !== undefined)
      assert.deepEqual(seen, ['L3'])
    })
    it('are worth a try at their next chance', async () => {
      const store = await open()
      assert.equal(await store.nextRetryMs([TIGHT.ref.name]), undefined)
      for (const commit of [wait(1, NOW), wait(2, NOW, NOW + 9), wait(3, NOW, NOW + 5)])
        await store.transaction([], (tx) => tx.commit(commit))
      assert.equal(await store.nextRetryMs([TIGHT.ref.name]), NOW + 5)
      await store.transaction([], (tx) =>
        tx.commit(
          entry(person(3), [
            opens('L3', 'ana', 1),
            { kind: 'lead.save', state: 'assigned', reason: 'x' },
          ]),
        ),
      )
      assert.equal(await store.nextRetryMs([TIGHT.ref.name]), NOW + 9)
    })
    it('stand under their policies: a list, its next chance and its home are of some of them', async () => {
      const store = await open()
      const under = (n: number, name: string, retryAtMs: number) => {
        const policy = { ...TIGHT.ref, name }
        const { decision, ...commit } = wait(n, NOW + n, retryAtMs)
        return { ...commit, decision, lead: person(n, { assignment: { ...waits, policy } }) }
      }
      for (const commit of [under(1, 'a', NOW + 5), under(2, 'b', NOW + 3), under(3, 'a', NOW + 9)])
        await store.transaction([], (tx) => tx.commit(commit))
      const listed = async (...policies: string[]) => {
        const { items } = await store.claimWaiting(policies, 9)
        return items.map(({ id }) => id)
      }
      assert.deepEqual(await listed('a'), ['L1', 'L3'])
      assert.deepEqual(await listed('b', 'a', 'c'), ['L1', 'L2', 'L3'])
      assert.deepEqual(await listed(), [])
      const chances = [['a'], ['b'], ['a', 'b'], ['c'], []].map((all) => store.nextRetryMs(all))
      assert.deepEqual(await Promise.all(chances), [
        NOW + 5,
        NOW + 3,
        NOW + 3,
        undefined,
        undefined,
      ])
      const homes = (await store.homes()).map(({ kind, nodeId, of, count }) => [
        kind,
        nodeId,
        of,
        count,
      ])
      assert.deepEqual(homes.sort(), [
        ['waiting', '', 'a', 2],
        ['waiting', '', 'b', 1],
      ])
    })
    it('come with where they stand, and are placed when there is room', async () => {
      const one = await life()
      for (const n of [1, 2, 3, 4, 5]) await one.whole(person(n))
      const [first] = (await one.store.claimWaiting([TIGHT.ref.name], 9)).items
      assert.deepEqual(
        [first!.id, first!.assignment!.status, first!.assignment!.pool],
        ['L4', 'waiting', 'all'],
      )
      await one.sales('L2', { kind: 'converted' })
      await one.drain()
      assert.deepEqual(await states(one.store), { assigned: 3, closed: 1, waiting: 1 })
      assert.deepEqual(await order(one.store), ['L5'])
    })
    it('keep their place when they show interest again', async () => {
      const one = await life()
      for (const n of [1, 2, 3, 4, 5]) await one.whole(person(n), NOW + n)
      assert.deepEqual(await order(one.store), ['L4', 'L5'])
      const event = { id: 'web:again', receivedAt: at(NOW + HOUR) }
      const again = person(4, { id: 'L9', event })
      const { lead } = await one.whole(again, NOW + HOUR)
      assert.deepEqual([lead.id, lead.assignment!.status], ['L4', 'waiting'])
      assert.deepEqual(await order(one.store), ['L4', 'L5'])
      const [first] = await one.store.leads('waiting', 1)
      assert.deepEqual([first!.id, first!.sinceMs], ['L4', NOW + 4])
      await one.sales('L2', { kind: 'converted' })
      await one.drain(NOW + 2 * HOUR)
      assert.deepEqual(await order(one.store), ['L5'])
    })
    it('tried again in vain leave no entry behind', async () => {
      const one = await life()
      for (const n of [1, 2, 3, 4]) await one.whole(person(n))
      const { entries: before } = await one.store.census()
      for (const _ of [1, 2, 3]) await one.drain(NOW + HOUR)
      assert.equal((await one.store.census()).entries, before)
    })
  })

  describe('events that are remembered', () => {
    it('are forgotten when their time is over, and then taken again', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.store.forget(NOW + DAY - 1)
      assert.equal(
        (await one.ingest(person(2, { event: person(1).event }), NOW + DAY - 1)).outcome,
        'repeated',
      )
      await one.store.forget(NOW + DAY)
      assert.equal(
        (await one.ingest(person(3, { event: person(1).event }), NOW + DAY)).outcome,
        'lead',
      )
    })
    it('count as forgotten at their time, tidied or not', async () => {
      const one = await life()
      await one.whole(person(1))
      assert.equal(
        (await one.ingest(person(3, { event: person(1).event }), NOW + DAY)).outcome,
        'lead',
      )
    })
    it('are never forgotten while their lead is under way', async () => {
      const one = await life()
      await one.ingest(person(1))
      await one.store.forget(NOW + 30 * DAY)
      assert.equal(
        (await one.ingest(person(2, { event: person(1).event }), NOW + 30 * DAY)).outcome,
        'repeated',
      )
      assert.equal((await one.store.census()).underway, 1)
    })
  })

  describe('claims', () => {
    const attempts = { attemptsMax: 2 }
    const ids = (taken: readonly { lead: Lead }[]) => taken.map(({ lead: { id } }) => id)

    it('who accepts an event carries it, and nobody else gets it', async () => {
      const [here, there] = [await life(), await open()]
      await here.ingest(person(1))
      assert.deepEqual([await takeUp(here.store), await takeUp(there)], [[], []])
    })
    it('what a store carried that is closed is taken up by one, oldest first', async () => {
      const here = await life()
      const others = [await open(), await open()]
      for (const [n, nowMs] of [
        [1, NOW + 2],
        [2, NOW],
        [3, NOW + 1],
      ] as const)
        await here.ingest(person(n), nowMs)
      await here.store.close()
      assert.deepEqual(ids(await takeUp(others[0]!, { limit: 2 })), ['L2', 'L3'])
      assert.deepEqual(ids(await takeUp(others[1]!)), ['L1'])
      assert.deepEqual(ids(await takeUp(others[0]!)), [])
    })
    it('by one also when all ask at once', async () => {
      const here = await life()
      const others = [await open(), await open(), await open()]
      const people = Array.from({ length: 40 }, (_, n) => n)
      await Promise.all(people.map((n) => here.ingest(person(n))))
      await here.store.close()
      const taken = await Promise.all(
        Array.from({ length: 12 }, (_, n) => takeUp(others[n % 3]!, { limit: 5 })),
      )
      const rest = await takeUp(others[0]!)
      assert.deepEqual(ids([...taken.flat(), ...rest]).sort(), people.map((n) => `L${n}`).sort())
    })
    it('work is taken at its node, or at one that does the same when its node is gone', async () => {
      const here = await life()
      const other = await open()
      const from = (n: number, system: string) => person(n, { source: { system } })
      await here.ingest(from(1, 'web'), NOW, 'gone')
      await here.ingest(from(2, 'chat'), NOW, 'gone')
      assert.deepEqual(
        (await other.homes())
          .map(({ kind, nodeId, of, count }) => [kind, nodeId, of, count])
          .sort(),
        [
          ['leads', 'gone', 'chat', 1],
          ['leads', 'gone', 'web', 1],
        ],
      )
      await here.store.close()
      assert.deepEqual(ids(await takeUp(other, {}, own('new', [], 'web'))), [])
      assert.deepEqual(ids(await takeUp(other, {}, own('new', ['gone'], 'web'))), ['L1'])
      assert.deepEqual(ids(await takeUp(other, {}, own('gone'))), ['L2'])
    })
    it('what did not arrive in the same process is let go when it must have', async () => {
      const one = await life()
      await one.ingest(person(1), NOW)
      await one.ingest(person(2), NOW + 5)
      assert.deepEqual(ids(await takeUp(one.store, { carriedBeforeMs: NOW + 5 })), ['L1'])
      const later = { carriedBeforeMs: NOW + MINUTE, nowMs: NOW + MINUTE }
      assert.deepEqual(ids(await takeUp(one.store, later)), ['L1', 'L2'])
      assert.deepEqual(ids(await takeUp(one.store, later)), [])
    })
    it('a fault gives it back after a pause that doubles, and a dead letter keeps the reason', async () => {
      const one = await life()
      const dead = async () => (await one.store.census()).dead
      await one.ingest(person(1))
      for (const [attempt, pauseMs] of [
        [1, MINUTE],
        [2, 2 * MINUTE],
      ] as const) {
        const nowMs = NOW + attempt * HOUR
        await one.store.cutOff('web:1', { reason: `fault ${attempt}`, nowMs, pauseMs: MINUTE })
        const early = { ...attempts, nowMs: nowMs + pauseMs - 1 }
        assert.deepEqual(ids(await takeUp(one.store, early)), [])
        const taken = await takeUp(one.store, { ...attempts, nowMs: nowMs + pauseMs })
        assert.deepEqual(taken, [{ lead: plain(person(1)), attempt }])
      }
      const nowMs = NOW + DAY
      await one.store.cutOff('web:1', { reason: 'fault 3', nowMs, pauseMs: MINUTE })
      assert.equal(await dead(), 0)
      const late = { ...attempts, nowMs: nowMs + HOUR }
      assert.deepEqual(ids(await takeUp(one.store, late)), [])
      assert.equal(await dead(), 1)
      assert.deepEqual((await one.store.deadLetters(9)).map(plain), [
        {
          leadId: 'L1',
          event: 'web:1',
          nodeId: NODE,
          attempts: 2,
          reason: 'fault 3',
          sinceMs: nowMs + HOUR,
        },
      ])
      assert.deepEqual(await one.store.homes(), [], 'it is at rest')
      assert.equal(await one.store.redrive('L2'), 0)
      assert.equal(await one.store.redrive('L1'), 1)
      assert.deepEqual(await takeUp(one.store, late), [{ lead: plain(person(1)), attempt: 1 }])
      assert.deepEqual(await one.store.deadLetters(9), [])
    })
    it('without a fault the reason is that it never arrived', async () => {
      const first = await life()
      await first.ingest(person(1))
      await first.store.close()
      for (const _ of [1, 2]) {
        const next = await open()
        assert.equal((await takeUp(next, attempts)).length, 1)
        await next.close()
      }
      const last = await open()
      assert.deepEqual(await takeUp(last, attempts), [])
      assert.match((await last.deadLetters(9))[0]!.reason, /cut off each time/)
      assert.equal(await last.redrive(undefined), 1)
    })
    it('an event that is done is cut off no more, and begins anew with no attempts', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.store.cutOff('web:1', { reason: 'late', nowMs: NOW, pauseMs: 1 })
      assert.deepEqual(await takeUp(one.store, { nowMs: NOW + DAY }), [])
      await one.store.transaction([], (tx) =>
        tx.commit(entry(person(1), [{ kind: 'intake.again', key: 'web:1' }])),
      )
      assert.equal((await one.store.census()).underway, 1)
      assert.deepEqual(await takeUp(one.store, { nowMs: NOW + DAY }), [])
      assert.deepEqual(
        await takeUp(one.store, { nowMs: NOW + DAY, carriedBeforeMs: NOW + 1 }).then((taken) =>
          taken.map(({ attempt }) => attempt),
        ),
        [1],
      )
    })
    it('timers and waiting leads are one’s until given back', async () => {
      const here = await life()
      const there = await open()
      for (const n of [1, 2, 3, 4]) await here.whole(person(n))
      const policy = [TIGHT.ref.name]
      assert.equal((await here.store.claimWaiting(policy, 9)).items.length, 1)
      assert.equal((await here.store.claimWaiting(policy, 9)).items.length, 1, 'again to the same')
      assert.deepEqual((await there.claimWaiting(policy, 9)).items, [])
      assert.deepEqual((await there.claimWaiting(['another'], 9)).items, [])
      await here.store.releaseWaiting(['L4'])
      assert.equal((await there.claimWaiting(policy, 9)).items.length, 1)
      const mine = await here.store.claimTimers(own(), NOW + HOUR, 4)
      const theirs = await there.claimTimers(own(), NOW + HOUR, 99)
      assert.deepEqual([mine.length, theirs.length], [4, 2])
      assert.deepEqual(
        plain([mine[0]!.lead, mine[0]!.state]),
        plain([(await there.lead(mine[0]!.timer.leadId))!.lead, 'assigned']),
      )
      await here.store.close()
      assert.equal((await there.claimTimers(own(), NOW + HOUR, 99)).length, 6)
    })
    it('timers of a node that is gone go to one that serves their policy', async () => {
      const one = await life()
      await one.whole(person(1))
      const nowMs = NOW + 3 * HOUR
      const due = async (nodeId: string, adopted: string[], policy: string) =>
        (await one.store.claimTimers(own(nodeId, adopted, policy), nowMs, 9)).length
      assert.deepEqual(
        (await one.store.homes()).map(({ kind, nodeId, of, count }) => [kind, nodeId, of, count]),
        [['timers', NODE, TIGHT.ref.name, 3]],
      )
      assert.equal(await due('new', [], TIGHT.ref.name), 0)
      assert.equal(await due('new', [NODE], 'another'), 0)
      assert.equal(await one.store.nextTimerMs(own('new', [NODE], 'another'), NOW), undefined)
      assert.equal(
        await one.store.nextTimerMs(own('new', [NODE], TIGHT.ref.name), NOW),
        NOW + 30 * MINUTE,
      )
      const former = { ...own('new', [NODE]), of: ['another', TIGHT.ref.name] }
      assert.equal(await one.store.nextTimerMs(former, NOW), NOW + 30 * MINUTE)
      assert.equal((await one.store.claimTimers(former, nowMs, 9)).length, 3)
      assert.equal(await due('new', [NODE], TIGHT.ref.name), 3)
    })
  })
}
