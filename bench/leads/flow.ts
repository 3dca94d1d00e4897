/**
 * The flow that the leads go through: POST /leads to the eight nodes, an answer from every port,
 * and two questions to the audit log.
 */

import { ARTEFACTS, auditNodes, baseNodes, httpIn, httpResponse, TAB } from '../lib/flow-parts'

export interface FlowParts {
  readonly ingest: Readonly<Record<string, unknown>>
  readonly contractText: string
  readonly policyText: string
}

/** The nodes in their order; each first port leads on to the next one. */
const CHAIN = [
  { type: 'lead-ingest', ports: ['lead', 'rejected', 'repeated'] },
  { type: 'lead-dedupe', ports: ['new', 'known', 'review'], goOn: ['new', 'known'] },
  { type: 'lead-score-fit', ports: ['scored'] },
  { type: 'lead-score-intent', ports: ['scored'] },
  { type: 'lead-qualify', ports: ['sales', 'nurture', 'review', 'closed'] },
  { type: 'lead-route-by-capacity', ports: ['assigned', 'waiting', 'unroutable'] },
  {
    type: 'lead-sla-timer',
    ports: ['started', 'reminder', 'escalation', 'breach', 'met', 'answered'],
    goOn: [],
    answer: ['started'],
  },
] as const satisfies readonly {
  type: string
  ports: readonly string[]
  goOn?: readonly string[]
  answer?: readonly string[]
}[]

export function leadsFlow({ ingest, contractText, policyText }: FlowParts): object[] {
  return [
    ...baseNodes('Leads over HTTP', contractText, policyText),
    httpIn('n-post-leads', 'post', '/leads', idOf(CHAIN[0].type)),
    ...CHAIN.flatMap(({ type }, index) => chainNodes(index, type === 'lead-ingest' ? ingest : {})),
    ...faultNodes(),
    ...auditNodes('verify'),
    ...auditNodes('census'),
  ]
}

const idOf = (type: string): string => `n-${type}`

/** One lead node, and an HTTP answer for each of its ports at which the way ends. */
function chainNodes(index: number, settings: object): object[] {
  const link: (typeof CHAIN)[number] & { goOn?: readonly string[]; answer?: readonly string[] } =
    CHAIN[index]!
  const goOn = link.goOn ?? [link.ports[0]]
  const next = CHAIN[index + 1]?.type
  const answers = (link.answer ?? link.ports).filter((port) => !goOn.includes(port))
  const answerId = (port: string) => `${idOf(link.type)}-${port}`
  const wires = link.ports.map((port) => {
    if (goOn.includes(port)) return next === undefined ? [] : [idOf(next)]
    return answers.includes(port) ? [answerId(port)] : []
  })
  return [
    { ...settings, id: idOf(link.type), z: TAB, type: link.type, name: '', ...ARTEFACTS, wires },
    ...answers.map((port) => httpResponse(answerId(port), '', `${link.type} ${port}`)),
  ]
}

/** A fault answers too, so that no request is left hanging. */
function faultNodes(): object[] {
  const rules = [{ t: 'set', p: 'payload', pt: 'msg', to: 'error', tot: 'msg' }]
  return [
    { id: 'n-catch', z: TAB, type: 'catch', scope: null, uncaught: false, wires: [['n-fault']] },
    { id: 'n-fault', z: TAB, type: 'change', rules, wires: [['n-fault-answer']] },
    httpResponse('n-fault-answer', '500', 'fault'),
  ]
}
