// Shared by the engine and store tests: one complete lead to vary, and the moments it lives in.
import type { Lead, Signal } from '../../../engine/lead/lead'

export const SECOND = 1_000
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Monday, 10:00 UTC. */
export const NOW = Date.parse('2026-03-02T10:00:00.000Z')

/** ISO text of an instant. */
export const at = (ms: number): string => new Date(ms).toISOString()

/** A lead of which a test changes only what it is about; sections are replaced as a whole. */
export function lead(changes: Partial<Lead> = {}): Lead {
  return {
    id: 'L1',
    cycle: 1,
    event: { id: 'web:1', receivedAt: at(NOW) },
    contact: {
      email: 'ana@acme.example',
      emailKey: 'ana@acme.example',
      emailKind: 'business',
      domain: 'acme.example',
      name: 'Ana Ruiz',
      nameKey: 'ana ruiz',
      country: 'DE',
    },
    company: { name: 'Acme', domain: 'acme.example', country: 'DE', employees: 200 },
    source: { system: 'web', trigger: 'demo_request' },
    consent: {},
    attributes: {},
    provenance: {},
    signals: [],
    ...changes,
  }
}

/** One signal `agoMs` before NOW; the id is unique per type and age unless told. */
export function signal(type: string, agoMs = 0, more: Record<string, unknown> = {}): Signal {
  return { id: `${type}-${agoMs}`, type, at: at(NOW - agoMs), ...more }
}

/** Freezes a value and everything in it, so that a write into it throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
