import { test } from 'tap'
import { type Admission, CircuitBreaker, type CircuitState } from '../src/policy/circuit-breaker.ts'

const settings = {
  failure_threshold: 4,
  failure_rate: 0.5,
  window: 10_000,
  success_threshold: 2,
  timeout_seconds: 8_000,
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

function admit(breaker: CircuitBreaker, isUpload = false): Admission {
  const admission = breaker.admit(isUpload)
  if (admission === undefined) throw new Error('not admitted')
  return admission
}

function fail(breaker: CircuitBreaker, times = settings.failure_threshold): void {
  for (let at = 0; at < times; at++) breaker.fail(admit(breaker))
}

function succeed(breaker: CircuitBreaker, times: number): void {
  for (let at = 0; at < times; at++) breaker.succeed(admit(breaker))
}

test('it opens after enough failures, if they are enough of all requests', async (t) => {
  const { breaker, told } = createBreaker()
  succeed(breaker, 5)
  fail(breaker, 4)
  t.equal(breaker.state, 'closed', '4 of 9')
  fail(breaker, 1)
  t.equal(breaker.state, 'open', '5 of 10')
  t.same(told, ['open'])
})

test('it stays closed as long as there are few failures, even if nothing else comes', async (t) => {
  const { breaker } = createBreaker()
  fail(breaker, 3)
  breaker.release(admit(breaker))
  t.equal(breaker.state, 'closed')
  fail(breaker, 1)
  t.equal(breaker.state, 'open')
})

test('what is older than the window counts no more', async (t) => {
  const { breaker, clock } = createBreaker()
  succeed(breaker, 100)
  clock.now = 10_000
  fail(breaker, 3)
  clock.now = 20_000
  fail(breaker, 3)
  t.equal(breaker.state, 'closed')
  clock.now = 24_999
  fail(breaker, 1)
  t.equal(breaker.state, 'open')
})

test('while others are served, one client and one path make up a quarter of the failures at most', async (t) => {
  const { breaker } = createBreaker({ failure_threshold: 20 })
  const failAll = (source: (at: number) => { client: string; path: string }): void => {
    for (let at = 0; at < 1000; at++) breaker.fail(admit(breaker), source(at))
  }
  succeed(breaker, 1)
  failAll((at) => ({ client: '192.0.2.1', path: `/${at}` }))
  t.equal(breaker.state, 'closed', 'one client, whatever it asks for')
  failAll((at) => ({ client: `192.0.2.${at}`, path: '/slow' }))
  t.equal(breaker.state, 'closed', 'one path, whoever asks for it')
  for (let at = 0; at < 64; at++)
    breaker.fail(admit(breaker), { client: `198.51.100.${at}`, path: `/at/${at}` })
  t.equal(breaker.state, 'open')
})

test('one client for one path opens it where nobody was served for as long as the window', async (t) => {
  const { breaker, clock } = createBreaker()
  const source = { client: '192.0.2.1', path: '/' }
  succeed(breaker, 1)
  clock.now = settings.window
  for (let at = 0; at < 100; at++) breaker.fail(admit(breaker), source)
  t.equal(breaker.state, 'closed')
  clock.now += 1
  for (let at = 0; at < settings.failure_threshold; at++) breaker.fail(admit(breaker), source)
  t.equal(breaker.state, 'open')
})

test('when it has closed, one client for one path does not open it again at once', async (t) => {
  const { breaker } = createBreaker()
  fail(breaker)
  succeed(breaker, settings.success_threshold)
  const source = { client: '192.0.2.1', path: '/' }
  for (let at = 0; at < 100; at++) breaker.fail(admit(breaker), source)
  t.equal(breaker.state, 'closed')
})

test('failures that any request would have met count, whoever sent them', async (t) => {
  const { breaker } = createBreaker({ failure_threshold: 20 })
  fail(breaker, 20)
  t.equal(breaker.state, 'open')
})

test('while it is open a few requests at a time are made', async (t) => {
  const { breaker, told } = createBreaker()
  fail(breaker)
  const first = admit(breaker)
  admit(breaker)
  t.equal(breaker.admit(), undefined)
  breaker.fail(first)
  admit(breaker)
  t.equal(breaker.admit(), undefined)
  t.same(told, ['open'])
})

test('one more is made after a second, and then after pauses that double, up to the longest', async (t) => {
  const { breaker, clock } = createBreaker()
  fail(breaker)
  admit(breaker)
  admit(breaker)
  const pauses: number[] = []
  for (let probe = 0, since = 0; probe < 6; probe++) {
    const pause = breaker.retryAfter()
    clock.now = since + pause * 1000 - 1
    t.equal(breaker.admit(), undefined)
    clock.now++
    admit(breaker)
    since = clock.now
    pauses.push(pause)
  }
  t.same(pauses, [1, 2, 4, 8, 8, 8])
})

test('enough successes in a row close it, and requests are counted from zero', async (t) => {
  const { breaker, told } = createBreaker()
  fail(breaker)
  succeed(breaker, 1)
  t.equal(breaker.state, 'half-open')
  fail(breaker, 1)
  succeed(breaker, 1)
  t.equal(breaker.state, 'half-open')
  succeed(breaker, 1)
  t.equal(breaker.state, 'closed')
  fail(breaker, 3)
  t.equal(breaker.state, 'closed')
  t.same(told, ['open', 'half-open', 'closed'])
})

test('while it is open, one client that fails does not undo the successes of others', async (t) => {
  const { breaker } = createBreaker({ success_threshold: 4 })
  const source = { client: '192.0.2.1', path: '/slow' }
  fail(breaker)
  breaker.fail(admit(breaker), source)
  for (let at = 0; at < 4; at++) {
    succeed(breaker, 1)
    breaker.fail(admit(breaker), at < 3 ? source : undefined)
  }
  t.equal(breaker.state, 'closed')
})

test('a trial that ends makes room for the next, however it ends', async (t) => {
  const { breaker } = createBreaker({ half_open_max_requests: 1, success_threshold: 2 })
  fail(breaker)
  breaker.release(admit(breaker))
  breaker.fail(admit(breaker))
  succeed(breaker, 1)
  breaker.release(admit(breaker))
  succeed(breaker, 1)
  t.equal(breaker.state, 'closed')
})

test('uploads leave a place of a trial to others, and have theirs for a second', async (t) => {
  const { breaker, clock } = createBreaker({ half_open_max_requests: 3 })
  fail(breaker)
  const slow = admit(breaker, true)
  admit(breaker, true)
  t.equal(breaker.admit(true), undefined)
  const other = admit(breaker)
  t.equal(breaker.admit(), undefined)
  breaker.release(other)
  clock.now = 999
  t.equal(breaker.admit(true), undefined)
  clock.now = 1000
  breaker.succeed(slow)
  t.equal(breaker.state, 'half-open', 'it counts, however long it took')
  admit(breaker, true)
  admit(breaker, true)
  t.equal(breaker.admit(true), undefined, 'and takes no place twice')
})

test('an upload has the only place of a trial for a second, and is no probe', async (t) => {
  const { breaker, clock } = createBreaker({ half_open_max_requests: 1 })
  fail(breaker)
  admit(breaker, true)
  t.equal(breaker.admit(), undefined)
  clock.now = 1000
  admit(breaker)
  clock.now = 5000
  t.equal(breaker.admit(true), undefined)
  admit(breaker)
})

test('requests from before it opened count neither for nor against a later state', async (t) => {
  const { breaker } = createBreaker()
  const old = Array.from({ length: 9 }, () => admit(breaker))
  const end = (how: 'succeed' | 'fail' | 'release') => {
    const last = old.pop()
    if (last !== undefined) breaker[how](last)
  }
  fail(breaker)
  for (const how of ['succeed', 'succeed', 'fail', 'release'] as const) end(how)
  t.equal(breaker.state, 'open')

  const trials = [admit(breaker), admit(breaker)]
  for (const how of ['succeed', 'succeed', 'release'] as const) end(how)
  t.equal(breaker.state, 'open')
  t.equal(breaker.admit(), undefined, 'they do not make room either')

  for (const trial of trials) breaker.succeed(trial)
  t.equal(breaker.state, 'closed')
  fail(breaker, 3)
  end('fail')
  t.equal(breaker.state, 'closed')
})

test('Retry-After is whole seconds, and at least one', async (t) => {
  const { breaker, clock } = createBreaker()
  t.equal(breaker.retryAfter(), 1)
  fail(breaker)
  for (let at = 0; at < 2; at++) admit(breaker)
  clock.now = 1000
  admit(breaker)
  t.equal(breaker.retryAfter(), 2)
  clock.now = 1001
  t.equal(breaker.retryAfter(), 2)
  clock.now = 9000
  t.equal(breaker.retryAfter(), 1)
})

test('a listener that asks at once learns when the next probe is', async (t) => {
  const seen: number[] = []
  const breaker = new CircuitBreaker(
    { ...settings, timeout_seconds: 500 },
    () => seen.push(breaker.retryAfter()),
    () => 0
  )
  fail(breaker)
  t.same(seen, [1])
})
