import { channel } from 'node:diagnostics_channel'
import { publisherOf } from '@reliw/http'
import { Publisher } from '@reliw/options'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import type { LimitsStatus, UpstreamStatus } from '../src/index.ts'
import { type Metered, startMetered } from './metered-app.ts'
import { CHANNELS, publishAs } from './published.ts'
import { openFor } from './stores.ts'

/** As their packages describe them: requests are of a site, and of a host that is none. */
const WHO = { host: 'www.a.example', site: 'a.example', clientIp: '192.0.2.1', requestId: 'r-1' }
const OTHER = { ...WHO, site: 'b.example' }
const is_site = (host: string): boolean => host === 'a.example'

t.test('verdicts of the firewall', async (t) => {
  const { publish, scrape } = await startMetered(t, { is_site })
  const verdict = { ...WHO, action: 'block', ruleSet: 'all', isOverBudget: false, us: 12 }
  publish('waf.verdict', verdict, verdict, { ...verdict, action: 'log', ruleSet: 'host' })
  publish('waf.verdict', { ...verdict, site: 'b.example', isOverBudget: true })
  publish('waf.examined', { host: 'a.example', us: 80 }, { host: 'b.example', us: 3e6 })
  const read = await scrape()
  const name = 'reliw_waf_verdicts_total'
  t.equal(read.value(name, { host: 'a.example', rule_set: 'all', action: 'block' }), 2)
  t.equal(read.value(name, { host: 'a.example', rule_set: 'host', action: 'log' }), 1)
  t.equal(read.value(name, { host: 'unknown', rule_set: 'all', action: 'block' }), 1)
  t.equal(read.value('reliw_waf_over_budget_total', { host: 'unknown' }), 1)
  const duration = 'reliw_waf_examination_duration_seconds'
  t.equal(read.value(`${duration}_count`), 2)
  t.equal(read.value(`${duration}_sum`), 3.00008)
  t.equal(read.value(`${duration}_bucket`, { le: '0.0001' }), 1)
})

t.test('logins, failures and logouts', async (t) => {
  const { publish, scrape } = await startMetered(t, { is_site })
  publish('auth.login', { ...WHO, user: 'ada', way: 'password' }, { ...WHO, way: 'oidc' })
  publish('auth.failure', { ...WHO, way: 'jwt', reason: 'expired' }, { ...OTHER, way: 'basic' })
  publish('auth.logout', { ...WHO, user: 'ada', way: 'session' })
  const read = await scrape()
  t.equal(read.value('reliw_auth_logins_total', { host: 'a.example', way: 'password' }), 1)
  t.equal(read.value('reliw_auth_logins_total', { host: 'a.example', way: 'oidc' }), 1)
  t.equal(read.value('reliw_auth_failures_total', { host: 'a.example', way: 'jwt' }), 1)
  t.equal(read.value('reliw_auth_failures_total', { host: 'unknown', way: 'basic' }), 1)
  t.equal(read.value('reliw_auth_logouts_total', { host: 'a.example' }), 1)
  t.notMatch(read.text, 'ada', 'nobody’s name is shown')
  t.notMatch(read.text, '192.0.2.1', 'nor an address')
})

t.test('limits: refusals by reason, and usage of the process limits', async (t) => {
  const status: LimitsStatus = {
    pressure: { level: 'reduced', isReduced: true, shares: { heap: 0.5, rss: 0.875 } },
    limiter: { isShared: false, fallbacks: 3 },
    connections: { slowBodies: 1, slowReaders: 2, pipelines: 3, departed: 5, excess: 4 },
    held: { size: 2 },
    bans: { list: { size: 7 } }
  }
  const { publish, scrape, url } = await startMetered(t, { is_site, limits: () => status })
  publish('limits.exceeded', { ...WHO, policy: 'all' }, { ...OTHER, policy: 'all' })
  publish('limits.refused', { ...WHO, reason: 'banned' }, { ...WHO, reason: 'banned' })
  publish('limits.banned', { block: '192.0.2.1', reason: 'failed logins' })
  const read = await scrape()
  t.equal(read.value('reliw_limits_exceeded_total', { host: 'a.example', policy: 'all' }), 1)
  t.equal(read.value('reliw_limits_exceeded_total', { host: 'unknown', policy: 'all' }), 1)
  t.equal(read.value('reliw_limits_refused_total', { host: 'a.example', reason: 'banned' }), 2)
  t.equal(read.value('reliw_bans_made_total', { reason: 'failed logins' }), 1)
  t.equal(read.value('reliw_bans'), 7)
  t.equal(read.value('reliw_limits_shared'), 0)
  t.equal(read.value('reliw_limits_fallbacks_total'), 3)
  t.equal(read.value('reliw_pressure_level'), 2)
  t.equal(read.value('reliw_pressure_ratio', { resource: 'rss' }), 0.875)
  const cut = { slow_body: 1, slow_reader: 2, pipeline: 3, departed: 5, excess: 4 }
  t.equal(read.value('reliw_limits_held_requests'), 2)
  for (const [reason, count] of Object.entries(cut)) {
    t.equal(read.value('reliw_connections_cut_total', { reason }), count, reason)
  }
  const { pressure } = (await (await fetch(`${url}/status`)).json()) as Record<string, unknown>
  t.strictSame(pressure, { level: 'reduced', heap: 0.5, rss: 0.875 })
})

t.test('limits without bans show none', async (t) => {
  const { scrape } = await startMetered(t, {
    limits: () => ({
      pressure: { level: 'normal', isReduced: false, shares: {} },
      limiter: { isShared: true, fallbacks: 0 },
      connections: { slowBodies: 0, slowReaders: 0, pipelines: 0, departed: 0, excess: 0 },
      held: { size: 2 },
      bans: undefined
    })
  })
  const read = await scrape()
  t.equal(read.value('reliw_bans'), undefined)
  t.equal(read.value('reliw_pressure_ratio'), undefined)
  t.equal(read.value('reliw_limits_shared'), 1)
})

const attempt = { upstream: 'a.example', origin: '10.0.0.1:80', requestId: 'r-1', attempt: 1 }

t.test('upstreams: results of requests', async (t) => {
  const { publish, scrape } = await startMetered(t)
  const outcome = { upstream: 'a.example', requestId: 'r-1', attempts: 2, ms: 3, status: 502 }
  publish(
    'upstream.attempt',
    { ...attempt, ms: 3, status: 200 },
    { ...attempt, ms: 30, status: 204 },
    { ...attempt, ms: 2000, status: 503 },
    { ...attempt, ms: 1, failure: 'refused' },
    { ...attempt, ms: 1 }
  )
  publish('upstream.retry', { upstream: 'a.example', requestId: 'r-1', attempt: 2, delay: 10 })
  publish('upstream.outcome', { ...outcome, result: 'answered' })
  publish('upstream.outcome', { ...outcome, result: 'retries exhausted' })
  publish('upstream.circuit', { upstream: 'a.example', state: 'open' })
  publish('upstream.circuit', { upstream: 'a.example', state: 'half-open' })
  publish('upstream.health', { upstream: 'a.example', origin: '10.0.0.1:80', change: 'ejected' })
  const read = await scrape()
  const results = { '2xx': 2, '5xx': 1, refused: 1, unknown: 1 }
  for (const [result, count] of Object.entries(results)) {
    t.equal(read.value('reliw_upstream_attempts_total', { result }), count, result)
  }
  t.equal(read.value('reliw_upstream_attempt_duration_seconds_count'), 5)
  t.equal(read.value('reliw_upstream_retries_total', { upstream: 'a.example' }), 1)
  t.equal(read.value('reliw_upstream_requests_total', { result: 'answered' }), 1)
  t.equal(read.value('reliw_upstream_requests_total', { result: 'retries exhausted' }), 1)
  t.equal(read.value('reliw_upstream_retries_exhausted_total'), 1)
  t.equal(read.value('reliw_upstream_circuit_openings_total'), 1)
  t.equal(read.value('reliw_upstream_origin_changes_total', { change: 'ejected' }), 1)
})

t.test('upstreams: their state', async (t) => {
  const idle = { inFlight: 0, active: 0, idle: 1, pending: 0, uploads: 0 }
  const status: UpstreamStatus[] = [
    {
      upstream: 'a.example',
      circuit: 'half-open',
      origins: [
        { origin: '10.0.0.1:80', healthy: true, ...idle },
        {
          origin: '10.0.0.2:80',
          healthy: false,
          inFlight: 4,
          active: 3,
          idle: 2,
          pending: 1,
          uploads: 0
        }
      ]
    },
    { upstream: 'b.example', circuit: 'closed', origins: [] }
  ]
  const { scrape, url } = await startMetered(t, { upstreams: () => status })
  const read = await scrape()
  t.equal(read.value('reliw_upstream_circuit_state', { upstream: 'a.example' }), 1)
  t.equal(read.value('reliw_upstream_circuit_state', { upstream: 'b.example' }), 0)
  t.equal(read.value('reliw_upstream_origin_up', { origin: '10.0.0.1:80' }), 1)
  const origin = { upstream: 'a.example', origin: '10.0.0.2:80' }
  t.equal(read.value('reliw_upstream_origin_up', origin), 0)
  t.equal(read.value('reliw_upstream_requests_in_flight', origin), 4)
  t.equal(read.value('reliw_upstream_pending_requests', origin), 1)
  t.equal(read.value('reliw_upstream_connections', { ...origin, state: 'active' }), 3)
  t.equal(read.value('reliw_upstream_connections', { ...origin, state: 'idle' }), 2)
  const { upstreams } = (await (await fetch(`${url}/status`)).json()) as Record<string, unknown>
  const shown = status.map(({ origins, ...upstream }) => ({
    ...upstream,
    origins: origins.map(({ inFlight, ...origin }) => ({ ...origin, in_flight: inFlight }))
  }))
  t.strictSame(upstreams, shown)
})

t.test('the store: its operations, and invalid values', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const { publish, scrape } = await startMetered(t, { store })
  publish('store.operation', { operation: 'take', ms: 2, failed: false })
  publish('store.operation', { operation: 'take', ms: 20, failed: true })
  publish('store.rejected', { key: 'RLW:API:a.example', family: 'API' })
  const read = await scrape()
  t.equal(read.value('reliw_store_operation_duration_seconds_count', { operation: 'take' }), 2)
  t.equal(read.value('reliw_store_operation_failures_total', { operation: 'take' }), 1)
  t.equal(read.value('reliw_store_values_rejected_total', { family: 'API' }), 1)
})

/** Messages of every shape but the one that is described. */
function malformed(publisher: Publisher): readonly unknown[] {
  const objects = [
    {},
    { host: {}, upstream: {}, operation: {}, family: {}, reason: {}, policy: {}, way: {} },
    { host: null, ruleSet: Symbol('x'), action: 1n, ms: 'x', us: 'x' },
    { host: 'a.example', us: NaN, ms: NaN, operation: 'x', upstream: 'x' }
  ]
  const hostile = (isOurs: boolean): unknown =>
    new Proxy(
      {},
      {
        get(_target, name) {
          if (isOurs && name === 'publisher') return publisher
          throw new Error('on purpose')
        }
      }
    )
  return [
    undefined,
    null,
    'text',
    5,
    [],
    Object.create(null),
    hostile(false),
    hostile(true),
    ...objects,
    ...objects.map((message) => ({ publisher, ...message }))
  ]
}

t.test('malformed events end nothing, and change no metric', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const { app, publish, scrape, send } = await startMetered(t, { store, is_site })
  for (const name of CHANNELS) {
    const { publisher } = name.startsWith('store.') ? store : { publisher: publisherOf(app) }
    for (const message of malformed(publisher)) channel(`reliw.${name}`).publish(message)
  }
  const read = await scrape()
  for (const { value } of [...read.families.values()].flatMap(({ samples }) => samples)) {
    if (!Number.isFinite(value)) t.fail('a value is no number')
  }
  publish('waf.examined', { host: 'a.example', us: 1e6 })
  t.equal((await scrape()).value('reliw_waf_examination_duration_seconds_sum'), 1)
  t.match(await send(), /^HTTP\/1.1 200 /)
})

t.test('labels of events are bounded, whatever they contain', async (t) => {
  const { publish, scrape }: Metered = await startMetered(t, { is_site: () => true, max_hosts: 10 })
  for (let n = 0; n < 3000; n++) {
    publish('limits.exceeded', { ...WHO, policy: `p${n}` })
    publish('auth.login', { ...WHO, site: `h${n}.example`, way: 'password' })
    publish('upstream.attempt', { ...attempt, upstream: `u${n}`, ms: 1, status: 200 })
    publish('limits.banned', { block: 'x', reason: `a"b\nc\\d ${n}` })
  }
  publish('limits.banned', { reason: '\u{D800}' }, { reason: '\u{D801}' })
  const read = await scrape()
  t.equal(read.samples('reliw_limits_exceeded_total').length, 1001)
  t.equal(read.value('reliw_limits_exceeded_total'), 3000, 'those beyond are counted as other')
  t.equal(read.samples('reliw_auth_logins_total').length, 10, 'a.example is among the ten')
  t.equal(read.samples('reliw_upstream_attempts_total').length, 1001)
  t.equal(read.samples('reliw_upstream_attempt_duration_seconds_count').length, 201)
  t.equal(read.value('reliw_bans_made_total', { reason: 'a"b\nc\\d 7' }), 1)
})

t.test('an app counts its own events, and not those of another app or store', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const other = await openFor(t, { dir: tempDir(t) })
  const one = await startMetered(t, { store, is_site })
  const two = await startMetered(t, { store: other, is_site })
  const third = await startMetered(t, { store, is_site })
  one.publish('auth.failure', { ...WHO, way: 'password' })
  one.publish('waf.examined', { host: 'a.example', us: 80 })
  one.publish('limits.refused', { ...WHO, reason: 'banned' })
  one.publish('upstream.retry', { upstream: 'a.example', requestId: 'r-1', attempt: 2, delay: 1 })
  one.publish('store.rejected', { key: 'RLW:API:a.example', family: 'API' })
  two.publish('auth.failure', { ...WHO, way: 'jwt' })
  publishAs(new Publisher(), 'auth.failure', { ...WHO, way: 'basic' })
  const names = [
    'reliw_auth_failures_total',
    'reliw_waf_examination_duration_seconds_count',
    'reliw_limits_refused_total',
    'reliw_upstream_retries_total',
    'reliw_store_values_rejected_total'
  ]
  const countsOf = async ({ scrape }: Metered): Promise<number[]> => {
    const read = await scrape()
    return names.map((name) => read.value(name) ?? 0)
  }
  t.strictSame(await countsOf(one), [1, 1, 1, 1, 1])
  t.strictSame(await countsOf(two), [1, 0, 0, 0, 0])
  t.strictSame(await countsOf(third), [0, 0, 0, 0, 1], 'the store is that of both')
})

t.test('a closed app has no subscriptions', async (t) => {
  const { app } = await startMetered(t)
  t.equal(CHANNELS.filter((name) => channel(`reliw.${name}`).hasSubscribers).length > 10, true)
  await app.close()
  t.strictSame(
    CHANNELS.filter((name) => channel(`reliw.${name}`).hasSubscribers),
    []
  )
})
