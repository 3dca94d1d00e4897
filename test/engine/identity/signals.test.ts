// Goal: a signal counts once per source that sends it, and those of a busy person keep every type.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { mergeSignals, underKnownIds } from '../../../engine/identity/signals'
import { SIGNALS_MAX, signalId } from '../../../engine/lead/signals'
import { signal } from '../support/leads'

describe('mergeSignals', () => {
  const pages = (count: number) =>
    Array.from({ length: count }, (_, index) => signal('page', index + 1))
  it('five hundred page views push out neither a demo request nor an unsubscribe', () => {
    const rare = [signal('demo', 9_000), signal('unsubscribe', 8_000)]
    const merged = mergeSignals([...rare, ...pages(SIGNALS_MAX)], [signal('page')])
    assert.equal(merged.length, SIGNALS_MAX)
    assert.deepEqual(merged.slice(0, 2), rare, 'and are still the oldest')
    assert.deepEqual(merged.slice(2), [signal('page'), ...pages(SIGNALS_MAX - 3)].reverse())
  })
  it('no order of arrival matters, and what gave way once does so again', () => {
    const some = (type: string) =>
      fc.integer({ min: 0, max: 400 }).map((count) =>
        // Every moment is one of this type's own.
        Array.from({ length: count }, (_, index) => signal(type, index * 7 + type.length)),
      )
    const all = fc
      .tuple(some('page'), some('demo'), some('trial_'), some('a'))
      .map((types) => types.flat())
    fc.assert(
      fc.property(all, fc.nat(), (signals, turn) => {
        const [first, second] = [signals.slice(turn % 700), signals.slice(0, turn % 700)]
        const merged = mergeSignals(first, second)
        assert.deepEqual(mergeSignals(second, first), merged)
        assert.deepEqual(mergeSignals(merged, second), merged)
        assert.equal(
          new Set(merged.map(({ type }) => type)).size,
          new Set(signals.map(({ type }) => type)).size,
        )
      }),
      { numRuns: 60 },
    )
  })
})

describe('underKnownIds', () => {
  const web = (...signals: ReturnType<typeof signal>[]) => ({ source: { system: 'web' }, signals })
  const called = (id: string, type = 'page', ago = 0) => signal(type, ago, { id })
  it('a signal that was kept before ids named their system is the same one', () => {
    const again = underKnownIds([called('1')], web(called('web/1', 'page', 5), called('web/2')))
    assert.deepEqual(again, [called('1', 'page', 5), called('web/2')])
  })
  it('however long its id is', () => {
    const id = 'x'.repeat(199)
    assert.deepEqual(underKnownIds([called(id)], web(called(signalId('web', id)))), [called(id)])
  })
  it('a lead in its own shape, sent through lead-ingest again, doubles none', () => {
    const known = [called('web/1'), called('web:7', 'demo')]
    const sent = web(called('web/web/1'), called('web/web:7', 'demo'))
    assert.deepEqual(underKnownIds(known, sent), known)
  })
  for (const [name, known, sent] of [
    ['of another type', called('1', 'demo'), called('web/1')],
    ['of another system', called('crm/1'), called('web/1')],
    ['that some system calls so', called('1'), called('crm/1')],
  ] as const)
    it(`one ${name} is another one`, () => {
      assert.deepEqual(underKnownIds([known], web(sent)), [sent])
    })
  it('two of one event stay two', () => {
    const both = [called('web/1'), called('web/web/1')]
    assert.deepEqual(underKnownIds([called('web/1')], web(...both)), both)
  })
})
