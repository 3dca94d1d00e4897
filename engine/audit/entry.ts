/**
 * One audit entry: what the log proves, and what only the store knows.
 *
 * The public part goes into the tree and holds nothing personal: step, outcome, rule ids, points,
 * versions, and a salted commitment to the private part (values, reasons, patch). The private part
 * may be erased; the leaf, and with it the tree, stays valid.
 */
import type { Decision, StepName } from '../decision'
import { iso } from '../instant'
import type { ArtefactRef, Lead, Reason } from '../lead/lead'
import { leafHash, sha256Hex } from './merkle/hash'

export interface PublicEntry {
  readonly v: 1
  readonly realm: string
  readonly at: string
  readonly lead: string
  readonly step: StepName
  readonly outcome: string
  readonly rules: readonly (readonly [rule: string, points: number | null, unknown?: true])[]
  readonly changes: readonly string[]
  readonly artefact?: ArtefactRef
  /** SHA-256 of salt and private part, hex. */
  readonly commitment: string
}

export interface PrivateEntry {
  /** Idempotency key of the step: may contain an id of the source's. */
  readonly key?: string
  readonly actor: string
  readonly because: readonly Reason[]
  readonly patch: Decision['patch']
  /** The lead as the step saw it, where its trail does not tell. */
  readonly lead?: Lead
  /** Otherwise, the sections that the trail up to here does not tell. */
  readonly seen?: Decision['patch']
}

export interface SealedEntry {
  readonly body: string
  readonly leaf: Buffer
  readonly salt: string
  readonly payload: string
}

/** What the public part tells, as plain data. */
export interface PublicFacts {
  readonly realm: string
  readonly nowMs: number
  readonly leadId: string
  readonly step: StepName
  readonly outcome: string
  readonly rules: PublicEntry['rules']
  readonly changes: readonly string[]
  readonly artefact?: ArtefactRef
}

export interface EntryFacts {
  readonly realm: string
  readonly nowMs: number
  readonly lead: Lead
  /** The lead before the decision, for steps that can be replayed. */
  readonly before?: Lead
  readonly decision: Decision
  readonly key?: string
  readonly actor: string
  readonly artefact?: ArtefactRef
  /** At least 16 random bytes, hex; without it a short private part could be guessed. */
  readonly salt: string
}

/** Seals an entry: the same facts and salt give the same leaf. */
export function sealEntry(facts: EntryFacts): SealedEntry {
  return seal(publicText(publicFacts(facts)), privatePart(facts), facts.salt)
}

export function publicFacts(facts: Omit<EntryFacts, 'salt' | 'actor'>): PublicFacts {
  const { decision } = facts
  return {
    realm: facts.realm,
    nowMs: facts.nowMs,
    leadId: facts.lead.id,
    step: decision.step,
    outcome: decision.outcome,
    rules: decision.because.map(ruleLine),
    changes: decision.changes.map(({ kind }) => kind),
    ...(facts.artefact === undefined ? {} : { artefact: facts.artefact }),
  }
}

/** The private part as the text that is committed to. */
export function privatePart(
  facts: Pick<EntryFacts, 'key' | 'actor' | 'decision' | 'before'>,
): string {
  const { key, actor, decision, before } = facts
  const hidden: { [K in keyof PrivateEntry]: PrivateEntry[K] | undefined } = {
    key,
    actor,
    because: decision.because,
    patch: kept(decision.patch),
    lead: before,
    seen: before === undefined ? decision.seen : undefined,
  }
  return JSON.stringify(hidden)
}

/** JSON drops undefined, and with it that a section is to be removed; null says the same. */
function kept(patch: Decision['patch']): Decision['patch'] {
  let copy: Record<string, unknown> | undefined
  for (const section in patch) {
    if (patch[section as keyof Lead] !== undefined) continue
    copy ??= { ...patch }
    copy[section] = null
  }
  return (copy as Decision['patch']) ?? patch
}

/** The public part as canonical JSON (RFC 8785), cut open where the commitment belongs. */
export type PublicText = readonly [head: string, tail: string]

/**
 * Written with its members in canonical order instead of sorted, as this runs for every decision; the
 * numbers and texts of JSON.stringify are those of RFC 8785. A test holds it to `canonicalJson`.
 */
export function publicText(facts: PublicFacts): PublicText {
  const { artefact, nowMs, changes, leadId, outcome, realm, rules, step } = facts
  const head = JSON.stringify({
    ...(artefact === undefined
      ? {}
      : { artefact: { hash: artefact.hash, name: artefact.name, version: artefact.version } }),
    at: iso(nowMs),
    changes,
  })
  const tail = JSON.stringify({ lead: leadId, outcome, realm, rules, step, v: 1 })
  return [`${head.slice(0, -1)},"commitment":"`, `",${tail.slice(1)}`]
}

/** Joins both parts: the commitment and the leaf are computed here. */
export function seal([head, tail]: PublicText, payload: string, salt: string): SealedEntry {
  const body = `${head}${commit(salt, payload)}${tail}`
  return { body, leaf: leafHash(body), salt, payload }
}

function ruleLine({ rule, points, unknown }: Reason): PublicEntry['rules'][number] {
  return unknown ? [rule, points ?? null, true] : [rule, points ?? null]
}

export function commit(salt: string, payload: string): string {
  return sha256Hex(`${salt}\n${payload}`)
}
