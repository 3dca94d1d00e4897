// Goal: a contract's own tests judge with the functions that judge live leads, at their own time.
import assert from 'node:assert/strict'
import { loadContract } from '../../../engine/contract/load'
import { CONTRACT } from '../support/artefacts'

const ACME = { 'company.employees': 200, 'company.country': 'DE' }

function problemsOf(test: object): string[] {
  const { problems } = loadContract(
    JSON.stringify({ ...CONTRACT, tests: [{ name: 'own', lead: ACME, ...test }] }),
  )
  return problems.map(({ message }) => message)
}

describe('a contract’s own tests', () => {
  for (const [name, test, want] of [
    ['a right outcome says nothing', { expect: { outcome: 'nurture' } }, undefined],
    [
      'nothing expected proves nothing',
      { expect: {} },
      /^test "own" expects nothing, so it proves nothing; give outcome, grade, fit or intent$/,
    ],
    ['fit and intent are compared', { expect: { fit: 60, intent: 0 } }, undefined],
    [
      'a wrong outcome',
      { expect: { outcome: 'sql' } },
      /expected outcome sql, got nurture \(decide\.rest: No earlier rule matched; fit 60, intent 0\)/,
    ],
    [
      'a grade where there is none',
      { expect: { grade: 'A1' } },
      /expected grade A1, got undefined/,
    ],
    [
      'a signal decays until the test’s time',
      {
        lead: { signals: [{ type: 'demo_request', at: '2026-03-01T00:00:00Z' }] },
        at: '2026-03-08T00:00:00Z',
        expect: { intent: 30 },
      },
      undefined,
    ],
    [
      'a signal without a time is as fresh as the test',
      {
        lead: { signals: [{ type: 'demo_request' }] },
        at: '2031-01-01T00:00:00Z',
        expect: { intent: 60 },
      },
      undefined,
    ],
    [
      'an opted-out lead is suppressed',
      { lead: { ...ACME, 'consent.optOut': true }, expect: { outcome: 'suppressed' } },
      undefined,
    ],
    [
      'sections may be nested maps',
      { lead: { company: { employees: 200, country: 'DE' } }, expect: { fit: 60 } },
      undefined,
    ],
    [
      'an unknown field',
      { lead: { 'company.size': 5 }, expect: { fit: 0 } },
      /"company\.size" is not a field of the lead/,
    ],
    [
      'a signal that is no map',
      { lead: { signals: [5] }, expect: { fit: 0 } },
      /lead\.signals\[0\] "type" is missing/,
    ],
  ] as const) {
    it(name, () => {
      const problems = problemsOf(test)
      if (want === undefined) assert.deepEqual(problems, [])
      else assert.match(problems.join('\n'), want)
    })
  }
})
