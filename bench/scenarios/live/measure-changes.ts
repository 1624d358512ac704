import type { Target } from '../../harness/target.ts'
import type { Change, WriterTarget } from './change.ts'
import { Poller } from './poller.ts'
import { startWriter } from './writer.ts'

/** One way to change something, and where it shows. */
export interface Case {
  name: string
  target: Omit<Target, 'body'>
  writer: WriterTarget
  /** The change that makes a version. */
  change: (version: number) => Change
}

/** What came of all changes of a case. Times in milliseconds. */
export interface Changes {
  name: string
  /** From the write's acknowledgement to the first response that shows it; 0 when that was earlier. */
  sinceAcknowledged: number[]
  /** From the moment before the write. */
  sinceSent: number[]
  /** Changes that no response showed within five seconds. */
  unseen: number
  /** Responses with an older version than an earlier response had. */
  wentBack: number
  /** Responses that were neither the old state nor the new one: how many, by what they were. */
  wrong: Record<string, number>
  /** All responses. */
  responses: number
}

/** How long a change may take to show, in milliseconds. */
const PATIENCE = 5000
/** After so many changes that did not show the rest is not tried. */
const ENOUGH = 3

/** Makes changes one after another, each once the one before has shown. */
export async function measureChanges(
  { name, target, writer: writerTarget, change }: Case,
  count: number
): Promise<Changes> {
  const writer = await startWriter(writerTarget)
  const poller = new Poller(target)
  const result: Changes = {
    name,
    sinceAcknowledged: [],
    sinceSent: [],
    unseen: 0,
    wentBack: 0,
    wrong: {},
    responses: 0
  }
  try {
    for (let version = 1; version <= count && result.unseen < ENOUGH; version++) {
      const seen = poller.see(version, PATIENCE)
      const [at, { sent, acknowledged }] = await Promise.all([seen, writer.write(change(version))])
      if (at === undefined) result.unseen++
      result.sinceSent.push(elapsed(sent, at))
      result.sinceAcknowledged.push(elapsed(acknowledged, at))
    }
  } finally {
    await poller.stop()
    await writer.stop()
  }
  const { wentBack, wrong, responses } = poller
  return { ...result, wentBack, wrong, responses }
}

function elapsed(from: bigint, to: bigint | undefined): number {
  return to === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Number(to - from) / 1e6)
}
