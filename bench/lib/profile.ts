/**
 * Where the time went, from V8's .cpuprofile files: functions by self time, the ones that the
 * sampler found running themselves and not merely waiting for what they called.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  readonly samples?: readonly number[]
  readonly timeDeltas?: readonly number[]
}

export interface FunctionTime {
  readonly name: string
  readonly place: string
  readonly ms: number
  /** Of all samples in which the process was not idle, 0..1. */
  readonly share: number
}

/** The `limit` functions with the most self time, most first. */
export function topFunctions(profile: CpuProfile, limit: number): FunctionTime[] {
  const { nodes, samples = [], timeDeltas = [] } = profile
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, { name: string; place: string; us: number }>()
  let busyUs = 0
  samples.forEach((id, index) => {
    const us = timeDeltas[index] ?? 0
    const { functionName, url, lineNumber } = frames.get(id)!
    if (functionName === '(idle)' || functionName === '(program)') return
    busyUs += us
    const name = functionName || '(anonymous)'
    const place = url === '' ? '' : `${shortPath(url)}:${lineNumber + 1}`
    const key = `${name} ${place}`
    const entry = times.get(key) ?? { name, place, us: 0 }
    entry.us += us
    times.set(key, entry)
  })
  return [...times.values()]
    .sort((a, b) => b.us - a.us)
    .slice(0, limit)
    .map(({ name, place, us }) => ({ name, place, ms: us / 1_000, share: us / busyUs }))
}

/** The last parts of a file's path: enough to find it, and no more. */
function shortPath(url: string): string {
  const path = url.replace(/^file:\/\//, '')
  const dependency = path.lastIndexOf('/node_modules/')
  if (dependency >= 0) return path.slice(dependency + '/node_modules/'.length)
  return path.split('/').slice(-3).join('/')
}

/** Every profile in a folder, as the functions of all of them together would be too coarse. */
export function readProfiles(folder: string): CpuProfile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile)
}

/** Profiles this process while `work` runs. */
export async function profiled(work: () => Promise<void>): Promise<CpuProfile> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return profile as CpuProfile
}
