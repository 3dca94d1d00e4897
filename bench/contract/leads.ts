/** Leads with plausible, partly missing values; the same seed gives the same leads. */
import type { Lead } from '../../engine/lead/lead'
import { Random } from '../lib/random'

export const NOW_MS = Date.parse('2026-03-02T09:00:00Z')
const DAY_MS = 86_400_000

export function benchLeads(count: number, seed: number): Lead[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, index) => benchLead(random, index))
}

function benchLead(random: Random, index: number): Lead {
  const at = new Date(NOW_MS - random.between(0, 30) * DAY_MS).toISOString()
  /** About one value in ten is not known. */
  const maybe = <T>(name: string, value: T) => (random.chance(0.1) ? {} : { [name]: value })
  return {
    id: `bench-${index}`,
    cycle: 1,
    event: { id: `bench:${index}`, receivedAt: at },
    contact: {
      email: `person${index}@company${index % 977}.example`,
      domain: `company${index % 977}.example`,
      ...maybe('emailKind', random.pick(['business', 'business', 'free', 'disposable'] as const)),
      ...maybe('seniority', random.pick(['c-level', 'vp', 'director', 'manager', 'staff'])),
      ...maybe('department', random.pick(['it', 'finance', 'sales', 'hr'])),
    },
    company: {
      ...maybe('country', random.pick(['DE', 'AT', 'CH', 'NL', 'FR', 'US', 'IN'])),
      ...maybe('industry', random.pick(['software', 'fintech', 'telecommunications', 'retail'])),
      ...maybe('employees', Math.round(10 ** (random.next() * 4))),
      ...maybe('revenue', Math.round(10 ** (5 + random.next() * 4))),
    },
    source: {
      system: 'bench',
      ...maybe('type', random.pick(['form', 'partner', 'chat'])),
      ...maybe('trigger', random.pick(['demo_request', 'trial', 'download'])),
      ...maybe('medium', random.pick(['cpc', 'organic', 'referral'])),
    },
    consent: {},
    attributes: {
      ...maybe('plan', random.pick(['enterprise', 'team', 'hobby'])),
      ...maybe('seats', random.between(1, 200)),
    },
    provenance: {},
    signals: Array.from({ length: random.between(1, 4) }, (_, signal) => ({
      id: `bench-${index}-${signal}`,
      type: random.pick(['demo_request', 'pricing_view', 'webinar_attended']),
      at,
    })),
  }
}

/** The lead's fields by their paths, as a rule engine with flat facts wants them. */
export function flatFacts({ contact, company, source, attributes }: Lead): Record<string, unknown> {
  const facts: Record<string, unknown> = {}
  for (const [section, values] of Object.entries({ contact, company, source, attributes })) {
    for (const [name, value] of Object.entries(values)) facts[`${section}.${name}`] = value
  }
  return facts
}
