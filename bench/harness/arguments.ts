import { parseArgs } from 'node:util'

/** What a run is asked for. */
export interface BenchOptions {
  /** Which scenario. */
  name: string
  /** Rounds per peer; default 5, at least 3 for a median to be worth something. */
  rounds: number
  /** Seconds that wrk runs per round and peer. Default 4. */
  seconds: number
  /** Print JSON instead of tables. */
  json: boolean
  /** Write `bench/results/NAME.md`, too. */
  save: boolean
}

const FEWEST_ROUNDS = 3
const MAX_ROUNDS = 100
const MAX_SECONDS = 600

/**
 * Reads the command line; `undefined` when it names no known scenario.
 *
 * @throws Error with one sentence on what is wrong
 */
export function parseArguments(
  words: string[],
  names: readonly string[]
): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      json: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false }
    }
  })
  const [name, ...others] = positionals
  if (name === undefined || others.length > 0 || !names.includes(name)) return undefined
  return {
    name,
    rounds: integer('rounds', values.rounds, FEWEST_ROUNDS, MAX_ROUNDS),
    seconds: integer('seconds', values.seconds, 1, MAX_SECONDS),
    json: values.json,
    save: values.save
  }
}

/** How the command is used. */
export function usage(names: readonly string[]): string {
  return `usage: npm run bench -- SCENARIO [--rounds N] [--seconds N] [--json] [--save]\nscenarios: ${names.join(', ')}`
}

function integer(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new Error(`--${name}: expected a whole number from ${min} to ${max}, received "${text}"`)
}
