/**
 * Which lead somebody asks about: by its id, or by what an ops person has at hand, an e-mail address, a phone
 * number, an id of another system or an event.
 *
 * Values are read by the normalisers of the intake, and their keys are those of dedupe, so that whatever
 * spelling led to a lead finds it again. Looks nobody up, and repeats nothing personal.
 */
import { domainKey, personKeys } from '../identity/keys'
import type { Lead } from '../lead/lead'
import {
  normaliseCompanyDomain,
  normaliseEmail,
  normaliseOutsideId,
  normalisePhone,
} from '../lead/normalise'
import { standIn } from '../lead/stand-in'

/** `id`: also one that an event had before dedupe; `key`: an identity key; `event`: an event's key. */
export interface Sought {
  readonly by: 'id' | 'key' | 'event'
  readonly value: string
}

export type Asked =
  /** The first that leads to a lead is meant; `words` name it without its value. */
  { readonly sought: readonly Sought[]; readonly words: string } | { readonly problem: string }

export const WAYS = ['id', 'lead', 'email', 'phone', 'externalIds', 'event'] as const
type Way = (typeof WAYS)[number]

const TEXT_CHARS_MAX = 512
const EXPECTED =
  'the id of a lead, an e-mail address, a phone number with its country code, an event, or an id as system:id'

/** What `payload` asks for: a text, or `{ email: … }` with one of WAYS; else what `topic` does. */
export function readAsked(payload: unknown, topic?: unknown): Asked {
  if (isText(payload)) return readText(payload)
  const said = (typeof payload === 'object' && payload !== null ? payload : {}) as Said
  // A lead has an id, and whatever else it has is no question.
  const id = [said.id, said.lead].find(isText)
  if (id !== undefined) return byId(id)
  const given = (['email', 'phone', 'externalIds', 'event'] as const).filter((way) =>
    isAsked(way, said[way]),
  )
  if (given.length > 1) return { problem: `it names ${given.join(' and ')}; one of them is enough` }
  const [way] = given
  if (way !== undefined) return READ[way](said[way], said)
  if (isText(topic)) return readText(topic)
  return {
    problem: `nobody is named in msg.payload or msg.topic; expected ${EXPECTED}; or an object with id, email, phone, externalIds or event`,
  }
}

/** The account that is meant: a key of it, or the address of the company's site. Undefined when it is neither. */
export function readAccount(said: unknown): string | undefined {
  if (typeof said === 'string' && /^(crm|domain):./.test(said)) return said
  const domain = normaliseCompanyDomain(said)
  return domain.ok ? domainKey(domain.value) : undefined
}

type Said = { readonly [K in Way | 'country']?: unknown }

const READ: Readonly<Record<Exclude<Way, 'id' | 'lead'>, (value: unknown, said: Said) => Asked>> = {
  email: (value) => {
    const read = normaliseEmail(value)
    if (!read.ok) return { problem: 'email must be one e-mail address such as ana@example.com' }
    return byKey({ contact: emailOf(read.value) }, 'this e-mail address')
  },
  phone: (value, { country }) => {
    const context = typeof country === 'string' ? { country } : {}
    const read = normalisePhone(value, context)
    if (read.ok) return byKey({ contact: { phone: read.value.e164 } }, 'this phone number')
    return {
      problem:
        'phone must be a phone number such as +49 30 901820, or one of the country in country (DE)',
    }
  },
  externalIds: (value) => {
    const ids = Object.entries(value as object)
    const [system, raw] = ids[0]!
    const read = ids.length === 1 ? normaliseOutsideId(raw) : undefined
    if (!read?.ok)
      return { problem: 'externalIds must be one id under the name of its system: { "crm": "42" }' }
    return byKey({ externalIds: { [system]: read.value } }, 'this id of another system')
  },
  event: (value) => ({
    sought: [{ by: 'event', value: value as string }],
    words: 'this event (its key is source:id, and known while events are remembered)',
  }),
}

/** A text is whatever it leads to, an id first. */
function readText(text: string): Asked {
  if (text.length > TEXT_CHARS_MAX)
    return { problem: `a text of ${text.length} characters names nobody; expected ${EXPECTED}` }
  const [system, ...rest] = text.split(':')
  const others = [
    READ.email(text, {}),
    READ.phone(text, {}),
    ...(rest.length > 0 ? [READ.externalIds({ [system!]: rest.join(':') }, {})] : []),
  ].filter((one) => 'sought' in one)
  const [first] = others
  return {
    sought: [
      { by: 'id', value: text },
      { by: 'event', value: text },
      ...others.flatMap(({ sought }) => sought),
    ],
    words: first === undefined ? textWords(text) : first.words,
  }
}

function textWords(text: string): string {
  const id = shownId(text)
  return id.startsWith('"') ? id : `${id} (expected ${EXPECTED})`
}

function byId(id: string): Asked {
  if (id.length > TEXT_CHARS_MAX) return { problem: `an id of ${id.length} characters is none` }
  return { sought: [{ by: 'id', value: id }], words: shownId(id) }
}

/** As the intake makes them; whatever else stands for an id might be a name, an address or a number. */
const LEAD_ID = /^L[0-9a-z]{9}[0-9a-f]{12}$/

/** What was given for an id, without its value where that might be personal. */
export function shownId(text: string): string {
  return LEAD_ID.test(text) ? `"${text}"` : 'this text'
}

function byKey(person: Partial<Pick<Lead, 'contact' | 'externalIds'>>, words: string): Asked {
  const keys = personKeys({ ...NOBODY, ...person })
  if (keys.length === 0)
    return { sought: [], words: `${words} (it is a shared mailbox, and so nobody’s)` }
  return { sought: keys.map(({ key }) => ({ by: 'key', value: key })), words }
}

function emailOf({ address, key, role }: { address: string; key: string; role: boolean }) {
  return { email: address, emailKey: key, ...(role ? { emailRole: true } : {}) }
}

const NOBODY = standIn('asked', 'asked', 0)

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** The event of a lead is an object, and a form has empty fields. */
function isAsked(way: Way, value: unknown): boolean {
  if (way === 'externalIds')
    return typeof value === 'object' && value !== null && Object.keys(value).length > 0
  if (way === 'event') return isText(value)
  return value !== undefined && value !== null && value !== ''
}
