// Goal: a setting that is a variable, `${NAME}`, is what was typed there, whatever type the variable has.
// Method: numbers and an object in the environment of the flows, as somebody chooses them in the editor.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Lead } from '../../engine/lead/lead'
import type { ContractNode } from '../../nodes/shared/config-nodes'
import { type FlowNode, folder, leadNode, RECORD, start, tidyUp } from './support'

const env = (name: string) => `\${${name}}`

describe('settings from variables', () => {
  tidyUp()
  const globals = (values: readonly (readonly [string, string, 'num' | 'json'])[]): FlowNode => ({
    id: 'globals',
    type: 'global-config',
    env: values.map(([name, value, type]) => ({ name, value, type })),
  })
  const CONTRACT = {
    contract: 'test',
    version: '1.0.0',
    fit: {
      rules: [{ id: 'fit.any', when: { 'company.country': 'DE' }, points: 60, why: 'German' }],
    },
    intent: {
      halfLife: '7d',
      rules: [{ id: 'intent.demo', on: 'demo_request', points: 60, why: 'Asked' }],
    },
    decide: [{ id: 'decide.rest', outcome: 'nurture', grade: 'C', why: 'The rest' }],
  }

  it('are texts where the editor saves texts', async () => {
    const userDir = folder()
    const flow = leadNode('ingest', 'lead-ingest', {
      system: env('NUMBER'),
      missing: env('NUMBER'),
      remember: '30d',
      attempts: env('NUMBER'),
    })
    const rig = await start(flow, {
      userDir,
      core: ['common/91-global-config'],
      configs: [
        globals([
          ['NUMBER', '7', 'num'],
          ['FILE', '9', 'num'],
          ['CONTRACT', JSON.stringify(CONTRACT), 'json'],
        ]),
        { id: 'store', type: 'lead-store', file: env('NUMBER'), realm: env('NUMBER') },
        { id: 'contract', type: 'lead-contract', source: 'inline', text: env('CONTRACT') },
        { id: 'policy', type: 'lead-policy', source: 'file', file: env('FILE') },
      ],
    })
    const { error } = await rig.send('ingest', { payload: RECORD })
    assert.equal(error, undefined)
    const lead = rig.out('ingest', 'lead')[0]!.payload as Lead
    assert.equal(lead.source.system, '7')
    assert.equal(rig.store.realm, '7')
    assert.ok(existsSync(join(userDir, '7')), 'the file of the store')
    const { contract, problem } = rig.node('contract') as unknown as ContractNode
    assert.deepEqual([contract?.ref.name, problem], ['test', undefined])
    const lookedFor = join(userDir, '9')
    assert.deepEqual(rig.logged(), [
      `lead-policy: the file 9 cannot be read: it does not exist (looked for at ${lookedFor})`,
    ])
  })
})
