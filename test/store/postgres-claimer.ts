// A process of its own that works on a PostgreSQL store, to be killed: takes up leads and timers
// until there are none, one line for each on its output, a while over each.
import { setTimeout as sleep } from 'node:timers/promises'
import { PostgresStore } from '../../store/postgres/postgres-store'
import { dueTimers, Life, NOW, own, takeUp, WIDE } from './postgres-life'

async function main(): Promise<void> {
  const store = await PostgresStore.open(
    { connectionString: process.env.CLAIMER_URL!, leaseMs: Number(process.env.CLAIMER_LEASE_MS) },
    'live',
  )
  const life = new Life(store, WIDE)
  const nowMs = Number(process.env.CLAIMER_NOW_MS ?? NOW)
  console.log('ready')
  for (;;) {
    const taken = await takeUp(store, { nowMs, limit: 10, attemptsMax: 100 })
    for (const { lead } of taken) {
      console.log(`taken ${lead.id}`)
      await life.dedupe(lead)
      await life.decided((await store.lead(lead.id))!.lead)
      console.log(`done ${lead.id}`)
    }
    for (const timer of await dueTimers(store, nowMs, 10)) {
      const stored = await store.lead(timer.leadId)
      const { again } = await life.fire(stored!.lead, timer, nowMs)
      if (!again) console.log(`fired ${timer.id}`)
      await store.sent([timer.id])
    }
    const owed = await store.claimOutbox(own(), new Set(), 10)
    await store.sent(owed.map(({ timer }) => timer.id))
    await sleep(20)
  }
}

void main()
