/**
 * The flow of the chaos run: POST /leads through the eight nodes, POST /outcome for what sales did, an
 * answer from every port, and a recorder behind everything that goes out by itself.
 */
import { ARTEFACTS, baseNodes, httpIn, TAB } from '../lib/flow-parts'
import { contractText, policyText } from './artefacts'

const ANSWER = 'n-answer'
const STARTED = 'n-record-started'
const RUNG = 'n-record-timer'
const ROUTE = 'n-route'

interface Station {
  readonly id: string
  readonly type: string
  /** Where each output leads. */
  readonly wires: readonly (readonly string[])[]
  readonly settings?: object
}

const STATIONS: readonly Station[] = [
  {
    id: 'n-ingest',
    type: 'lead-ingest',
    wires: [['n-dedupe'], [ANSWER], [ANSWER]],
    settings: {
      property: 'payload',
      format: 'auto',
      system: 'chaos',
      mapping: [{ to: 'source.trigger', kind: 'field', from: 'trigger' }],
      signals: [],
      guessNames: true,
      eventId: 'id',
      attempts: 50,
    },
  },
  { id: 'n-dedupe', type: 'lead-dedupe', wires: [['n-fit'], ['n-fit'], [ANSWER]] },
  { id: 'n-fit', type: 'lead-score-fit', wires: [['n-intent']] },
  { id: 'n-intent', type: 'lead-score-intent', wires: [['n-qualify']] },
  { id: 'n-qualify', type: 'lead-qualify', wires: [[ROUTE], [ANSWER], [ANSWER], [ANSWER]] },
  { id: ROUTE, type: 'lead-route-by-capacity', wires: [['n-sla'], [ANSWER], [ANSWER]] },
  {
    id: 'n-sla',
    type: 'lead-sla-timer',
    wires: [[STARTED, ANSWER], [RUNG], [RUNG, ROUTE], [RUNG], [], [ANSWER]],
  },
  { id: 'n-outcome', type: 'lead-outcome', wires: [[ANSWER], [ANSWER]] },
]

/** `store`: settings of the lead-store node. */
export function chaosFlow(store: object): object[] {
  return [
    ...baseNodes('Chaos', contractText(), policyText(), store),
    httpIn('n-post-leads', 'post', '/leads', 'n-ingest'),
    httpIn('n-post-outcome', 'post', '/outcome', 'n-report'),
    change('n-report', 'n-outcome', [
      { t: 'set', p: 'outcome', pt: 'msg', to: 'payload.outcome', tot: 'msg' },
      { t: 'set', p: 'payload', pt: 'msg', to: 'payload.lead', tot: 'msg' },
    ]),
    ...STATIONS.map(({ settings, ...node }) => ({
      ...node,
      ...settings,
      ...ARTEFACTS,
      z: TAB,
      name: '',
    })),
    { id: STARTED, z: TAB, type: 'bench-recorder', what: 'clock' },
    { id: RUNG, z: TAB, type: 'bench-recorder', what: 'timer' },
    ...answers(ANSWER, ''),
    { id: 'n-catch', z: TAB, type: 'catch', scope: null, uncaught: false, wires: [['n-fault']] },
    change('n-fault', 'n-fault-answer', [
      { t: 'set', p: 'payload', pt: 'msg', to: 'error', tot: 'msg' },
    ]),
    ...answers('n-fault-answer', '500'),
  ]
}

function change(id: string, next: string, rules: readonly object[]): object {
  return { id, z: TAB, type: 'change', rules, wires: [[next]] }
}

/** Leads that no request brought (an escalation, a rep who became free) have nobody to answer. */
function answers(id: string, statusCode: string): object[] {
  const rules = [{ t: 'nnull' }]
  return [
    {
      id,
      z: TAB,
      type: 'switch',
      property: 'res',
      propertyType: 'msg',
      rules,
      checkall: 'true',
      repair: false,
      outputs: 1,
      wires: [[`${id}-http`]],
    },
    { id: `${id}-http`, z: TAB, type: 'http response', statusCode, headers: {}, wires: [] },
  ]
}
