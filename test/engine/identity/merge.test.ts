// Goal: one record per person: the better value survives, consent is never less strict, nothing
// counts twice. Method: a table per rule of survivorship; laws over random leads.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { personKeys } from '../../../engine/identity/keys'
import { mergeLeads, withDatedTouch } from '../../../engine/identity/merge'
import type { Lead, Provenance } from '../../../engine/lead/lead'
import { at, deepFreeze, HOUR, lead, NOW, signal } from '../support/leads'

const from = (method: string, confidence = 1, agoMs = 0): Provenance => ({
  source: 's',
  method,
  confidence,
  observedAt: at(NOW - agoMs),
})
/** An older record and a newer event of one person. */
const known = (changes: Partial<Lead> = {}) =>
  lead({ id: 'K', event: { id: 'web:0', receivedAt: at(NOW - HOUR) }, ...changes })
const event = (changes: Partial<Lead> = {}) => lead({ id: 'E', ...changes })

/** An event that came in now, and happened before. */
const happened = (agoMs: number) => ({
  id: `web:-${agoMs}`,
  receivedAt: at(NOW),
  occurredAt: at(NOW - agoMs),
})

describe('mergeLeads: which value survives', () => {
  const PATH = 'company.employees'
  const rows: ReadonlyArray<
    readonly [string, ours: Provenance | undefined, theirs: Provenance | undefined, want: number]
  > = [
    ['both stated: the newer', undefined, undefined, 20],
    ['known by hand', from('manual'), undefined, 10],
    ['known in the CRM', from('crm'), undefined, 10],
    ['by hand beats the CRM', from('manual'), from('crm'), 10],
    ['the CRM does not beat by hand', from('crm'), from('manual'), 20],
    ['stated beats enriched', undefined, from('enriched'), 10],
    ['stated now beats enriched before', from('enriched'), undefined, 20],
    ['enriched beats derived', from('enriched'), from('derived'), 10],
    ['anything beats a contradicted value', from('conflict', 0.3), from('derived'), 20],
    ['a contradicted value beats nothing', from('derived'), from('conflict', 0.3), 10],
    ['the same method: the more certain', from('enriched', 0.9), from('enriched', 0.8), 10],
    [
      'the same method: the more certain, though older',
      from('enriched', 0.8),
      from('enriched', 0.9),
      20,
    ],
    ['all the same: the later observed', from('enriched', 0.9, 0), from('enriched', 0.9, HOUR), 10],
    ['all the same: the event', from('enriched', 0.9), from('enriched', 0.9), 20],
  ]
  for (const [name, ours, theirs, want] of rows) {
    it(name, () => {
      const merged = mergeLeads(
        known({ company: { employees: 10 }, provenance: ours ? { [PATH]: ours } : {} }),
        event({ company: { employees: 20 }, provenance: theirs ? { [PATH]: theirs } : {} }),
      )
      assert.equal(merged.company.employees, want)
    })
  }

  it('a value beats none, on both sides', () => {
    const merged = mergeLeads(
      known({ company: { employees: 10 }, contact: {} }),
      event({ company: { country: 'FR' }, contact: { title: 'CTO' } }),
    )
    assert.deepEqual(merged.company, { employees: 10, country: 'FR' })
    assert.deepEqual(merged.contact, { title: 'CTO' })
  })

  it('a null is no value', () => {
    const merged = mergeLeads(
      known({ company: { employees: 10 } }),
      event({ company: { employees: null } as never }),
    )
    assert.equal(merged.company.employees, 10)
  })

  it('a survivor keeps where it came from, also when the event stated it itself', () => {
    const provenance = { 'company.employees': from('crm') }
    const merged = mergeLeads(known({ provenance }), event({ company: { country: 'FR' } }))
    assert.deepEqual(merged.provenance['company.employees'], from('crm'))
    assert.equal(merged.provenance['company.country'], undefined, 'stated by this event')
    const before = { source: 'web', method: 'stated', confidence: 1, observedAt: at(NOW - HOUR) }
    assert.deepEqual(merged.provenance['company.name'], before)
  })

  it('attributes survive like every other field, with their provenance', () => {
    const merged = mergeLeads(
      known({
        attributes: { plan: 'pro', size: 1, only: 'ours' },
        provenance: { 'attributes.plan': from('manual'), 'attributes.only': from('enriched', 0.3) },
      }),
      event({ attributes: { plan: 'free', size: 2, fresh: true } }),
    )
    assert.deepEqual(merged.attributes, { plan: 'pro', size: 2, only: 'ours', fresh: true })
    assert.deepEqual(merged.provenance['attributes.plan'], from('manual'))
    assert.equal(merged.provenance['attributes.only']!.confidence, 0.3)
  })

  it('the CRM’s facts are kept when an event does not know them', () => {
    const merged = mergeLeads(known({ crm: { owner: 'ana', openDeal: true } }), event())
    assert.deepEqual(merged.crm, { owner: 'ana', openDeal: true })
  })

  it('a model’s judgement is kept until there is another', () => {
    const model = { score: 0.9, confidence: 0.8 }
    assert.deepEqual(mergeLeads(known({ model }), event()).model, model)
    const newer = { score: 0.1, confidence: 0.9 }
    assert.deepEqual(mergeLeads(known({ model }), event({ model: newer })).model, newer)
  })

  it('an older event that comes later replaces nothing, and fills what is empty', () => {
    const model = { score: 0.9, confidence: 0.8 }
    const merged = mergeLeads(
      known({ company: { name: 'New', employees: 10 }, externalIds: { sf: 'new' }, model }),
      event({
        event: happened(2 * HOUR),
        company: { name: 'Old', city: 'Bonn' },
        externalIds: { sf: 'old', hubspot: '7' },
        model: { score: 0.1, confidence: 0.8 },
      }),
    )
    assert.deepEqual(merged.company, { name: 'New', employees: 10, city: 'Bonn' })
    assert.deepEqual(merged.externalIds, { sf: 'new', hubspot: '7' })
    assert.deepEqual(merged.model, model)
    assert.equal(merged.event.id, happened(2 * HOUR).id, 'the message is about this event')
  })
  it('times that are written in two ways are compared as times', () => {
    const merged = mergeLeads(
      known({ event: { id: 'web:0', receivedAt: '2026-03-02T10:30:00Z' }, company: { city: 'A' } }),
      event({
        event: { id: 'web:1', receivedAt: '2026-03-02T11:00:00+01:00' },
        company: { city: 'B' },
      }),
    )
    assert.equal(merged.company.city, 'A', '11:00 in Berlin is 10:00 UTC')
  })

  it('what a value stands for goes with it: the mailbox, its kind and its role', () => {
    const info = {
      email: 'info@acme.example',
      emailKey: 'info@acme.example',
      emailKind: 'business',
      emailRole: true,
      domain: 'acme.example',
    } as const
    const own = {
      email: 'ana@home.example',
      emailKey: 'ana@home.example',
      emailKind: 'free',
      domain: 'home.example',
    } as const
    const toOwn = mergeLeads(known({ contact: info }), event({ contact: own }))
    assert.deepEqual(toOwn.contact, own)
    assert.equal(personKeys(toOwn)[0]!.key, 'email:ana@home.example')
    const kept = mergeLeads(
      known({ contact: own, provenance: { 'contact.email': from('manual') } }),
      event({ contact: info }),
    )
    assert.deepEqual(kept.contact, own, 'a key of another address would name another person')
  })

  it('the parts of a name stay together', () => {
    const merged = mergeLeads(
      known({
        contact: { name: 'Ana Ruiz', nameKey: 'ana ruiz', firstName: 'Ana', lastName: 'Ruiz' },
      }),
      event({ contact: { name: 'Bea', nameKey: 'bea', firstName: 'Bea' } }),
    )
    assert.deepEqual(merged.contact, { name: 'Bea', nameKey: 'bea', firstName: 'Bea' })
  })

  const whole = { name: 'Ana Ruiz', nameKey: 'ana ruiz', firstName: 'Ana', lastName: 'Ruiz' }
  const given = { name: 'Ana', nameKey: 'ana', firstName: 'Ana' }
  const family = { name: 'Ruiz', nameKey: 'ruiz', lastName: 'Ruiz' }
  for (const part of [given, family]) {
    it(`${part.name} replaces nothing of Ana Ruiz, and gives way to her`, () => {
      const byHand = { 'contact.name': from('manual') }
      for (const provenance of [{}, byHand]) {
        const kept = mergeLeads(known({ contact: whole }), event({ contact: part, provenance }))
        assert.deepEqual(kept.contact, whole)
        const gained = mergeLeads(known({ contact: part, provenance }), event({ contact: whole }))
        assert.deepEqual(gained.contact, whole)
      }
    })
  }
  it('another name is no part: the newer one', () => {
    const lopez = { name: 'Ana Lopez', nameKey: 'ana lopez', firstName: 'Ana', lastName: 'Lopez' }
    assert.deepEqual(
      mergeLeads(known({ contact: whole }), event({ contact: lopez })).contact,
      lopez,
    )
    const anabel = { name: 'Anabel', nameKey: 'anabel', firstName: 'Anabel' }
    assert.deepEqual(
      mergeLeads(known({ contact: whole }), event({ contact: anabel })).contact,
      anabel,
    )
  })
})

describe('mergeLeads: what belongs to the record, what to the event', () => {
  it('keeps the known lead’s id, cycle and standing', () => {
    const standing = {
      assignment: { status: 'assigned' },
      sla: { status: 'running' },
      decision: { outcome: 'sql' },
      account: { id: 'domain:acme.example', owner: 'ana' },
    } as unknown as Partial<Lead>
    const merged = mergeLeads(known({ cycle: 3, ...standing }), event())
    assert.deepEqual([merged.id, merged.cycle], ['K', 3])
    for (const section of ['assignment', 'sla', 'decision', 'account'] as const)
      assert.deepEqual(merged[section], standing[section])
  })
  it('takes the event itself, its source and its problems', () => {
    const merged = mergeLeads(
      known({ source: { system: 'crm', campaign: 'old' } }),
      event({ source: { system: 'web', campaign: 'new' }, problems: [] }),
    )
    assert.equal(merged.event.id, 'web:1')
    assert.deepEqual(merged.source, { system: 'web', campaign: 'new', originalTouch: 'old' })
    assert.deepEqual(merged.problems, [])
  })
  it('the first touch is never lost', () => {
    const once = mergeLeads(
      known({ source: { campaign: 'first' } }),
      event({ source: { campaign: 'second' } }),
    )
    const twice = mergeLeads(
      once,
      event({ source: { campaign: 'third', originalTouch: 'fourth' } }),
    )
    assert.equal(twice.source.originalTouch, 'first')
    const later = mergeLeads(twice, event({ source: {} }))
    assert.equal(later.source.originalTouch, 'first', 'also by an event without a campaign')
  })
  it('the first touch is the earliest that happened, whenever it is told', () => {
    const late = event({ event: happened(3 * HOUR), source: { campaign: 'first' } })
    const merged = mergeLeads(known({ source: { campaign: 'second' } }), late)
    assert.equal(merged.source.originalTouch, 'first')
    const again = event({ event: happened(2 * HOUR), source: { campaign: 'third' } })
    assert.equal(mergeLeads(merged, again).source.originalTouch, 'first')
    const silent = mergeLeads(known({ source: {} }), late)
    assert.equal(silent.source.originalTouch ?? silent.source.campaign, 'first')
  })
  it('a first touch that was kept without its time stays, and gets one', () => {
    const early = known({ source: { campaign: 'third', originalTouch: 'first' } })
    const late = event({ event: happened(3 * HOUR), source: { campaign: 'second' } })
    assert.equal(mergeLeads(early, late).source.originalTouch, 'first')
    assert.equal(mergeLeads(withDatedTouch(early), late).source.originalTouch, 'second')
  })
  it('with a model’s judgement goes where it came from', () => {
    const model = { score: 0.9, confidence: 0.8 }
    const [ours, theirs] = [from('crm'), from('derived', 0.5, 2 * HOUR)]
    const merged = mergeLeads(
      known({ model, provenance: { 'model.confidence': ours } }),
      event({
        event: happened(2 * HOUR),
        model,
        provenance: { 'model.score': theirs, 'model.confidence': theirs, 'model.features': theirs },
      }),
    )
    const stated = { source: 'web', method: 'stated', confidence: 1, observedAt: at(NOW - HOUR) }
    const ofModel = Object.entries(merged.provenance).filter(([path]) => path.startsWith('model.'))
    assert.deepEqual(Object.fromEntries(ofModel), {
      'model.confidence': ours,
      'model.score': stated,
    })
  })
  it('unites the ids of outside systems', () => {
    const merged = mergeLeads(
      known({ externalIds: { sf: '1', x: '1' } }),
      event({ externalIds: { x: '2', y: '3' } }),
    )
    assert.deepEqual(merged.externalIds, { sf: '1', x: '2', y: '3' })
  })
})

describe('mergeLeads: signals', () => {
  it('are united by id, oldest first', () => {
    const merged = mergeLeads(
      known({ signals: [signal('a', 3), signal('b', 1)] }),
      event({ signals: [signal('c', 2), signal('a', 3)] }),
    )
    assert.deepEqual(
      merged.signals.map(({ type }) => type),
      ['a', 'c', 'b'],
    )
  })
})

describe('mergeLeads: laws', () => {
  const text = fc.constantFrom('x', 'y')
  const partial = fc.record({
    company: fc.record({ name: text, industry: text, employees: fc.nat(3) }, { requiredKeys: [] }),
    attributes: fc.dictionary(fc.constantFrom('a', 'b'), text),
    provenance: fc.dictionary(
      fc.constantFrom('company.name', 'company.industry', 'attributes.a'),
      fc.record({
        source: text,
        method: fc.constantFrom(
          'manual',
          'crm',
          'stated',
          'enriched',
          'derived',
          'conflict',
          'other',
        ),
        confidence: fc.constantFrom(0.2, 0.8, 1),
        observedAt: fc.nat(3).map((hours) => at(NOW - hours * HOUR)),
      }),
    ),
    signals: fc.array(
      fc.nat(5).map((n) => signal(`s${n}`, n)),
      { maxLength: 5 },
    ),
  })

  it('merging the same event again changes no value, no signal and no provenance', () => {
    fc.assert(
      fc.property(partial, partial, (a, b) => {
        const one = event(b)
        const once = mergeLeads(known(a), one)
        assert.deepEqual(mergeLeads(once, one), once)
      }),
      { numRuns: 500 },
    )
  })

  it('no value is invented, and none is lost while the other side has none', () => {
    fc.assert(
      fc.property(partial, partial, (a, b) => {
        const merged = mergeLeads(deepFreeze(known(a)), deepFreeze(event(b)))
        for (const key of ['name', 'industry', 'employees'] as const) {
          const sides: unknown[] = [a.company[key], b.company[key]].filter(
            (value) => value !== undefined,
          )
          if (sides.length === 0) assert.equal(merged.company[key], undefined)
          else assert.ok(sides.includes(merged.company[key]))
        }
        assert.equal(new Set(merged.signals.map(({ id }) => id)).size, merged.signals.length)
      }),
      { numRuns: 500 },
    )
  })

  it('in whatever order events come, the same values, ids, model and first touch survive', () => {
    const stated = fc.record(
      {
        company: fc.record({ industry: text, city: text }, { requiredKeys: [] }),
        attributes: fc.dictionary(fc.constantFrom('a', 'b'), text),
        externalIds: fc.dictionary(fc.constantFrom('sf', 'hubspot'), text),
        source: fc.record({ campaign: text, originalTouch: text }, { requiredKeys: [] }),
        model: fc.record({ score: fc.constantFrom(0.1, 0.9), confidence: fc.constant(1) }),
      },
      { requiredKeys: ['company', 'attributes', 'source'] },
    )
    const events = fc
      .array(stated, { minLength: 2, maxLength: 5 })
      .map((all) => all.map((one, hours) => event({ ...one, event: happened(hours * HOUR) })))
    const survivors = (all: readonly Lead[]) => {
      const { company, attributes, externalIds, model, source } = all
        .slice(1)
        .reduce(mergeLeads, withDatedTouch(all[0]!))
      const touch = source.originalTouch ?? source.campaign
      return { company, attributes, externalIds: { ...externalIds }, model, touch }
    }
    fc.assert(
      fc.property(
        events.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          const inOrder = survivors(all.toReversed())
          assert.deepEqual(survivors(shuffled), inOrder)
          const first = all.findLast(
            ({ source }) => source.originalTouch ?? source.campaign,
          )?.source
          assert.equal(inOrder.touch, first?.originalTouch ?? first?.campaign)
        },
      ),
      { numRuns: 500 },
    )
  })
})
