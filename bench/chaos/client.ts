/** A source that behaves as a good one does: what was not answered is sent again, with the same id. */
import { Agent, request } from 'node:http'
import type { Event } from './events'

const ANSWER_MS_MAX = 15_000
const PAUSE_MS = 250

export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 })
  readonly #urls: readonly string[]
  #turn = 0
  answered = 0
  /** Requests that were not answered, or with a fault. */
  failed = 0
  /** Answers that refuse what is right, so that sending again would not help. */
  readonly refusals = new Set<string>()

  constructor(urls: readonly string[]) {
    this.#urls = urls
  }

  /** Resolves when every event was answered. */
  async sendAll(events: readonly Event[], concurrency: number): Promise<void> {
    let next = 0
    const one = async () => {
      for (let at = next++; at < events.length; at = next++) {
        const { record, twice } = events[at]!
        await this.insist('/leads', record)
        this.answered += 1
        if (twice) await this.insist('/leads', record)
      }
    }
    await Promise.all(Array.from({ length: concurrency }, one))
  }

  /** Asks one after the other until somebody answers. */
  async insist(path: string, body: object): Promise<void> {
    for (;;) {
      const url = this.#urls[this.#turn++ % this.#urls.length]!
      const { status, text } = await this.#post(url + path, JSON.stringify(body))
      if (status >= 200 && status < 300) return
      // A Node-RED that starts answers 404 until its flow is there.
      if (status >= 400 && status < 500 && status !== 404) {
        this.refusals.add(`${status} ${text.slice(0, 200)}`)
        return
      }
      this.failed += 1
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  /** Status 0: nobody answered. */
  #post(url: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve) => {
      const nobody = () => {
        resolve({ status: 0, text: '' })
      }
      const headers = { 'content-type': 'application/json' }
      const sent = request(url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('error', nobody)
        response.on('aborted', nobody)
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text })
        })
      })
      sent.setTimeout(ANSWER_MS_MAX, () => sent.destroy(new Error('no answer')))
      sent.on('error', nobody)
      sent.end(body)
    })
  }
}
