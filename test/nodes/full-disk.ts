// A process of its own whose files may not grow for ever: takes leads until the store is away, and
// says how many it was told are taken.
import { PatientStore } from '../../store/patient-store'
import { SqliteStore } from '../../store/sqlite/sqlite-store'
import { Life, person } from '../store/life'

async function main(file: string): Promise<void> {
  const store = new PatientStore({
    realm: 'live',
    name: file,
    open: () => SqliteStore.open(file, 'live'),
  }).start()
  const life = new Life(store)
  let taken = 0
  let waiting = 0
  store.watch(({ presence, fault }) => {
    if (presence !== 'away') return
    // What was sent just now comes to wait within this turn.
    setTimeout(() => {
      waiting = store.health.waiting
      console.log(JSON.stringify({ taken, waiting, fault: fault?.message }))
      process.exit(0)
    }, 20)
  })
  for (let n = 0; ; n += 10) {
    const batch = Array.from({ length: 10 }, (_, at) =>
      life.ingest(person(n + at, { attributes: { text: 'x'.repeat(2_000) } })),
    )
    await Promise.all(batch)
    taken += 10
  }
}

void main(process.argv[2]!)
