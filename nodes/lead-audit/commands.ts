/** What lead-audit can be asked, one function per command. */
import { shown } from '../../engine/artefact'
import { type Asked, readAsked } from '../../engine/audit/asked'
import { explainStanding, explainTrail } from '../../engine/audit/explain'
import { LEADS_MAX, readListed } from '../../engine/audit/listed'
import { LeadFault } from '../../engine/faults'
import { iso } from '../../engine/instant'
import type { Checkpoint, LeadSummary, Store } from '../../store/store'
import type { LeadMessage } from '../shared/red'
import { unknownAt } from '../shared/sales-event'

type Command = (store: Store, msg: LeadMessage, nowMs: number) => Promise<unknown>

/** The id of the lead that the message names. Throws LEAD_QUESTION_INVALID and LEAD_NOT_FOUND. */
async function leadOf(store: Store, { payload, topic }: LeadMessage, to: string): Promise<string> {
  const asked = readAsked(payload, topic)
  if ('problem' in asked) throw new LeadFault('LEAD_QUESTION_INVALID', to, asked.problem)
  return found(store, asked)
}

async function found(
  store: Store,
  { sought, words }: Exclude<Asked, { readonly problem: string }>,
): Promise<string> {
  const leadId = await store.find(sought)
  if (leadId === undefined)
    throw new LeadFault('LEAD_NOT_FOUND', store.realm, `${words} is not known`)
  return leadId
}

/** The trail in words, under a line that says where the lead stands. */
async function explain(store: Store, msg: LeadMessage): Promise<string> {
  const leadId = await leadOf(store, msg, 'explain')
  const [standing] = await store.leads(undefined, 1, { leadId })
  const trail = explainTrail(await store.trail(leadId), leadId)
  return [...(standing === undefined ? [] : [explainStanding(standing)]), ...trail].join('\n')
}

/** A page; `msg.next` is the question for the next one, and absent behind the last. */
async function list(store: Store, msg: LeadMessage): Promise<readonly Row[]> {
  const read = readListed(msg.payload)
  if ('problem' in read) throw new LeadFault('LEAD_QUESTION_INVALID', 'list', read.problem)
  const { state, limit, asked, ...filter } = read.listed
  const leadId = asked && (await found(store, asked))
  const rows = await store.leads(state, limit + 1, {
    ...filter,
    ...(leadId === undefined ? {} : { leadId }),
  })
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  delete msg.next
  if (rows.length > limit && last !== undefined) {
    const question = typeof msg.payload === 'object' ? msg.payload : { state }
    msg.next = { ...question, after: { ms: last.sinceMs, id: last.id } }
  }
  return page.map(readable)
}

type Row = Omit<LeadSummary, 'dueMs' | 'retryAtMs'> & {
  readonly since: string
  readonly dueAt?: string
  readonly retryAt?: string
}

/** Times as the lead itself has them. */
function readable({ id, state, reason, sinceMs, dueMs, retryAtMs, ...more }: LeadSummary): Row {
  return {
    id,
    state,
    reason,
    since: iso(sinceMs),
    sinceMs,
    ...(dueMs === undefined ? {} : { dueAt: iso(dueMs) }),
    ...(retryAtMs === undefined ? {} : { retryAt: iso(retryAtMs) }),
    ...more,
  }
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  /** The entries of one lead, oldest first. */
  read: async (store, msg) => store.trail(await leadOf(store, msg, 'read')),
  /** The same in words. */
  explain,
  /** Recomputes the log; `msg.payload = { entries, root }` proves it against an earlier answer. */
  verify: (store, { payload }) => store.verify(checkpointOf(payload)),
  /** How many leads stand where. */
  census: (store) => store.census(),
  /** Leads by state, rep or account, or one person's: `msg.payload = "waiting"` or `{ rep: "ana" }`. */
  list,
  /** Leads that were given up, with the reason. */
  dead: (store) => store.deadLetters(LEADS_MAX),
  /** Lets the dead letters of one lead, or all with `msg.payload = "all"`, be taken up again. */
  redrive: async (store, msg) => {
    const isAll = msg.payload === 'all'
    return {
      redriven: await store.redrive(isAll ? undefined : await leadOf(store, msg, 'redrive')),
    }
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
