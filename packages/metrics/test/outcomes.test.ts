import { mock } from 'node:test'
import { openRaw, tempDir } from '@reliw/testing'
import t from 'tap'
import { RecentErrors } from '../src/requests/recent-errors.ts'
import { METHODS } from '../src/requests/labels.ts'
import { SiteRequests } from '../src/requests/site-requests.ts'
import { startMetered } from './metered-app.ts'
import { openFor } from './stores.ts'

const COUNT = 'reliw_request_duration_seconds_count'

t.test('a handler that sends 400 different statuses is counted within bounds', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const { port, scrapeWhen } = await startMetered(t, { store })
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  for (let code = 200; code < 600; code++) {
    client.write(`GET /code/${code} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    await client.read(`HTTP/1.1 ${code}`)
  }
  const read = await scrapeWhen((read) => read.value('http_requests_total') === 400, 'all of them')
  t.equal(read.value(COUNT), 400, 'none is lost')
  const byClass = ['2xx', '3xx', '4xx', '5xx'].map((name) => read.value(COUNT, { class: name }))
  t.strictSame(byClass, [100, 100, 100, 100], 'and each is in its class')
  t.ok(read.samples('http_requests_total').length <= 205)
  t.equal(read.value('http_requests_total', { code: '200' }), 1)
  t.equal(read.value('http_requests_total', { code: '400' }), 100, 'as the class that it is in')
  t.equal(read.value('http_requests_by_method', { method: 'GET' }), 200)
  t.equal(read.value('http_requests_by_method', { method: 'other' }), 200)
})

t.test('requests beyond the maximum are counted for no other host', async (t) => {
  const site = new SiteRequests('a.example')
  site.observe(200, 0, 0, 1, [1])
  for (let code = 300; code < 600; code++) site.observe(code, 0, 0, 1, [1])
  for (let kind = 0; kind < 6; kind++) site.observe(201, 1, kind, 1, [1])
  const outcomes = [...site.outcomes.values()]
  t.equal(outcomes.find(({ code, method }) => code === 200 && method === 0)?.count, 1)
  t.equal(
    outcomes.find(({ code, method }) => code === 200 && method === METHODS.length - 1)?.count,
    6
  )
  t.equal(outcomes.length <= 205, true)
})

t.test('recent errors that cannot be recorded are reported once', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const faults: unknown[] = []
  let isBroken = false
  const totals = (): { total: number; errors: number } => {
    if (isBroken) throw new Error('broken')
    return { total: 1, errors: 0 }
  }
  const errors = new RecentErrors(totals, (fault) => faults.push(fault))
  t.teardown(() => errors.close())
  mock.timers.tick(10_000)
  t.strictSame(faults, [])
  isBroken = true
  mock.timers.tick(30_000)
  t.match(faults, [{ message: 'broken' }])
  t.equal(faults.length, 1)
})

t.test('recent errors are those of the last five minutes', async (t) => {
  const now = { total: 100, errors: 50 }
  const errors = new RecentErrors(
    () => ({ ...now }),
    (error) => t.fail(String(error))
  )
  t.teardown(() => errors.close())
  t.strictSame(errors.recent, { requests: 0, error_rate: 0 }, 'none since it began')
  now.total = 110
  now.errors = 51
  t.strictSame(errors.recent, { requests: 10, error_rate: 0.1 })
  for (let n = 0; n < 29; n++) errors.record()
  t.strictSame(errors.recent, { requests: 10, error_rate: 0.1 })
  errors.record()
  t.strictSame(errors.recent, { requests: 0, error_rate: 0 }, 'those are too long ago')
})
