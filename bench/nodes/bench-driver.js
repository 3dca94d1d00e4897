/**
 * Two nodes that only benchmarks use: `bench-source` sends messages into a chain of nodes, a bounded
 * number at a time, and `bench-sink` at the end of the chain counts them in.
 *
 *     POST /bench/<chain>?messages=3000&inFlight=256
 *       → { ms, processMs, threadMs, arrived, faults, fault }
 *     GET /bench/records?count=3000
 *       → records of people whom nobody has sent yet, for a sender outside
 *     GET /bench/vitals
 *       → { heapBytes, rssBytes, handles, files }
 */
const { readdirSync } = require('node:fs')
const v8 = require('node:v8')
const vm = require('node:vm')

const COMPANIES = 977
/** Several processes of one run send about people of their own. */
const PROCESS = process.env.BENCH_PROCESS ?? 'bench'

/** @type {Map<string, { send(message: object): void }>} */
const sources = new Map()
/** @type {Map<string, Run>} */
const runs = new Map()
/** Counts on over all runs, so that no two messages of a process are about the same person. */
let serial = 0

class Run {
  constructor(chain, messages, inFlight, finished) {
    this.chain = chain
    this.left = messages
    this.messages = messages
    this.arrived = 0
    this.faults = 0
    this.fault = undefined
    this.finished = finished
    this.startMs = performance.now()
    this.processUsage = process.cpuUsage()
    this.threadUsage = process.threadCpuUsage?.()
    for (let index = 0; index < inFlight; index++) this.sendNext()
  }

  sendNext() {
    if (this.left === 0) return
    this.left -= 1
    sources.get(this.chain).send({ payload: nextRecord(), chain: this.chain })
  }

  arrive(fault) {
    this.arrived += 1
    if (fault !== undefined) {
      this.faults += 1
      this.fault ??= fault
    }
    if (this.arrived < this.messages) this.sendNext()
    else {
      runs.delete(this.chain)
      this.finished(this.figures())
    }
  }

  /** Processor time tells what a message costs even on a machine that is busy with other things. */
  figures() {
    const { arrived, faults, fault, startMs, processUsage, threadUsage } = this
    return {
      ms: performance.now() - startMs,
      processMs: milliseconds(process.cpuUsage(processUsage)),
      threadMs: threadUsage && milliseconds(process.threadCpuUsage(threadUsage)),
      arrived,
      faults,
      fault,
    }
  }
}

function milliseconds({ user, system }) {
  return (user + system) / 1_000
}

function nextRecord() {
  serial += 1
  return record(serial)
}

/** What a form or a partner sends: about 600 characters, the usual names. */
function record(number) {
  const company = number % COMPANIES
  return {
    id: `${PROCESS}-${number}`,
    email: `person.${PROCESS}.${number}@company-${company}.example`,
    first_name: 'Kim',
    last_name: `Person ${number}`,
    job_title: 'Head of Operations',
    seniority: 'director',
    department: 'operations',
    company: `Company ${company} GmbH`,
    website: `https://www.company-${company}.example`,
    country: 'Germany',
    industry: 'Software',
    employees: 250,
    source_type: 'form',
    trigger: 'demo_request',
    campaign: 'spring',
    consent: 'yes',
    attributes: { plan: 'team', seats: 20 },
    signals: [
      { id: `${number}-1`, type: 'pricing_view' },
      { id: `${number}-2`, type: 'webinar_attended' },
    ],
    message: 'We are looking for a way to qualify and route the leads of three teams in one place.',
  }
}

let collect

/** What is left when everything that can be collected has been; finalizers run between the turns. */
async function vitals() {
  v8.setFlagsFromString('--expose_gc')
  collect ??= vm.runInNewContext('gc')
  for (let times = 0; times < 4; times++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, rss } = process.memoryUsage()
  return {
    heapBytes: heapUsed,
    rssBytes: rss,
    handles: process.getActiveResourcesInfo().length,
    files: openFiles(),
  }
}

function openFiles() {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined // Not on this system.
  }
}

module.exports = function register(red) {
  function BenchSource(config) {
    red.nodes.createNode(this, config)
    sources.set(config.chain, this)
  }

  function BenchSink(config) {
    red.nodes.createNode(this, config)
    this.on('input', (msg, _send, done) => {
      runs.get(config.chain || msg.chain)?.arrive(msg.error?.message)
      done()
    })
  }

  red.nodes.registerType('bench-source', BenchSource)
  red.nodes.registerType('bench-sink', BenchSink)
  red.httpNode.get('/bench/vitals', async (_request, response) => {
    response.json(await vitals())
  })
  red.httpNode.get('/bench/records', (request, response) => {
    response.json(Array.from({ length: Number(request.query.count) }, nextRecord))
  })
  red.httpNode.post('/bench/:chain', (request, response) => {
    const { chain } = request.params
    const { messages, inFlight } = request.query
    runs.set(chain, new Run(chain, Number(messages), Number(inFlight), (ran) => response.json(ran)))
  })
}
