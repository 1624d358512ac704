import { waitFor } from '@reliw/testing'
import { test } from 'tap'
import { hammer } from './waf-hammer.ts'
import { startGuarded } from './waf-site.ts'

const RULES = { query: ['attack'] }
const QUIET = { log_level: 'warn' } as const
const WRONG = ['{', '[]', '{"query":["["]}', '{"query":"attack"}', '{"qery":[]}', '{"mode":"on"}']

test('the last valid rules stay in force when they become invalid', async (t) => {
  const server = await startGuarded(t, { 'a.example': RULES }, {}, QUIET)
  const { rule, get, log, line } = server
  const { further, stop, statuses } = hammer(t, server.port, '/x?attack')
  await further(1)
  const rejected = (): unknown[] => log.filter(({ msg }) => msg === 'stored value rejected')
  for (const [at, wrong] of WRONG.entries()) {
    await rule({ 'a.example': wrong })
    await waitFor(() => rejected().length > at, `the refusal of ${wrong}`)
    t.equal((await get('/x')).status, 200, 'what is no attack is let through')
  }
  await stop()
  t.same([...statuses.keys()], [403])
  t.match(await line({ msg: 'stored value rejected' }), {
    level: 50,
    store: { key: 'RLW:WAF a.example', mistake: /JSON/ }
  })
  await rule({ 'a.example': { query: ['other'] } })
  await waitFor(async () => (await get('/x?other')).status === 403, 'good ones')
  t.equal((await get('/x?attack')).status, 200)
})

test('under load, rules stay in force while Redis is down and when it returns without them', async (t) => {
  const server = await startGuarded(t, { __: RULES }, {}, QUIET)
  const { redis, rule, get, set, line } = server
  const { further, stop, statuses } = hammer(t, server.port, '/x?attack')
  await further(1)
  t.equal((await get('/x')).status, 200)
  await redis.kill9()
  await further(20)
  await line({ msg: 'store lost' })
  await further(20)
  t.same([...statuses.keys()], [403])
  t.equal((await get('/x')).status, 200, 'what was kept is served')
  const stranger = await get('/x?attack', { host: 'b.example' })
  t.equal(stranger.status, 503, 'whose own rules nobody knows')
  await stop()

  await redis.restart()
  await waitFor(async () => (await get('/x?attack')).status === 404, 'the empty store')
  await rule({ __: RULES })
  await waitFor(async () => (await get('/x?attack')).status === 403, 'the rules')
  await set('API:a.example', [['^/', 'all']])
  t.equal((await get('/x?attack')).status, 403)
})

test('rules are evaluated while Redis does not respond', async (t) => {
  const server = await startGuarded(t, { 'a.example': RULES }, {}, QUIET)
  const { redis, rule, get, line } = server
  t.equal((await get('/x?attack')).status, 403)
  redis.pause()
  t.equal((await get('/x?attack')).status, 403)
  t.equal((await get('/x?attack', { host: 'b.example' })).status, 503)
  await line({ msg: 'store lost' })
  t.equal((await get('/x?attack')).status, 403)
  redis.resume()
  await rule({ 'a.example': { query: ['other'] } })
  await waitFor(async () => (await get('/x?other')).status === 403, 'the new rules')
  t.not((await get('/x?attack')).status, 403)
})
