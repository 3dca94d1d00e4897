// Goal: what belongs to a node that is gone goes to exactly one that does the same, or is counted.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { adoptions, type Server } from '../../nodes/shared/homes'
import type { Home } from '../../store/store'

const server = (kind: Home['kind'], nodeId: string, of?: string): Server => ({
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
  ]
  for (const { name, homes, servers, byNode, homeless } of cases) {
    it(name, () => {
      for (const list of [servers, [...servers].reverse()]) {
        const found = adoptions(homes, list)
        assert.deepEqual(Object.fromEntries(found.byNode), byNode)
        assert.deepEqual(found.homeless, { timers: 0, leads: 0, offers: 0, ...homeless })
      }
    })
  }

  it('each piece of work has its node, one heir, or is counted as homeless', () => {
    const kind = fc.constantFrom<Home['kind'][]>('timers', 'leads')
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const of = fc.constantFrom('p', 'q', '')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(kind, name, of).map(([k, n, o]) => home(k, n, o))),
        fc.uniqueArray(fc.tuple(kind, name, of), { selector: ([, n]) => n }),
        (homes, list) => {
          const servers = list.map(([k, n, o]) => server(k, n, o))
          const { byNode, homeless } = adoptions(homes, servers)
          const counted = { timers: 0, leads: 0, offers: 0 }
          for (const one of homes) {
            const own = servers.some((s) => s.kind === one.kind && s.nodeId === one.nodeId)
            const heirs = servers.filter(
              (s) =>
                s.kind === one.kind &&
                s.of() === one.of &&
                one.of !== '' &&
                (byNode.get(s.nodeId) ?? []).includes(one.nodeId),
            )
            if (own) continue
            if (heirs.length === 0) counted[one.kind] += 1
            assert.ok(heirs.length <= 1)
          }
          assert.deepEqual(homeless, counted)
        },
      ),
    )
  })
})
