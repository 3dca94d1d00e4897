import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { leadNode, leadOf, start, tidyUp } from './support'

describe('lead-enrich', () => {
  tidyUp()
  let n = 0
  nodeLaws({
    type: 'lead-enrich',
    needs: ['store'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'enriched',
    good: () => ({ payload: leadOf({ email: `p${n++}@acme.example`}) }),
  })
})
