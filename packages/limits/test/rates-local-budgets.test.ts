import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Take } from '@reliw/model'
import { seededRandom } from '@reliw/testing'
import t from 'tap'
import { LocalBudgets } from '../src/rates/local-budgets.ts'

const CHILD = join(import.meta.dirname, 'rates-flood-child.ts')
const MIB = 2 ** 20

/** The first use of a budget of one, or another one, within a day. */
function once(key: string): Take {
  return { key, algorithm: 'fixed', limit: 1, period: 86_400_000 }
}

function isNew(budgets: LocalBudgets, key: string): boolean {
  return budgets.take([once(key)])[0]?.allowed === true
}

t.test('budgets are used one after the other, each on its own', async (t) => {
  const budgets = new LocalBudgets()
  const taken = budgets.take([once('a'), once('b'), once('a')])
  t.same(
    taken.map(({ allowed }) => allowed),
    [true, true, false]
  )
  t.equal(isNew(budgets, 'b'), false)
  t.equal(budgets.size, 2)
})

t.test('the number of budgets never exceeds its maximum', async (t) => {
  const random = seededRandom(t)
  const budgets = new LocalBudgets(100)
  let most = 0
  for (let n = 0; n < 20_000; n++) {
    budgets.take([once(`${random.below(n % 2 === 0 ? 120 : 1_000_000)}`)])
    most = Math.max(most, budgets.size)
  }
  t.ok(most > 50 && most <= 100, `${most}`)
})

t.test('by default there are 50,000 at most', async (t) => {
  const budgets = new LocalBudgets()
  for (let n = 0; n < 49_999; n++) budgets.take([once(`${n}`)])
  t.equal(budgets.size, 49_999)
  let most = 0
  for (let n = 0; n < 60_000; n++) {
    budgets.take([once(`new ${n}`)])
    most = Math.max(most, budgets.size)
  }
  t.equal(most, 50_000)
})

t.test('the budgets idle longest are evicted first; those in use never', async (t) => {
  const budgets = new LocalBudgets(1_000)
  isNew(budgets, 'busy')
  isNew(budgets, 'idle')
  for (let n = 0; n < 5_000; n++) {
    budgets.take([once(`flood ${n}`)])
    if (n % 400 === 0 && isNew(budgets, 'busy')) t.fail(`forgotten after ${n}`)
  }
  t.equal(isNew(budgets, 'flood 4999'), false)
  t.equal(isNew(budgets, 'flood 4600'), false, 'so are those of late')
  t.equal(isNew(budgets, 'idle'), true)
})

/** How many bytes the heap grows by between so many addresses and so many, with this many budgets at most. */
async function growth(from: number, to: number, max: string): Promise<number> {
  const args = ['--expose-gc', '--conditions=@reliw/source', CHILD, `${from}`, `${to}`, max]
  const { NODE_OPTIONS: _, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return Number(stdout)
}

t.test('a flood of a million addresses leaves the heap as it is', async (t) => {
  const bounded = await growth(100_000, 1_000_000, 'default')
  t.ok(bounded < 8 * MIB, `${bounded} bytes`)
  // What is measured would be seen: a ninth of the flood is enough, where nothing is forgotten.
  const unbounded = await growth(100_000, 200_000, 'Infinity')
  t.ok(unbounded > 8 * MIB, `${unbounded} bytes`)
})
