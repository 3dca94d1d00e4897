// Goal: what is on disk is told to everybody, in order and in portions, and a batch does not end in the middle of a lead's way.
import assert from 'node:assert/strict'
import type { Batch } from '../../../store/sqlite/batch'
import { Database } from '../../../store/sqlite/database'
import { Realm } from '../../../store/sqlite/realm'
import { Transactions } from '../../../store/sqlite/transactions'

/** A writer that keeps what it is sent, and says that it is on disk when it is asked to. */
class Bench {
  readonly sent: Batch[] = []
  readonly transactions = new Transactions('leads.db', { durable: () => {}, lost: () => {} })
  readonly #realm: Realm
  #acknowledged = 0

  constructor(database: Database) {
    this.#realm = new Realm(database, 'live')
    this.transactions.start({ send: (batch) => this.sent.push(batch), close: async () => {} })
  }

  write(mark: string, ahead = false): Promise<string> {
    const way = { event: mark, ahead: () => ahead }
    return this.transactions.run(
      this.#realm,
      (draft) => {
        draft.writes.push({ sql: mark, values: [] })
        return mark
      },
      way,
    )
  }

  /** Everything that was sent is on disk. */
  acknowledge(): void {
    while (this.#acknowledged < this.sent.length)
      this.transactions.acknowledged({ id: this.sent[this.#acknowledged++]!.id, sizes: {} })
  }

  /** Which batches hold writes with the mark. */
  batchesOf(mark: string): number[] {
    return this.sent.flatMap(({ writes }, index) =>
      writes.some(({ sql }) => sql.startsWith(mark)) ? [index] : [],
    )
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('Transactions of a file', () => {
  let database: Database
  let bench: Bench
  beforeEach(() => {
    database = new Database(':memory:')
    bench = new Bench(database)
  })
  afterEach(() => {
    database.close()
  })

  const crowd = 500
  const marks = Array.from({ length: crowd }, (_, index) => `#${index}.`)

  it('tells a crowd in portions: everybody, in the order of their commits', async () => {
    const told: string[] = []
    for (const mark of marks) void bench.write(mark).then((answer) => told.push(answer))
    await turn()
    assert.equal(told.length, 0, 'nobody before it is on disk')
    bench.acknowledge()
    await turn()
    assert.ok(told.length > 0 && told.length < crowd / 2, `${told.length} at once`)
    for (let turns = 0; told.length < crowd; turns++) {
      assert.ok(turns < crowd, 'all in the end')
      await turn()
    }
    assert.deepEqual(told, marks)
  })

  for (const lag of [1, 2, 3, 5, 7])
    it(`all that a lead writes from node to node is in one batch; the disk takes ${lag} turns`, async () => {
      const journey = async (mark: string) => {
        await bench.write(`${mark}in`)
        for (const step of ['a', 'b', 'c', 'd', 'e']) {
          await turn()
          await bench.write(`${mark}way ${step}`, true)
        }
        await turn()
        await bench.write(`${mark}way end`)
      }
      let arrived = 0
      for (const mark of marks) void journey(mark).then(() => (arrived += 1))
      for (let turns = 0; arrived < crowd; turns++) {
        assert.ok(turns < 10 * crowd, 'all arrive')
        if (turns % lag === 0) bench.acknowledge()
        // Others come and wait meanwhile.
        void bench.write(`other ${turns}`)
        await turn()
      }
      for (const mark of marks) {
        assert.equal(bench.batchesOf(`${mark}in`).length, 1)
        assert.equal(bench.batchesOf(`${mark}way`).length, 1, `${mark} is cut`)
      }
      assert.ok(bench.sent.length < crowd / 10, `${bench.sent.length} batches`)
    })

  it('a single caller waits for nobody', async () => {
    const alone = bench.write('alone')
    await turn()
    assert.equal(bench.sent.length, 1)
    bench.acknowledge()
    assert.equal(await alone, 'alone')
  })

  it('those who are on disk already are told so though a batch after theirs fails', async () => {
    const first = marks.map((mark) => bench.write(mark))
    await turn()
    bench.acknowledge()
    const second = bench.write('second')
    const refused = assert.rejects(second, { code: 'LEAD_STORE_UNAVAILABLE' })
    for (let turns = 0; bench.sent.length < 2; turns++) {
      assert.ok(turns < crowd, 'the second goes to the writer')
      await turn()
    }
    const { id } = bench.sent[1]!
    bench.transactions.acknowledged({ id, sizes: {}, error: { message: 'the disk is full' } })
    await refused
    assert.deepEqual(await Promise.all(first), marks)
  })
})
