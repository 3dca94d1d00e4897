/** The figures of a run as a page of text. */
import { type Check, checkLines } from '../lib/check'
import { fixed, percent, table, whole } from '../lib/table'
import type { Figures, PartFigures } from './figures'

export function report(figures: Figures, checks: readonly Check[]): string {
  const { all, judged, account, audit, latencyMs } = figures
  return [
    heading(figures),
    section('Where they went', counts(figures.ports, 'port')),
    section('Outcomes', counts(figures.outcomes, 'outcome')),
    section('Grades', gradeTable(all, judged)),
    section('Ranking by fit.points + intent.points', rankingTable(all, judged)),
    section(
      'Speed',
      `  ${whole(figures.leadsPerSecond)} leads/s over HTTP: ${whole(account.rows)} leads in ` +
        `${fixed(figures.seconds, 1)} s, ${figures.concurrency} at a time; ` +
        `answered within ${fixed(latencyMs.p50, 0)} ms (median), ${fixed(latencyMs.p99, 0)} ms (99 %)`,
    ),
    section('Where they stand', standing(figures)),
    section(
      'Audit',
      audit.ok
        ? `  ${whole(audit.entries)} entries verified, root ${audit.root.slice(0, 16)}…`
        : `  NOT OK: ${audit.faults.join('; ')}`,
    ),
    ...(figures.faults.length > 0 ? [section('Faults', `  ${figures.faults.join('\n  ')}`)] : []),
    section('Targets', checkLines(checks)),
  ].join('\n\n')
}

function heading({ file, mapping, contract, policy, nodeRed, node, account }: Figures): string {
  return [
    `${whole(account.rows)} leads of ${file}, read as ${mapping}`,
    `contract ${contract}, policy ${policy}, Node-RED ${nodeRed} on Node ${node}`,
  ].join('\n')
}

function section(title: string, text: string): string {
  return `${title}\n${text}`
}

function counts(named: Readonly<Record<string, number>>, what: string): string {
  return table(
    [what, 'leads'],
    Object.entries(named).map(([name, n]) => [name, whole(n)]),
  )
}

function gradeTable(all: PartFigures, judged: PartFigures | undefined): string {
  const rows = all.grades.map(({ grade, outcome, leads, conversion }) => {
    const part = judged?.grades.find((one) => one.grade === grade && one.outcome === outcome)
    const last = judged ? [whole(part?.leads ?? 0), percent(part?.conversion)] : []
    return [grade, outcome, whole(leads), percent(conversion), ...last]
  })
  const last = judged ? ['newest 30 %', 'converted'] : []
  return table(['grade', 'outcome', 'leads', 'converted', ...last], rows)
}

function rankingTable(all: PartFigures, judged: PartFigures | undefined): string {
  const row = (name: string, part: PartFigures) => [
    name,
    whole(part.leads),
    percent(part.conversion),
    fixed(part.auc, 4),
    percent(part.top?.conversion),
    fixed(part.top?.lift, 3),
  ]
  const unscored = all.unscored > 0 ? `\n  ${whole(all.unscored)} leads got no points` : ''
  return (
    table(
      ['part', 'leads', 'converted', 'AUC', 'best 20 %', 'lift'],
      [row('all', all), ...(judged ? [row('newest 30 % (judged)', judged)] : [])],
    ) + unscored
  )
}

function standing({ account }: Figures): string {
  const rows = Object.entries({
    ...account.byState,
    'rejected at intake': account.rejected,
    'repeated events': account.repeated,
  }).filter(([, n]) => n > 0)
  return table(
    ['state', 'leads'],
    [
      ...rows.map(([name, n]) => [name, whole(n)]),
      ['sum', `${whole(account.sum)} of ${whole(account.rows)}`],
    ],
  )
}
