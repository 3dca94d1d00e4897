// Goal: what belongs to a node that is gone goes to exactly one that does the same, or is counted.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { adoptions, type Server } from '../../nodes/shared/homes'
import type { Home } from '../../store/store'

const server = (kind: Server['kind'], nodeId: string, ...of: string[]): Server => ({
  kind,
  nodeId,
  of: () => of,
})
const home = (kind: Home['kind'], nodeId: string, of: string, count = 1): Home => ({
  kind,
  nodeId,
  of,
  count,
})

describe('adoptions', () => {
  const cases: ReadonlyArray<{
    name: string
    homes: Home[]
    servers: Server[]
    byNode: Record<string, string[]>
    homeless?: Partial<Record<Home['kind'], number>>
  }> = [
    { name: 'nothing at all', homes: [], servers: [], byNode: {} },
    {
      name: 'its own node is deployed',
      homes: [home('timers', 'a', 'p')],
      servers: [server('timers', 'a', 'another'), server('timers', 'b', 'p')],
      byNode: {},
    },
    {
      name: 'its node is gone and another serves the policy',
      homes: [home('timers', 'gone', 'p', 7)],
      servers: [server('timers', 'c', 'p'), server('timers', 'b', 'p'), server('timers', 'a', 'q')],
      byNode: { b: ['gone'] },
    },
    {
      name: 'its node is gone and nobody serves the policy',
      homes: [home('timers', 'gone', 'p', 7)],
      servers: [server('timers', 'a', 'q'), server('leads', 'b', 'p'), server('timers', 'c')],
      byNode: {},
      homeless: { timers: 7 },
    },
    {
      name: 'timers of before, which name no policy, wait for their node',
      homes: [home('timers', 'gone', '', 2)],
      servers: [server('timers', 'a', '')],
      byNode: {},
      homeless: { timers: 2 },
    },
    {
      name: 'leads go by their source',
      homes: [home('leads', 'gone', 'web', 3), home('leads', 'gone', 'chat', 2)],
      servers: [server('leads', 'a', 'web')],
      byNode: { a: ['gone'] },
      homeless: { leads: 2 },
    },
    {
      name: 'a policy goes on with what was begun under its former names',
      homes: [home('timers', 'gone', 'before', 7), home('waiting', '', 'before', 3)],
      servers: [server('timers', 'a', 'p', 'before'), server('offers', 'b', 'p', 'before')],
      byNode: { a: ['gone'] },
    },
    {
      name: 'leads that wait go by the policy of whoever routes, and not by a node',
      homes: [home('waiting', '', 'p', 3), home('waiting', '', 'q', 2)],
      servers: [server('offers', 'a', 'p'), server('timers', 'b', 'q'), server('offers', 'c')],
      byNode: {},
      homeless: { waiting: 2 },
    },
  ]
  for (const { name, homes, servers, byNode, homeless } of cases) {
    it(name, () => {
      for (const list of [servers, [...servers].reverse()]) {
        const found = adoptions(homes, list)
        assert.deepEqual(Object.fromEntries(found.byNode), byNode)
        const counts = Object.fromEntries(found.homeless.map(({ kind, count }) => [kind, count]))
        assert.deepEqual(counts, homeless ?? {})
      }
    })
  }

  it('each piece of work has its node, one heir, or is counted as homeless', () => {
    const kind = fc.constantFrom<Server['kind'][]>('timers', 'leads')
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const of = fc.constantFrom('p', 'q', '')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(kind, name, of).map(([k, n, o]) => home(k, n, o))),
        fc.uniqueArray(fc.tuple(kind, name, of), { selector: ([, n]) => n }),
        (homes, list) => {
          const servers = list.map(([k, n, o]) => server(k, n, o))
          const { byNode, homeless } = adoptions(homes, servers)
          const nobodys: Home[] = []
          for (const one of homes) {
            const own = servers.some((s) => s.kind === one.kind && s.nodeId === one.nodeId)
            const heirs = servers.filter(
              (s) =>
                s.kind === one.kind &&
                s.of().includes(one.of) &&
                one.of !== '' &&
                (byNode.get(s.nodeId) ?? []).includes(one.nodeId),
            )
            if (own) continue
            if (heirs.length === 0) nobodys.push(one)
            assert.ok(heirs.length <= 1)
          }
          assert.deepEqual(homeless, nobodys)
        },
      ),
    )
  })
})
