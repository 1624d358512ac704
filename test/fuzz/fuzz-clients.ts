import { randomFrom, type TestContext } from '@reliw/testing'
import { atOnce } from './at-once.ts'
import { seedOf } from './case-seed.ts'
import { startClientStage, type ClientStage } from './client-sites.ts'
import { clip } from './clip.ts'
import { exchange } from './exchange.ts'
import type { FuzzOptions, FuzzReport } from './fuzz-options.ts'
import { ailments, restLines, restOf } from './health.ts'
import { judge, type Verdict } from './judge.ts'
import { requestCase, type RequestCase } from './request-grammar.ts'
import { shrink } from './shrink.ts'
import { Tally } from './tally.ts'

/** Enough to see what is wrong; more of them are mostly the same. */
const MOST_KINDS = 10
const CLIENTS = 50
/** What tells faults apart. */
const KIND_LENGTH = 30

/** Sends fuzzed requests to a server of its own, and says what came of them. */
export async function fuzzClients(t: TestContext, options: FuzzOptions): Promise<FuzzReport> {
  const { count, width, seed, first, heap } = options
  const stage = await startClientStage(t, heap)
  const { served, origin } = stage
  const [statuses, ends] = [new Tally(), new Tally()]
  const faults = new Map<string, string>()
  const kinds = new Tally()
  const run = async (index: number): Promise<boolean> => {
    const one = requestCase(randomFrom(seedOf(seed, index)))
    const { verdict, end, received } = await attempt(stage, one, index)
    ends.add(end)
    verdict.statuses.forEach((status) => statuses.add(status))
    if (verdict.fault !== undefined) {
      const kind = verdict.fault.slice(0, KIND_LENGTH)
      kinds.add(kind)
      if (!faults.has(kind)) {
        faults.set(kind, '')
        const text = await describe(stage, one, index, verdict.fault)
        faults.set(kind, `${text}\n  received ${clip(received)}`)
      }
    }
    options.onProgress?.(index)
    return served.isAlive && faults.size < MOST_KINDS
  }
  const middle = Math.floor(count / 2)
  await atOnce(middle, width, (index) => run(index + first))
  const half = await restOf(served)
  await atOnce(count - middle, width, (index) => run(index + first + middle))
  const end = await restOf(served)
  const ills = ailments(served, half, end)
  return {
    faults: [...faults.values(), ...ills, ...originFaults(stage)],
    lines: [
      `faults ${kinds.text}`,
      `statuses ${statuses.text}`,
      `connections ${ends.text}`,
      `requests at the origin, malformed: ${originFaults(stage).length} of ${origin.errors.length} broken ones`,
      ...restLines(half, end)
    ]
  }
}

async function attempt(
  { served }: ClientStage,
  one: RequestCase,
  index: number
): Promise<{ verdict: Verdict; end: string; received: string }> {
  const outcome = await exchange(served.port, one, `127.0.1.${1 + (index % CLIENTS)}`)
  return { ...outcome, verdict: judge(one, outcome) }
}

async function describe(
  stage: ClientStage,
  one: RequestCase,
  index: number,
  fault: string
): Promise<string> {
  const fails = async (bytes: string): Promise<boolean> => {
    const { verdict } = await attempt(stage, { ...one, bytes }, index)
    return verdict.fault?.slice(0, KIND_LENGTH) === fault.slice(0, KIND_LENGTH)
  }
  // Without a server there is nothing to try it with: the case alone may be what ended it.
  const canShrink = stage.served.isAlive && one.proper === undefined && (await fails(one.bytes))
  const bytes = canShrink ? await shrink(one.bytes, fails) : one.bytes
  const { pace, ending } = one
  return `case ${index} (${pace}, ${ending}): ${fault}\n  ${clip(bytes)}`
}

/** Requests that break off because their client left are none. */
function originFaults({ origin }: ClientStage): string[] {
  return origin.errors
    .filter(({ message }) => message !== 'the connection ended too early')
    .map(({ message }) => `the origin got ${message}`)
}
