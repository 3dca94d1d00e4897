// Goal: a pass over the leads that wait tries each of them once, in their order, however many wait,
// and holds one page of them at a time. Method: a real store with more leads than a page holds.
import assert from 'node:assert/strict'
import type { Assignment, Lead } from '../../engine/lead/lead'
import { tryEach } from '../../nodes/lead-route-by-capacity/waiting-line'
import { SqliteStore } from '../../store/sqlite/sqlite-store'
import type { Store } from '../../store/store'
import { at, NOW } from '../engine/support/leads'
import { entry } from '../store/contract/support'
import { person, TIGHT } from '../store/life'

const POLICY = TIGHT.ref.name
const MANY = 1_203

describe('waiting line', () => {
  let store: Store

  beforeEach(async () => {
    store = SqliteStore.open(':memory:', 'live')
    await Promise.all(Array.from({ length: MANY }, (_, n) => stand(n, 'waiting')))
  })
  afterEach(() => store.close())

  const stand = (n: number, state: 'waiting' | 'assigned') => {
    const assignment: Assignment = {
      cycle: 1,
      attempt: 1,
      at: at(NOW),
      policy: TIGHT.ref,
      status: state,
      why: 'x',
      candidates: [],
      units: 1,
    }
    const commit = entry(person(n, { assignment }), [{ kind: 'lead.save', state, reason: 'x' }])
    // Some since the same moment.
    const nowMs = NOW + Math.floor(n / 7)
    return store.transaction([], (tx) => tx.commit({ ...commit, nowMs }))
  }
  const numberOf = ({ id }: Lead) => Number(id.slice(1))
  const unclaimed = async () => (await store.claimWaiting([POLICY], 9_999)).items.length

  it('is tried to its end, each lead once, whoever finds somebody on the way', async () => {
    const tried: number[] = []
    await tryEach(store, [POLICY], async (lead) => {
      const n = numberOf(lead)
      tried.push(n)
      if (n % 3 === 0) await stand(n, 'assigned')
    })
    const sinceOf = (n: number) => Math.floor(n / 7)
    assert.equal(new Set(tried).size, MANY)
    assert.equal(tried.length, MANY)
    assert.ok(tried.every((n, index) => index === 0 || sinceOf(tried[index - 1]!) <= sinceOf(n)))
    assert.equal(await unclaimed(), MANY - Math.ceil(MANY / 3))
  })

  it('is claimed one page at a time, and each page given back', async () => {
    let held = 0
    let most = 0
    const watched: Pick<Store, 'claimWaiting' | 'releaseWaiting'> = {
      claimWaiting: async (...asked) => {
        const page = await store.claimWaiting(...asked)
        held += page.items.length
        most = Math.max(most, held)
        return page
      },
      releaseWaiting: (ids) => {
        held -= ids.length
        return store.releaseWaiting(ids)
      },
    }
    await tryEach(watched, [POLICY], async () => {})
    assert.deepEqual([held, most], [0, 500])
  })

  it('gives others a turn, though nothing of it waits for the disk', async () => {
    let turns = 0
    let over = false
    const turn = () => {
      turns += 1
      if (!over) setImmediate(turn)
    }
    setImmediate(turn)
    await tryEach(store, [POLICY], async () => {})
    over = true
    assert.ok(turns >= MANY / 32, `${turns} turns`)
  })

  it('ends when there is nobody left who could take one', async () => {
    let room = 2
    const tried: number[] = []
    const place = async (lead: Lead) => {
      tried.push(numberOf(lead))
      room = Math.max(0, room - 1)
    }
    await tryEach(store, [POLICY], place, async () => room > 0)
    assert.equal(tried.length, 32)
    assert.equal(await unclaimed(), MANY, 'given back')
  })

  it('is tried behind a lead that cannot be tried, of which the fault is told', async () => {
    const tried: number[] = []
    const pass = tryEach(store, [POLICY], async (lead) => {
      tried.push(numberOf(lead))
      if (numberOf(lead) === 3) throw new Error('bad lead')
    })
    await assert.rejects(pass, /bad lead/)
    assert.equal(tried.length, MANY)
  })

  it('is left alone when nothing of a page can be tried', async () => {
    let tried = 0
    const pass = tryEach(store, [POLICY], async () => {
      tried += 1
      throw new Error('no policy')
    })
    await assert.rejects(pass, /no policy/)
    assert.equal(tried, 500)
    assert.equal(await unclaimed(), MANY, 'given back')
  })
})
