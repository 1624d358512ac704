import { join } from 'node:path'
import type { StoreOptions } from '@reliw/store'
import { tempDir } from '@reliw/testing'
import type { BenchOptions } from '../harness/arguments.ts'
import { megabytes } from '../harness/numbers.ts'
import { placement } from '../harness/pin.ts'
import { NO_REDIS, tryRedis } from '../harness/redis.ts'
import type { Bar, Report } from '../harness/report.ts'
import { progress } from '../harness/rounds.ts'
import { writeSites } from '../harness/sites.ts'
import { median } from '../harness/statistics.ts'
import type { Table } from '../harness/table.ts'
import { versions } from '../harness/versions.ts'
import { type Memory, measureMemory } from './scale/memory.ts'
import { manySites } from './scale/many-sites.ts'
import { measureStarts } from './scale/starts.ts'

const SITES = 10_000
const TOUCHED = 1000
/** Seconds to the first response. */
const START_BAR = 2
/** 10⁶ bytes that the touched sites may take. */
const MEMORY_BAR = 100

const NOTES = [
  placement,
  'Every site has routes, two entries and an HTML page of 1 KB in the store. HTML and not Markdown, because the store is measured and not the rendering.',
  'Start: from the spawn to the first whole 200, from source; the program is asked every 2 ms.',
  'Memory: of the whole process after its first response, and after 1,000 sites were asked for once, over one connection. “Anonymous” leaves out files mapped into memory, such as the embedded store’s pages, which the system can take back.'
]

interface Result {
  store: string
  /** Milliseconds. */
  starts: number[]
  memory: Memory
}

/** What many sites cost: at the start, and in memory. */
export async function scale({ rounds }: BenchOptions): Promise<Report> {
  const results: Result[] = []
  const dir = join(tempDir(), 'store')
  results.push(await measure('embedded', { dir }, { dir: join(tempDir(), 'empty') }, rounds))
  const [full, empty] = [await tryRedis(), await tryRedis()]
  if (full !== undefined && empty !== undefined) {
    const options = ({ host, port }: typeof full): StoreOptions => ({ redis: { host, port } })
    results.push(await measure('Redis', options(full), options(empty), rounds))
  }
  return {
    name: 'scale',
    what: `${SITES.toLocaleString('en-US')} sites in the store; start times are medians of ${rounds} starts.`,
    tables: [startTable(results), memoryTable(results)],
    bars: results.flatMap(barsOf),
    leftOut: full === undefined ? [{ name: 'Redis', reason: NO_REDIS }] : [],
    notes: NOTES,
    versions: versions([]),
    data: results
  }
}

async function measure(
  store: string,
  full: StoreOptions,
  empty: StoreOptions,
  rounds: number
): Promise<Result> {
  progress(`${store}: writing ${SITES} sites`)
  await writeSites(full, manySites(SITES))
  progress(`${store}: starting`)
  const starts = await measureStarts(full, rounds)
  return { store, starts, memory: await measureMemory(full, empty, TOUCHED) }
}

function startTable(results: readonly Result[]): Table {
  return {
    title: 'From the spawn to the first response',
    head: ['store', 'median ms', 'longest ms'],
    rows: results.map(({ store, starts }) => [
      store,
      median(starts).toFixed(0),
      Math.max(...starts).toFixed(0)
    ])
  }
}

function memoryTable(results: readonly Result[]): Table {
  const kinds = [
    ['', 'rss'],
    [', anonymous', 'anonymous']
  ] as const
  return {
    title: 'Resident memory in MB',
    head: ['store', 'empty', 'empty, 1,000 asked', 'full', 'full, 1,000 asked', 'more than empty'],
    rows: results.flatMap(({ store, memory: { empty, emptyAsked, full, fullAsked } }) =>
      kinds.map(([name, key]) => [
        `${store}${name}`,
        ...[empty, emptyAsked, full, fullAsked].map((usage) => megabytes(usage[key])),
        megabytes(fullAsked[key] - empty[key])
      ])
    )
  }
}

function barsOf({ store, starts, memory: { empty, fullAsked } }: Result): Bar[] {
  const seconds = median(starts) / 1000
  const more = (fullAsked.rss - empty.rss) / 1e6
  return [
    {
      claim: `${store}: first response in less than ${START_BAR} s`,
      found: `${seconds.toFixed(2)} s`,
      isMet: seconds < START_BAR
    },
    {
      claim: `${store}: at most ${MEMORY_BAR} MB more for 1,000 sites than empty`,
      found: `${more.toFixed(1)} MB`,
      isMet: more <= MEMORY_BAR
    }
  ]
}
