import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t, { type Test } from 'tap'
import { type ExceededEvent, RateLimited } from '../src/index.ts'
import { buildApp } from './limited-app.ts'

const TWO = { name: 'two', limit: 2, period: '90s', algorithm: 'fixed' } as const

/** What is published until the end of the test. */
function listen(t: Test): ExceededEvent[] {
  const events: ExceededEvent[] = []
  const hear = (event: unknown): void => void events.push(event as ExceededEvent)
  subscribe('reliw.limits.exceeded', hear)
  t.teardown(() => unsubscribe('reliw.limits.exceeded', hear))
  return events
}

t.test('every response has the policies, and what is left of them', async (t) => {
  const { send } = await buildApp(t, { rate_limits: [TWO] })
  for (const [method, status, left] of [
    ['GET', 200, 1],
    ['HEAD', 200, 0],
    ['GET', 429, 0]
  ] as const) {
    const response = await send({ method })
    t.equal(response.status, status)
    t.equal(response.headers['ratelimit-policy'], '"two";q=2;w=90')
    const [, seconds] = /^"two";r=\d+;t=(\d+)$/.exec(String(response.headers['ratelimit'])) ?? []
    t.match(response.headers['ratelimit'], `"two";r=${left};t=`)
    t.ok(Number(seconds) > 0 && Number(seconds) <= 90, `${seconds} s`)
  }
})

t.test('a refusal has the time to retry after, and nothing more', async (t) => {
  const { app } = await buildApp(t, { rate_limits: [{ ...TWO, limit: 0 }] })
  const response = await app.inject({ url: '/', headers: { host: 'a.example' } })
  t.equal(response.headers['retry-after'], '90')
  t.ok(response.headers['x-request-id'])
  t.same(response.json(), {
    statusCode: 429,
    code: 'RELIW_LIMITS_RATE_LIMITED',
    error: 'Too Many Requests',
    message: 'Too many requests'
  })
  t.equal(new RateLimited().stack, undefined)
})

t.test('of several exhausted budgets, the one that recovers last decides', async (t) => {
  const rate_limits = [
    { ...TWO, limit: 0 },
    { ...TWO, name: 'long', limit: 0, period: '2h' },
    { ...TWO, name: 'rich', limit: 50, period: '1d' }
  ]
  const { send } = await buildApp(t, { rate_limits })
  t.equal((await send()).headers['retry-after'], '7200')
})

t.test('times are whole seconds, rounded up, and never 0', async (t) => {
  const { send } = await buildApp(t, { rate_limits: [{ ...TWO, limit: 0, period: '10ms' }] })
  const { headers } = await send()
  t.match(headers, { 'ratelimit-policy': /^"two";q=0$/, ratelimit: '"two";r=0;t=1' })
  t.equal(headers['retry-after'], '1')
})

t.test('a window is reported only in whole seconds', async (t) => {
  for (const [period, window] of [
    ['2s', ';w=2'],
    ['1500ms', ''],
    ['999ms', '']
  ] as const) {
    const { send } = await buildApp(t, { rate_limits: [{ ...TWO, period }] })
    t.equal((await send()).headers['ratelimit-policy'], `"two";q=2${window}`)
  }
})

t.test('an exhausted budget reports when it recovers, as Retry-After does', async (t) => {
  for (const algorithm of ['fixed', 'sliding', 'gcra'] as const) {
    const rate_limits = [{ name: 'api', limit: 5, period: '1d', algorithm } as const]
    const { send } = await buildApp(t, { rate_limits })
    for (let n = 0; n < 4; n++) await send()
    const last = await send()
    t.match(last.headers['ratelimit'], /^"api";r=0;t=\d+$/)
    const { status, headers } = await send()
    t.equal(status, 429)
    t.equal(headers['ratelimit'], `"api";r=0;t=${String(headers['retry-after'])}`, algorithm)
    if (algorithm !== 'gcra') continue
    const seconds = Number(/t=(\d+)/.exec(String(last.headers['ratelimit']))?.[1])
    t.ok(seconds <= 86_400 / 5, 'one of five is back after a fifth of the period')
  }
})

t.test('without policies, or where none counts, there are no headers', async (t) => {
  const none = await buildApp(t)
  const other = await buildApp(t, { rate_limits: [{ ...TWO, methods: ['POST'] }] })
  for (const { send } of [none, other]) {
    const { headers } = await send()
    for (const name of ['ratelimit', 'ratelimit-policy', 'retry-after']) {
      t.notOk(name in headers, name)
    }
  }
})

t.test('the headers of one response do not appear in the next', async (t) => {
  const rate_limits = [TWO, { ...TWO, name: 'post', methods: ['POST'] }]
  const { send } = await buildApp(t, { rate_limits })
  const { headers } = await send({ method: 'POST' })
  t.equal(headers['ratelimit-policy'], '"two";q=2;w=90, "post";q=2;w=90')
  t.equal((await send()).headers['ratelimit-policy'], '"two";q=2;w=90')
})

t.test('each policy that refuses a request is published, and no other', async (t) => {
  const events = listen(t)
  const { send } = await buildApp(
    t,
    {
      rate_limits: [
        { ...TWO, name: 'rich' },
        { ...TWO, name: 'first', limit: 1 },
        { ...TWO, name: 'second', limit: 1 }
      ]
    },
    { entries: { '/page': { rate_limit: { GET: { limit: 0, period: 60 } } } } }
  )
  await send()
  t.same(events, [])
  const { headers } = await send()
  const event = { host: 'a.example', clientIp: '192.0.2.1', requestId: headers['x-request-id'] }
  t.match(events, [
    { policy: 'first', ...event },
    { policy: 'second', ...event }
  ])
  events.length = 0
  await send({ url: '/page', ip: '2001:db8::1', host: 'b.example:8080' })
  t.match(events, [{ policy: 'GET', host: 'b.example', clientIp: '2001:db8::1' }])
  t.equal(events.length, 1)
})
