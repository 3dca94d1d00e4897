import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { leadNode, leadOf, start, tidyUp } from './support'

describe('lead-score-fit', () => {
  tidyUp()
  nodeLaws({
    type: 'lead-score-fit',
    needs: ['contract'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'scored',
    good:  (rig) => ({ payload: leadOf()}),
  })
})
