/**
 * Asks the declared providers one after the other: cache, circuit breaker, timeout. A provider that
 * fails never fails the lead; its answer says that it failed.
 */
import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  type IPolicy,
} from 'cockatiel'
import type { ProviderAnswer } from '../../engine/enrichment/merge-values'
import {
  type ProviderRequest,
  type ProviderSpec,
  requestFor,
  valuesFrom,
  wanted,
} from '../../engine/enrichment/provider'
import type { Lead } from '../../engine/lead/lead'
import type { Store } from '../../store/store'

const FAILURES_UNTIL_OPEN = 5
const OPEN_MS = 30_000
const ANSWER_CHARS_MAX = 1_000_000

export class HttpProviders {
  readonly #breakers: ReadonlyMap<string, IPolicy>

  constructor(
    readonly specs: readonly ProviderSpec[],
    readonly secret: string,
  ) {
    this.#breakers = new Map(
      specs.map(({ name }) => [
        name,
        circuitBreaker(handleAll, {
          halfOpenAfter: OPEN_MS,
          breaker: new ConsecutiveBreaker(FAILURES_UNTIL_OPEN),
        }),
      ]),
    )
  }

  /** The waterfall: the next provider is asked for what the ones before did not know. */
  async ask(store: Store, lead: Lead, now: () => number): Promise<ProviderAnswer[]> {
    const answers: ProviderAnswer[] = []
    for (const spec of this.specs) {
      const known = new Set(answers.flatMap(({ values }) => Object.keys(values)))
      const open = wanted(spec, lead).filter((path) => !known.has(path))
      const request =
        open.length > 0 || spec.verify ? requestFor(spec, lead, this.secret) : undefined
      answers.push(
        request === undefined
          ? this.#silent(spec, 'skipped', now())
          : await this.#answer(store, spec, request, now),
      )
    }
    return answers
  }

  async #answer(
    store: Store,
    spec: ProviderSpec,
    request: ProviderRequest,
    now: () => number,
  ): Promise<ProviderAnswer> {
    const cached =
      spec.ttlMs > 0 ? await store.cached(spec.name, request.cacheKey, now()) : undefined
    if (cached !== undefined) {
      return { ...this.#silent(spec, 'cached', cached.observedAtMs), values: cached.values }
    }
    const startMs = performance.now()
    try {
      const body = await this.#breakers
        .get(spec.name)!
        .execute(() => fetchJson(request, spec.timeoutMs))
      const values = valuesFrom(spec.map, body)
      const nowMs = now()
      if (spec.ttlMs > 0) {
        await store.remember(
          spec.name,
          request.cacheKey,
          { values, observedAtMs: nowMs },
          nowMs + spec.ttlMs,
        )
      }
      const result = Object.keys(values).length > 0 ? 'found' : 'nothing'
      return { ...this.#silent(spec, result, nowMs), values, ms: sinceMs(startMs) }
    } catch (raw) {
      return {
        ...this.#silent(spec, isTimeout(raw) ? 'timeout' : 'failed', now()),
        ms: sinceMs(startMs),
      }
    }
  }

  #silent(
    { name, confidence }: ProviderSpec,
    result: ProviderAnswer['result'],
    atMs: number,
  ): ProviderAnswer {
    return { name, result, values: {}, confidence, observedAt: new Date(atMs).toISOString() }
  }
}

/** 404 is an answer: the provider does not know. Every other status from 400 on is a failure. */
async function fetchJson({ url, headers }: ProviderRequest, timeoutMs: number): Promise<unknown> {
  const response = await fetch(url, {
    headers,
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'error',
  })
  if (response.status === 404 || response.status === 204) {
    await response.body?.cancel()
    return {}
  }
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`answered ${response.status}`)
  }
  return JSON.parse(await textOf(response))
}

/** Given up as soon as it is too long, so that an answer without end takes neither time nor memory. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > ANSWER_CHARS_MAX)
      throw new Error(`answered more than ${ANSWER_CHARS_MAX} characters`)
  }
  return text + decoder.decode()
}

function isTimeout(raw: unknown): boolean {
  return raw instanceof Error && !(raw instanceof BrokenCircuitError) && raw.name === 'TimeoutError'
}

const sinceMs = (startMs: number) => Math.round(performance.now() - startMs)
