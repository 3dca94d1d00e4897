import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { leadNode, leadOf, start, tidyUp } from './support'

describe('lead-qualify', () => {
  tidyUp()
  nodeLaws({
    type: 'lead-qualify',
    needs: ['store', 'contract'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'sales',
    beside: [...leadNode('fit', 'lead-score-fit', {}, { scored: ['intent'] }), ...leadNode('intent', 'lead-score-intent')],
    good: async (rig) => {
      await rig.send('fit', { payload: leadOf({ event_id: `e${n++}` }) })
      return structuredClone(rig.out('intent', 'scored').at(-1)!)
    },
  })
})
let n = 0
