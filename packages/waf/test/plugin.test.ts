import { rawRequest } from '@reliw/testing'
import t from 'tap'
import { startApp, statusOf } from './start-app.ts'

const RULES = { query: ['/%.env', 'union.-select'], headers: { 'User-Agent': ['sqlmap'] } }

t.test('a matching request is refused, and the response does not say why', async (t) => {
  const { get, events } = await startApp(t, { rules: RULES })
  const response = await get('/.env')
  t.equal(statusOf(response), 403)
  const [, body = ''] = response.split('\r\n\r\n')
  t.strictSame(JSON.parse(body), {
    statusCode: 403,
    code: 'RELIW_WAF_BLOCKED',
    error: 'Forbidden',
    message: 'Forbidden'
  })
  t.notMatch(response, /env|query|__/)
  t.equal(statusOf(await get('/', 'User-Agent: sqlmap/1.0\r\n')), 403)
  t.equal(statusOf(await get('/env')), 200)
  t.strictSame(
    events.map(({ rule }) => rule),
    ['__/query/1', '__/header:user-agent/1']
  )
})

t.test('the verdict, its event and its log line', async (t) => {
  const { get, events, log, verdicts } = await startApp(t, { rules: RULES })
  await get('/?q=union%20select')
  const [verdict] = verdicts
  t.match(verdict, {
    action: 'block',
    rule: '__/query/2',
    ruleSet: 'all',
    where: 'query',
    score: 100,
    matches: [{ rule: '__/query/2', value: '/?q=union%20select' }],
    isOverBudget: false
  })
  t.match(events, [
    {
      action: 'block',
      rule: '__/query/2',
      host: 'a.example',
      clientIp: '127.0.0.1',
      method: 'GET',
      target: '/?q=union%20select',
      value: '/?q=union%20select'
    }
  ])
  const lines = log.map((line) => JSON.parse(line) as object)
  t.match(lines, [
    {
      audit: true,
      msg: 'waf',
      level: 40,
      request_id: events[0]?.requestId,
      vhost: 'a.example',
      waf: { rule: '__/query/2', rule_set: 'all', action: 'block', over_budget: false }
    }
  ])
})

t.test('a request without a match is neither published nor logged', async (t) => {
  const { get, events, log, verdicts } = await startApp(t, { rules: RULES })
  t.match(await get('/fine?union', 'User-Agent: curl\r\n'), /\r\n\r\n{}$/)
  t.strictSame([events, log, verdicts], [[], [], []])
})

t.test('in mode detect, requests are served and see the verdict', async (t) => {
  const { get, verdicts } = await startApp(t, { rules: RULES, mode: 'detect' })
  t.match(await get('/.env'), /^HTTP\/1\.1 200 [^]*{"found":"__\/query\/1"}$/)
  t.equal(verdicts[0]?.action, 'detect')
})

t.test('in mode off, rules are not evaluated', async (t) => {
  for (const options of [
    { rules: RULES, mode: 'off' as const },
    { rules: { ...RULES, mode: 'off' as const } }
  ]) {
    const { get, verdicts } = await startApp(t, options)
    t.equal(statusOf(await get('/.env')), 200)
    t.strictSame(verdicts, [])
  }
})

t.test('the mode of the rules takes precedence over that of the options', async (t) => {
  const { get } = await startApp(t, { rules: { ...RULES, mode: 'block' }, mode: 'off' })
  t.equal(statusOf(await get('/.env')), 403)
})

t.test('routes have a mode of their own, or no firewall', async (t) => {
  const { get, verdicts } = await startApp(t, { rules: RULES })
  t.equal(statusOf(await get('/free?/.env')), 200)
  t.equal(statusOf(await get('/off?/.env')), 200)
  t.strictSame(verdicts, [])
  t.equal(statusOf(await get('/told?/.env')), 200)
  t.equal(verdicts.at(-1)?.action, 'detect')
  const lax = await startApp(t, { rules: RULES, mode: 'detect' })
  t.equal(statusOf(await lax.get('/strict?/.env')), 403)
})

t.test('requests without a route are evaluated as well', async (t) => {
  const { app } = await startApp(t, { rules: RULES })
  const { statusCode } = await app.inject({ method: 'PROPFIND', url: '/.env' })
  t.equal(statusCode, 403)
})

t.test('another status, a redirect, or no response at all', async (t) => {
  const teapot = await startApp(t, { rules: RULES, action: { status: 418 } })
  t.equal(statusOf(await teapot.get('/.env')), 418)
  const away = await startApp(t, { rules: RULES, action: { redirect: 'https://b.example/' } })
  t.match(await away.get('/.env'), /^HTTP\/1\.1 301 [^]*\r\nlocation: https:\/\/b\.example\/\r\n/)
  const rules = { ...RULES, action: { redirect: '/sorry', status: 303 as const } }
  t.match(await (await startApp(t, { rules })).get('/.env'), /^HTTP\/1\.1 303 [^]*\/sorry\r\n/)
  const { port, get } = await startApp(t, { rules: RULES, action: { close: true } })
  t.equal(await rawRequest(port, 'GET /.env HTTP/1.1\r\nHost: a.example\r\n\r\n'), '')
  t.equal(statusOf(await get('/')), 200)
})
