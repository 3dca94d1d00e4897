/** Takes an event in, once, so that nothing forgets it from then on. */
import type { Lead } from '../../engine/lead/lead'
import { type IngestOutcome, type IngestSettings, ingestStep } from '../../engine/steps/ingest'
import { type Performed, perform } from '../../store/perform'
import type { OpenStore } from '../shared/config-nodes'
import { asError, RETRY_PAUSE_MS } from '../shared/lead-node'

export interface Accepted extends Performed<IngestOutcome> {
  /**
   * For a lead that goes straight on to another lead node before it is on disk. Resolves when it is
   * there and nothing forgets it any more; rejects when that cannot be.
   */
  readonly onDisk?: Promise<void>
}

/** `aheadOf`: see PerformOptions. */
export async function accept(
  { store, now }: OpenStore,
  lead: Lead,
  settings: IngestSettings,
  aheadOf: ReadonlySet<string>,
): Promise<Accepted> {
  let onDisk: Promise<void> | undefined
  const done = await perform(store, ingestStep, lead, settings, {
    nowMs: now(),
    whole: true,
    aheadOf,
    starts: true,
    went: (kept) => {
      onDisk = kept.catch(keepLost)
      // Whoever waits for it hears of it.
      onDisk.catch(() => {})
    },
  })
  return onDisk === undefined ? done : { ...done, onDisk }

  /**
   * Its message is refused at its next step, and no intake knows of it. So it is taken in as soon as
   * the store is there again, and taken up from there like any lead whose way was cut off.
   */
  async function keepLost(raw: unknown): Promise<void> {
    await perform(store, ingestStep, lead, settings, { nowMs: now(), whole: true })
    const reason = asError(raw).message
    await store.cutOff(lead.event.id, { reason, nowMs: now(), pauseMs: RETRY_PAUSE_MS })
  }
}
