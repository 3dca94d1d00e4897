// Goal: an event is done exactly when no further lead node can come; otherwise it would be forgotten
// at a stop, or sent again at every start. Method: flows behind lead-ingest in which a message gets
// no further than a hole, so that only what is wired decides.
import assert from 'node:assert/strict'
import { BYSTANDERS, SCORERS, STATIONS } from '../../nodes/shared/journey'
import { CONFIG_NODES, type FlowNode, LEAD_NODES, leadNode, RECORD, start, tidyUp } from './support'

const ON_TAB = { z: 'tab', x: 0, y: 0 }
const hole = (id: string, to: readonly string[], own: object = {}): FlowNode => ({
  id,
  type: 'test-port',
  ...ON_TAB,
  wires: [to],
  ...own,
})
const DEDUPE = leadNode('dedupe', 'lead-dedupe')
const ingest = (...to: string[]) => leadNode('ingest', 'lead-ingest', {}, { lead: to })
const link = (id: string, own: object): FlowNode =>
  ({ id, ...ON_TAB, wires: [[]], ...own }) as never

/** A subflow with lead-ingest inside, whose output 1 is wired to the port `lead`. */
const subflow = (to: readonly string[], outputPort = 0): FlowNode[] => [
  {
    id: 'sub',
    type: 'subflow',
    name: 'intake',
    in: [{ x: 0, y: 0, wires: [{ id: 'inner' }] }],
    out: [
      { x: 0, y: 0, wires: [{ id: 'other', port: 0 }] },
      { x: 0, y: 0, wires: [{ id: 'inner', port: outputPort }] },
    ],
  },
  {
    id: 'inner',
    type: 'lead-ingest',
    name: '',
    z: 'sub',
    x: 0,
    y: 0,
    store: 'store',
    wires: [[], [], []],
  },
  { id: 'other', type: 'test-port', z: 'sub', x: 0, y: 0, wires: [[]] },
  { id: 'ingest', type: 'subflow:sub', name: '', ...ON_TAB, wires: [[], to] },
]

/** That subflow inside of another one, whose instance on the tab is wired to `to`. */
const nested = (to: readonly string[]): FlowNode[] => [
  ...subflow([]).map((node) =>
    node.id === 'ingest' ? { ...node, id: 'middle', z: 'outer', wires: [[], []] } : node,
  ),
  {
    id: 'outer',
    type: 'subflow',
    name: 'outer',
    in: [{ wires: [{ id: 'middle' }] }],
    out: [{ wires: [{ id: 'middle', port: 1 }] }],
  },
  { id: 'ingest', type: 'subflow:outer', name: '', ...ON_TAB, wires: [to] },
]
/** A subflow that passes everything through `inside`. */
const around = (inside: FlowNode[], into: string, out: string): FlowNode[] => [
  {
    id: 'sub',
    type: 'subflow',
    name: 'step',
    in: [{ x: 0, y: 0, wires: [{ id: into }] }],
    out: [{ x: 0, y: 0, wires: [{ id: out, port: 0 }] }],
  },
  ...inside.map((node) => ({ ...node, z: 'sub' })),
]

describe('the end of a lead’s way', () => {
  tidyUp()
  const cases: readonly (readonly [string, 'ends' | 'goes on', readonly FlowNode[]])[] = [
    ['nothing follows', 'ends', ingest()],
    ['a lead node follows', 'goes on', [...ingest('hole'), hole('hole', ['dedupe']), ...DEDUPE]],
    [
      'a lead node follows another port only',
      'ends',
      [
        ...leadNode('ingest', 'lead-ingest', {}, { rejected: ['hole'], repeated: ['hole'] }),
        hole('hole', ['dedupe']),
        ...DEDUPE,
      ],
    ],
    [
      'a lead node follows far behind, over a circle',
      'goes on',
      [
        ...ingest('a'),
        hole('a', ['b', 'a']),
        hole('b', ['a', 'c']),
        hole('c', ['dedupe']),
        ...DEDUPE,
      ],
    ],
    ['a circle follows', 'ends', [...ingest('a'), hole('a', ['b']), hole('b', ['a'])]],
    [
      'the lead node is disabled',
      'ends',
      [
        ...ingest('hole'),
        hole('hole', ['dedupe']),
        ...DEDUPE.map((node) => ({ ...node, d: node.id === 'dedupe' })),
      ],
    ],
    [
      'a node between is disabled',
      'ends',
      [...ingest('hole'), hole('hole', ['dedupe'], { d: true }), ...DEDUPE],
    ],
    [
      'the lead node is on a tab that is off',
      'ends',
      [
        ...ingest('out'),
        link('out', { type: 'link out', mode: 'link', links: ['in'] }),
        { id: 'off', type: 'tab', label: 'off', disabled: true },
        link('in', { type: 'link in', z: 'off', links: ['out'], wires: [['dedupe']] }),
        ...DEDUPE.map((node) => ({ ...node, z: 'off' })),
      ],
    ],
    [
      'only lead-audit and lead-outcome follow',
      'ends',
      [
        ...ingest('hole'),
        hole('hole', ['audit', 'outcome']),
        ...leadNode('audit', 'lead-audit'),
        ...leadNode('outcome', 'lead-outcome'),
      ],
    ],
    [
      'only scoring nodes follow',
      'ends',
      [
        ...ingest('score'),
        ...leadNode('score', 'lead-score-fit', {}, { scored: ['hole'] }),
        hole('hole', []),
      ],
    ],
    [
      'a lead node follows a scoring node',
      'goes on',
      [
        ...ingest('hole'),
        hole('hole', ['score']),
        ...leadNode('score', 'lead-score-fit', {}, { scored: ['dedupe'] }),
        ...DEDUPE,
      ],
    ],
    [
      'a lead node follows a link',
      'goes on',
      [
        ...ingest('out'),
        link('out', { type: 'link out', mode: 'link', links: ['in'] }),
        link('in', { type: 'link in', links: ['out'], wires: [['hole']] }),
        hole('hole', ['dedupe']),
        ...DEDUPE,
      ],
    ],
    [
      'a link leads nowhere',
      'ends',
      [
        ...ingest('out'),
        link('out', { type: 'link out', mode: 'link', links: ['gone'] }),
        ...DEDUPE,
      ],
    ],
    [
      'a lead node is called',
      'goes on',
      [
        ...ingest('call'),
        link('call', { type: 'link call', linkType: 'static', links: ['in'] }),
        link('in', { type: 'link in', links: [], wires: [['hole']] }),
        hole('hole', ['dedupe']),
        ...DEDUPE,
      ],
    ],
    [
      'what is called is known at run time only, and one that could be leads to a lead node',
      'goes on',
      [
        ...ingest('hole'),
        hole('hole', ['call']),
        link('call', { type: 'link call', linkType: 'dynamic', links: [] }),
        link('in', { type: 'link in', links: [], wires: [['dedupe']] }),
        ...DEDUPE,
      ],
    ],
    [
      'the caller goes on to a lead node',
      'goes on',
      [
        link('call', { type: 'link call', linkType: 'static', links: ['in'], wires: [['dedupe']] }),
        link('in', { type: 'link in', links: [], wires: [['ingest']] }),
        ...ingest('hole'),
        hole('hole', ['back']),
        link('back', { type: 'link out', mode: 'return', links: [] }),
        ...DEDUPE,
      ],
    ],
    [
      'the caller has no lead node',
      'ends',
      [
        link('call', { type: 'link call', linkType: 'static', links: ['in'], wires: [['end']] }),
        link('in', { type: 'link in', links: [], wires: [['ingest']] }),
        hole('end', []),
        ...ingest('hole'),
        hole('hole', ['back']),
        link('back', { type: 'link out', mode: 'return', links: [] }),
      ],
    ],
    ['nothing follows the subflow that it is in', 'ends', subflow([])],
    [
      'a lead node follows the subflow that it is in',
      'goes on',
      [...subflow(['hole']), hole('hole', ['dedupe']), ...DEDUPE],
    ],
    [
      'a lead node follows another output of that subflow',
      'ends',
      [...subflow(['hole'], 1), hole('hole', ['dedupe']), ...DEDUPE],
    ],
    [
      'a lead node follows another instance of the subflow that it is in',
      'ends',
      [
        ...subflow([]),
        { id: 'twin', type: 'subflow:sub', name: '', ...ON_TAB, wires: [[], ['hole']] },
        hole('hole', ['dedupe']),
        ...DEDUPE,
      ],
    ],
    [
      'a subflow follows, and a lead node another instance of it',
      'ends',
      [
        ...ingest('step'),
        { id: 'step', type: 'subflow:sub', name: '', ...ON_TAB, wires: [['end']] },
        { id: 'twin', type: 'subflow:sub', name: '', ...ON_TAB, wires: [['dedupe']] },
        ...around([hole('in', [])], 'in', 'in'),
        hole('end', []),
        ...DEDUPE,
      ],
    ],
    [
      'a lead node follows the next instance of the subflow that it is in',
      'goes on',
      [
        ...subflow(['hole']),
        hole('hole', ['twin']),
        { id: 'twin', type: 'subflow:sub', name: '', ...ON_TAB, wires: [['far'], []] },
        hole('far', ['dedupe']),
        ...DEDUPE,
      ],
    ],
    [
      'in a subflow of a subflow, a lead node follows another instance of the outer one',
      'ends',
      [
        ...nested([]),
        { id: 'twin', type: 'subflow:outer', name: '', ...ON_TAB, wires: [['hole']] },
        hole('hole', ['dedupe']),
        ...DEDUPE,
      ],
    ],
    [
      'in a subflow of a subflow, a lead node follows the outer one',
      'goes on',
      [...nested(['hole']), hole('hole', ['dedupe']), ...DEDUPE],
    ],
    [
      'a subflow with a lead node follows',
      'goes on',
      [
        ...ingest('step'),
        { id: 'step', type: 'subflow:sub', name: '', ...ON_TAB, wires: [[]] },
        ...around([hole('in', ['dedupe']), ...DEDUPE], 'in', 'dedupe'),
      ],
    ],
    [
      'a subflow without a lead node follows, and behind it one',
      'goes on',
      [
        ...ingest('step'),
        { id: 'step', type: 'subflow:sub', name: '', ...ON_TAB, wires: [['dedupe']] },
        ...around([hole('in', [])], 'in', 'in'),
        ...DEDUPE,
      ],
    ],
    [
      'a subflow without a lead node follows, and behind it none',
      'ends',
      [
        ...ingest('step'),
        { id: 'step', type: 'subflow:sub', name: '', ...ON_TAB, wires: [['end']] },
        ...around([hole('in', [])], 'in', 'in'),
        hole('end', []),
      ],
    ],
  ]
  for (const [name, how, flow] of cases) {
    it(`${name}: it ${how}`, async () => {
      const rig = await start(flow, { core: ['common/60-link'] })
      const inner = ['ingest-middle-inner', 'ingest-inner', 'ingest'].find((id) => rig.node(id))!
      rig.node(inner).receive({ payload: RECORD })
      await rig.until('the lead', async () => (await rig.store.census()).entries > 0)
      await rig.quiet()
      const { underway, entries } = await rig.store.census()
      assert.deepEqual({ underway, entries }, { underway: how === 'ends' ? 0 : 1, entries: 1 })
    })
  }

  it('knows every node of ours; a type that only begins as ours do is somebody else’s', () => {
    const ours = [...Object.keys(LEAD_NODES), ...CONFIG_NODES]
    assert.deepEqual(ours.sort(), [...STATIONS, ...BYSTANDERS, ...SCORERS].sort())
  })

  it('follows the wires of the last deploy', async () => {
    const ends = ingest()
    const goesOn = [...ingest('hole'), hole('hole', ['dedupe']), ...DEDUPE]
    const rig = await start(ends)
    await rig.send('ingest', { payload: { ...RECORD, event_id: 'e1' } })
    assert.equal((await rig.store.census()).underway, 0)
    await rig.deploy(goesOn, 'nodes')
    await rig.send('ingest', { payload: { ...RECORD, event_id: 'e2' } })
    assert.equal((await rig.store.census()).underway, 1)
  })
})
