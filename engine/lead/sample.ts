/**
 * Completes a hand-written sample lead, as contract tests and dry runs have them, to a whole one:
 * `contact.email: a@b.c` may also be written as nested maps; signals may leave out id and time.
 */
import { compileSchema, pathText, schemaFindings } from '../artefact'
import { type Lead, LeadSchema, type Signal } from './lead'
import { pathProblem, setPath } from './paths'

const validate = compileSchema(LeadSchema)

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns the lead, or the first problem in words. `at` is an ISO instant. */
export function sampleLead(
  partial: Readonly<Record<string, unknown>>,
  at: string,
): { lead: Lead } | { problem: string } {
  const lead: Record<string, unknown> = {
    id: 'sample',
    cycle: 1,
    event: { id: 'sample', receivedAt: at },
    contact: {},
    company: {},
    source: {},
    consent: {},
    attributes: {},
    provenance: {},
    signals: [],
  }
  for (const [key, value] of Object.entries(partial)) {
    if (key.includes('.')) {
      const problem = pathProblem(key)
      if (problem !== undefined) return { problem }
      setPath(lead, key, value)
    } else if (key === 'signals' && Array.isArray(value)) {
      lead.signals = value.map((signal: Partial<Signal>, index) => ({
        id: `sample-${index}`,
        at,
        ...signal,
      }))
    } else if (key !== '__proto__') {
      // A copy, as a dotted key may still write into it.
      lead[key] = isMap(value) ? { ...value } : value
    }
  }
  const [finding] = schemaFindings(validate, lead)
  return finding
    ? { problem: `lead.${pathText(finding.path)} ${finding.message}` }
    : { lead: lead as Lead }
}
