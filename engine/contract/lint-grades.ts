/** What is wrong with the grades of a contract: none at all, in the wrong order, or never given. */
import { error, type Finding, type Path, warning } from '../artefact'
import type { ContractSpec } from './schema'

export function gradeFindings({ grades, decide }: ContractSpec): Finding[] {
  if (grades === undefined) return ungradedFindings(decide)
  return [
    ...thresholdFindings(grades.fit, ['grades', 'fit'], '{ A: 70, B: 40, C: 0 }'),
    ...thresholdFindings(grades.intent, ['grades', 'intent'], '{ 1: 60, 2: 30, 3: 0 }'),
  ]
}

function ungradedFindings(decide: ContractSpec['decide']): Finding[] {
  const graded = decide.filter(({ grade }) => grade !== undefined).length
  if (graded === 0 || graded === decide.length) return []
  return decide.flatMap(({ id, grade, outcome }, index) =>
    grade === undefined && !['suppressed', 'disqualified', 'review'].includes(outcome)
      ? [warning(['decide', index], `"${id}" has no grade while others have one`)]
      : [],
  )
}

/** A before B and 1 before 2: the better grade asks for more points. */
function thresholdFindings(
  thresholds: Readonly<Record<string, number>>,
  path: Path,
  example: string,
): Finding[] {
  const names = Object.keys(thresholds)
  if (names.length === 0)
    return [error(path, `names no grade; write one or more, such as ${example}`)]
  const ordered = names.filter(isRanked).sort(byRank)
  return ordered.slice(1).flatMap((name, index) => {
    const better = ordered[index]!
    if (thresholds[better]! > thresholds[name]!) return []
    const message = `the grade ${better} (from ${thresholds[better]}) must ask for more points than ${name} (from ${thresholds[name]})`
    return [error([...path, name], message)]
  })
}

/** "A+" and "AA" have no order that everybody would read alike. */
function isRanked(name: string): boolean {
  return /^(?:[a-z]|\d+)$/i.test(name)
}

function byRank(a: string, b: string): number {
  return a.toLowerCase().localeCompare(b.toLowerCase(), 'en', { numeric: true })
}
