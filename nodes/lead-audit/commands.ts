/** What lead-audit can be asked, one function per command. */
import { shown } from '../../engine/artefact'
import { explainTrail } from '../../engine/audit/explain'
import { LEAD_STATES, type LeadState } from '../../engine/decision'
import { LeadFault } from '../../engine/faults'
import type { Checkpoint, Store, TrailEntry } from '../../store/store'
import type { LeadMessage } from '../shared/red'
import { leadIdOf, notFound, unknownAt } from '../shared/sales-event'

type Command = (store: Store, msg: LeadMessage, nowMs: number) => Promise<unknown>

const LEADS_MAX = 1_000

async function trailOf(store: Store, msg: LeadMessage): Promise<readonly TrailEntry[]> {
  const trail = await store.trail(leadIdOf(msg))
  if (trail.length === 0) throw notFound(store, msg)
  return trail
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  /** The entries of one lead, oldest first. */
  read: trailOf,
  /** The same in words. */
  explain: async (store, msg) => explainTrail(await trailOf(store, msg)).join('\n'),
  /** Recomputes the log; `msg.payload = { entries, root }` proves it against an earlier answer. */
  verify: (store, { payload }) => store.verify(checkpointOf(payload)),
  /** How many leads stand where. */
  census: (store) => store.census(),
  /** Leads in one state, oldest first: `msg.payload = "waiting"`. */
  list: async (store, { payload }) => {
    const state = LEAD_STATES.find((one) => one === payload)
    if (state === undefined)
      throw new LeadFault(
        'LEAD_COMMAND_UNKNOWN',
        unknownAt('msg.payload', payload),
        LEAD_STATES.join(', '),
      )
    return store.leads(state satisfies LeadState, LEADS_MAX)
  },
  /** Leads that were given up, with the reason. */
  dead: (store) => store.deadLetters(LEADS_MAX),
  /** Lets the dead letters of one lead, or all with `msg.payload = "all"`, be taken up again. */
  redrive: async (store, msg) => {
    const id = leadIdOf(msg)
    if (id === '') throw notFound(store, msg)
    return { redriven: await store.redrive(id === 'all' ? undefined : id) }
  },
  /** Size and lag of the store. */
  figures: (store, _msg, nowMs) => store.figures(nowMs),
  /** A consistent copy, to the file that `msg.payload` names or beside the store. */
  backup: (store, { payload }, nowMs) =>
    store.backup(typeof payload === 'string' && payload !== '' ? payload : undefined, nowMs),
}

/**
 * Whoever sends one half of a checkpoint means a whole one: left out silently, the answer would be `ok`
 * without having compared anything; and a mistyped one, compared, would look as if the log was changed.
 * Throws LEAD_CHECKPOINT_INVALID.
 */
function checkpointOf(payload: unknown): Checkpoint | undefined {
  const { entries, root } = (payload ?? {}) as { entries?: unknown; root?: unknown }
  // A flow that makes a number of what was not sent gives NaN, as the example did at first.
  const [isCount, isRoot] = [entries, root].map((half) => half != null && !Number.isNaN(half))
  if (!isCount && !isRoot) return undefined
  if (!isCount) throw badCheckpoint('the number of entries is missing')
  if (!isRoot) throw badCheckpoint('a root is missing')
  const [count, digest] = [String(entries), String(root).toLowerCase()]
  if (!/^\d{1,15}$/.test(count))
    throw badCheckpoint(`entries must be a number, 0 or more, and is ${shown(entries)}`)
  if (!/^[\da-f]{64}$/.test(digest))
    throw badCheckpoint(`root must be the 64 digits of an earlier answer, and is ${shown(root)}`)
  return { entries: Number(count), root: digest }
}

function badCheckpoint(why: string): LeadFault {
  return new LeadFault('LEAD_CHECKPOINT_INVALID', why)
}

/** Throws LEAD_COMMAND_UNKNOWN. */
export function commandOf(name: string): Command {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined)
    throw new LeadFault(
      'LEAD_COMMAND_UNKNOWN',
      unknownAt('the command', name),
      Object.keys(COMMANDS).join(', '),
    )
  return command
}
