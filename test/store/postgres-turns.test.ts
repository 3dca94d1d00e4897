// Goal: inside one process nobody overtakes in a scope, nobody waits without need, never more than so
// many go at once, and who piled up behind a scope goes together. Method: runs that end when told to.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Scoped, Turns } from '../../store/postgres/turns'

interface Named extends Scoped {
  readonly name: string
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

/** Each run is noted as the names of its jobs, and lasts until one of them is ended by name. */
function stage(max: number) {
  const started: string[] = []
  const ends = new Map<string, () => void>()
  const turns = new Turns<Named>(max, (chain) => {
    const names = chain.map(({ name }) => name).join('+')
    started.push(names)
    return new Promise((resolve) => ends.set(names, resolve))
  })
  return {
    started,
    add: (name: string, ...scopes: string[]) => turns.add({ name, scopes: new Set(scopes) }),
    end: async (names: string) => {
      ends.get(names)!()
      await settle()
    },
  }
}

describe('Turns', () => {
  it('keeps the order within a scope and lets others pass', async () => {
    const { started, add, end } = stage(10)
    add('a', 'x')
    add('b', 'x', 'y')
    add('c', 'y')
    add('d', 'z')
    add('e')
    assert.deepEqual(started, ['a', 'd', 'e'])
    await end('a')
    assert.deepEqual(started, ['a', 'd', 'e', 'b+c'])
  })

  it('starts together what piled up behind one scope, but nobody who waits for another', async () => {
    const { started, add, end } = stage(10)
    add('lead 4', 'l4')
    add('route 1', 'p', 'l1')
    for (const n of [2, 3, 4, 5]) add(`route ${n}`, 'p', `l${n}`)
    assert.deepEqual(started, ['lead 4', 'route 1'])
    await end('route 1')
    assert.deepEqual(started.slice(2), ['route 2+route 3'], 'route 4 waits for its lead')
    await end('route 2+route 3')
    assert.equal(started.length, 3)
    await end('lead 4')
    assert.deepEqual(started.slice(3), ['route 4+route 5'])
  })

  it('lets no more than so many go at once, in the order in which they came', async () => {
    const { started, add, end } = stage(2)
    for (const name of ['a', 'b', 'c', 'd']) add(name)
    assert.deepEqual(started, ['a', 'b'])
    await end('b')
    assert.deepEqual(started, ['a', 'b', 'c'])
  })

  it('does not count who waits for a scope', async () => {
    const { started, add } = stage(2)
    add('a', 'x')
    add('b', 'x')
    add('c', 'x')
    add('d')
    assert.deepEqual(started, ['a', 'd'])
  })

  it('cuts a long chain', async () => {
    const { started, add, end } = stage(1)
    for (let n = 0; n < 40; n++) add(`${n}`, 'x')
    await end('0')
    assert.equal(started[1]!.split('+').length, 32)
    await end(started[1]!)
    assert.equal(started[2]!.split('+').length, 7)
  })

  it('runs every job once, in its scopes’ order, and no two at once in a scope', async () => {
    const names: readonly string[] = ['p', 'q', 'a', 'b', 'c']
    const scope = fc.constantFrom(...names)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uniqueArray(scope, { maxLength: 3 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
        async (list, max, waits) => {
          const busy = new Set<string>()
          const order: number[] = []
          const turns = new Turns<Scoped & { n: number }>(max, async (chain) => {
            const mine = new Set(chain.flatMap(({ scopes }) => [...scopes]))
            for (const one of mine) {
              assert.ok(!busy.has(one))
              busy.add(one)
            }
            order.push(...chain.map(({ n }) => n))
            for (let turn = waits.next().value as number; turn > 0; turn--) await settle()
            for (const one of mine) busy.delete(one)
          })
          for (const [n, scopes] of list.entries()) turns.add({ n, scopes: new Set(scopes) })
          for (let turn = 0; turn < 200 && order.length < list.length; turn++) await settle()
          assert.deepEqual(
            [...order].sort((a, b) => a - b),
            [...list.keys()],
          )
          for (const one of names) {
            const inScope = order.filter((n) => list[n]!.includes(one))
            assert.deepEqual(
              inScope,
              [...inScope].sort((a, b) => a - b),
            )
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
