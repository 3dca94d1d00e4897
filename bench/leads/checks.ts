/** What `--check` asks of a run. */
import { atLeast, type Check, holds } from '../lib/check'
import { type Figures, gradesAreOrdered } from './figures'
import type { MappingSpec } from './mapping'

export function checksOf(figures: Figures, { targets }: Pick<MappingSpec, 'targets'>): Check[] {
  const { account, audit, faults, judged } = figures
  const accounted = account.sum === account.rows && account.astray === 0
  const checks = [
    holds(
      'every row stands in one state',
      accounted,
      `${account.sum} of ${account.rows}, ${account.astray} astray`,
    ),
    holds(
      'the audit log holds',
      audit.ok,
      audit.ok ? `${audit.entries} entries` : audit.faults.join('; '),
    ),
    holds(
      'no faults',
      faults.length === 0,
      faults.length === 0 ? 'none' : faults.join('; '),
      'none',
    ),
  ]
  if (judged === undefined) return checks
  const rates = judged.grades.map(({ grade, conversion }) => `${grade} ${conversion?.toFixed(3)}`)
  checks.push(
    holds(
      'grades are in the order of conversion',
      gradesAreOrdered(judged.grades),
      rates.join(', '),
    ),
  )
  if (targets?.auc !== undefined)
    checks.push(atLeast('AUC of the judged part', targets.auc, judged.auc, 4))
  if (targets?.lift !== undefined)
    checks.push(atLeast('lift of the judged part’s best 20 %', targets.lift, judged.top?.lift, 3))
  return checks
}
