/** Posts records one by one over kept-alive connections, a bounded number at a time. */
import { Agent, type IncomingMessage, request } from 'node:http'
import { PORT_HEADER } from './flow-parts'

/** What became of one record. */
export interface Fate {
  /** The node and port that answered, or `fault`. */
  readonly port: string
  readonly ms: number
  readonly outcome?: string
  readonly grade?: string
  readonly fit?: number
  readonly intent?: number
  /** What the flow said about a record that it refused. */
  readonly problem?: string
}

export interface Fed {
  /** In the order of the records. */
  readonly fates: readonly Fate[]
  readonly seconds: number
}

/** Requires concurrency >= 1. Rejects when the connection itself fails. */
export async function feed(
  url: string,
  records: readonly object[],
  concurrency: number,
): Promise<Fed> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const fates = new Array<Fate>(records.length)
  const startMs = performance.now()
  let next = 0
  const worker = async () => {
    for (let index = next++; index < records.length; index = next++) {
      fates[index] = await post(agent, url, records[index]!)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, records.length) }, worker))
  } finally {
    agent.destroy()
  }
  return { fates, seconds: (performance.now() - startMs) / 1_000 }
}

const ANSWER_MS_MAX = 60_000

function post(agent: Agent, url: string, record: object): Promise<Fate> {
  const body = Buffer.from(JSON.stringify(record))
  const startMs = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ ...fateOf(response, text), ms: performance.now() - startMs })
      })
    })
    sent.setTimeout(ANSWER_MS_MAX, () => {
      sent.destroy(new Error(`no answer to a lead within ${ANSWER_MS_MAX / 1_000} s`))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

interface Answered {
  readonly decision?: { readonly outcome: string; readonly grade?: string }
  readonly fit?: { readonly points: number }
  readonly intent?: { readonly points: number }
  readonly problems?: readonly { field: string; value: string; expected: string }[]
  readonly message?: string
}

function fateOf({ headers, statusCode }: IncomingMessage, text: string): Omit<Fate, 'ms'> {
  const port = String(headers[PORT_HEADER] ?? `HTTP ${statusCode}`)
  const lead = parsed(text)
  if (lead === undefined) return { port, problem: text.slice(0, 200) }
  const { decision, fit, intent, problems, message } = lead
  const problem =
    message ?? problems?.map((one) => `${one.field} expects ${one.expected}`).join('; ')
  return {
    port,
    ...(decision === undefined ? {} : { outcome: decision.outcome }),
    ...(decision?.grade === undefined ? {} : { grade: decision.grade }),
    ...(fit === undefined ? {} : { fit: fit.points }),
    ...(intent === undefined ? {} : { intent: intent.points }),
    ...(problem === undefined ? {} : { problem }),
  }
}

function parsed(text: string): Answered | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
