import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { leadNode, leadOf, start, tidyUp } from './support'

describe('lead-audit', () => {
  tidyUp()
  let n = 0
  nodeLaws({
    type: 'lead-audit',
    needs: ['store'],
    refuses: 'LEAD_NOT_FOUND',
    port: 'answer',
    beside: leadNode('route', 'lead-route-by-capacity'),
    good: async (rig) => {
      await rig.send('route', { payload: leadOf({ event_id: `x${n++}` })})
      return structuredClone(rig.out('route', 'assigned').at(-1) ?? rig.out('route', 'waiting').at(-1)!)
    },
  })
})
