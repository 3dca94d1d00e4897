import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { leadNode, leadOf, start, tidyUp } from './support'

describe('lead-score-intent', () => {
  tidyUp()
  let n = 0
  nodeLaws({
    type: 'lead-score-intent',
    needs: ['store', 'contract'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'scored',
    good: () => ({ payload: leadOf({ email: `p${n++}@acme.example`}) }),
  })
})
