import assert from 'node:assert/strict'
import type { IntakeSettings } from '../../../engine/lead/intake/settings'
import { toLead } from '../../../engine/lead/intake/to-lead'
import type { Lead } from '../../../engine/lead/lead'
import { NOW } from './leads'

/** Of a lead-ingest as it comes, but for `more`. */
export const intakeSettings = (more: Partial<IntakeSettings> = {}): IntakeSettings => ({
  system: 'web',
  mapping: [],
  signals: [],
  guessNames: true,
  required: [],
  onInvalid: 'set-aside',
  ...more,
})

/** The lead that the intake makes of the record, which it must not reject. */
export function taken(record: unknown, more: Partial<IntakeSettings> = {}): Lead {
  const intake = toLead(record, intakeSettings(more), NOW)
  assert.ok(intake.kind === 'lead', JSON.stringify(intake))
  return intake.lead
}
