// Goal: a file is recognised by its columns, and every mapping that ships is one lead-ingest takes.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTable } from '../../bench/leads/csv'
import { detectMapping, knownMappings, loadPrepare } from '../../bench/leads/mapping'
import { loadContract } from '../../engine/contract/load'
import { toLead } from '../../engine/lead/intake/to-lead'
import type { Lead } from '../../engine/lead/lead'
import { loadPolicy } from '../../engine/policy/load'
import { type IngestDef, intakeSettings } from '../../nodes/lead-ingest/config'

const ROOT = join(__dirname, '..', '..', 'bench', 'leads')
const NOW_MS = Date.parse('2026-03-02T09:00:00Z')

describe('detectMapping', () => {
  const small = { name: 'small', detect: ['id', 'city'] }
  const large = { name: 'large', detect: ['id', 'city', 'plan'] }
  const never = { name: 'never', detect: [] }
  const mappings = [never, small, large]

  const cases: readonly [name: string, header: string[], want: string | undefined][] = [
    ['all columns and no others', ['id', 'city'], 'small'],
    ['among others, in any order', ['x', 'city', 'y', 'id'], 'small'],
    ['the mapping that asks for most', ['plan', 'city', 'id'], 'large'],
    ['a column missing', ['id', 'plan'], undefined],
    ['names in another case', ['ID', 'City'], undefined],
    ['no columns', [], undefined],
  ]
  for (const [name, header, want] of cases) {
    it(name, () => assert.equal(detectMapping(header, mappings)?.name, want))
  }
})

describe('the mappings that ship', () => {
  const mappings = knownMappings(ROOT)

  it('are there', () => {
    assert.deepEqual(
      mappings.map(({ name }) => name),
      ['xeducation'],
    )
  })

  for (const { name, folder, contract, policy, ingest, detect, truth, order } of mappings) {
    it(`${name}: its settings, contract and policy are accepted`, () => {
      intakeSettings(ingest as unknown as IngestDef)
      assert.deepEqual(loadContract(readFileSync(join(folder, contract!), 'utf8')).problems, [])
      assert.deepEqual(loadPolicy(readFileSync(join(folder, policy!), 'utf8')).problems, [])
    })

    it(`${name}: it is recognised by columns that it needs`, () => {
      assert.equal(detectMapping(detect, mappings)?.name, name)
      assert.ok(detect.includes(truth!) && detect.includes(order!))
    })
  }
})

describe('a row of xeducation', () => {
  const [mapping] = knownMappings(ROOT)

  /** The lead that lead-ingest makes of the row; columns that are not given are empty. */
  async function leadOf(cells: Readonly<Record<string, string>>): Promise<Lead> {
    assert.ok(existsSync(join(mapping!.folder, mapping!.prepare!)))
    const all: Record<string, string> = { ...EMPTY, 'Prospect ID': 'p-1', ...cells }
    const header = Object.keys(all)
    const { rows } = readTable(
      `${header.join(',')}\n${header.map((name) => `"${all[name]}"`).join(',')}`,
    )
    const prepare = await loadPrepare(mapping!)
    const { intake } = intakeSettings(mapping!.ingest as unknown as IngestDef)
    const result = toLead(prepare(rows[0]!), intake, NOW_MS)
    assert.equal(result.kind, 'lead')
    return (result as { lead: Lead }).lead
  }

  it('is one event of one person', async () => {
    const lead = await leadOf({})
    assert.equal(lead.event.id, 'xeducation:p-1')
    assert.deepEqual(lead.externalIds, { xeducation: 'p-1' })
  })

  it('has no value where the form says Select, or nothing', async () => {
    const lead = await leadOf({ Specialization: 'Select', City: '', Country: 'unknown' })
    assert.deepEqual(lead.attributes, { freeCopy: false, doNotEmail: false })
    assert.equal(lead.contact.country, undefined)
    assert.equal(lead.problems, undefined)
  })

  it('has one signal of engagement, in minutes', async () => {
    const { signals } = await leadOf({
      TotalVisits: '3',
      'Total Time Spent on Website': '674',
      'Page Views Per Visit': '2.5',
    })
    assert.deepEqual(signals, [
      {
        id: 'xeducation:p-1/site_engagement/0',
        type: 'site_engagement',
        at: '2026-03-02T09:00:00.000Z',
        minutes: 11,
        visits: 3,
        pagesPerVisit: 2.5,
      },
    ])
  })

  const engaged: readonly [visits: string, seconds: string, want: boolean][] = [
    ['0', '0', false],
    ['', '', false],
    ['', '30', true],
    ['4', '0', true],
    ['1', '59', true],
  ]
  for (const [visits, seconds, want] of engaged) {
    it(`"${visits}" visits and "${seconds}" seconds ${want ? 'are' : 'are no'} engagement`, async () => {
      const { signals } = await leadOf({
        TotalVisits: visits,
        'Total Time Spent on Website': seconds,
      })
      assert.equal(
        signals.some(({ type }) => type === 'site_engagement'),
        want,
      )
    })
  }

  it('says by its origin, source and wishes what the person did', async () => {
    const { signals, consent } = await leadOf({
      'Lead Origin': 'Lead Add Form',
      'Lead Source': 'Olark Chat',
      'Do Not Email': 'Yes',
      'Do Not Call': 'Yes',
      'A free copy of Mastering The Interview': 'Yes',
    })
    assert.deepEqual(
      signals.map(({ type }) => type),
      ['add_form', 'chat', 'interview_guide_download', 'unsubscribe'],
    )
    assert.deepEqual(consent, { phone: 'denied', marketing: 'denied' })
  })

  it('says nothing about consent when the answers are no', async () => {
    const { consent } = await leadOf({ 'Do Not Email': 'No', 'Do Not Call': 'No' })
    assert.deepEqual(consent, {})
  })
})

const EMPTY = {
  'Lead Origin': '',
  'Lead Source': '',
  'Do Not Email': 'No',
  'Do Not Call': 'No',
  TotalVisits: '',
  'Total Time Spent on Website': '',
  'Page Views Per Visit': '',
  Country: '',
  Specialization: '',
  'How did you hear about X Education': '',
  'What is your current occupation': '',
  'What matters most to you in choosing a course': '',
  City: '',
  'A free copy of Mastering The Interview': 'No',
}
