import { parseDuration } from '../../engine/duration'
import type { ProviderAnswer } from '../../engine/enrichment/merge-values'
import {
  fillProblem,
  normaliseValue,
  type ProviderSpec,
  urlProblem,
} from '../../engine/enrichment/provider'
import { LeadFault } from '../../engine/faults'
import type { Lead } from '../../engine/lead/lead'
import { isOptedOut } from '../../engine/scoring/decide'
import { enrichStep } from '../../engine/steps/enrich'
import { type Performed, performUnlessPure } from '../../store/perform'
import { storeOf } from '../shared/config-nodes'
import { journeyOf } from '../shared/journey'
import { leadOf, travel } from '../shared/lead-message'
import { leadNode, sendLead } from '../shared/lead-node'
import type { Def, LeadMessage, Red, RedNode, Send } from '../shared/red'
import { withTexts } from '../shared/texts'
import { HttpProviders } from './http-providers'

interface ProviderRow {
  readonly name: string
  readonly url: string
  readonly header: string
  readonly timeout: string
  readonly confidence: number | string
  readonly ttl: string
  readonly map: readonly { readonly to: string; readonly from: string }[]
  readonly verify: boolean
}

interface EnrichDef extends Def {
  readonly store: string
  readonly providers: readonly ProviderRow[]
  /** Fields on which a contradiction stops the lead. */
  readonly critical: readonly string[]
}

const PORTS = ['enriched', 'degraded', 'conflict'] as const

export = function register(red: Red): void {
  function LeadEnrich(this: RedNode & { credentials?: { secret?: string } }, def: EnrichDef) {
    red.nodes.createNode(this, def)
    const config = withTexts(def)
    const journey = journeyOf(red, this, PORTS)
    const critical = new Set(config.critical ?? [])
    leadNode(
      red,
      this,
      ({ node, status }) => {
        const specs = (config.providers ?? []).map((row) =>
          providerSpec(row, config.name || config.type),
        )
        const providers = new HttpProviders(specs, this.credentials?.secret ?? '')
        const finish = (msg: LeadMessage, send: Send, answers: ProviderAnswer[]) => {
          const { store, now } = storeOf(red, node, config.store)
          const current = journey()
          const { whole, aheadOf } = travel(msg, current)
          const sent = ({ outcome, lead, kept }: Performed<string>) => {
            status.count(outcome)
            sendLead(send, PORTS, outcome, msg, lead, { journey: current, whole: kept || !whole })
          }
          const done = performUnlessPure(
            store,
            enrichStep,
            leadOf(msg),
            { ends: current.ends, critical, answers },
            { nowMs: now(), whole, aheadOf },
          )
          return done instanceof Promise ? done.then(sent) : sent(done)
        }
        return (msg, send) => {
          const lead = leadOf(msg)
          if (isOptedOut(lead)) return finish(msg, send, [])
          const passed = passedThrough(msg, lead)
          if (specs.length === 0) return finish(msg, send, passed)
          const { store, now } = storeOf(red, node, config.store)
          return providers
            .ask(store, lead, now)
            .then((answers) => finish(msg, send, [...passed, ...answers]))
        }
      },
      config.store,
    )
  }
  red.nodes.registerType(
    'lead-enrich',
    LeadEnrich as never,
    { credentials: { secret: { type: 'password' } } } as never,
  )
}

function providerSpec(row: ProviderRow, node: string): ProviderSpec {
  const duration = (field: 'timeout' | 'ttl', fallback: string) => {
    const ms = parseDuration(row[field] || fallback)
    if (ms === undefined)
      throw new LeadFault(
        'LEAD_CONFIG_INVALID',
        `${row.name} ${field}`,
        node,
        `"${row[field]}" is not a duration such as 3s`,
      )
    return ms
  }
  const map = row.map ?? []
  // It would never be asked, and nobody would be told.
  if (map.length === 0)
    throw new LeadFault('LEAD_CONFIG_INVALID', `${row.name} fields`, node, 'it fills no field')
  for (const { to } of map) {
    const problem = fillProblem(to)
    if (problem !== undefined)
      throw new LeadFault('LEAD_CONFIG_INVALID', `${row.name} fields`, node, problem)
  }
  const wrong = urlProblem(row)
  if (wrong !== undefined)
    throw new LeadFault('LEAD_CONFIG_INVALID', `${row.name} URL`, node, wrong)
  const confidence = Number(row.confidence ?? 0.8)
  if (!(confidence >= 0 && confidence <= 1)) {
    throw new LeadFault(
      'LEAD_CONFIG_INVALID',
      `${row.name} confidence`,
      node,
      'expected a number from 0 to 1',
    )
  }
  return {
    name: row.name,
    url: row.url,
    header: row.header ?? '',
    timeoutMs: duration('timeout', '3s'),
    confidence,
    ttlMs: duration('ttl', '30d'),
    map,
    verify: row.verify === true,
  }
}

interface Passed {
  readonly source?: unknown
  readonly confidence?: unknown
  readonly values?: unknown
}

/** Flows that enrich themselves put `msg.enrichment = { source, confidence, values }`. */
function passedThrough({ enrichment }: LeadMessage, lead: Lead): ProviderAnswer[] {
  const list = (Array.isArray(enrichment) ? enrichment : [enrichment]) as (Passed | undefined)[]
  return list.flatMap((one): ProviderAnswer[] => {
    if (
      typeof one !== 'object' ||
      one === null ||
      typeof one.values !== 'object' ||
      one.values === null
    )
      return []
    const values: Record<string, unknown> = {}
    for (const [path, value] of Object.entries(one.values)) {
      if (fillProblem(path) === undefined) values[path] = normaliseValue(path, value)
    }
    const confidence =
      typeof one.confidence === 'number' ? Math.min(1, Math.max(0, one.confidence)) : 0.8
    return [
      {
        name: String(one.source ?? 'flow'),
        result: 'found',
        values,
        confidence,
        observedAt: lead.event.receivedAt,
      },
    ]
  })
}
