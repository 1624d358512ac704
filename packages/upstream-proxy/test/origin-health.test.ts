import { test } from 'tap'
import { type HealthChange, OriginHealth } from '../src/policy/origin-health.ts'

const settings = {
  max_fails: 2,
  fail_timeout: 1000,
  unhealthy_threshold: 3,
  healthy_threshold: 2
}

function createHealth(changes: Partial<typeof settings> = {}) {
  const clock = { now: 0 }
  const told: HealthChange[] = []
  const health = new OriginHealth(
    { ...settings, ...changes },
    (change) => told.push(change),
    () => clock.now
  )
  return { health, clock, told }
}

function fail(health: OriginHealth, times = settings.max_fails): void {
  for (let at = 0; at < times; at++) health.fail()
}

function check(health: OriginHealth, ...results: boolean[]): void {
  for (const ok of results) health.checked(ok)
}

test('an origin is usable until its requests fail in a row', async (t) => {
  const { health, told } = createHealth()
  health.fail()
  health.succeed()
  health.fail()
  t.ok(health.isUsable)
  t.same(health.state, { healthy: true, ejectedUntil: undefined, fails: 1 })
  health.fail()
  t.notOk(health.isUsable)
  t.same(health.state, { healthy: true, ejectedUntil: 1000, fails: 0 })
  t.same(told, [{ kind: 'ejected', ms: 1000 }])
})

test('an ejection ends by itself, and that is told once', async (t) => {
  const { health, clock, told } = createHealth()
  fail(health)
  clock.now = 999
  t.notOk(health.isUsable)
  clock.now = 1000
  t.equal(told.length, 1)
  t.ok(health.isUsable)
  t.ok(health.isUsable)
  t.same(told.slice(1), [{ kind: 'returned' }])
  t.equal(health.state.ejectedUntil, undefined)
})

test('each ejection without a success between is twice as long, up to 16 times', async (t) => {
  const { health, clock, told } = createHealth()
  for (let at = 0; at < 7; at++) {
    fail(health)
    clock.now = health.state.ejectedUntil ?? NaN
    t.ok(health.isUsable)
  }
  const times = told.flatMap((change) => (change.kind === 'ejected' ? [change.ms / 1000] : []))
  t.same(times, [1, 2, 4, 8, 16, 16, 16])
})

test('after a success the next ejection is short again', async (t) => {
  const { health, clock, told } = createHealth()
  fail(health)
  clock.now = 1000
  fail(health)
  clock.now = 3000
  health.succeed()
  fail(health)
  t.same(told.at(-1), { kind: 'ejected', ms: 1000 })
})

test('requests that end while it is out change nothing', async (t) => {
  const { health, clock, told } = createHealth()
  fail(health)
  clock.now = 500
  fail(health, 10)
  health.succeed()
  t.same(health.state, { healthy: true, ejectedUntil: 1000, fails: 0 })
  clock.now = 1000
  fail(health)
  t.same(told, [{ kind: 'ejected', ms: 1000 }, { kind: 'returned' }, { kind: 'ejected', ms: 2000 }])
})

test('one client, or one path, does not take it out while others are served', async (t) => {
  const { health, told } = createHealth({ max_fails: 8 })
  health.succeed()
  for (let at = 0; at < 100; at++) health.fail({ client: '192.0.2.1', path: `/${at}` })
  for (let at = 0; at < 100; at++) health.fail({ client: `192.0.2.${at}`, path: '/bad' })
  t.equal(health.state.fails, 4, 'two of the client, two of the path')
  health.succeed()
  for (let at = 0; at < 64 && health.isUsable; at++)
    health.fail({ client: `198.51.100.${at}`, path: `/at/${at}` })
  t.same(told, [{ kind: 'ejected', ms: 1000 }])
})

test('one client for one path takes out an origin that served nobody for fail_timeout', async (t) => {
  const { health, clock, told } = createHealth()
  const failAll = (): void => {
    for (let at = 0; at < 100; at++) health.fail({ client: '192.0.2.1', path: '/' })
  }
  health.succeed()
  clock.now = settings.fail_timeout
  failAll()
  t.same(told, [])
  clock.now += 1
  failAll()
  t.same(told, [{ kind: 'ejected', ms: settings.fail_timeout }])
})

test('where one failure takes it out, so does that of any client', async (t) => {
  const { health } = createHealth({ max_fails: 1 })
  health.fail({ client: '192.0.2.1', path: '/bad' })
  t.notOk(health.isUsable)
})

test('max_fails 0 never takes it out', async (t) => {
  const { health, told } = createHealth({ max_fails: 0 })
  fail(health, 100)
  t.ok(health.isUsable)
  t.same(told, [])
})

test('failed checks in a row take it out, good ones bring it back', async (t) => {
  const { health, told } = createHealth()
  check(health, false, false, true, false, false)
  t.ok(health.isUsable)
  check(health, false)
  t.notOk(health.isUsable)
  t.equal(health.state.healthy, false)
  check(health, true, false, true)
  t.notOk(health.isUsable)
  check(health, true)
  t.ok(health.isUsable)
  t.same(told, [{ kind: 'unhealthy' }, { kind: 'healthy' }])
})

test('it is usable only when neither requests nor checks speak against it', async (t) => {
  const { health, clock } = createHealth()
  fail(health)
  check(health, false, false, false)
  clock.now = 1000
  t.notOk(health.isUsable, 'its checks fail')
  t.equal(health.state.ejectedUntil, undefined)
  fail(health)
  check(health, true, true)
  t.notOk(health.isUsable, 'its requests fail')
  clock.now = 3000
  t.ok(health.isUsable)
})
