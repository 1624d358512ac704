import { parseArgs } from 'node:util'
import { chooseSeed } from '@reliw/testing'
import type { FuzzOptions } from './fuzz-options.ts'

/** The side that sends the fuzzed bytes. */
export type Side = 'clients' | 'origins'

export const USAGE = `usage: npm run fuzz -- clients [--requests N] [OPTION]…
       npm run fuzz -- origins [--responses N] [OPTION]…
options: --seed N, --width N (at once), --case N (only this one), --heap MIB`

const MOST = 100_000_000
const MOST_AT_ONCE = 1000
const MOST_HEAP = 1_000_000

/**
 * Reads the command line; undefined when it names neither side.
 *
 * @throws Error with one sentence on what is wrong
 */
export function parseArguments(words: string[]): { side: Side; options: FuzzOptions } | undefined {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      requests: { type: 'string', default: '10000' },
      responses: { type: 'string', default: '10000' },
      seed: { type: 'string', default: `${chooseSeed()}` },
      width: { type: 'string', default: '100' },
      case: { type: 'string' },
      heap: { type: 'string' }
    }
  })
  const [side, ...others] = positionals
  if ((side !== 'clients' && side !== 'origins') || others.length > 0) return undefined
  const name = side === 'clients' ? 'requests' : 'responses'
  const one = values.case
  const count = one === undefined ? integer(name, values[name], MOST) : 1
  const first = one === undefined ? 0 : integer('case', one, MOST)
  const width = integer('width', values.width, MOST_AT_ONCE)
  const seed = integer('seed', values.seed, 2 ** 32)
  const heap = values.heap === undefined ? {} : { heap: integer('heap', values.heap, MOST_HEAP) }
  return { side, options: { count, first, width, seed, ...heap } }
}

function integer(name: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= most) return value
  throw new Error(`--${name}: expected a whole number up to ${most}, received "${text}"`)
}
