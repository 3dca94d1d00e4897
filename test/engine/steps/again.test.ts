// Goal: a step that decides once and at which ways end, ends them also when it had decided before.
import assert from 'node:assert/strict'
import { dedupeStep } from '../../../engine/steps/dedupe'
import { enrichStep } from '../../../engine/steps/enrich'
import { qualifyStep } from '../../../engine/steps/qualify'
import { routeStep } from '../../../engine/steps/route'
import { lead } from '../support/leads'

type Again = (one: ReturnType<typeof lead>, outcome: string, settings: object) => readonly object[]

describe('decided before', () => {
  for (const { name, again } of [enrichStep, dedupeStep, qualifyStep, routeStep])
    it(`${name} ends the way where no node follows, and only there`, () => {
      const one = lead()
      const changes = (outcome: string) =>
        (again as Again)(one, outcome, { ends: new Set(['end']) })
      assert.deepEqual(changes('end'), [{ kind: 'intake.done', key: one.event.id }])
      assert.deepEqual(changes('on'), [])
    })
})
