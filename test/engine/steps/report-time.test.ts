// Goal: one rule for the time of every report: days late is legal, another year is not, and is told.
import assert from 'node:assert/strict'
import type { Lead } from '../../../engine/lead/lead'
import { outcomeStep } from '../../../engine/steps/outcome'
import { reportTimeProblem } from '../../../engine/steps/report-time'
import { OUTCOME_KINDS, type SalesEvent } from '../../../engine/steps/sales-event'
import { policy } from '../support/artefacts'
import { at, DAY, HOUR, lead, MINUTE, NOW, signal } from '../support/leads'

const came = (agoMs: number) => ({ id: 'web:1', receivedAt: at(NOW - agoMs) })

describe('reportTimeProblem', () => {
  for (const [name, one, atMs, fine] of [
    ['now', lead(), NOW, true],
    ['from a clock that runs ahead', lead(), NOW + DAY, true],
    ['further ahead', lead(), NOW + DAY + 1, false],
    ['days late', lead({ event: came(5 * DAY) }), NOW - 4 * DAY, true],
    ['of before the lead was handed on', lead({ event: came(0) }), NOW - 30 * DAY, true],
    ['further back', lead({ event: came(0) }), NOW - 30 * DAY - 1, false],
    [
      'of before a newer event',
      lead({ signals: [signal('demo', 90 * DAY)] }),
      NOW - 99 * DAY,
      true,
    ],
    [
      'of before the lead was told of',
      lead({ event: { ...came(0), occurredAt: at(NOW - 60 * DAY) } }),
      NOW - 90 * DAY,
      true,
    ],
    ['where the lead came later than now', lead({ event: came(-HOUR) }), NOW - 30 * DAY, true],
    [
      'of a lead whose own times cannot be read',
      lead({ signals: [signal('a', 0, { at: 'x' })] }),
      NOW,
      true,
    ],
  ] as const satisfies readonly (readonly [string, Lead, number, boolean])[]) {
    it(`a report ${name} is ${fine ? 'fine' : 'refused'}`, () => {
      assert.equal(reportTimeProblem(one, atMs, NOW) === undefined, fine)
    })
  }
  it('says what was said and what may be', () => {
    assert.equal(
      reportTimeProblem(lead(), Date.UTC(2016, 2, 2, 10), NOW),
      'outcome.at is 2016-03-02T10:00:00.000Z, expected a time from 2026-01-31T10:00:00.000Z, ' +
        '30 days before the lead, to 2026-03-03T10:00:00.000Z, 24 hours from now',
    )
  })
})

describe('outcome: a report of another time', () => {
  const inWork = lead({
    event: came(HOUR),
    decision: { outcome: 'mql' } as Lead['decision'] & object,
    assignment: {
      status: 'assigned',
      rep: { id: 'ana', name: 'Ana' },
      cycle: 1,
      at: at(NOW - HOUR),
    } as Lead['assignment'] & object,
    sla: {
      tier: 'routine',
      status: 'running',
      startedAt: at(NOW - HOUR),
      dueAt: at(NOW),
      clock: 'always',
      cycle: 1,
      node: 'sla',
    },
  })
  const go = (event: Omit<SalesEvent, 'id'>) =>
    outcomeStep.decide(
      inWork,
      { policy: policy(), event: { id: 'o1', ...event } },
      { open: event.kind !== 'reopened', waits: false },
      NOW,
    )
  for (const kind of OUTCOME_KINDS.filter((one) => one !== 'available')) {
    const said = { kind, evidence: 'call', state: 'on-hold', decision: 'sql', token: 1 } as const
    it(`${kind} changes nothing, and says why`, () => {
      for (const atMs of [Date.UTC(2016, 2, 2), NOW + 2 * DAY]) {
        const { outcome, changes, patch, because } = go({ ...said, atMs })
        assert.deepEqual([outcome, changes, patch], ['ignored', [], {}])
        assert.match(because[0]!.why, /^outcome\.at is 20/)
      }
      const [late] = go({ ...said, atMs: NOW - MINUTE }).because
      assert.doesNotMatch(late!.why, /outcome\.at/)
    })
  }
})
