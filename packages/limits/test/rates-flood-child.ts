/**
 * A process that is flooded, for a test: `node --expose-gc rates-flood-child.ts FROM TO MAX`. It prints by how many
 * bytes its heap grows between so many addresses and so many; MAX: how many budgets, or `default` for a limiter's.
 */

import type { Take } from '@reliw/model'
import { Limiter } from '../src/rates/limiter.ts'
import { LocalBudgets } from '../src/rates/local-budgets.ts'

const [from = 0, to = 0, max = Number.NaN] = process.argv.slice(2).map(Number)
const limiter = Number.isNaN(max) ? new Limiter({}) : new LocalBudgets(max)

let count = 0
const before = flood(from)
process.stdout.write(`${flood(to) - before}\n`)

/** Uses budgets of addresses until there were so many, and returns what the heap holds then. */
function flood(until: number): number {
  for (; count < until; count++) void limiter.take([takeOf(count)])
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

function takeOf(n: number): Take {
  const ip = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
  const key = `RLW:LIMITS:a.example:@each:${ip}`
  return { key, algorithm: 'sliding', limit: 10, period: 60_000 }
}
