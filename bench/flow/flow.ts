/** Two chains of eight nodes each in one flow: the lead nodes, and core switch nodes to compare with. */
import { ARTEFACTS, auditNodes, baseNodes, TAB } from '../lib/flow-parts'
import { contractText, policyText } from './artefacts'

const LEAD_NODES = [
  { type: 'lead-ingest', outputs: 3, settings: { ...ingestSettings() } },
  // No provider: the node passes the lead through, as its settings say nothing is to be asked.
  { type: 'lead-enrich', outputs: 3, settings: { providers: [], critical: [] } },
  { type: 'lead-dedupe', outputs: 3, settings: {} },
  { type: 'lead-score-fit', outputs: 1, settings: {} },
  { type: 'lead-score-intent', outputs: 1, settings: {} },
  { type: 'lead-qualify', outputs: 4, settings: {} },
  { type: 'lead-route-by-capacity', outputs: 3, settings: {} },
  { type: 'lead-sla-timer', outputs: 6, settings: {} },
] as const

/** What each switch node looks at; each has three rules, of which the first holds. */
const SWITCH_FIELDS = [
  'email',
  'first_name',
  'company',
  'country',
  'industry',
  'source_type',
  'trigger',
  'campaign',
] as const

export const CHAIN_LENGTH = 8

/** `store`: settings of the lead-store node; a file in the user directory without them. */
export function benchFlow(store?: object): object[] {
  return [
    ...baseNodes('Benchmark', contractText(), policyText(), store),
    ...chain('lead', LEAD_NODES.map(leadNode)),
    ...chain('switch', SWITCH_FIELDS.map(switchNode)),
    // A message that fails arrives as well, so that no run waits for ever.
    { id: 'n-catch', z: TAB, type: 'catch', scope: null, wires: [['n-failed']] },
    { id: 'n-failed', z: TAB, type: 'bench-sink', chain: '' },
    ...auditNodes('census'),
    ...auditNodes('verify'),
  ]
}

type Link = (id: string, next: string, sink: string) => object

/** Source, the nodes in a row, sink. */
function chain(name: string, links: readonly Link[]): object[] {
  const id = (index: number) => `n-${name}-${index}`
  const sink = `n-${name}-sink`
  return [
    { id: `n-${name}-source`, z: TAB, type: 'bench-source', chain: name, wires: [[id(0)]] },
    ...links.map((link, index) =>
      link(id(index), index + 1 < links.length ? id(index + 1) : sink, sink),
    ),
    { id: sink, z: TAB, type: 'bench-sink', chain: name },
  ]
}

/** The first output goes on; what leaves by another one has arrived as well. */
function leadNode({ type, outputs, settings }: (typeof LEAD_NODES)[number]): Link {
  return (id, next, sink) => ({
    id,
    z: TAB,
    type,
    name: '',
    ...ARTEFACTS,
    ...settings,
    wires: Array.from({ length: outputs }, (_, port) => [port === 0 ? next : sink]),
  })
}

function switchNode(field: string): Link {
  return (id, next) => ({
    id,
    z: TAB,
    type: 'switch',
    name: '',
    property: `payload.${field}`,
    propertyType: 'msg',
    rules: [{ t: 'nempty' }, { t: 'eq', v: 'nobody', vt: 'str' }, { t: 'cont', v: '§', vt: 'str' }],
    checkall: 'true',
    repair: false,
    outputs: 3,
    wires: [[next], [], []],
  })
}

function ingestSettings() {
  return {
    property: 'payload',
    format: 'auto',
    system: 'bench',
    mapping: [
      { to: 'source.type', kind: 'field', from: 'source_type' },
      { to: 'source.trigger', kind: 'field', from: 'trigger' },
      { to: 'consent.marketing', kind: 'field', from: 'consent' },
    ],
    signals: [],
    guessNames: true,
    eventId: 'id',
  } as const
}
