import { test } from 'tap'
import { CircuitBreaker, type CircuitState } from '../src/policy/circuit-breaker.ts'

const settings = {
  failure_threshold: 3,
  success_threshold: 2,
  timeout_seconds: 10_000,
  half_open_max_requests: 2,
  statuses: []
}

function createBreaker(changes: Partial<typeof settings> = {}) {
  const clock = { now: 0 }
  const told: CircuitState[] = []
  const breaker = new CircuitBreaker(
    { ...settings, ...changes },
    (state) => told.push(state),
    () => clock.now
  )
  return { breaker, clock, told }
}

function admit(breaker: CircuitBreaker): number {
  const token = breaker.admit()
  if (token === undefined) throw new Error('not admitted')
  return token
}

function fail(breaker: CircuitBreaker, times = settings.failure_threshold): void {
  for (let at = 0; at < times; at++) breaker.fail(admit(breaker))
}

test('it is closed at first, and open after failures in a row', async (t) => {
  const { breaker, told } = createBreaker()
  t.equal(breaker.state, 'closed')
  fail(breaker, 2)
  t.equal(breaker.state, 'closed')
  fail(breaker, 1)
  t.equal(breaker.state, 'open')
  t.equal(breaker.admit(), undefined)
  t.same(told, ['open'])
})

test('a success begins the count of failures anew, a client that leaves does not', async (t) => {
  const { breaker } = createBreaker()
  fail(breaker, 2)
  breaker.succeed(admit(breaker))
  fail(breaker, 2)
  t.equal(breaker.state, 'closed')
  breaker.release(admit(breaker))
  fail(breaker, 1)
  t.equal(breaker.state, 'open')
})

test('after its time it admits a few trials at once', async (t) => {
  const { breaker, clock, told } = createBreaker()
  fail(breaker)
  clock.now = 9_999
  t.equal(breaker.admit(), undefined)
  clock.now = 10_000
  t.type(breaker.admit(), 'number')
  t.type(breaker.admit(), 'number')
  t.equal(breaker.admit(), undefined)
  t.same(told, ['open', 'half-open'])
})

test('enough good trials close it, and failures are counted from zero', async (t) => {
  const { breaker, clock, told } = createBreaker()
  fail(breaker)
  clock.now = 10_000
  breaker.succeed(admit(breaker))
  t.equal(breaker.state, 'half-open')
  breaker.succeed(admit(breaker))
  t.equal(breaker.state, 'closed')
  fail(breaker, 2)
  t.equal(breaker.state, 'closed')
  t.same(told, ['open', 'half-open', 'closed'])
})

test('one failed trial opens it for its whole time', async (t) => {
  const { breaker, clock, told } = createBreaker()
  fail(breaker)
  clock.now = 15_000
  const [good, bad] = [admit(breaker), admit(breaker)]
  breaker.succeed(good)
  breaker.fail(bad)
  t.equal(breaker.state, 'open')
  clock.now = 24_999
  t.equal(breaker.admit(), undefined)
  clock.now = 25_000
  t.type(breaker.admit(), 'number')
  t.same(told, ['open', 'half-open', 'open', 'half-open'])
})

test('a trial that ends makes room for the next, however it ends', async (t) => {
  const { breaker, clock } = createBreaker({ half_open_max_requests: 1, success_threshold: 3 })
  fail(breaker)
  clock.now = 10_000
  breaker.succeed(admit(breaker))
  breaker.release(admit(breaker))
  breaker.succeed(admit(breaker))
  breaker.release(admit(breaker))
  t.equal(breaker.state, 'half-open')
  breaker.succeed(admit(breaker))
  t.equal(breaker.state, 'closed')
})

test('requests from before it opened count neither for nor against a later state', async (t) => {
  const { breaker, clock } = createBreaker()
  const old = Array.from({ length: 9 }, () => admit(breaker))
  const end = (how: 'succeed' | 'fail' | 'release') => breaker[how](old.pop() ?? -1)
  fail(breaker)
  for (const how of ['succeed', 'fail', 'release'] as const) end(how)
  t.equal(breaker.state, 'open')

  clock.now = 10_000
  const trials = [admit(breaker), admit(breaker)]
  for (const how of ['succeed', 'succeed', 'release'] as const) end(how)
  t.equal(breaker.state, 'half-open')
  t.equal(breaker.admit(), undefined, 'they do not make room either')
  end('fail')
  t.equal(breaker.state, 'half-open')

  for (const trial of trials) breaker.succeed(trial)
  fail(breaker, 2)
  end('succeed')
  fail(breaker, 1)
  t.equal(breaker.state, 'open')
})

test('a trial of an earlier round does not decide a later one', async (t) => {
  const { breaker, clock } = createBreaker()
  fail(breaker)
  clock.now = 10_000
  const [late, bad] = [admit(breaker), admit(breaker)]
  breaker.fail(bad)
  clock.now = 20_000
  breaker.succeed(admit(breaker))
  breaker.succeed(late)
  t.equal(breaker.state, 'half-open')
})

test('trials that never end do not keep it half-open for ever', async (t) => {
  const { breaker, clock } = createBreaker()
  fail(breaker)
  clock.now = 10_000
  const slow = admit(breaker)
  admit(breaker)
  clock.now = 69_999
  t.equal(breaker.admit(), undefined)
  clock.now = 70_000
  const next = admit(breaker)
  t.equal(breaker.admit(), undefined, 'one more, not all at once')
  breaker.succeed(slow)
  breaker.succeed(next)
  t.equal(breaker.state, 'closed')
})

test('Retry-After is whole seconds, and at least one', async (t) => {
  const { breaker, clock } = createBreaker({ timeout_seconds: 2_500 })
  t.equal(breaker.retryAfter(), 1)
  fail(breaker)
  t.equal(breaker.retryAfter(), 3)
  clock.now = 501
  t.equal(breaker.retryAfter(), 2)
  clock.now = 9_000
  t.equal(breaker.retryAfter(), 1)
  admit(breaker)
  t.equal(breaker.retryAfter(), 1)
})

test('a listener that asks at once learns how long it is open', async (t) => {
  const seen: number[] = []
  const breaker = new CircuitBreaker(
    settings,
    () => seen.push(breaker.retryAfter()),
    () => 0
  )
  fail(breaker)
  t.same(seen, [10])
})
