import { randomInt } from 'node:crypto'
import type { Test } from 'tap'

/** Randomness that can be had again. */
export interface Random {
  /** A whole number from 0 to `below`, which is none of them. */
  below: (below: number) => number
  pick: <T>(list: readonly T[]) => T
  /** The text with a few characters changed, repeated, taken out, or put in. */
  mutate: (text: string, others: readonly string[]) => string
  /** The text in one to `most` pieces. */
  cut: (text: string, most: number) => string[]
}

/** What parsers stumble over. */
const ODD = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '0',
  '1',
  '9',
  'a',
  'F',
  '-',
  '\xff',
  '"'
]

/** How many times as many random cases as usual a run makes: RELIW_TEST_LENGTH, which `npm run test:long` sets. */
export const TEST_LENGTH = Number(process.env['RELIW_TEST_LENGTH'] ?? 1)

/**
 * Says in the test's output which RELIW_SEED gives the same numbers again; takes that of the environment if there
 * is one.
 */
export function seededRandom(t: Pick<Test, 'comment'>): Random {
  const seed = chooseSeed()
  t.comment(`RELIW_SEED=${seed}`)
  return randomFrom(seed)
}

/** RELIW_SEED of the environment, or any. */
export function chooseSeed(): number {
  return Number(process.env['RELIW_SEED'] ?? randomInt(2 ** 32))
}

/** The same seed gives the same numbers. */
export function randomFrom(seed: number): Random {
  let state = seed

  /** Mulberry32. */
  function below(limit: number): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  function pick<T>(list: readonly T[]): T {
    return list[below(list.length)] as T
  }

  function mutate(text: string, others: readonly string[]): string {
    let mutated = text
    for (let count = 1 + below(3); count > 0; count--) {
      const at = below(mutated.length + 1)
      const end = Math.min(mutated.length, at + pick([0, 0, 1, 1, 2, 10]))
      const other = pick(others)
      const start = below(other.length + 1)
      const replacement = pick([
        '',
        pick(ODD),
        pick(ODD),
        mutated.slice(at, end).repeat(2),
        other.slice(start, start + below(20))
      ])
      mutated = mutated.slice(0, at) + replacement + mutated.slice(end)
    }
    return mutated
  }

  function cut(text: string, most: number): string[] {
    const at = Array.from({ length: below(most) }, () => below(text.length + 1))
    const ends = [...at.toSorted((one, other) => one - other), text.length]
    return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end))
  }

  return { below, pick, mutate, cut }
}
