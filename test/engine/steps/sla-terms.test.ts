// Goal: a clock is carried over from the policy that it was started by, and from no text that was put in its place.
import assert from 'node:assert/strict'
import { carryOut, known } from '../../../engine/asking'
import type { SlaSection } from '../../../engine/lead/lead'
import type { Reads } from '../../../engine/step'
import { gatherFormer } from '../../../engine/steps/sla-terms'
import { POLICY, policy } from '../support/artefacts'
import { lead } from '../support/leads'

describe('gatherFormer', () => {
  const former = policy({ version: '0.9.0' })
  const running = lead({ sla: { cycle: 1, policy: former.ref } as SlaSection })
  const gather = (text: string | undefined) =>
    carryOut(gatherFormer({ artefact: () => known(text) } as unknown as Reads, running, policy()))
  const text = JSON.stringify({ ...POLICY, version: '0.9.0' })

  it('is nothing where the kept text is another, or is gone', () => {
    assert.deepEqual(gather(text.replace('"1h"', '"9h"')), {})
    assert.deepEqual(gather('no policy'), {})
    assert.deepEqual(gather(undefined), {})
  })
  it('is the policy by which the clock was started', async () => {
    const { former: found } = await gather(text)
    assert.deepEqual(found?.ref, former.ref)
  })
})
