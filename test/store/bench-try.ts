import { PostgresServer } from './postgres-server'
import { PostgresStore } from '../../store/postgres/postgres-store'
import { SqliteStore } from '../../store/sqlite/sqlite-store'
import { Life, person, WIDE } from './postgres-life'
import type { Store } from '../../store/store'
async function measure(name: string, store: Store, leads: number, lanes: number, base: number) {
  const life = new Life(store, WIDE)
  let n = 0
  const t = performance.now()
  await Promise.all(Array.from({ length: lanes }, async () => { while (n < leads) await life.whole(person(base + n++)) }))
  const s = (performance.now() - t) / 1000
  console.log(name, 'lanes', lanes, Math.round(leads * 5 / s), 'performs/s', Math.round(leads / s), 'leads/s')
}
async function single(name: string, store: Store, base: number) {
  const life = new Life(store, WIDE)
  for (const step of ['ingest', 'dedupe', 'qualify', 'route', 'start'] as const) {
    const t = performance.now()
    for (let n = 0; n < 200; n++) { let l = person(base + n); if (step === 'start') l = { ...l } ; await life[step](l) }
    console.log(name, step, ((performance.now() - t) / 200).toFixed(2), 'ms each, one after the other')
  }
}
async function main() {
  const server = (await PostgresServer.start())!
  const store = await PostgresStore.open({ connectionString: await server.database() }, 'live')
  const sqlite = SqliteStore.open(`/tmp/bench-${process.pid}.db`, 'live')
  await measure('warm', store, 200, 16, 0)
  await measure('warm', sqlite, 200, 16, 0)
  for (const lanes of [1, 16, 64]) {
    await measure('pg', store, lanes === 1 ? 100 : 1000, lanes, lanes * 10_000)
    await measure('sqlite', sqlite, lanes === 1 ? 100 : 1000, lanes, lanes * 10_000)
  }
  await single('pg', store, 9_000_000)
  await single('sqlite', sqlite, 9_000_000)
  console.log((await store.verify()).ok, (await store.census()).entries)
  await store.close(); await sqlite.close(); await server.remove()
}
main()
