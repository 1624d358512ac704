import { test } from 'tap'
import { backoff, isIdempotent, parseRetryAfter } from '../src/policy/retry.ts'
import { RetryBudget } from '../src/policy/retry-budget.ts'

function takeAll(budget: RetryBudget): number {
  let taken = 0
  while (budget.take()) taken++
  return taken
}

test('methods that may be sent twice are told from those that may not', async (t) => {
  const idempotent = 'GET HEAD OPTIONS TRACE PUT DELETE PROPFIND REPORT SEARCH'
  for (const method of idempotent.split(' ')) t.ok(isIdempotent(method), method)
  for (const method of ['POST', 'PATCH', 'CONNECT', 'LOCK', 'get', '', 'constructor']) {
    t.notOk(isIdempotent(method), method)
  }
})

test('a quiet site can retry', async (t) => {
  t.equal(takeAll(new RetryBudget(0.2)), 10)
})

test('when all requests fail, retries are a share of them', async (t) => {
  const budget = new RetryBudget(0.2)
  let retries = 0
  for (let request = 0; request < 10_000; request++) {
    budget.deposit()
    retries += takeAll(budget)
  }
  t.ok(retries <= 2_010 && retries >= 2_000, `${retries}`)
})

test('all requests that an origin broke off by dying can be sent elsewhere', async (t) => {
  const budget = new RetryBudget(0.2)
  for (let request = 0; request < 10_000; request++) budget.deposit()
  t.equal(takeAll(budget), 2_010)
})

test('what was saved up in good times is forgotten after ten seconds', async (t) => {
  let now = 0
  const budget = new RetryBudget(0.2, () => now)
  for (let request = 0; request < 10_000; request++) budget.deposit()
  now = 9_999
  t.equal(takeAll(budget), 2_010)
  now = 20_000
  t.equal(takeAll(budget), 10)
  now = 26_000
  t.equal(takeAll(budget), 0, 'those of the slot before still count')
})

test('a budget of 0 allows no retry', async (t) => {
  const budget = new RetryBudget(0)
  for (let request = 0; request < 100; request++) budget.deposit()
  t.notOk(budget.take())
})

test('pauses double up to the longest, and half of each is random', async (t) => {
  const settings = { backoff: 100, max_backoff: 1000 }
  for (const [retry, pause] of [100, 200, 400, 800, 1000, 1000].entries()) {
    const pauses = Array.from({ length: 100 }, () => backoff(retry + 1, settings))
    t.ok(
      pauses.every((ms) => ms >= pause / 2 && ms <= pause),
      `between ${pause / 2} and ${pause}`
    )
    t.ok(new Set(pauses).size > 1)
  }
  t.equal(backoff(1, { backoff: 0, max_backoff: 1000 }), 0)
  t.ok(backoff(1, { backoff: 500, max_backoff: 50 }) <= 50)
})

const now = Date.UTC(1994, 10, 6, 8, 49, 7)

const waits: [value: string | undefined, ms: number | undefined][] = [
  ['0', 0],
  ['120', 120_000],
  ['00120', 120_000],
  ['9'.repeat(20), 2 ** 31 - 1],
  ['9'.repeat(1000), 2 ** 31 - 1],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
  ['Sun Nov  6 08:49:37 1994', 30_000],
  ['Sun, 06 Nov 1994 08:49:07 GMT', 0],
  ['Sun, 06 Nov 1983 08:49:37 GMT', 0],
  ['Sun, 06 Nov 2294 08:49:37 GMT', 2 ** 31 - 1],
  [undefined, undefined],
  ['', undefined],
  ['-1', undefined],
  ['+1', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['Infinity', undefined],
  ['1, 2', undefined],
  ['soon', undefined],
  ['1994-11-06T08:49:37Z', undefined],
  ['Sun, 06 Nov 1994 08:49:37', undefined],
  ['Sun, 06 Nov 1994 08:49:37 +0100', undefined],
  ['Sun, 06 Xyz 1994 08:49:37 GMT', undefined],
  ['Sun, 06 Nov 1994 25:49:37 GMT', undefined],
  ['Sun, 06 Nov 1994 08:49:37 GMT (x)', undefined]
]

test('Retry-After is seconds or a date, and nonsense is nothing', async (t) => {
  for (const [value, ms] of waits)
    t.equal(parseRetryAfter(value, now), ms, value?.slice(0, 40) ?? 'none')
})
