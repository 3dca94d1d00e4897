// Goal: the policy that a new lead-policy node starts with has the tiers that people expect out of
// the box, and loads without a complaint. Method: the text as the editor gets it; a lead per tier.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadContract } from '../../../engine/contract/load'
import type { Lead } from '../../../engine/lead/lead'
import { loadPolicy } from '../../../engine/policy/load'
import { tierOf } from '../../../engine/sla/tier'
import { HOUR, lead, MINUTE } from '../support/leads'

const FILE = join(__dirname, '..', '..', '..', 'resources', 'start-texts.js')

describe('the texts that a new contract or policy starts with', () => {
  const page: { LeadQualification?: { startTexts: { contract: string; policy: string } } } = {}
  new Function('window', readFileSync(FILE, 'utf8'))(page)
  const { startTexts } = page.LeadQualification!
  const { policy, problems } = loadPolicy(startTexts.policy)

  it('load without a complaint', () => {
    assert.deepEqual(problems, [])
    assert.deepEqual(loadContract(startTexts.contract).problems, [])
  })

  const decided = (more: object) => ({ decision: more }) as Partial<Lead>
  const rows: readonly (readonly [string, Partial<Lead>, number, boolean])[] = [
    ['immediate', { source: { trigger: 'live_demo' } }, 5 * MINUTE, false],
    ['immediate', { source: { trigger: 'chat' } }, 5 * MINUTE, false],
    ['strong', { source: { trigger: 'demo_request' } }, HOUR, true],
    ['strong', { source: { trigger: 'trial' } }, HOUR, true],
    ['fast-path', { source: {}, ...decided({ outcome: 'sql', grade: 'A1' }) }, 2 * HOUR, true],
    ['partner', { source: { type: 'partner' } }, 4 * HOUR, true],
    ['review', decided({ outcome: 'review' }), 30 * MINUTE, false],
    ['routine', { source: { type: 'webinar' } }, 24 * HOUR, true],
  ]
  for (const [id, more, budgetMs, business] of rows) {
    it(`${JSON.stringify(more)} is ${id}: ${budgetMs / MINUTE} minutes`, () => {
      const { tier } = tierOf(policy!, lead(more))
      assert.deepEqual([tier.id, tier.respondMs, tier.business], [id, budgetMs, business])
    })
  }
  it('a review has a reminder after two hours and an escalation after six', () => {
    const [, decision] = policy!.tiers.list.find(({ id }) => id === 'review')!.clocks
    assert.deepEqual(
      [decision!.remindMs, decision!.escalate[0]!.afterMs, decision!.escalate[0]!.action],
      [[2 * HOUR], 6 * HOUR, 'notify'],
    )
  })
})
