import { randomInt } from 'node:crypto'

/** What the random cases of this run begin from: RELIW_SEED, else another one each time. */
export const SEED = Number(process.env['RELIW_SEED'] ?? randomInt(2 ** 32))

/** How many times as many cases as usual a run makes: RELIW_TEST_LENGTH, which `npm run test:long` sets. */
export const TEST_LENGTH = Number(process.env['RELIW_TEST_LENGTH'] ?? 1)
