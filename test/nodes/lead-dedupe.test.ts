import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { leadNode, leadOf, start, tidyUp } from './support'

describe('lead-dedupe', () => {
  tidyUp()
  let n = 0
  nodeLaws({
    type: 'lead-dedupe',
    needs: ['store'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'new',
    good: () => ({ payload: leadOf({ email: `p${n++}@acme.example`}) }),
  })
})
