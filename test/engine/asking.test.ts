import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Asking, carryOut, known, together, waitFor } from '../../engine/asking'

const answer = (value: number, later: boolean): Asking<number> =>
  later ? waitFor(Promise.resolve(value)) : known(value)

describe('work that asks', () => {
  it('is done at once where nothing has to be waited for', () => {
    const work = function* (): Asking<number> {
      const [a, b] = yield* together(known(1), known(2))
      return a + b + (yield* known(3))
    }
    assert.equal(carryOut(work()), 6)
  })

  it('comes to the same whichever of its answers have to be waited for', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer(), fc.boolean()), { maxLength: 8 }),
        async (answers) => {
          const inTurn = function* (): Asking<number[]> {
            const got: number[] = []
            for (const [value, later] of answers) got.push(yield* answer(value, later))
            return got
          }
          const want = answers.map(([value]) => value)
          assert.deepEqual(await carryOut(inTurn()), want)
          const all = together(...answers.map(([value, later]) => answer(value, later)))
          assert.deepEqual(await carryOut(all), want)
        },
      ),
    ))

  it('asks everything in the same moment', () => {
    const asked: string[] = []
    const ask = function* (name: string): Asking<void> {
      asked.push(name)
      yield* waitFor(new Promise<void>(() => {}))
    }
    void carryOut(together(ask('a'), ask('b')))
    assert.deepEqual(asked, ['a', 'b'])
  })

  it('is told where it asked that an answer failed, and may go on', async () => {
    const fault = new Error('no answer')
    const caught = function* (): Asking<string> {
      try {
        return yield* waitFor(Promise.reject(fault))
      } catch (raw) {
        return `${(raw as Error).message}, ${yield* waitFor(Promise.resolve('asked again'))}`
      }
    }
    assert.equal(await carryOut(caught()), 'no answer, asked again')
    await assert.rejects(
      carryOut(waitFor(Promise.reject(fault))) as Promise<never>,
      (raw) => raw === fault,
    )
  })

  it('throws what it throws: at once, or where it had to wait before', async () => {
    const fault = new Error('broken')
    const throws = function* (first: Asking<number>): Asking<never> {
      yield* first
      throw fault
    }
    assert.throws(
      () => carryOut(throws(known(1))),
      (raw) => raw === fault,
    )
    await assert.rejects(
      carryOut(throws(answer(1, true))) as Promise<never>,
      (raw) => raw === fault,
    )
  })
})
