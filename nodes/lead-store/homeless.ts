/** In words, what belongs to nodes that are not deployed and that no other takes; and what to do. */
import type { Home } from '../../store/store'

interface Work {
  readonly one: string
  readonly many: string
  /** What a node is chosen by that takes it. */
  readonly by: 'policy' | 'source'
  readonly node: string
}

const WORK: { readonly [Kind in Home['kind']]: Work } = {
  waiting: {
    one: 'waiting lead',
    many: 'waiting leads',
    by: 'policy',
    node: 'lead-route-by-capacity',
  },
  timers: { one: 'timer', many: 'timers', by: 'policy', node: 'lead-sla-timer' },
  offers: { one: 'offer', many: 'offers', by: 'policy', node: 'lead-route-by-capacity' },
  leads: { one: 'lead', many: 'leads', by: 'source', node: 'lead-ingest' },
}

/** What belongs together: the work of one kind, of one policy or source. */
export interface Group {
  /** The same as long as there is any. */
  readonly key: string
  readonly sentence: string
}

export function groupsOf(homeless: readonly Home[]): Group[] {
  const counts = new Map<string, Pick<Home, 'kind' | 'of' | 'count'>>()
  for (const { kind, of, count } of homeless) {
    const key = `${kind} ${of}`
    counts.set(key, { kind, of, count: count + (counts.get(key)?.count ?? 0) })
  }
  return [...counts].map(([key, group]) => ({ key, sentence: sentence(group) }))
}

/** E.g. `3 timers · 1 waiting lead`. */
export function amounts(homes: readonly Home[]): string {
  return (['timers', 'offers', 'leads', 'waiting'] as const)
    .map((kind) => ({ kind, count: sum(homes.filter((one) => one.kind === kind)) }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => counted(kind, count))
    .join(' · ')
}

function sentence({ kind, of, count }: Pick<Home, 'kind' | 'of' | 'count'>): string {
  const { by, node } = WORK[kind]
  const what = counted(kind, count)
  const have = count === 1 ? 'has' : 'have'
  if (of === '') return `${what} ${have} no node: the ${node} of before is not deployed`
  const cure =
    by === 'policy'
      ? `deploy one, or write "formerly: ${of}" in the policy that takes over`
      : 'deploy one'
  return `${what} of the ${by} "${of}" ${have} no node: no ${node} with this ${by} is deployed; ${cure}`
}

function counted(kind: Home['kind'], count: number): string {
  const { one, many } = WORK[kind]
  return `${count} ${count === 1 ? one : many}`
}

function sum(homes: readonly Home[]): number {
  return homes.reduce((total, { count }) => total + count, 0)
}
