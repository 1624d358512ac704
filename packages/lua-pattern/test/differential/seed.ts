import { randomInt } from 'node:crypto'

/** What the random cases of this run begin from: RELIW_SEED, else another one each time. */
export const SEED = Number(process.env['RELIW_SEED'] ?? randomInt(2 ** 32))
