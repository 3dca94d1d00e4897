/**
 * Every fault the product can raise, in one catalogue: a stable code and one sentence.
 *
 * A fault is wrong configuration or a broken invariant; it reaches a Catch node as
 * `msg.error.code`. Business answers (a rejected lead, a full pool) are outcomes, never faults.
 * `docs/faults.md` gives cause and cure for each; a test keeps both lists the same.
 */
import { format } from 'node:util'
import { inOneLine } from './one-line'

export const FAULTS = {
  LEAD_CONTRACT_MISSING: 'no contract: choose a lead-contract in the node "%s"',
  LEAD_CONTRACT_INVALID: 'the contract "%s" cannot be used: %s',
  LEAD_POLICY_MISSING: 'no policy: choose a lead-policy in the node "%s"',
  LEAD_POLICY_INVALID: 'the policy "%s" cannot be used: %s',
  LEAD_STORE_MISSING: 'no store: choose a lead-store in the node "%s"',
  LEAD_STORE_UNAVAILABLE: 'the store "%s" cannot be opened: %s',
  LEAD_STORE_BUSY:
    'the store "%s" is away and %d leads wait for it already; send this one again later',
  LEAD_STORE_LOST:
    'an earlier step of this lead did not get into the store "%s" (%s); the lead starts its way again by itself',
  LEAD_STORE_NEWER: 'the store was written by a newer version (schema %d, this version knows %d)',
  LEAD_STORE_CLOSED: 'the store is closed; the lead was not changed',
  LEAD_STORE_INVARIANT: 'the store refused a change that would break "%s": %s',
  LEAD_BACKUP_FAILED: 'the backup "%s" could not be made or used: %s',
  LEAD_CONFIG_INVALID: 'the setting "%s" of the node "%s" is not usable: %s',
  LEAD_MESSAGE_NOT_A_LEAD:
    'the message holds no lead in msg.%s (%s); put a lead-ingest node before this one',
  LEAD_MESSAGE_STEP_MISSING: 'the lead has no %s yet; put a %s node before this one',
  LEAD_COMMAND_UNKNOWN: '%s; expected one of %s',
  LEAD_CHECKPOINT_INVALID: 'the log cannot be compared with this checkpoint: %s',
  LEAD_OUTCOME_INVALID: 'the report "%s" cannot be recorded: %s',
  LEAD_QUESTION_INVALID: 'the question "%s" cannot be answered: %s',
  LEAD_NOT_FOUND: 'no lead is found in the realm "%s": %s',
} as const

export type FaultCode = keyof typeof FAULTS

export class LeadFault extends Error {
  readonly code: FaultCode

  constructor(code: FaultCode, ...details: ReadonlyArray<string | number>) {
    super(inOneLine(format(FAULTS[code], ...details)))
    this.name = 'LeadFault'
    this.code = code
  }
}
