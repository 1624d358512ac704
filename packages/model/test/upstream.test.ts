import { readFileSync } from 'node:fs'
import { toJsonSchema } from '@reliw/options'
import { test } from 'tap'
import { Keyspace } from '../src/keyspace.ts'
import { Entry, type Target, Upstream, type UpstreamInput } from '../src/index.ts'

const keys = new Keyspace('RLW')
const docs = readFileSync(new URL('../../../docs/sites.md', import.meta.url), 'utf8')
const upstreamDocs = docs.slice(docs.indexOf('## Upstreams'))

/** The one target of an upstream, as text: scheme, Host header, and where the connection goes. */
function origin(input: UpstreamInput): string {
  const [{ scheme, authority, host, port, path } = {} as Target] = Upstream.parse(input).targets
  return `${scheme} ${authority} ${path ?? `${host} ${port}`}`
}

/** What `reliw set PROXY:a` says about a value; empty when it is right. */
function issuesOf(input: unknown): string {
  const key = keys.proxy('a')
  try {
    keys.check(key, Buffer.from(JSON.stringify(input)))
    return ''
  } catch (error) {
    return (error as Error).message.replace(/^Invalid value of RLW:PROXY:a: /, '')
  }
}

test('a target is a host, host:port, URL or Unix socket', async (t) => {
  const origins: Record<string, string> = {
    'app.example': 'http app.example app.example 80',
    'APP.example.': 'http app.example app.example 80',
    my_app: 'http my_app my_app 80',
    'localhost:3000': 'http localhost:3000 localhost 3000',
    'app.example:80': 'http app.example app.example 80',
    '10.0.0.5:65535': 'http 10.0.0.5:65535 10.0.0.5 65535',
    'http://app.example': 'http app.example app.example 80',
    'http://app.example:443': 'http app.example:443 app.example 443',
    'HTTPS://app.example/': 'https app.example app.example 443',
    'https://app.example:443': 'https app.example app.example 443',
    'https://app.example:8443/': 'https app.example:8443 app.example 8443',
    'unix:/run/app.sock': 'http localhost /run/app.sock',
    'unix:///run/a b.sock': 'http localhost /run/a b.sock'
  }
  for (const [target, expected] of Object.entries(origins)) {
    t.equal(origin({ target }), expected, target)
  }
  t.equal(
    origin({ target: 'unix:/s', scheme: 'https', port: 1 }),
    'https localhost /s',
    'a port means nothing to a Unix socket'
  )
})

test('an IPv6 target is written with brackets where a port or a scheme stands beside it', async (t) => {
  t.equal(origin({ target: '::1' }), 'http [::1] ::1 80')
  t.equal(origin({ target: '[::1]' }), 'http [::1] ::1 80')
  t.equal(origin({ target: '[FD00::0:5]:3000' }), 'http [fd00::5]:3000 fd00::5 3000')
  t.equal(origin({ target: 'https://[::1]:443' }), 'https [::1] ::1 443')
  t.equal(origin({ target: '::1', port: 3000 }), 'http [::1]:3000 ::1 3000')
  t.match(issuesOf({ target: 'http://::1:3000' }), /^target: .* an IPv6 address in brackets$/)
})

test('the text of a target takes precedence over its fields, and these over the upstream’s', async (t) => {
  t.equal(origin({ target: 'a', scheme: 'https' }), 'https a a 443')
  t.equal(origin({ target: 'a', scheme: 'https', port: 80 }), 'https a:80 a 80')
  t.equal(origin({ target: 'http://a:1', scheme: 'https', port: 2 }), 'http a:1 a 1')
  t.equal(origin({ target: 'https://a', port: 8443 }), 'https a:8443 a 8443')
  const { targets } = Upstream.parse({
    scheme: 'https',
    port: 3,
    targets: ['a', { target: 'b', port: 2 }, { target: 'http://c:1', scheme: 'https', port: 2 }]
  })
  t.strictSame(
    targets.map(({ scheme, authority }) => `${scheme}://${authority}`),
    ['https://a:3', 'https://b:2', 'http://c:1']
  )
})

test('targets keep their order and have a weight of 1 where none is written', async (t) => {
  const { targets } = Upstream.parse({
    lb: 'weighted',
    targets: ['a', { target: 'b', weight: 1000 }, { target: 'unix:/c' }]
  })
  t.strictSame(targets, [
    { scheme: 'http', host: 'a', port: 80, weight: 1, authority: 'a' },
    { scheme: 'http', host: 'b', port: 80, weight: 1000, authority: 'b' },
    { scheme: 'http', host: 'localhost', port: 0, path: '/c', weight: 1, authority: 'localhost' }
  ])
})

test('values of older RELIW data work unchanged', async (t) => {
  const value = {
    target: '10.0.0.5',
    scheme: 'https',
    port: 8443,
    tls_cafile: '/etc/ca.pem',
    tls_capath: '/etc/certs',
    tls_handshake_timeout: 5
  } as const
  t.match(Upstream.parse(value), {
    targets: [{ scheme: 'https', host: '10.0.0.5', port: 8443 }],
    tls_cafile: '/etc/ca.pem',
    tls_capath: '/etc/certs',
    tls_handshake_timeout: 5_000,
    tls_verify: true
  })
  for (const flag of ['tls_insecure', 'tls_no_verify', 'no_verify_mode']) {
    t.equal(Upstream.parse({ ...value, [flag]: true }).tls_verify, false, flag)
    t.equal(Upstream.parse({ ...value, [flag]: false }).tls_verify, true, flag)
  }
})

test('an upstream with only a target has these defaults', async (t) => {
  const { targets, ...settings } = Upstream.parse({ target: 'a' })
  t.equal(targets.length, 1)
  t.strictSame(settings, {
    lb: 'round_robin',
    hash_key: 'client_ip',
    preserve_host: false,
    escaped_path: 'pass',
    http2: true,
    allow_private: true,
    tls_handshake_timeout: 10_000,
    tls_verify: true,
    health: {
      interval: 10_000,
      timeout: 5_000,
      unhealthy_threshold: 3,
      healthy_threshold: 2,
      max_fails: 3,
      fail_timeout: 10_000
    },
    timeouts: { connect: 5_000, headers: 60_000, idle: 30_000, total: 90_000, upgrade: 300_000 },
    retry: {
      max_attempts: 3,
      statuses: [502, 503, 504],
      backoff: 100,
      max_backoff: 2_000,
      budget: 0.2
    },
    circuit_breaker: {
      failure_threshold: 20,
      failure_rate: 0.5,
      window: 10_000,
      success_threshold: 2,
      timeout_seconds: 30_000,
      half_open_max_requests: 3,
      statuses: []
    },
    connections: 256,
    max_pending: 1024,
    keep_alive_timeout: 15_000,
    keep_alive_max_age: 300_000
  })
})

test('a part that is written keeps the defaults of what it leaves out', async (t) => {
  const { timeouts, retry } = Upstream.parse({
    target: 'a',
    timeouts: { headers: '500ms' },
    retry: { max_attempts: 2 }
  })
  t.match(timeouts, { headers: 500, total: 30_500 })
  t.match(retry, { max_attempts: 2, budget: 0.2 })
})

test('the timeout until a response begins leaves room for that of its head', async (t) => {
  const totals = [{ headers: '5m' }, { headers: '24d' }, { headers: '5m', total: '10s' }].map(
    (timeouts) => Upstream.parse({ target: 'a', timeouts }).timeouts.total
  )
  t.strictSame(totals, [330_000, 2_073_600_000, 10_000])
})

test('durations are seconds or have a unit, sizes bytes or have one', async (t) => {
  const written = {
    target: 'a',
    tls_handshake_timeout: '30s',
    timeouts: { headers: 1.5, upgrade: '24d' },
    retry: { backoff: 0 },
    circuit_breaker: { timeout_seconds: '2m' },
    max_body_size: '1GiB'
  } as const
  t.match(Upstream.parse(written), {
    tls_handshake_timeout: 30_000,
    timeouts: { headers: 1_500, upgrade: 2_073_600_000 },
    retry: { backoff: 0 },
    circuit_breaker: { timeout_seconds: 120_000 },
    max_body_size: 2 ** 30
  })
})

test('retries and circuit breaker are switched off by false', async (t) => {
  const upstream = Upstream.parse({ target: 'a', retry: false, circuit_breaker: false })
  t.match(upstream, { retry: false, circuit_breaker: false })
})

test('a prefix has no slash at its end, and "/" is none', async (t) => {
  const { strip_prefix, add_prefix } = Upstream.parse({
    target: 'a',
    strip_prefix: '/api/caf%C3%A9/',
    add_prefix: '/'
  })
  t.equal(strip_prefix, '/api/caf%C3%A9')
  t.equal(add_prefix, undefined)
})

test('an invalid target is reported with its path and the expected form, and never quoted', async (t) => {
  const forms = 'expected host, host:port, http(s)://host:port or unix:/path'
  const wrong: Record<string, string> = {
    '': forms,
    'a b': forms,
    'a:': forms,
    'a:0': forms,
    'a:65536': forms,
    'a:80:80': forms,
    'http://': forms,
    '192.168.1.300': forms,
    '[::1': forms,
    'fe80::1%eth0': forms,
    'http://unix:/run/app.sock': forms,
    'http://user:secret@a': forms,
    'ftp://a': 'expected http or https before "://"',
    '://a': 'expected http or https before "://"',
    'http://a/b': 'an origin has no path: use add_prefix for one',
    'a/?b': 'an origin has no path: use add_prefix for one',
    'a#b': 'an origin has no path: use add_prefix for one',
    'unix:': 'expected an absolute path after "unix:"',
    'unix:/': 'expected an absolute path after "unix:"',
    'unix:app.sock': 'expected an absolute path after "unix:"',
    'unix:/a\0b': 'expected an absolute path after "unix:"',
    [`unix:/${'é'.repeat(54)}`]: 'the path of a Unix socket has at most 107 bytes'
  }
  for (const [target, expected] of Object.entries(wrong)) {
    t.ok(
      issuesOf({ target }).startsWith(`target: ${expected}`),
      `${target}: ${issuesOf({ target })}`
    )
    t.ok(issuesOf({ targets: ['a', target] }).startsWith(`targets[1]: ${expected}`))
    t.ok(issuesOf({ targets: [{ target }] }).startsWith(`targets[0].target: ${expected}`))
  }
  t.notMatch(issuesOf({ target: 'http://user:secret@a' }), 'secret')
  t.equal(issuesOf({ target: `unix:/${'a'.repeat(106)}` }), '')
})

test('an unknown field names the nearest known one, however deep it is', async (t) => {
  const wrong: [string, object][] = [
    [meant('prot', 'port'), { prot: 80 }],
    [`health: ${meant('pth', 'path')}`, { health: { pth: '/' } }],
    [`timeouts: ${meant('conect', 'connect')}`, { timeouts: { conect: 1 } }],
    [`retry: ${meant('max_atempts', 'max_attempts')}`, { retry: { max_atempts: 3 } }],
    [
      `circuit_breaker: ${meant('failure_treshold', 'failure_threshold')}`,
      { circuit_breaker: { failure_treshold: 3 } }
    ]
  ]
  for (const [expected, input] of wrong) t.equal(issuesOf({ target: 'a', ...input }), expected)
  t.equal(
    issuesOf({ targets: ['a', { target: 'b' }, { target: 'c', wieght: 2 }] }),
    `targets[2]: ${meant('wieght', 'weight')}`
  )
})

test('every other issue names the field and what it accepts', async (t) => {
  const name = '"client_ip", "header:NAME" or "cookie:NAME"'
  const prefix = 'expected a path such as "/api", without "..", "//" and query string'
  const time = 'expected more than 0, and at most "24d"'
  const wrong: [string, object][] = [
    ['port: Too big: expected number to be <=65535', { port: 65_536 }],
    ['port: Invalid input: expected number, received string', { port: '80' }],
    ['scheme: Invalid option: expected one of "http"|"https"', { scheme: 'h2c' }],
    ['lb: Invalid option: expected one of "round_robin"|"weighted"|', { lb: 'ip_hash' }],
    [`hash_key: expected ${name}`, { lb: 'hash', hash_key: 'cookie:' }],
    [`strip_prefix: ${prefix}`, { strip_prefix: 'api' }],
    [`add_prefix: ${prefix}`, { add_prefix: '/a/../b' }],
    [`add_prefix: ${prefix}`, { add_prefix: '//a' }],
    [`add_prefix: ${prefix}`, { add_prefix: '/a?b=c' }],
    [`add_prefix: ${prefix}`, { add_prefix: '/%2e%2e' }],
    [`add_prefix: ${prefix}`, { add_prefix: '/%zz' }],
    ['max_body_size: expected bytes, e.g. 512', { max_body_size: -1 }],
    ['tls_cafile: Too small', { tls_cafile: '' }],
    ['tls_server_name: expected a host name or IP', { tls_server_name: 'a b' }],
    ['tls_handshake_timeout: expected seconds', { tls_handshake_timeout: '10' }],
    [`tls_handshake_timeout: ${time}`, { tls_handshake_timeout: 0 }],
    [`timeouts.total: ${time}`, { timeouts: { total: '25d' } }],
    [`health.interval: ${time}`, { health: { interval: 0 } }],
    ['health.fail_timeout: expected at most "24d"', { health: { fail_timeout: '25d' } }],
    ['health.path: expected a path such as "/health"', { health: { path: '/a b' } }],
    ['health.status: Too small: expected array', { health: { status: [] } }],
    ['forwarded: Invalid option', { forwarded: 'trust' }],
    ['forwarded_header: has no effect with', { forwarded: 'none', forwarded_header: true }],
    ['health.method: Invalid option', { health: { path: '/', method: 'CONNECT' } }],
    ['health.method: has no effect without "path"', { health: { method: 'HEAD' } }],
    ['health.contains: has no effect without "path"', { health: { contains: 'x' } }],
    [
      'health.contains: a response to HEAD',
      { health: { path: '/', method: 'HEAD', contains: 'x' } }
    ],
    ['health.headers["a b"]: not a header name', { health: { path: '/', headers: { 'a b': '' } } }],
    [
      'health.headers.X: not a header value',
      { health: { path: '/', headers: { X: 'a\r\nB: c' } } }
    ],
    [
      'health.headers["Content-Length"]: the server sets',
      { health: { path: '/', headers: { 'Content-Length': '9' } } }
    ],
    ['health.headers.host: expected a host', { health: { path: '/', headers: { host: 'a/b' } } }],
    ['health.headers.A: given twice', { health: { path: '/', headers: { a: '1', A: '2' } } }],
    ['health.status[0]: Too small: expected number to be >=200', { health: { status: [101] } }],
    ['retry.max_attempts: Too big: expected number to be <=10', { retry: { max_attempts: 11 } }],
    ['retry.statuses[1]: Too small: expected', { retry: { statuses: [503, 404] } }],
    ['retry: expected false, or an object such as {"max_attempts": 2}', { retry: true }],
    ['circuit_breaker: expected false, or an object such as', { circuit_breaker: 'off' }]
  ]
  for (const [expected, input] of wrong) {
    const described = issuesOf({ target: 'a', ...input })
    t.ok(described.startsWith(expected), `${JSON.stringify(input)}: ${described}`)
    t.notMatch(described, ';', 'it is described once')
  }
})

test('targets are 1 to 256 texts or objects', async (t) => {
  const names = Array.from({ length: 257 }, (_, at) => `a${at}`)
  const form = 'expected a target such as "10.0.0.5:8080", or an object with a target'
  t.equal(issuesOf({ targets: names.slice(1) }), '')
  t.match(issuesOf({ targets: names }), /^targets: Too big: .* <=256 items$/)
  t.match(issuesOf({ targets: [] }), /^targets: Too small/)
  t.match(issuesOf({ targets: 'a' }), /^targets: Invalid input: expected array/)
  t.equal(issuesOf({ targets: ['a', 1] }), `targets[1]: ${form}`)
  t.match(issuesOf({ targets: [{ port: 1 }] }), /^targets\[0\]\.target: .* expected string/)
  t.match(
    issuesOf({ lb: 'hash', targets: [{ target: 'a', weight: 0 }] }),
    /^targets\[0\]\.weight: /
  )
})

test('fields that contradict one another, or have no effect, are validation issues', async (t) => {
  const either = 'expected either target or targets'
  t.equal(issuesOf({}), either)
  t.equal(issuesOf({ target: 'a', targets: ['b'] }), either)
  t.equal(
    issuesOf({ target: 'a', tls_certfile: 'c.pem' }),
    'tls_certfile and tls_keyfile belong together'
  )
  t.equal(issuesOf({ target: 'a', tls_certfile: 'c.pem', tls_keyfile: 'k.pem' }), '')
  t.equal(
    issuesOf({ target: 'a', hash_key: 'cookie:sid', lb: 'p2c' }),
    'hash_key: has no effect with lb "p2c": choose "hash"'
  )
  const targets = ['a', { target: 'b', weight: 2 }]
  t.equal(
    issuesOf({ targets }),
    'targets[1].weight: has no effect with lb "round_robin": choose "weighted"'
  )
  for (const lb of ['weighted', 'least_connections', 'hash']) t.equal(issuesOf({ targets, lb }), '')
})

test('an origin is listed once, however it is written', async (t) => {
  t.equal(
    issuesOf({ targets: ['b', 'a', 'http://A:80/'] }),
    'targets[2]: the same as targets[1]: give that one a weight instead'
  )
  t.match(issuesOf({ targets: ['unix:/a', 'unix://a'] }), /^targets\[1\]: the same/)
  t.equal(issuesOf({ targets: ['a', 'a:81', 'https://a', 'unix:/a', 'unix:/b'] }), '')
})

test('an entry’s upstream is checked as a host’s is', async (t) => {
  const value = { methods: { GET: true }, proxy: { target: 'a', retry: { max_atempts: 3 } } }
  t.throws(() => keys.check(keys.entry('a', 'api'), Buffer.from(JSON.stringify(value))), {
    message: /proxy\.retry: Unknown key "max_atempts": did you mean "max_attempts"\?$/
  })
  const { proxy } = Entry.parse({ methods: { GET: true }, proxy: { target: 'a:1' } })
  t.equal(proxy?.targets[0]?.authority, 'a:1')
})

test('docs/sites.md lists every field with its default, and no other', async (t) => {
  const table = /^\| Field .*?(?=\n\n)/ms.exec(upstreamDocs)?.[0] ?? ''
  const documented = Array.from(
    table.matchAll(/^\| `([^`]+)` +\| (?:`([^`]*)`|required)? *\|/gm),
    ([, field = '', fallback = '']) => `${field} ${fallback}`
  )
  t.strictSame(documented.toSorted(), fieldsOf(toJsonSchema(Upstream), '').toSorted())
})

test('the examples in docs/sites.md are right', async (t) => {
  const examples = Array.from(upstreamDocs.matchAll(/```json\n(.*?)```/gs), ([, json = '']) =>
    JSON.parse(json)
  )
  t.ok(examples.length > 1)
  for (const { proxy, routes = [], entries = {} } of examples) {
    if (proxy) t.equal(issuesOf(proxy), '')
    keys.check(keys.routes('a'), Buffer.from(JSON.stringify(routes)))
    for (const [id, entry] of Object.entries(entries)) {
      keys.check(keys.entry('a', id), Buffer.from(JSON.stringify(entry)))
    }
  }
})

function meant(given: string, known: string): string {
  return `Unknown key "${given}": did you mean "${known}"?`
}

/** The part of JSON Schema that the upstream is described by. */
interface Schema {
  default?: unknown
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
}

/** Each field, and the fields below it, with its default as JSON. */
function fieldsOf({ properties = {}, items, anyOf = [] }: Schema, path: string): string[] {
  const own = Object.entries(properties).flatMap(([name, field]) => {
    const fallback = field.default === undefined ? '' : JSON.stringify(field.default)
    return [`${path}${name} ${fallback}`, ...fieldsOf(field, `${path}${name}.`)]
  })
  const below = items ? fieldsOf(items, path.replace(/\.$/, '[].')) : []
  return [...own, ...below, ...anyOf.flatMap((one) => fieldsOf(one, path))]
}
