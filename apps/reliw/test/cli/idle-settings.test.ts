import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startRedis, waitFor } from '@reliw/testing'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'
import { ask } from './serving.ts'

const GET = { methods: { GET: true } }
const TO = { target: '127.0.0.1:9' }
const BY_ROUTE = {
  rate_limits: [{ name: 'p', limit: 1, period: 1, scope: 'route' as const }]
}

t.test('`set` refuses settings without effect, with a suggestion', async (t) => {
  const { run, reliw } = createWorkplace(t)
  const refused: [args: string[], said: string | RegExp][] = [
    [
      ['PROXY:App.Localhost', JSON.stringify(TO)],
      'RLW:PROXY:App.Localhost: a host is stored in lower case: did you mean PROXY:app.localhost?\n'
    ],
    [
      ['FILES:localhost/index.md', 'content', 'x'],
      'RLW:FILES:localhost/index.md: expected "FILES:<host>:<file>": did you mean FILES:localhost:/index.md?\n'
    ],
    [
      ['API:a.example:x', JSON.stringify({ ...GET, proxy: TO, headers: { 'x-a': 'b' } })],
      /Invalid value of RLW:API:a.example:x: headers: no effect beside "proxy": the origin/
    ]
  ]
  for (const [args, said] of refused) {
    const outcome = await run(['set', ...args])
    t.equal(outcome.code, 1)
    t.match(outcome.stderr, said)
  }
  t.equal(await reliw('keys'), '', 'nothing was written')

  await reliw('set', 'PROXY:a.example', JSON.stringify(TO))
  const settings = await run(['set', 'SITE:a.example', JSON.stringify(BY_ROUTE)])
  t.match(settings, { code: 1, stderr: /^RLW:SITE:a.example: rate_limits\[0\].scope: .*"host"\?/ })
  await reliw('set', 'SITE:b.example', JSON.stringify(BY_ROUTE))
  const proxy = await run(['set', 'PROXY:b.example', JSON.stringify(TO)])
  t.match(proxy, { code: 1, stderr: /^RLW:SITE:b.example: rate_limits\[0\].scope/ })
  await reliw('set', '--no-check', 'PROXY:b.example', JSON.stringify(TO))

  const guarded = JSON.stringify({ ...GET, auth: ['ada'] })
  const entry = await run(['set', 'API:a.example:x', guarded])
  t.match(entry, {
    code: 1,
    stderr: /^RLW:API:a.example:x: auth: no effect beside RLW:PROXY:a.example/
  })
  await reliw('set', 'API:a.example:y', JSON.stringify(GET))
  await reliw('set', 'API:c.example:x', guarded)
  const opened = await run(['set', 'PROXY:c.example', JSON.stringify(TO)])
  t.match(opened, {
    code: 1,
    stderr: /^RLW:PROXY:c.example: .* bypassing the auth of RLW:API:c.example:x/
  })
})

t.test('`import` refuses settings without effect, and warns of unused parts', async (t) => {
  const { run, dir } = createWorkplace(t)
  const write = (document: object): string => {
    mkdirSync(join(dir, 'a.example'), { recursive: true })
    writeFileSync(join(dir, 'a.example', 'site.json'), JSON.stringify(document))
    return join(dir, 'a.example')
  }
  const wrong = write({
    routes: [['^/', 'app']],
    entries: { app: { ...GET, proxy: TO, file: '/x' } },
    settings: BY_ROUTE,
    proxy: TO,
    types: { '/x': 'text/plain' }
  })
  const { code, stderr } = await run(['import', wrong])
  t.equal(code, 1)
  t.match(stderr.trimEnd().split('\n'), [
    /^RLW:API:a.example:app: file: no effect beside "proxy"/,
    /^RLW:SITE:a.example: rate_limits\[0\].scope: no effect/,
    /^RLW:FILES:a.example:\/x: types: there is no such file/
  ])
  const odd = write({
    routes: [['^/', 'app']],
    entries: { app: GET, unused: GET },
    files: { 'index.md': '# x', '/a b/ü.md': '# y' },
    titles: { 'index.md': 'X' }
  })
  t.match(await run(['import', odd]), {
    code: 0,
    stdout: 'a.example: imported, 2 files\n',
    stderr: [
      'warning: RLW:API:a.example:unused: no route leads to it',
      'warning: RLW:FILES:a.example:index.md: no path leads to it, and no entry names it: did you mean RLW:FILES:a.example:/index.md?',
      'warning: RLW:TITLES:a.example index.md: no path leads to it, and no entry names it: did you mean /index.md?',
      ''
    ].join('\n')
  })
})

t.test('`check --store` reports settings without effect and unused parts', async (t) => {
  const redis = await startRedis(t)
  const { run, reliw } = createWorkplace(t, { redis: { port: redis.port, db: 0 } })
  const set = async (key: string, ...words: unknown[]): Promise<string> => {
    const given = words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word)))
    return reliw('set', '--no-check', key, ...given)
  }
  await set('PROXY:App.Localhost', TO)
  await set('FILES:a.example:8080:/x', 'content', 'x')
  await set('NEW:a.example', 'x')
  await set('API:a.example', [
    ['^/app', 'app'],
    ['^/', 'gone']
  ])
  await set('API:a.example:app', { ...GET, proxy: TO, cache_control: 'no-store' })
  await set('API:a.example:home', GET)
  await set('FILES:a.example:index.md', 'content', 'x')
  await set('API:b.example', [['^/', 'home']])
  await set('API:b.example:home', { ...GET, file: 'plain.md' })
  await set('FILES:b.example:plain.md', 'content', 'x')
  await set('PROXY:c.example', TO)
  await set('SITE:c.example', BY_ROUTE)
  await set('API:c.example', [])
  await set('SITE:my_site', {})
  await set('USERS:my_site', 'joe', { pass: 'ab', salt: 's' })
  await redis.command('RPUSH', 'RLW:API:list.example', 'x')
  const outcome = await run(['check', '--store', '--json'])
  t.equal(outcome.code, 1)
  const { mistakes, warnings } = JSON.parse(outcome.stdout) as Record<string, string[]>
  t.match(mistakes?.toSorted(), [
    /^RLW:API:a.example:app: cache_control: no effect beside "proxy"/,
    /^RLW:API:list.example: the type is neither/,
    /^RLW:FILES:a.example:8080:\/x: .*did you mean FILES:a.example:\/x\?/,
    /^RLW:PROXY:App.Localhost: .*did you mean PROXY:app.localhost\?/,
    /^RLW:SITE:c.example: rate_limits\[0\].scope/,
    /NEW:a.example/
  ])
  t.equal(mistakes?.length, 6)
  t.match(warnings?.toSorted(), [
    'RLW:API:a.example: a route leads to entry "gone", which does not exist',
    'RLW:API:a.example:home: no route leads to it',
    'RLW:API:c.example: no effect beside PROXY:c.example, which forwards every request',
    /^RLW:FILES:a.example:index.md: no path leads to it/,
    /^RLW:(SITE|USERS):my_site, RLW:(SITE|USERS):my_site: unused: the host has neither/
  ])
  t.equal(warnings?.length, 5)
})

t.test('warnings alone exit with 0', async (t) => {
  const { run, reliw } = createWorkplace(t)
  await reliw('set', 'API:a.example:home', JSON.stringify(GET))
  t.same(await run(['check', '--store']), {
    code: 0,
    stdout: 'reliw.json: valid\n',
    stderr: 'warning: RLW:API:a.example:home: no route leads to it\n'
  })
})

t.test(
  'an entry that was stored with such fields is served as before, with one line',
  async (t) => {
    const { reliw, serve } = createWorkplace(t)
    const entry = { ...GET, file: '/x', index: 'index.md' }
    await reliw('set', '--no-check', 'API:a.example:home', JSON.stringify(entry))
    await reliw('set', 'API:a.example', '[["^/", "home"]]')
    await reliw('set', 'FILES:a.example:/x', 'content', 'good')
    const { port, line, log, stop } = await serve()
    for (const path of ['/', '/a', '/b/']) {
      t.match(await ask(port, path), { status: 200, text: 'good' })
    }
    const msg = 'stored value has settings without effect'
    t.match(await line({ msg }), {
      level: 40,
      store: { key: 'RLW:API:a.example:home', mistake: /^index: no effect beside "file"/ }
    })
    t.equal(await stop(), 0)
    t.equal(log.filter((one) => one['msg'] === msg).length, 1)
  }
)

t.test(
  'a config with settings without effect is reported by check; the server starts with a warning',
  async (t) => {
    const redis = { name: 'x', sentinel_auth: 'y', ssl: { key: 'x' } }
    const { run, dir } = createWorkplace(t)
    const file = join(dir, 'idle.json')
    const idle = {
      tls_handshake_timeout: 5,
      store: { dir: 'x' },
      metrics: { disabled: true, health_path: '/-' },
      rate_limits: [{ name: 'p', limit: 1, period: 1, methods: ['GET', 'POTS'] }],
      max_concurrent_requests: 5,
      max_concurrent_per_host: 5
    }
    writeFileSync(file, JSON.stringify({ ...idle, redis }))
    const { code, stderr } = await run(['check', file])
    t.equal(code, 1)
    t.match(stderr.trimEnd().split('\n'), [
      `${file}: tls_handshake_timeout: no effect: TLS is not available yet`,
      `${file}: store.dir: no effect beside "redis"`,
      `${file}: metrics.health_path: no effect beside "disabled": true`,
      /: rate_limits\[0\].methods\[1\]: no effect: .*"POST"\?$/,
      `${file}: max_concurrent_per_host: no effect: "max_concurrent_requests" already limits all requests to 5`,
      `${file}: redis.name: no effect without "sentinels"`,
      `${file}: redis.sentinel_auth: no effect without "sentinels"`,
      `${file}: redis.ssl.key: no effect without "cert"`
    ])
    const { serve } = createWorkplace(t, { tls_handshake_timeout: 5 })
    const { line, stop } = await serve()
    t.match(await line({ msg: 'config has settings without effect' }), {
      mistakes: [/^tls_handshake_timeout/]
    })
    t.equal(await stop(), 0)
  }
)

t.test(
  'policies of the config without effect beside PROXY are reported with the hosts',
  async (t) => {
    const { run, reliw, serve } = createWorkplace(t, BY_ROUTE)
    await reliw('set', 'API:a.example', '[]')
    t.same(await run(['check', '--store']), {
      code: 0,
      stdout: 'reliw.json: valid\n',
      stderr: ''
    })
    await reliw('set', 'PROXY:a.example', JSON.stringify(TO))
    const said = /rate_limits\[0\].scope: no effect: .*did you mean "host"\?/
    const { code, stderr } = await run(['check', '--store', '--json'])
    t.equal(code, 0)
    t.equal(stderr, '')
    const checked = await run(['check', '--store'])
    t.match(checked.stderr, /warning: reliw.json: rate_limits\[0\].scope: .*\(1: a.example\)\n/)
    const { line, log, stop } = await serve()
    const msg = 'rate_limits have no effect on some hosts'
    t.match(await line({ msg }), {
      level: 40,
      limits: { mistakes: [said], hosts: ['a.example'], count: 1 }
    })
    await reliw('set', 'PROXY:a.example', JSON.stringify(TO))
    await reliw('set', 'PROXY:b.example', JSON.stringify(TO))
    const lines = await waitFor(() => {
      const all = log.filter((one) => one['msg'] === msg)
      return all.length > 1 && all
    }, 'the second line')
    t.match(lines[1], { limits: { hosts: ['b.example'] } })
    t.equal(lines.length, 2, 'once for each')
    t.equal(await stop(), 0)
  }
)
