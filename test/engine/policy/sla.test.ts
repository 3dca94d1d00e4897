// Goal: the clocks of a policy load in full, also from their short form, or what is wrong with them
// is said by line. Method: a policy with every key; then that text with one thing spoilt.
import assert from 'node:assert/strict'
import { loadPolicy } from '../../../engine/policy/load'
import { DAY, HOUR, MINUTE } from '../support/leads'
import { eachSpoilt } from '../support/problems'

const GOOD = `
policy: inbound
version: 3.1.0
calendars:
  berlin: { timezone: Europe/Berlin, hours: { mon-fri: ["09:00-18:00"] } }
reps:
  - { id: ana, name: Ana Ruiz, calendar: berlin, capacity: 12 }
  - { id: kim, name: Kim Lee, calendar: berlin, capacity: 3 }
pools:
  - { id: inbound, members: [ana], overflow: on-call }
  - { id: on-call, members: [kim] }
routes:
  - { id: route.rest, pool: inbound }
pauses: { waiting-for-customer: prospect, legal-hold: other }
reasons: { rejected: [wrong-region, spam], overridden: [wrong-segment] }
tiers:
  - id: strong
    when: { source.trigger: demo_request }
    respond: 1h
    clock: business
    calendar: berlin
    remind: [45m]
    stopOn: [call, meeting]
    pauseOn: [waiting-for-customer]
    escalate: [{ after: 2h, action: overflow }, { after: 4h, to: on-call, action: reassign }]
    movesMax: 2
    clocks:
      - { kind: follow-up, within: 24h, remind: [20h], escalate: [{ after: 25h, action: notify }] }
      - { id: decision, kind: resolution, within: 5d, clock: always, pauseOn: [legal-hold] }
  - id: partner
    clock: always
    clocks:
      - { kind: first-touch, within: 4h, from: assigned, stopOn: [visit], escalate: [{ after: 3h, action: auto-accept }] }
`

const load = (text: string) => {
  const { policy: loaded, problems } = loadPolicy(text)
  return { problems, loaded: loaded !== undefined }
}

describe('loadPolicy: clocks', () => {
  const { policy: loaded, problems } = loadPolicy(GOOD)
  const [strong, partner] = loaded!.tiers.list

  it('loads without a problem', () => assert.deepEqual(problems, []))

  it('respond is the first-touch clock, and the others take from the tier what they do not say', () => {
    const [first, followUp, decision] = strong!.clocks
    assert.deepEqual(
      [first!.id, first!.kind, first!.budgetMs, first!.from, first!.remindMs, [...first!.pauseOn]],
      ['first-touch', 'first-touch', HOUR, 'received', [45 * MINUTE], ['waiting-for-customer']],
    )
    assert.deepEqual(
      [followUp!.id, followUp!.from, followUp!.business, followUp!.calendar, followUp!.stopOn],
      ['follow-up', 'first-touch', true, first!.calendar, ['call', 'meeting']],
    )
    assert.deepEqual(
      [decision!.id, decision!.kind, decision!.budgetMs, decision!.business],
      ['decision', 'resolution', 5 * DAY, false],
    )
    assert.deepEqual([...decision!.pauseOn], ['legal-hold'])
    assert.deepEqual([strong!.respondMs, strong!.movesMax], [HOUR, 2])
  })

  it('a first-touch clock in full is the same as the short form', () => {
    assert.deepEqual(
      [partner!.respondMs, partner!.from, partner!.business, partner!.movesMax, partner!.stopOn],
      [4 * HOUR, 'assigned', false, 3, ['visit']],
    )
    assert.deepEqual(partner!.escalate, [{ afterMs: 3 * HOUR, action: 'auto-accept' }])
  })

  it('knows its states', () => {
    assert.deepEqual(
      [...loaded!.pauses],
      [
        ['waiting-for-customer', 'prospect'],
        ['legal-hold', 'other'],
      ],
    )
    const without = loadPolicy(GOOD.replace(/pauses:.*\n/, '').replace('[legal-hold]', '[]'))
    assert.deepEqual([...without.policy!.pauses], [['waiting-for-customer', 'prospect']])
  })
})

describe('loadPolicy: a clock spoilt', () => {
  eachSpoilt(
    GOOD,
    [
      {
        name: 'an unknown state to pause on',
        swap: ['pauseOn: [legal-hold]', 'pauseOn: [legal_hold]'],
        on: 'legal_hold',
        says: /no state "legal_hold" to pause on; known: waiting-for-customer, legal-hold/,
        path: 'tiers[0].clocks[1].pauseOn[0]',
      },
      {
        name: 'an unknown state on the tier',
        swap: ['pauseOn: [waiting-for-customer]', 'pauseOn: [asleep]'],
        on: 'asleep',
        says: /no state "asleep"/,
        path: 'tiers[0].pauseOn[0]',
      },
      {
        name: 'a state for whom nobody waits',
        swap: ['legal-hold: other', 'legal-hold: lawyers'],
        on: 'lawyers',
        says: /prospect/,
      },
      {
        name: 'an edit as evidence',
        swap: ['stopOn: [call, meeting]', 'stopOn: [status_edit]'],
        on: 'status_edit',
        says: /A status edit is no contact.*known: call, reply/,
        path: 'tiers[0].stopOn[0]',
      },
      {
        name: 'evidence that nobody knows',
        swap: ['stopOn: [visit]', 'stopOn: [fax]'],
        on: 'fax',
        says: /"fax" is no contact/,
        path: 'tiers[1].clocks[0].stopOn[0]',
      },
      {
        name: 'evidence for a resolution',
        swap: ['clock: always, pauseOn', 'stopOn: [call], clock: always, pauseOn'],
        on: 'stopOn: [call],',
        says: /resolution stops when sales is done/,
      },
      {
        name: 'two clocks of one kind without names',
        swap: ['id: decision, kind: resolution', 'kind: follow-up'],
        on: 'within: 5d',
        says: /"strong" has two clocks with the name "follow-up"; give each an `id`/,
        path: 'tiers[0].clocks[1]',
      },
      {
        name: 'two clocks of one name',
        swap: ['id: decision', 'id: follow-up'],
        on: 'id: follow-up',
        says: /two clocks with the name "follow-up"$/,
        path: 'tiers[0].clocks[1].id',
      },
      {
        name: 'a second first-touch clock',
        swap: ['kind: follow-up', 'kind: first-touch'],
        on: 'kind: first-touch, within: 24h',
        says: /"strong" has two first-touch clocks/,
      },
      {
        name: 'a first-touch clock with a name',
        swap: ['kind: first-touch, within: 4h', 'id: hello, kind: first-touch, within: 4h'],
        on: 'id: hello',
        says: /no name of its own/,
      },
      {
        name: 'a tier without a first-touch clock',
        swap: ['kind: first-touch, within: 4h, from: assigned', 'kind: follow-up, within: 4h'],
        on: 'id: partner',
        says: /"partner" has no first-touch clock/,
      },
      {
        name: 'a first touch that begins with itself',
        swap: ['from: assigned', 'from: first-touch'],
        on: 'from: first-touch',
        says: /cannot begin with the first touch/,
        path: 'tiers[1].clocks[0].from',
      },
      {
        name: 'a short form without a clock',
        swap: ['    clock: business\n', ''],
        on: 'id: strong',
        says: /"strong" must have `clock`: always or business/,
      },
      {
        name: 'a clock without a clock',
        swap: ['    clock: always\n', ''],
        on: 'kind: first-touch',
        says: /the clock "first-touch" must have `clock`/,
        path: 'tiers[1].clocks[0]',
      },
      {
        name: 'a reminder of no clock',
        swap: ['    clock: always\n', '    clock: always\n    remind: [3h]\n'],
        on: 'remind: [3h]',
        says: /`remind` belongs to `respond`/,
        path: 'tiers[1].remind',
      },
      {
        name: 'no time at all',
        swap: ['within: 5d', 'within: 0m'],
        on: 'within: 0m',
        says: /"decision" must allow more than no time/,
        path: 'tiers[0].clocks[1].within',
      },
      {
        name: 'a reminder after the deadline',
        swap: ['remind: [20h]', 'remind: [30h]'],
        on: '30h',
        says: /reminder after 30h comes no earlier than the breach after 24h/,
        level: 'warning',
        path: 'tiers[0].clocks[0].remind[0]',
      },
      {
        name: 'a calendar that is not there',
        swap: ['clock: always, pauseOn', 'clock: business, calendar: paris, pauseOn'],
        on: 'calendar: paris',
        says: /no calendar "paris"; known: berlin/,
        path: 'tiers[0].clocks[1].calendar',
      },
      {
        name: 'a calendar that never opens',
        swap: ['hours: { mon-fri: ["09:00-18:00"] }', 'hours: {}'],
        on: 'berlin',
        says: /never opens/,
      },
      {
        name: 'a pool that is not there',
        swap: ['{ after: 25h, action: notify }', '{ after: 25h, to: nobody, action: notify }'],
        on: 'to: nobody',
        says: /no pool "nobody"/,
        path: 'tiers[0].clocks[0].escalate[0].to',
      },
      {
        name: 'an overflow with a pool',
        swap: ['action: overflow', 'to: on-call, action: overflow'],
        on: 'to: on-call, action: overflow',
        says: /overflow of the lead’s own pool; leave `to` out/,
        path: 'tiers[0].escalate[0].to',
      },
      {
        name: 'an acceptance with a pool',
        swap: ['action: auto-accept', 'to: on-call, action: auto-accept'],
        on: 'to: on-call, action: auto-accept',
        says: /leaves the lead with its rep/,
      },
      {
        name: 'an overflow where no pool has one',
        swap: [', overflow: on-call', ''],
        on: 'action: overflow',
        says: /no pool of this policy has an `overflow`/,
        path: 'tiers[0].escalate[0].action',
      },
      {
        name: 'an action that is none',
        swap: ['action: auto-accept', 'action: shout'],
        on: 'shout',
        says: /notify.*reassign.*overflow.*auto-accept/,
      },
      {
        name: 'moves below none',
        swap: ['movesMax: 2', 'movesMax: -1'],
        on: 'movesMax: -1',
        says: /0/,
        path: 'tiers[0].movesMax',
      },
      {
        name: 'a reason twice',
        swap: ['[wrong-region, spam]', '[spam, spam]'],
        on: '[spam, spam]',
        says: /./,
      },
    ],
    load,
  )

  it('business time without hours counts around the clock, and that is said', () => {
    const { problems } = loadPolicy(
      GOOD.replace('    calendar: berlin\n', '').replace(
        ', calendar: berlin, capacity: 3',
        ', capacity: 3',
      ),
    )
    assert.deepEqual(
      problems.map(({ level, path }) => [level, path]),
      [['warning', 'tiers[0].clock']],
    )
  })
})
