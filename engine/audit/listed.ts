/**
 * Which leads somebody wants to see in a list: by state, by rep, by account, or one person's; page by page.
 * A field that means nothing here is refused, as a mistyped one would list everybody.
 */
import { LEAD_STATES, type LeadState } from '../decision'
import { type Asked, readAccount, readAsked, WAYS } from './asked'

/** Behind what the next page begins. */
export interface After {
  /** Epoch ms. */
  readonly ms: number
  readonly id: string
}

export interface Listed {
  readonly state?: LeadState
  /** Who has the lead, or has an open offer of it: the rep's id. */
  readonly rep?: string
  readonly accountId?: string
  readonly asked?: Exclude<Asked, { readonly problem: string }>
  readonly limit: number
  /** With what makes the person known: only for whoever asks for it. */
  readonly person: boolean
  readonly after?: After
}

export const LEADS_MAX = 1_000

type Said = Readonly<Record<string, unknown>>

const FIELDS = ['state', 'rep', 'account', 'person', 'limit', 'after', 'country', ...WAYS]

/** `said` is a state, or an object with at least one of state, rep, account and what names a person. */
export function readListed(raw: unknown): { listed: Listed } | { problem: string } {
  const said = (typeof raw === 'object' && raw !== null ? raw : { state: raw }) as Said
  const unknown = Object.keys(said).find((field) => !FIELDS.includes(field))
  if (unknown !== undefined)
    return { problem: `${unknownWords(unknown)}; expected ${FIELDS.join(', ')}` }
  const { state, rep, account, person } = said
  const [limit, after] = [
    isGiven(said.limit) ? asNumber(said.limit) : LEADS_MAX,
    afterOf(said.after),
  ]
  const accountId = isGiven(account) ? readAccount(account) : undefined
  const asked = WAYS.some((way) => isGiven(said[way])) ? readAsked(said) : undefined
  if (asked !== undefined && 'problem' in asked) return asked
  if (isGiven(state) && !isState(state)) return { problem: `state must be one of ${STATES}` }
  if (isGiven(rep) && typeof rep !== 'string')
    return { problem: 'rep must be the id of a rep in the policy' }
  if (isGiven(account) && accountId === undefined)
    return {
      problem: 'account must be a company’s domain (acme.example), or its id in the CRM as crm:id',
    }
  if (![state, rep, account].some(isGiven) && asked === undefined)
    return { problem: `expected a state (${STATES}), or { state, rep, account } with one of them` }
  if (!isLimit(limit)) return { problem: `limit must be a number from 1 to ${LEADS_MAX}` }
  if (isGiven(said.after) && after === undefined)
    return { problem: 'after must be { ms, id }, as in msg.next of the page before' }
  return {
    listed: {
      ...(isState(state) ? { state } : {}),
      ...(isGiven(rep) ? { rep: rep as string } : {}),
      ...(accountId === undefined ? {} : { accountId }),
      ...(asked === undefined ? {} : { asked }),
      ...(after === undefined ? {} : { after }),
      limit,
      person: person === true || person === 'true',
    },
  }
}

/** A key may be personal: one that is sent as a form may hold all of a JSON text. */
function unknownWords(field: string): string {
  return /^[a-z_]{1,30}$/i.test(field)
    ? `"${field}" is no field of it`
    : 'a field of it is not known'
}

const STATES = LEAD_STATES.join(', ')

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function isState(value: unknown): value is LeadState {
  return LEAD_STATES.some((state) => state === value)
}

function isLimit(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LEADS_MAX
}

function afterOf(value: unknown): After | undefined {
  const { ms, id } = (value ?? {}) as { ms?: unknown; id?: unknown }
  const at = asNumber(ms)
  return Number.isSafeInteger(at) && typeof id === 'string' ? { ms: at as number, id } : undefined
}

/** Out of the address of a page a number comes as a text. */
function asNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
}
