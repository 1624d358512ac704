import { setTimeout as delay } from 'node:timers/promises'
import type { TestContext } from '@reliw/testing'
import { serve, type Served } from '../served/serve.ts'
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

export interface Bounds {
  /** Node's `--max-old-space-size`, in MiB. */
  readonly heap: number
  /** What the process may hold at any time, in bytes, mapped files not counted. */
  readonly memory: number
}

const MIB = 1024 * 1024
/** As in a container of 256 MB. */
export const BOUNDS: Bounds = { heap: 128, memory: 256 * MIB }

/** What an honest client may have to wait while others attack, in milliseconds. Generous: attackers use the same cores. */
const WORST = 5000
/** How long requests and memory may take to be given back, in milliseconds. */
const RECOVERY = 30_000
const POLL = 500
const MORE_MEMORY = 100 * MIB
const MORE_DESCRIPTORS = 40
const WARM_UP = 1000
const NOTHING: Usage = { memory: 0, descriptors: 0 }

/** Makes an attack on a server of its own. */
export async function withstand(t: TestContext, attack: Attack, bounds = BOUNDS): Promise<Outcome> {
  const prepared = await attack.prepare(t)
  const served = await serve(t, { ...prepared.serve, heap: bounds.heap })
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
    ...faultsOf(served, honest, most, bounds),
    ...afterwards.failures.map((failure) => `afterwards: ${failure}`)
  ]
  const after = served.isAlive ? served.usage() : NOTHING
  return { attack: attack.name, lived: served.isAlive, honest, before, peak: most, after, faults }
}

function faultsOf(served: Served, honest: Experience, peak: Usage, bounds: Bounds): string[] {
  const found: string[] = []
  if (!served.isAlive) found.push(`the process ended: ${served.log.stderr.slice(0, 500)}`)
  const { failures, worst, asked } = honest
  if (failures.length > 0) {
    const why = JSON.stringify(served.log.warnings.at(-1))
    found.push(`${failures.length} of ${asked} failed: ${failures[0]}; the log says ${why}`)
  }
  if (worst > WORST) found.push(`an honest client waited ${Math.round(worst)} ms`)
  if (peak.memory > bounds.memory) found.push(`${Math.round(peak.memory / MIB)} MiB at the peak`)
  return found
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
  const left: string[] = []
  if (inFlight !== 0) left.push(`${inFlight} requests stay in flight`)
  if (memory > before.memory + MORE_MEMORY) left.push(`${Math.round(memory / MIB)} MiB stay in use`)
  if (descriptors > before.descriptors + MORE_DESCRIPTORS)
    left.push(`${descriptors} descriptors stay open`)
  return left
}
