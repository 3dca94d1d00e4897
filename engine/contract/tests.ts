/**
 * A contract carries its own tests: sample leads and what is expected of them. They run when the
 * contract is loaded, with the same functions that decide live leads.
 */
import { error, type Finding } from '../artefact'
import { sampleLead } from '../lead/sample'
import { evaluateContract } from '../scoring/evaluate'
import type { Contract } from './contract'
import type { ContractTestSpec } from './schema'

/** One finding per test that does not give what it expects. */
export function contractTestFindings(contract: Contract): Finding[] {
  return (contract.spec.tests ?? []).flatMap((test, index) =>
    mismatches(contract, test).map((message) =>
      error(['tests', index], `test "${test.name}" failed: ${message}`),
    ),
  )
}

const DEFAULT_AT = '2026-01-01T00:00:00.000Z'

function mismatches(
  contract: Contract,
  { lead, at = DEFAULT_AT, expect }: ContractTestSpec,
): string[] {
  const sample = sampleLead(lead, at)
  if ('problem' in sample) return [sample.problem]
  const judged = evaluateContract(contract, sample.lead, Date.parse(at))
  const { outcome, grade, rule, why } = judged.decision
  const got: Record<string, unknown> = {
    outcome,
    grade,
    fit: judged.fit.points,
    intent: judged.intent.points,
  }
  return Object.entries(expect)
    .filter(([key, wanted]) => got[key] !== wanted)
    .map(
      ([key, wanted]) =>
        `expected ${key} ${wanted}, got ${got[key]} (${rule}: ${why}; fit ${got.fit}, intent ${got.intent})`,
    )
}
