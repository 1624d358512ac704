import { TEST_LENGTH } from '@reliw/testing'
import { test } from 'tap'
import { fuzzClients } from './fuzz-clients.ts'

/** `npm run fuzz -- clients` makes more. */
const REQUESTS = 1000 * TEST_LENGTH
/** Always the same cases: another seed is for a run by hand. */
const SEED = 1

test('every input of clients is answered or ends the connection, and leaves nothing behind', async (t) => {
  const options = { count: REQUESTS, width: 50, seed: SEED, first: 0 }
  const { faults, lines } = await fuzzClients(t, options)
  lines.forEach((line) => t.comment(line))
  t.strictSame(faults, [])
})
