// Goal: inside one process nobody overtakes in a scope, nobody waits without need, and never more
// than so many go at once. Method: jobs that end when told to.
import assert from 'node:assert/strict'
import { Turns } from '../../store/postgres/turns'

describe('Turns', () => {
  const settle = () => new Promise((resolve) => setImmediate(resolve))

  /** Jobs by name; each notes its start and ends when released. */
  function stage(max: number) {
    const turns = new Turns(max)
    const started: string[] = []
    const ends = new Map<string, (error?: Error) => void>()
    const run = (name: string, ...scopes: string[]) =>
      turns.run(
        scopes,
        () =>
          new Promise<string>((resolve, reject) => {
            started.push(name)
            ends.set(name, (error) => {
              if (error === undefined) resolve(name)
              else reject(error)
            })
          }),
      )
    const end = async (name: string, error?: Error) => {
      ends.get(name)!(error)
      await settle()
    }
    return { started, run, end }
  }

  it('keeps the order within a scope and lets others pass', async () => {
    const { started, run, end } = stage(10)
    const all = [run('a', 'x'), run('b', 'x', 'y'), run('c', 'y'), run('d', 'z'), run('e')]
    await settle()
    assert.deepEqual(started.splice(0).sort(), ['a', 'd', 'e'])
    await end('a')
    assert.deepEqual(started, ['b'])
    await end('b')
    assert.deepEqual(started, ['b', 'c'])
    for (const name of ['c', 'd', 'e']) await end(name)
    assert.deepEqual(await Promise.all(all), ['a', 'b', 'c', 'd', 'e'])
  })

  it('goes on after a job that failed, and tells only its caller', async () => {
    const { started, run, end } = stage(1)
    const failing = run('a', 'x')
    const next = run('b', 'x')
    await settle()
    const told = assert.rejects(failing, /boom/)
    await end('a', new Error('boom'))
    await told
    assert.deepEqual(started, ['a', 'b'])
    await end('b')
    assert.equal(await next, 'b')
  })

  it('lets no more than so many go at once, in the order in which they came', async () => {
    const { started, run, end } = stage(2)
    const all = ['a', 'b', 'c', 'd'].map((name) => run(name))
    await settle()
    assert.deepEqual(started, ['a', 'b'])
    await end('b')
    assert.deepEqual(started, ['a', 'b', 'c'])
    for (const name of ['a', 'c', 'd']) await end(name)
    assert.deepEqual(await Promise.all(all), ['a', 'b', 'c', 'd'])
  })

  it('does not count who waits for a scope', async () => {
    const { started, run, end } = stage(2)
    const all = [run('a', 'x'), run('b', 'x'), run('c', 'x'), run('d')]
    await settle()
    assert.deepEqual(started.sort(), ['a', 'd'])
    for (const name of ['d', 'a', 'b', 'c']) await end(name)
    assert.deepEqual(await Promise.all(all), ['a', 'b', 'c', 'd'])
  })
})
