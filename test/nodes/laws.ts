/**
 * What every lead node keeps to, whatever it decides: the message stays the very object, foreign
 * properties stay untouched, `done` is called exactly once, junk ends no process, and whatever is
 * missing is said with a stable code. Each node's test file calls `nodeLaws` with its own message.
 */
import assert from 'node:assert/strict'
import { mock } from 'node:test'
import {
  type FlowNode,
  type LeadNodeType,
  leadNode,
  type Msg,
  POLICY,
  type Rig,
  start,
} from './support'

export interface NodeUnderTest {
  readonly type: LeadNodeType
  readonly settings?: Readonly<Record<string, unknown>>
  /** The config nodes without which it cannot answer. */
  readonly needs: readonly ('store' | 'contract' | 'policy')[]
  /** Nodes that `good` sends through first. */
  readonly beside?: readonly FlowNode[]
  /** A message that the node sends on at `port`; a fresh one each time. */
  good(rig: Rig): Promise<Msg> | Msg
  readonly port: string
  /** The code with which a payload that is nothing at all is refused; absent: it leaves by a port. */
  readonly refuses?: string
  /** The code when there is no payload at all, if that is another one. */
  readonly refusesNothing?: string
}

const FAULTS = {
  store: { missing: 'LEAD_STORE_MISSING', broken: 'LEAD_STORE_UNAVAILABLE' },
  contract: { missing: 'LEAD_CONTRACT_MISSING', broken: 'LEAD_CONTRACT_INVALID' },
  policy: { missing: 'LEAD_POLICY_MISSING', broken: 'LEAD_POLICY_INVALID' },
}

const BROKEN: Readonly<Record<keyof typeof FAULTS, FlowNode>> = {
  // A folder that is a file can hold no database.
  store: { id: 'store', type: 'lead-store', name: '', file: `${__filename}/leads.db`, realm: '' },
  contract: {
    id: 'contract',
    type: 'lead-contract',
    name: 'c',
    source: 'inline',
    text: 'contract: [',
  },
  policy: { id: 'policy', type: 'lead-policy', name: 'p', source: 'inline', text: 'policy: p' },
}

export function nodeLaws(under: NodeUnderTest): void {
  const { type, settings = {}, beside = [], port } = under
  const deploy = (own: Readonly<Record<string, unknown>> = {}, configs: readonly FlowNode[] = []) =>
    start([...leadNode('node', type, { ...settings, ...own }), ...beside], {
      configs: [ROOMY, ...configs].filter(
        ({ id }, at, all) => all.findLastIndex((one) => one.id === id) === at,
      ),
    })

  it('sends the very message on, and touches nothing on it that is not its own', async () => {
    const rig = await deploy()
    const msg = await under.good(rig)
    const res = { end() {} }
    const req = { headers: {}, res, socket: null as unknown }
    req.socket = { parser: { incoming: req } }
    const parts = Object.freeze({ id: 'p', index: 3, count: 7, type: 'array' })
    const nested = Object.freeze({ deep: Object.freeze([1, Object.freeze({ b: 2 })]) })
    const foreign = { req, res, parts, nested, _event: 'node:x', flag: false, nothing: null }
    Object.assign(msg, foreign, { _msgid: 'abc' })
    const before = Object.keys(msg)
    await rig.send('node', msg)
    const [sent, ...others] = rig.out('node', port)
    assert.deepEqual(others, [])
    assert.equal(sent, msg)
    for (const [name, value] of Object.entries(foreign)) assert.equal(sent![name], value, name)
    assert.equal(sent!._msgid, 'abc')
    const known = new Set([...before, 'topic', 'because'])
    assert.deepEqual(
      Object.keys(sent!).filter((name) => !known.has(name)),
      [],
      'it put nothing of its own on the message',
    )
  })

  it('calls done once, so that a Complete node fires once', async () => {
    const rig = await deploy()
    const { error } = await rig.send('node', await under.good(rig))
    assert.equal(error, undefined)
    const own = rig.completed.filter(({ complete }) => complete.source.id === 'node')
    assert.equal(own.length, 1)
    assert.deepEqual(rig.caught, [])
  })

  it('sends nothing before a message comes', async () => {
    const rig = await deploy()
    await rig.quiet()
    assert.deepEqual(rig.sends, [])
    assert.deepEqual(rig.logged(), [])
  })

  it('answers a message that is no lead, whatever it is, and goes on working', async () => {
    const rig = await deploy()
    for (const [name, payload] of Object.entries(junk())) {
      const [sends, reports] = [rig.sends.length, rig.caught.length + rig.logged().length]
      const { error } = await rig.send('node', { payload })
      if (under.refuses !== undefined && !name.startsWith('hostile')) {
        assert.ok(error !== undefined, `${name} was not refused`)
        assert.match(error.code ?? '', /^LEAD_/, `${name}: ${error.stack}`)
        assert.ok(
          error.message.length < 2_000,
          `${name}: a fault of ${error.message.length} characters`,
        )
      } else if (under.refuses === undefined && error === undefined) {
        assert.ok(rig.sends.length > sends, `${name} vanished`)
      }
      if (error === undefined) continue
      assert.equal(rig.status('node')?.fill, 'red', name)
      // What cannot be copied cannot reach a Catch node, and is logged instead.
      assert.equal(rig.caught.length + rig.logged().length, reports + 1, name)
    }
    await answersStill(rig)
  })

  it('keeps the order in which messages come', async () => {
    const rig = await deploy()
    const messages: Msg[] = []
    for (let n = 0; n < 12; n++) messages.push(structuredClone(await under.good(rig)))
    await rig.sendAll('node', messages)
    assert.deepEqual(rig.out('node', port), messages)
  })

  it('shows what it has done in green, also after a fault, and nothing personal', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const rig = await deploy()
      const nothing = under.refusesNothing ?? under.refuses
      if (nothing !== undefined) await rig.refused('node', {}, nothing)
      await rig.send('node', await under.good(rig))
      mock.timers.tick(500)
      const { fill, shape, text } = rig.status('node')!
      assert.deepEqual([fill, shape], ['green', 'dot'])
      assert.match(text, /^[\w-]+ \d+( · [\w-]+ \d+)*$/)
    } finally {
      mock.timers.reset()
    }
  })

  if (under.refuses !== undefined) {
    const code = under.refuses
    it(`says ${code} to a message without a payload`, async () => {
      const rig = await deploy()
      await rig.refused('node', {}, under.refusesNothing ?? code)
      await rig.refused('node', { payload: 'hello' }, code)
    })
  }

  it('answers a lead with any one part of it replaced by junk', async () => {
    const rig = await deploy()
    const good = await under.good(rig)
    const damages = [...damaged(good)]
    assert.ok(damages.length > 200, `${damages.length} kinds of damage`)
    await rig.sendAll(
      'node',
      damages.map(({ msg }) => msg),
    )
    await answersStill(rig)
  })

  async function answersStill(rig: Rig): Promise<void> {
    const before = rig.out('node', port).length
    const { error } = await rig.send('node', await under.good(rig))
    assert.equal(error, undefined)
    assert.equal(rig.out('node', port).length, before + 1)
  }

  for (const need of under.needs) {
    const { missing, broken } = FAULTS[need]
    const gone: readonly [string, Readonly<Record<string, unknown>>, readonly FlowNode[]][] = [
      ['is not chosen', { [need]: '' }, []],
      ['is gone', { [need]: 'gone' }, []],
      ['is disabled', {}, [{ ...BROKEN[need], d: true }]],
    ]
    for (const [how, own, configs] of gone) {
      it(`says ${missing} when the ${need} ${how}`, async () => {
        const msg = structuredClone(await under.good(await deploy()))
        const rig = await deploy(own, configs)
        await rig.refused('node', msg, missing)
      })
    }

    it(`says ${broken} when the ${need} cannot be used`, async () => {
      const msg = structuredClone(await under.good(await deploy()))
      const rig = await deploy({}, [BROKEN[need]])
      await rig.refused('node', msg, broken)
    })
  }
}

/** Payloads as broken sources, mistaken wires and attackers send them. */
function junk(): Record<string, unknown> {
  const circular: Record<string, unknown> = { id: 'x', contact: {} }
  circular.self = circular
  let deep: unknown = []
  for (let level = 0; level < 20_000; level++) deep = [deep]
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error('get')
      },
      has: () => {
        throw new Error('has')
      },
      ownKeys: () => {
        throw new Error('ownKeys')
      },
      getOwnPropertyDescriptor: () => {
        throw new Error('getOwnPropertyDescriptor')
      },
    },
  )
  const getter = {
    get id(): string {
      throw new Error('getter')
    },
  }
  const unshowable = {
    get id(): string {
      throw Object.create(null)
    },
  }
  return {
    undefined: undefined,
    null: null,
    text: 'text',
    'empty text': '',
    'long text': 'x'.repeat(1_000_000),
    number: 42,
    'no number': Number.NaN,
    true: true,
    bigint: 10n,
    symbol: Symbol('s'),
    function: () => 1,
    date: new Date(0),
    map: new Map([['id', 1]]),
    buffer: Buffer.from([0, 255, 254, 1]),
    'long buffer': Buffer.alloc(1_000_000, 'x'),
    list: [],
    'list of nothing': [null],
    'list of lists': [[[]]],
    object: {},
    'without prototype': Object.create(null),
    'prototype pollution': JSON.parse('{"__proto__": {"polluted": true}, "id": "x"}'),
    circular,
    'hostile depth': deep,
    'hostile getter': getter,
    'hostile getter that throws what cannot be shown': unshowable,
    'hostile proxy': throwing,
  }
}

const DAMAGE: readonly unknown[] = [null, 'x', Number.NaN, -1, [], {}, [null], 'x'.repeat(20_000)]

/** A policy under which nobody is ever full. */
const ROOMY: FlowNode = {
  id: 'policy',
  type: 'lead-policy',
  name: 'roomy',
  source: 'inline',
  text: POLICY.replaceAll('capacity: 1 ', 'capacity: 10000 '),
}

/** The message once for each part of its lead and each kind of damage. */
function* damaged(good: Msg): Generator<{ path: string; msg: Msg }> {
  const { req: _req, res: _res, ...rest } = good
  for (const path of paths(rest.payload, 3)) {
    for (const value of DAMAGE) {
      const msg = structuredClone(rest)
      // A lead of its own: what was decided before would be answered without another look.
      const lead = msg.payload as { id?: string; event?: { id?: string } }
      const own = `D${counted++}`
      if (lead.event !== undefined)
        Object.assign(lead, { id: own, event: { ...lead.event, id: own } })
      put(msg.payload, path, value)
      yield { path: path.join('.'), msg }
    }
  }
}

let counted = 0

function* paths(value: unknown, depth: number): Generator<string[]> {
  if (typeof value !== 'object' || value === null || depth === 0) return
  for (const [key, inner] of Object.entries(value)) {
    yield [key]
    for (const rest of paths(inner, depth - 1)) yield [key, ...rest]
  }
}

function put(root: unknown, path: readonly string[], value: unknown): void {
  let place = root as Record<string, unknown>
  for (const key of path.slice(0, -1)) place = place[key] as Record<string, unknown>
  place[path.at(-1)!] = value
}
