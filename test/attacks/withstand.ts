import { setTimeout as delay } from 'node:timers/promises'
import type { TestContext } from '@reliw/testing'
import { serve, type Served } from '../served/serve.ts'
import type { ServerLog } from '../served/server-log.ts'
import { Peak, type Usage } from '../served/usage.ts'
import { calmRequest, type Attack } from './attack.ts'
import { HonestClient, type Experience } from './honest-client.ts'

/** What became of a server and its other clients. */
export interface Outcome {
  readonly attack: string
  readonly lived: boolean
  readonly honest: Experience
  readonly before: Usage
  readonly peak: Usage
  readonly after: Usage
  /** One sentence for each thing that should not be; empty when it withstood. */
  readonly faults: readonly string[]
}

const MIB = 1024 * 1024
/** What the process may hold at any time, in bytes, mapped files not counted: a container of 256 MB. */
const MEMORY = 256 * MIB
const HEAP = '--max-old-space-size=128'
/** V8 sizes the space of young objects by the memory there is: on a large machine it would hold 128 MiB of garbage. */
const AS_IN_CONTAINER = [HEAP, '--max-semi-space-size=1']

/** What an honest client may have to wait while others attack, in milliseconds. Generous: attackers use the same cores. */
const WORST = 5000
/** How long requests and memory may take to be given back, in milliseconds. */
const RECOVERY = 30_000
const POLL = 500
const MORE_MEMORY = 100 * MIB
const MORE_DESCRIPTORS = 40
const WARM_UP = 1000
/** As `reliw_pressure_level` has it. */
const OVERLOADED = 3
const NOTHING: Usage = { memory: 0, descriptors: 0 }

/**
 * Makes an attack on a server of its own.
 *
 * @param cgroup the folder of a control group for the server, which has to find its limits there. Without one it is
 *   told what they are
 */
export async function withstand(t: TestContext, attack: Attack, cgroup?: string): Promise<Outcome> {
  const prepared = await attack.prepare(t)
  const limits =
    cgroup === undefined
      ? { flags: AS_IN_CONTAINER, config: { pressure: { max_rss: MEMORY } } }
      : { flags: [HEAP], cgroup, config: {} }
  const config = { ...limits.config, ...prepared.serve.config }
  const served = await serve(t, { ...prepared.serve, ...limits, config })
  await new HonestClient(served.port, [calmRequest]).stop()
  await delay(WARM_UP)
  const before = served.usage()
  const peak = new Peak(served.pid)
  const client = new HonestClient(served.port, prepared.honest)
  const found = await prepared.run({ t, served })
  const honest = await client.stop()
  const most = peak.stop()
  const late = await recover(served, before)
  const afterwards = await new HonestClient(served.port, [calmRequest]).stop()
  const faults = [
    ...found,
    ...late,
    ...faultsOf(served, honest, most),
    ...afterwards.failures.map((failure) => `afterwards: ${failure}`)
  ]
  const after = served.isAlive ? served.usage() : NOTHING
  return { attack: attack.name, lived: served.isAlive, honest, before, peak: most, after, faults }
}

function faultsOf(served: Served, honest: Experience, peak: Usage): string[] {
  const found: string[] = []
  if (!served.isAlive) found.push(`the process ended: ${served.log.stderr.slice(0, 500)}`)
  const { failures, worst, asked } = honest
  if (failures.length > 0) {
    const why = overloads(served.log).join(', ')
    found.push(`${failures.length} of ${asked} failed: ${failures[0]}; overloads: ${why}`)
  }
  if (worst > WORST) found.push(`an honest client waited ${Math.round(worst)} ms`)
  if (peak.memory > MEMORY) found.push(`${Math.round(peak.memory / MIB)} MiB at the peak`)
  return found
}

/** The resources that the server ran short of. */
function overloads({ warnings }: ServerLog): string[] {
  const found = new Set<string>()
  for (const { limits } of warnings) {
    const { pressure, resource } = (limits ?? {}) as Record<string, string | undefined>
    if (pressure === 'overloaded') found.add(resource ?? '')
  }
  return [...found]
}

/** Waits until all is as before; tells what is not. */
async function recover(served: Served, before: Usage): Promise<string[]> {
  const end = performance.now() + RECOVERY
  for (;;) {
    const left = served.isAlive ? await remains(served, before) : []
    if (left.length === 0 || performance.now() > end) return left
    await delay(POLL)
  }
}

async function remains(served: Served, before: Usage): Promise<string[]> {
  const { memory, descriptors } = served.usage()
  const inFlight = await served.metric('reliw_requests_in_flight').catch(() => -1)
  const pressure = await served.metric('reliw_pressure_level').catch(() => OVERLOADED)
  const left: string[] = []
  if (pressure >= OVERLOADED) left.push('the overload stays')
  if (inFlight !== 0) left.push(`${inFlight} requests stay in flight`)
  if (memory > before.memory + MORE_MEMORY) left.push(`${Math.round(memory / MIB)} MiB stay in use`)
  if (descriptors > before.descriptors + MORE_DESCRIPTORS)
    left.push(`${descriptors} descriptors stay open`)
  return left
}
