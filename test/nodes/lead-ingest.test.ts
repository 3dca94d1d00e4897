import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { leadNode, leadOf, start, tidyUp } from './support'

describe('lead-ingest', () => {
  tidyUp()
  let n = 0
  nodeLaws({
    type: 'lead-ingest',
    needs: ['store'],
    port: 'lead',
    good: () => ({ payload: { email: `p${n++}@acme.example`} }),
  })
})
