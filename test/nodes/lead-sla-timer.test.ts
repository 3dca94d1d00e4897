import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { leadNode, leadOf, start, tidyUp } from './support'

describe('lead-sla-timer', () => {
  tidyUp()
  let n = 0
  nodeLaws({
    type: 'lead-sla-timer',
    needs: ['store', 'policy'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'started',
    beside: leadNode('route', 'lead-route-by-capacity'),
    good: async (rig) => {
      await rig.send('route', { payload: leadOf({ event_id: `x${n++}` })})
      return structuredClone(rig.out('route', 'assigned').at(-1)!)
    },
  })
})
