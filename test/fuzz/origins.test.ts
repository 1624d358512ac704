import { TEST_LENGTH } from '@reliw/testing'
import { test } from 'tap'
import { fuzzOrigins } from './fuzz-origins.ts'

/** `npm run fuzz -- origins` makes more. */
const RESPONSES = 1000 * TEST_LENGTH
/** Always the same cases: another seed is for a run by hand. */
const SEED = 1

test('clients get valid responses of origins unchanged, else 502, and nothing is left behind', async (t) => {
  const options = { count: RESPONSES, width: 50, seed: SEED, first: 0 }
  const { faults, lines } = await fuzzOrigins(t, options)
  lines.forEach((line) => t.comment(line))
  t.strictSame(faults, [])
})
