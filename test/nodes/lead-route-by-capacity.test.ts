import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { leadNode, leadOf, start, tidyUp } from './support'

describe('lead-route-by-capacity', () => {
  tidyUp()
  let n = 0
  nodeLaws({
    type: 'lead-route-by-capacity',
    needs: ['store', 'policy'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'assigned',
    good: () => ({ payload: leadOf({ event_id: `x${n++}`}) }),
  })
})
