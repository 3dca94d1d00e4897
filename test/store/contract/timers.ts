// Goal: that a timer fires once and its message is owed until it is sent.
import assert from 'node:assert/strict'
import type { Change, Timer } from '../../../engine/decision'
import type { Store } from '../../../store/store'
import { DAY, HOUR, NOW } from '../../engine/support/leads'
import { dueTimers, type Life, NODE, own, person, TIGHT } from '../life'
import { due, entry, livesIn, type Open } from './support'

export function describeTimers(open: Open): void {
  const life = livesIn(open)

  describe('timers', () => {
    const timer = (id: string, dueMs: number, more: Partial<Timer> = {}): Timer => ({
      id,
      leadId: 'L1',
      cycle: 1,
      kind: 'breach',
      dueMs,
      nodeId: NODE,
      detail: {},
      ...more,
    })
    const sets = (...timers: Timer[]): Change[] =>
      timers.map((one) => ({ kind: 'timer.set', timer: one }))
    const write = (store: Store, ...changes: Change[]) =>
      store.transaction([], (tx) => tx.commit(entry(person(1), changes)))
    const ids = async (store: Store, nowMs: number, limit = 9, nodeId = NODE) =>
      (await dueTimers(store, nowMs, limit, nodeId)).map(({ id }) => id)

    it('are due in their order, never early, and only to their node', async () => {
      const store = await open()
      await write(
        store,
        ...sets(
          timer('L1#1#b#0', NOW + 3),
          timer('L1#1#a#0', NOW + 3),
          timer('L1#1#c#0', NOW + 1),
          timer('L1#1#d#0', NOW + 2, { nodeId: 'other' }),
        ),
      )
      assert.deepEqual(await ids(store, NOW), [])
      assert.deepEqual(await ids(store, NOW + 1), ['L1#1#c#0'])
      assert.deepEqual(await ids(store, NOW + 3), ['L1#1#c#0', 'L1#1#a#0', 'L1#1#b#0'])
      assert.deepEqual(await ids(store, NOW + 3, 1), ['L1#1#c#0'])
      assert.deepEqual(
        [
          await store.nextTimerMs(own(), NOW),
          await store.nextTimerMs(own(), NOW + 1),
          await store.nextTimerMs(own(), NOW + 3),
          await store.nextTimerMs(own('other'), NOW),
          await store.nextTimerMs(own('none'), NOW),
        ],
        [NOW + 1, NOW + 3, undefined, NOW + 2, undefined],
      )
    })
    it('keep what they are for', async () => {
      const store = await open()
      const one = timer('L1#1#escalation#0', NOW, {
        kind: 'escalation',
        detail: { to: 'all', action: 'reassign', index: 0 },
      })
      await write(store, ...sets(one))
      assert.deepEqual(await dueTimers(store, NOW), [one])
    })
    it('set twice are there once', async () => {
      const store = await open()
      await write(store, ...sets(timer('L1#1#a#0', NOW)))
      await write(store, ...sets(timer('L1#1#a#0', NOW + 5)))
      assert.deepEqual(
        (await dueTimers(store, NOW + 9)).map(({ dueMs }) => dueMs),
        [NOW],
      )
    })
    it('that are cancelled and set in one go ring at their new time only', async () => {
      const store = await open()
      const old = [timer('L1#1#a#0', NOW), timer('L1#1#b#0', NOW + 1)]
      await write(store, ...sets(...old))
      const moved = timer('L1#1#a#0', NOW + 7, { detail: { clock: 'resolution' } })
      await write(store, { kind: 'timers.cancel', leadId: 'L1', cycle: 1 }, ...sets(moved))
      assert.deepEqual(await dueTimers(store, NOW + 9), [moved])
      const pending = await store.transaction([], (tx) => tx.timers('L1', 1))
      assert.deepEqual(
        pending.map(({ id, dueMs }) => [id, dueMs]),
        [['L1#1#a#0', NOW + 7]],
      )
    })
    it('of a cycle are cancelled together, and no other’s', async () => {
      const store = await open()
      await write(
        store,
        ...sets(
          timer('L1#1#a#0', NOW),
          timer('L1#2#a#0', NOW, { cycle: 2 }),
          timer('L1#11#a#0', NOW, { cycle: 11 }),
          timer('L11#1#a#0', NOW, { leadId: 'L11' }),
        ),
      )
      await store.transaction([], (tx) => tx.commit(entry(person(11))))
      await write(store, { kind: 'timers.cancel', leadId: 'L1', cycle: 1 })
      assert.deepEqual(await ids(store, NOW), ['L1#11#a#0', 'L1#2#a#0', 'L11#1#a#0'])
    })
    it('fire once, also when several find them due at the same time', async () => {
      const one = await life()
      await one.whole(person(1))
      const breach = await due(one.store, NOW + HOUR, 'breach')
      const { lead } = (await one.store.lead('L1'))!
      const fired = await Promise.all(
        Array.from({ length: 5 }, () => one.fire(lead, breach, NOW + HOUR)),
      )
      assert.equal(fired.filter(({ again }) => !again).length, 1)
      assert.ok(fired.every(({ outcome }) => outcome === 'breach'))
      assert.equal((await one.store.lead('L1'))!.lead.sla!.status, 'breached')
      assert.ok(!(await ids(one.store, NOW + HOUR)).includes(breach.id))
    })
    it('that were cancelled after they were found due fall silent', async () => {
      const one = await life()
      await one.whole(person(1))
      const breach = await due(one.store, NOW + HOUR, 'breach')
      const { lead } = (await one.store.lead('L1'))!
      await one.sales('L1', { kind: 'first_touch', evidence: 'call' })
      const { entries: before } = await one.store.census()
      assert.equal((await one.fire(lead, breach, NOW + HOUR)).outcome, 'dropped')
      assert.equal((await one.store.census()).entries, before)
      assert.equal((await one.store.lead('L1'))!.lead.sla!.status, 'met')
    })
    it('after a long silence fire at once, and say how late', async () => {
      const one = await life()
      await one.whole(person(1))
      const [first] = await dueTimers(one.store, NOW + 3 * DAY, 1)
      const fired = await one.fire((await one.store.lead('L1'))!.lead, first!, NOW + 3 * DAY)
      assert.match(fired.because[0]!.why, /2d 23h late/)
    })
  })

  describe('the message of a timer that has fired', () => {
    const NONE: ReadonlySet<string> = new Set()
    const fireAll = async (one: Life, nowMs = NOW + 3 * HOUR) => {
      const ids: string[] = []
      for (const { timer, lead } of await one.store.claimTimers(own(), nowMs, 99)) {
        await one.fire(lead, timer, nowMs)
        ids.push(timer.id)
      }
      return ids
    }
    const owed = async (store: Store, inHand = NONE, limit = 99) =>
      (await store.claimOutbox(own(), inHand, limit)).map(({ timer }) => timer.id)

    it('is owed until it is reported as sent, and nobody else sends it meanwhile', async () => {
      const here = await life()
      const there = await open()
      await here.whole(person(1))
      assert.deepEqual(await owed(here.store), [])
      const ids = await fireAll(here)
      assert.equal(ids.length, 3)
      assert.deepEqual(await owed(there), [])
      assert.deepEqual(await owed(here.store, new Set(ids)), [], 'it is sending them')
      await here.store.sent(ids.slice(0, 1))
      assert.deepEqual(await owed(here.store), ids.slice(1), 'it forgot them')
      assert.deepEqual(await owed(here.store, new Set(ids.slice(1, 2)), 1), ids.slice(2))
      await here.store.sent(ids)
      await here.store.close()
      assert.deepEqual(await owed(there), [])
    })
    it('is sent by another when its process ends in between, with the lead as it was', async () => {
      const here = await life()
      await here.whole(person(1))
      const ids = await fireAll(here)
      await here.store.close()
      const there = await open()
      const taken = await there.claimOutbox(own(), NONE, 99)
      assert.deepEqual(
        taken.map(({ timer }) => timer.id),
        ids,
      )
      const escalation = taken.find(({ timer }) => timer.kind === 'escalation')!
      assert.deepEqual([escalation.lead.id, escalation.state], ['L1', 'assigned'])
      assert.equal(escalation.lead.routing!.id, escalation.timer.id)
      assert.equal((await there.claimTimers(own(), NOW + DAY, 99)).length, 0, 'it has fired')
    })
    it('goes to a node that serves its policy when its own is gone', async () => {
      const one = await life()
      await one.whole(person(1))
      const ids = await fireAll(one)
      const { name } = TIGHT.ref
      assert.deepEqual(
        (await one.store.homes()).map(({ kind, nodeId, count }) => [kind, nodeId, count]),
        [['timers', NODE, 3]],
      )
      const asked = async (of: string) =>
        (await one.store.claimOutbox(own('new', [NODE], of), NONE, 99)).length
      assert.deepEqual([await asked('another'), await asked(name)], [0, ids.length])
    })
    it('is not owed for a timer that had nothing to say any more', async () => {
      const one = await life()
      const { lead } = await one.whole(person(1))
      const timer = await due(one.store, NOW + 3 * HOUR, 'breach')
      const over = { ...lead, sla: { ...lead.sla!, status: 'met' as const } }
      await one.store.transaction([], (tx) =>
        tx.commit(entry(over, [{ kind: 'lead.save', state: 'closed', reason: 'test' }])),
      )
      assert.equal((await one.fire(over, timer, NOW + 3 * HOUR)).outcome, 'dropped')
      assert.deepEqual(await owed(one.store), [])
    })
    it('is owed whatever becomes of the lead afterwards', async () => {
      const one = await life()
      await one.whole(person(1))
      await fireAll(one)
      assert.equal((await one.sales('L1', { kind: 'closed' })).outcome, 'recorded')
      assert.equal((await owed(one.store)).length, 3, 'an end cancels timers, not messages')
    })
  })
}
