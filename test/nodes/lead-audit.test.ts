// Goal: every entry leaves lead-audit once, and whoever asks gets the trail, the proof and the count.
// Method: leads through ingest, the log also changed behind its back.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Lead } from '../../engine/lead/lead'
import type { Census, LeadSummary, TrailEntry, VerifyReport } from '../../store/store'
import { nodeLaws } from './laws'
import {
  type FlowNode,
  folder,
  leadNode,
  leadOf,
  type Msg,
  type Rig,
  runtimeEvents,
  start,
  stop,
  tidyUp,
} from './support'

describe('lead-audit', () => {
  tidyUp()
  let count = 0
  const DEDUPE = leadNode('dedupe', 'lead-dedupe')
  nodeLaws({
    type: 'lead-audit',
    needs: ['store'],
    refuses: 'LEAD_NOT_FOUND',
    refusesNothing: 'LEAD_QUESTION_INVALID',
    port: 'answer',
    beside: DEDUPE,
    good: async (rig) => {
      await rig.send('dedupe', { payload: leadOf({ email: `p${count++}@acme.example` }) })
      return structuredClone(rig.out('dedupe', 'new').at(-1)!)
    },
  })

  const FLOW = [
    ...leadNode('audit', 'lead-audit'),
    ...leadNode('ingest', 'lead-ingest', {}, { lead: ['dedupe'] }),
    ...DEDUPE,
  ]
  const records = (n: number, from = 0) =>
    Array.from({ length: n }, (_, at) => ({
      email: `p${at + from}@acme.example`,
      first_name: 'Secret',
    }))
  const seqs = (rig: Rig) =>
    rig.out('audit', 'entry').map(({ payload }) => (payload as TrailEntry).seq)
  const upTo = (n: number) => Array.from({ length: n }, (_, seq) => seq)
  const ask = async (
    rig: Rig,
    command: string | undefined,
    payload?: unknown,
  ): Promise<unknown> => {
    const msg: Msg = { payload, ...(command === undefined ? {} : { command }) }
    const { error } = await rig.send('audit', msg)
    assert.equal(error, undefined)
    assert.equal(rig.out('audit', 'answer').at(-1), msg)
    return msg.payload
  }
  const oneLead = async (rig: Rig): Promise<string> => {
    await rig.send('ingest', { payload: records(1, count++)[0] })
    await rig.until('the lead', () => rig.out('dedupe', 'new').length > 0)
    await rig.quiet()
    return rig.out('dedupe', 'new').at(-1)!.topic!
  }

  describe('the stream of entries', () => {
    it('has each entry once, in order, with the lead as the topic', async () => {
      const rig = await start(FLOW)
      await rig.send('ingest', { payload: records(150) })
      await rig.until('the entries', () => seqs(rig).length >= 300)
      await rig.send('ingest', { payload: records(150, 150) })
      await rig.until('more entries', () => seqs(rig).length >= 600)
      await rig.quiet()
      assert.deepEqual(seqs(rig), upTo(600))
      for (const { payload, topic } of rig.out('audit', 'entry')) {
        assert.equal(topic, (payload as TrailEntry).entry.lead)
      }
    })

    it('begins with the flow, and goes on after a deploy', async () => {
      const file = join(folder(), 'leads.db')
      const rig = await start(FLOW, { file })
      await oneLead(rig)
      assert.deepEqual(seqs(rig), [0, 1])
      await rig.deploy(FLOW)
      await oneLead(rig)
      assert.deepEqual(seqs(rig), [0, 1, 2, 3])
      await stop()
      const later = await start(FLOW, { file })
      await later.quiet()
      assert.deepEqual(seqs(later), [], 'what was before is history: ask for it')
      await oneLead(later)
      assert.deepEqual(seqs(later), [4, 5])
    })

    it('begins when the output is wired later: a deploy of the modified nodes only wires the node anew', async () => {
      const unwired = FLOW.map((node) =>
        node.id === 'audit' ? { ...node, wires: [[], []] } : node,
      )
      const rig = await start(unwired)
      await oneLead(rig)
      const { store } = rig
      await rig.deploy(FLOW, 'nodes')
      assert.equal(rig.store, store, 'nothing was started anew')
      await oneLead(rig)
      assert.deepEqual(seqs(rig), [2, 3])
      await rig.deploy(unwired, 'nodes')
      await oneLead(rig)
      assert.deepEqual(seqs(rig), [2, 3])
    })

    it('goes on where it was: what is written around a deploy is not missed', async () => {
      const rig = await start(FLOW, { file: join(folder(), 'leads.db') })
      await oneLead(rig)
      rig.node('ingest').receive({ payload: records(300, 1_000) })
      await rig.deploy(FLOW)
      await rig.until('the entries', async () => {
        const { entries } = await rig.store.census()
        return entries > 2 && seqs(rig).length === entries
      })
      assert.deepEqual(seqs(rig), upTo(seqs(rig).length))
    })

    it('sends nothing twice when entries come while a deploy of something else looks where the log stands', async () => {
      const rig = await start(FLOW)
      await oneLead(rig)
      const { store } = rig
      const census = store.census.bind(store)
      store.census = async () => {
        const before = await census()
        await rig.send('ingest', { payload: records(1, 700)[0] })
        await rig.until('the entries of both', () => seqs(rig).length >= 4)
        return before
      }
      runtimeEvents.emit('flows:started')
      await rig.until('the entries of both', () => seqs(rig).length >= 4)
      await rig.quiet()
      store.census = census
      await oneLead(rig)
      assert.deepEqual(seqs(rig), upTo(6))
    })

    it('misses nothing that comes while the store is being asked', async () => {
      const rig = await start(FLOW)
      const { store } = rig
      const entriesAfter = store.entriesAfter.bind(store)
      let slow = true
      store.entriesAfter = async (seq, limit) => {
        const page = await entriesAfter(seq, limit)
        if (slow && page.length === 0) {
          slow = false
          await rig.send('ingest', { payload: records(1, 500)[0] })
        }
        return page
      }
      await rig.send('ingest', { payload: records(1)[0] })
      await rig.until('the entries of both', () => seqs(rig).length >= 4)
      assert.deepEqual(seqs(rig), upTo(4))
    })

    it('costs nothing when nothing follows the output', async () => {
      const [node, ...rest] = leadNode('audit', 'lead-audit') as [FlowNode, ...FlowNode[]]
      const unwired = { ...node, wires: [[], (node.wires as string[][])[1]] }
      const rig = await start([unwired, ...rest, ...FLOW.slice(3)])
      const { store } = rig
      let reads = 0
      store.entriesAfter = async () => {
        reads += 1
        return []
      }
      await oneLead(rig)
      assert.equal(reads, 0)
    })
  })

  describe('answers', () => {
    it('read: the entries of one lead, oldest first', async () => {
      const rig = await start(FLOW)
      const id = await oneLead(rig)
      await oneLead(rig)
      const trail = (await ask(rig, 'read', id)) as TrailEntry[]
      assert.deepEqual(
        trail.map(({ entry }) => [entry.lead, entry.step, entry.outcome]),
        [
          [id, 'ingest', 'lead'],
          [id, 'dedupe', 'new'],
        ],
      )
    })

    it('explain: the same in words; also when nothing else is asked', async () => {
      const rig = await start(FLOW)
      const id = await oneLead(rig)
      const text = (await ask(rig, 'explain', { id })) as string
      assert.match(text, /Taken in: lead.*\n.*A new event.*\n.*Identified: new/)
      assert.equal(await ask(rig, undefined, id), text)
    })

    it('the command of the settings when the message has none', async () => {
      const rig = await start([...leadNode('audit', 'lead-audit', { command: 'census' })])
      assert.deepEqual(await ask(rig, undefined), { byState: {}, underway: 0, dead: 0, entries: 0 })
      assert.equal(((await ask(rig, 'verify')) as VerifyReport).ok, true)
    })

    it('census: how many leads stand where', async () => {
      const rig = await start(FLOW)
      await oneLead(rig)
      const census = (await ask(rig, 'census')) as Census
      assert.deepEqual(census, { byState: { open: 1 }, underway: 0, dead: 0, entries: 2 })
    })

    it('list: leads in one state, oldest first', async () => {
      const rig = await start(FLOW)
      const first = await oneLead(rig)
      rig.clock.forward(1_000)
      const second = await oneLead(rig)
      const list = (await ask(rig, 'list', 'open')) as (LeadSummary & { since: string })[]
      assert.deepEqual(
        list.map(({ id, state, since }) => [id, state, since]),
        [
          [first, 'open', '2026-03-02T10:00:00.000Z'],
          [second, 'open', '2026-03-02T10:00:01.000Z'],
        ],
      )
      assert.deepEqual(await ask(rig, 'list', 'closed'), [])
    })

    /** Two events of one person, the second under an id of its own until dedupe. */
    const twice = async (rig: Rig) => {
      const at = count++
      const [record] = records(1, at)
      const of = { ...record, phone: '+49 30 901820', externalIds: { crm: at } }
      for (const event_id of ['a', 'b']) await rig.send('ingest', { payload: { ...of, event_id } })
      await rig.until('the second', () => rig.out('dedupe', 'known').length > 0)
      await rig.quiet()
      const { id } = rig.out('dedupe', 'new').at(-1)!.payload as Lead
      const came = (rig.out('ingest', 'lead').at(-1)!.payload as Lead).event.id
      return { id, email: `p${at}@acme.example`, crm: String(at), event: came }
    }

    it('explain and read: by whatever names the person, in the spellings of the intake', async () => {
      const rig = await start(FLOW)
      const { id, email, crm, event } = await twice(rig)
      const text = (await ask(rig, 'explain', id)) as string
      const trail = await ask(rig, 'read', id)
      assert.equal((trail as TrailEntry[]).length, 4)
      for (const payload of [
        email,
        ` ${email.toUpperCase()} `,
        '+49 (30) 90 18 20',
        event,
        `crm:${crm}`,
        { email: `Ana <${email}>` },
        { phone: '030 901820', country: 'de' },
        { externalIds: { crm: Number(crm) } },
        { event },
        { lead: id },
      ]) {
        assert.equal(await ask(rig, 'explain', payload), text, JSON.stringify(payload))
        assert.deepEqual(await ask(rig, 'read', payload), trail)
      }
    })

    it('explain: says where the lead stands, and of which event the entries under another id are', async () => {
      const rig = await start(FLOW)
      const { id, event } = await twice(rig)
      const text = (await ask(rig, 'explain', id)) as string
      const [stands, ...lines] = text.split('\n')
      assert.equal(
        stands,
        `Lead ${id} is open since 2026-03-02T10:00:00.000Z: new event of a known lead`,
      )
      const heads = lines.filter((line) => /\[entry \d+\]$/.test(line))
      assert.match(heads[0]!, /Taken in: lead {2}/)
      assert.match(
        heads[2]!,
        new RegExp(`Taken in: lead, event ${event} came as L\\w+ {2}\\[entry 2\\]`),
      )
      assert.match(heads[3]!, /Identified: known {2}/)
      const arrived = /came as (\w+)/.exec(heads[2]!)![1]!
      assert.notEqual(arrived, id)
      assert.equal(await ask(rig, 'explain', arrived), text)
    })

    it('list: by account and person; who it is only when asked; page by page', async () => {
      const rig = await start(FLOW)
      for (let n = 0; n < 3; n++) {
        await oneLead(rig)
        rig.clock.forward(1_000)
      }
      const all = (await ask(rig, 'list', { account: 'www.acme.example' })) as LeadSummary[]
      assert.deepEqual(
        all.map(({ account }) => account),
        Array(3).fill('domain:acme.example'),
      )
      assert.doesNotMatch(JSON.stringify(all), /@|Secret/)
      const email = `p${count - 1}@acme.example`
      const [one, ...others] = (await ask(rig, 'list', { email, person: true })) as LeadSummary[]
      assert.deepEqual([one!.id, one!.person, others], [all[2]!.id, { name: 'Secret', email }, []])
      const pages: LeadSummary[][] = []
      const msg: Msg = { payload: { state: 'open', limit: 2 }, command: 'list' }
      for (;;) {
        await rig.send('audit', msg)
        pages.push(msg.payload as LeadSummary[])
        if (msg.next === undefined) break
        msg.payload = msg.next
      }
      assert.deepEqual(pages, [all.slice(0, 2), all.slice(2)])
      assert.ok(!('next' in msg))
    })

    it('verify: holds, also against an earlier answer', async () => {
      const rig = await start(FLOW)
      await oneLead(rig)
      const before = (await ask(rig, 'verify')) as VerifyReport
      assert.deepEqual([before.ok, before.entries, before.faults], [true, 2, []])
      await oneLead(rig)
      const after = (await ask(rig, 'verify', before)) as VerifyReport
      assert.deepEqual([after.ok, after.entries], [true, 4])
      const forged = (await ask(rig, 'verify', { ...before, root: after.root })) as VerifyReport
      assert.equal(forged.ok, false)
      assert.match(forged.faults[0]!, /root that was noted/)
      const texts = { entries: String(before.entries), root: before.root }
      assert.equal(((await ask(rig, 'verify', texts)) as VerifyReport).ok, true)
      const nothing = { entries: Number(undefined), root: undefined }
      assert.equal(((await ask(rig, 'verify', nothing)) as VerifyReport).ok, true)
      const more = (await ask(rig, 'verify', { ...before, entries: 99 })) as VerifyReport
      assert.deepEqual(more.faults, ['the log has only 4 of the 99 entries that were noted'])
    })

    it('verify: half a checkpoint, or a mistyped one, is refused and raises no alarm', async () => {
      const rig = await start(FLOW)
      const root = 'a'.repeat(64)
      const wrong: readonly (readonly [object, RegExp])[] = [
        [{ entries: 3 }, /a root is missing/],
        [{ root }, /the number of entries is missing/],
        [{ root: 'abcd' }, /the number of entries is missing/],
        [{ entries: 3, root: 'abcd' }, /root must be the 64 digits .* and is "abcd"/],
        [{ entries: 'five', root }, /entries must be a number, 0 or more, and is "five"/],
        [{ entries: -3, root }, /entries must be a number, 0 or more, and is -3/],
        [{ entries: 1.5, root }, /and is 1\.5/],
        [{ entries: '', root }, /and is ""/],
        [{ entries: 3, root: 'x'.repeat(1e6) }, /root must be/],
      ]
      for (const [payload, says] of wrong) {
        await rig.refused('audit', { payload, command: 'verify' }, 'LEAD_CHECKPOINT_INVALID')
        const { message } = rig.caught.at(-1)!.error
        assert.match(message, says)
        assert.ok(message.length < 300)
      }
    })

    it('verify: says which entry was changed behind its back', async () => {
      const file = join(folder(), 'leads.db')
      const first = await start(FLOW, { file })
      await oneLead(first)
      await stop()
      const database = new DatabaseSync(file)
      database.exec(
        `UPDATE audit SET body = replace(body, '"outcome":"new"', '"outcome":"known"') WHERE seq = 1`,
      )
      database.close()
      const rig = await start(FLOW, { file })
      const report = (await ask(rig, 'verify')) as VerifyReport
      assert.equal(report.ok, false)
      assert.match(report.faults.join('\n'), /entry 1 was changed/)
    })
  })

  describe('a fault', () => {
    it('is a lead that nobody knows', async () => {
      const rig = await start(FLOW)
      for (const command of ['read', 'explain']) {
        await rig.refused('audit', { payload: 'nobody', command }, 'LEAD_NOT_FOUND')
        // Whoever asks may be anybody, and a fault that nobody catches is a line in the log.
        const forged = 'x"\n22 Nov 20:00:00 - [info] all is well\u2028'
        await rig.refused('audit', { payload: forged, command }, 'LEAD_NOT_FOUND')
        assert.doesNotMatch(rig.caught.at(-1)!.error.message, /[\n\u2028]|all is well/)
      }
    })

    it('repeats no address, number or name, in the message, the status or the log', async () => {
      const rig = await start(FLOW)
      const secrets = ['ana.secret@acme.example', '+49 30 777666', 'Ana Secret', '030777666']
      const asked = [
        ...secrets,
        { email: 'ana.secret@acme.example' },
        { phone: '+49 30 777666' },
        { externalIds: { crm: 'secret-7' } },
        { event: 'mail:ana.secret@acme.example' },
      ]
      for (const command of ['read', 'explain', 'redrive'])
        for (const payload of asked)
          await rig.refused('audit', { payload, command }, 'LEAD_NOT_FOUND')
      for (const payload of [{ email: 'ana.secret' }, { phone: '030777666' }])
        await rig.refused('audit', { payload }, 'LEAD_QUESTION_INVALID')
      await rig.refused('audit', { payload: asked[4], command: 'list' }, 'LEAD_NOT_FOUND')
      const told = JSON.stringify([
        rig.caught.map(({ error }) => error.message),
        rig.logged(),
        rig.status('audit'),
      ])
      assert.doesNotMatch(told, /secret|7776/i)
      assert.match(told, /no lead is found in the realm .{0,20}: this e-mail address is not known/)
    })

    it('is a command that nobody knows, with those that are known', async () => {
      const rig = await start(FLOW)
      for (const command of [
        'erase',
        '',
        'constructor',
        '__proto__',
        'toString',
        'x'.repeat(1e6),
      ]) {
        await rig.refused('audit', { payload: 'x', command }, 'LEAD_COMMAND_UNKNOWN')
        assert.match(rig.caught.at(-1)!.error.message, /read, explain, verify, census, list/)
        assert.ok(rig.caught.at(-1)!.error.message.length < 300)
      }
    })

    it('is a state that does not exist', async () => {
      const rig = await start(FLOW)
      for (const payload of ['won', undefined, 42, {}, 'x'.repeat(1e6)]) {
        await rig.refused('audit', { payload, command: 'list' }, 'LEAD_QUESTION_INVALID')
        assert.ok(rig.caught.at(-1)!.error.message.length < 300)
      }
    })
  })

  it('shows nothing personal in its status', async () => {
    const rig = await start(FLOW)
    await ask(rig, 'explain', await oneLead(rig))
    await rig.until('the status', () => rig.status('audit') !== undefined)
    assert.deepEqual(rig.status('audit')!.text.split(' · ').sort(), ['entries 2', 'explain 1'])
  })
})
