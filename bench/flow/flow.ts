/**
 * Chains of eight nodes each in one flow: the lead nodes, and core switch nodes to compare with; both
 * once behind an `http in` node, as leads come, and once behind a node that sends inside the process.
 */
import { ARTEFACTS, auditNodes, baseNodes, httpIn, httpResponse, TAB } from '../lib/flow-parts'
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

export type Chain = 'lead' | 'switch'

/** Where a chain takes records over HTTP; it answers when the last node is done. */
export function pathOf(chain: Chain): string {
  return `/chain/${chain}`
}

/** `store`: settings of the lead-store node; a file in the user directory without them. */
export function benchFlow(store?: object): object[] {
  const links = { lead: LEAD_NODES.map(leadNode), switch: SWITCH_FIELDS.map(switchNode) }
  return [
    ...baseNodes('Benchmark', contractText(), policyText(), store),
    ...(['lead', 'switch'] as const).flatMap((name) => [
      ...inProcess(name, links[name]),
      ...overHttp(name, links[name]),
    ]),
    // A message that fails arrives as well, so that no run waits for ever.
    { id: 'n-catch', z: TAB, type: 'catch', scope: null, wires: [['n-failed']] },
    { id: 'n-failed', z: TAB, type: 'bench-sink', chain: '' },
    ...auditNodes('census'),
    ...auditNodes('verify'),
  ]
}

type Link = (id: string, next: string, sink: string) => object

function inProcess(name: Chain, links: readonly Link[]): object[] {
  const { nodes, first, sink } = inRow(`n-${name}`, links)
  return [
    { id: `n-${name}-source`, z: TAB, type: 'bench-source', chain: name, wires: [[first]] },
    ...nodes,
    { id: sink, z: TAB, type: 'bench-sink', chain: name },
  ]
}

function overHttp(name: Chain, links: readonly Link[]): object[] {
  const { nodes, first, sink } = inRow(`n-http-${name}`, links)
  return [
    httpIn(`n-http-${name}-in`, 'post', pathOf(name), first),
    ...nodes,
    httpResponse(sink, '', name),
  ]
}

/** The nodes one behind the other; what leaves them goes to `sink`. */
function inRow(prefix: string, links: readonly Link[]) {
  const id = (index: number) => `${prefix}-${index}`
  const sink = `${prefix}-sink`
  const next = (index: number) => (index + 1 < links.length ? id(index + 1) : sink)
  return { nodes: links.map((link, at) => link(id(at), next(at), sink)), first: id(0), sink }
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
