import t from 'tap'
import { InvalidKey, InvalidValue, Keyspace, UnknownKey } from '../src/index.ts'

const keys = new Keyspace('RLW')
const GET = { methods: { GET: true } }
const PROXY = { target: 'localhost:3000' }

const limited = (method: string): object => ({
  ...GET,
  rate_limit: { [method]: { limit: 1, period: 1 } }
})
const counted = (method: string): object => ({
  rate_limits: [{ name: 'p', limit: 1, period: 1, methods: ['GET', method] }]
})

/** What is said of a key and value that are refused. */
function refusal(key: string, value: unknown, field = ''): string {
  try {
    keys.check(`RLW:${key}`, Buffer.from(JSON.stringify(value)), field)
  } catch (error) {
    if (error instanceof InvalidKey || error instanceof InvalidValue) return error.issue
    if (error instanceof UnknownKey) return error.message
    throw error
  }
  return ''
}

t.test('a key that no request would look up is refused with a suggestion', async (t) => {
  const refused: [key: string, why: RegExp, meant?: string | undefined, field?: string][] = [
    [
      'FILES:localhost/index.md',
      /expected "FILES:<host>:<file>"/,
      'FILES:localhost:/index.md',
      'x'
    ],
    ['FILES:/index.md', /expected "FILES:<host>:<file>"/, undefined, 'x'],
    ['FILES:localhost', /expected "FILES:<host>:<file>"/, undefined, 'x'],
    ['FILES:localhost:', /expected "FILES:<host>:<file>"/, undefined, 'x'],
    ['FILES:a.example:8080:/x', /without its port/, 'FILES:a.example:/x', 'content'],
    ['FILES:[::1]:/x', /without brackets/, 'FILES:::1:/x', 'content'],
    ['FILES:A.Example:/x:y', /in lower case/, 'FILES:a.example:/x:y', 'content'],
    ['FILES:__:/x', /<data_dir>\/__/, undefined, 'content'],
    ['PROXY:App.Localhost', /in lower case/, 'PROXY:app.localhost'],
    ['PROXY:app.localhost:8080', /without its port/, 'PROXY:app.localhost'],
    ['PROXY:app.localhost.', /without a trailing dot/, 'PROXY:app.localhost'],
    ['PROXY:http://app.localhost/x', /ends with the host/, 'PROXY:app.localhost'],
    ['PROXY:[::1]:80', /./, 'PROXY:::1'],
    ['PROXY:0:0::1', /RFC 5952/, 'PROXY:::1'],
    ['PROXY:müller.example', /ASCII form/, 'PROXY:xn--mller-kva.example'],
    ['PROXY:*', /the default site is the one with "\*" among its aliases/],
    ['PROXY:*x.example', /a wildcard is "\*\." and a domain/],
    ['PROXY:a.*.example', /a wildcard is "\*\." and a domain/],
    ['PROXY:*.*.example', /a wildcard is "\*\." and a domain/],
    ['PROXY:*.', /a wildcard is|is not a valid host/],
    ['PROXY:*.192.0.2.1', /a wildcard is "\*\." and a domain/],
    [`PROXY:*.${'x.'.repeat(126)}x`, /a wildcard is/],
    ['PROXY:*.Example', /in lower case/, 'PROXY:*.example'],
    ['API:*.müller.example:home', /ASCII form/, 'API:*.xn--mller-kva.example:home'],
    ['PROXY:', /expected a host/],
    ['PROXY', /expected a host/],
    ['PROXY:my site', /is not a valid host/],
    ['PROXY:1.2.3', /is not a valid host|stored/],
    ['PROXY:__', /DATA and WAF only/],
    ['API:__', /DATA and WAF only/],
    ['API:__:home', /DATA and WAF only/],
    ['API:A.example:home', /in lower case/, 'API:a.example:home'],
    ['API:a.example:', /expected "API:<host>:<name>"/],
    ['SITE:__', /DATA and WAF only/],
    ['SITE:a.example:x', /ends with the host/, 'SITE:a.example'],
    ['DATA:template.html', /expected "DATA:<host>:<name>"/, 'DATA:__:template.html'],
    ['DATA:a.example/login.html', /expected/, 'DATA:a.example:login.html'],
    ['USERS:A.example', /in lower case/, 'USERS:a.example', 'joe'],
    ['TITLES:a.example:/x', /ends with the host/, 'TITLES:a.example', 'x'],
    ['WAF:a.example', /hosts are its fields/, 'WAF a.example', 'x'],
    ['WAF', /in lower case/, 'WAF a.example', 'A.Example'],
    ['WAF', /in lower case/, 'WAF *.a.example', '*.A.Example']
  ]
  for (const [key, why, meant, field] of refused) {
    const said = refusal(key, GET, field)
    t.match(said, why, key)
    const hint = /did you mean (.*)\?$/.exec(said)?.[1]
    t.equal(hint, meant, `${key}: ${said}`)
  }
  t.match(refusal('API:a.example:8080', [['^/', 'x']]), /did you mean API:a\.example\?/)
})

t.test('an unknown family of keys is refused with the nearest one', async (t) => {
  t.match(refusal('PROXYS:a.example', PROXY), /did you mean PROXY\?/)
  t.match(refusal('proxy:a.example', PROXY), /did you mean PROXY\?/)
  t.match(refusal('FILE:a.example:/x', 'x', 'content'), /did you mean FILES\?/)
  t.notMatch(refusal('QQQQQQQQ:a.example', 1), /did you mean/)
})

t.test('keys that requests look up are accepted', async (t) => {
  for (const host of [
    'localhost',
    'my_site',
    'a.example',
    '*.a.example',
    '*.example',
    '192.0.2.1',
    '::1',
    '2001:db8::1'
  ]) {
    t.equal(refusal(`API:${host}`, [['^/', 'home']]), '', host)
    t.equal(refusal(`API:${host}:home`, GET), '', host)
    t.equal(refusal(`PROXY:${host}`, PROXY), '', host)
    t.equal(refusal(`SITE:${host}`, {}), '', host)
    t.equal(refusal(`FILES:${host}:/a:b/c.md`, 'x', 'content'), '', host)
    t.equal(refusal(`FILES:${host}:plain.md`, 'x', 'content'), '', host)
    t.equal(refusal(`DATA:${host}:login.html`, '${content}'), '', host)
    t.equal(refusal('WAF', {}, host), '', host)
  }
  t.equal(refusal('DATA:__:template.html', '${content}'), '')
  t.equal(refusal('WAF', {}, '__'), '')
  t.equal(refusal('BANS:192.0.2.0/24', {}), '')
})

/** What is said of the settings of a site. */
function site(settings: object, name = 'a.example'): string {
  return refusal(`SITE:${name}`, settings)
}

t.test('names of a site are refused that no request has, or that have no effect', async (t) => {
  const names = ['www.a.example', '*.a.example', '*.b.example', '*', '192.0.2.1', '2001:db8::1']
  for (const field of ['aliases', 'redirect_aliases']) {
    t.equal(site({ [field]: names }), '', field)
    t.match(
      site({ [field]: ['WWW.a.example'] }),
      /0\]: .*lower case: did you mean "www\.a\.example"/
    )
    t.match(site({ [field]: ['www.a.example:80'] }), /port: did you mean "www\.a\.example"/)
    t.match(site({ [field]: ['b.*'] }), /a wildcard is "\*\." and a domain/)
    t.match(site({ [field]: ['__'] }), /DATA and WAF only/)
    t.match(site({ [field]: ['b.example', 'b.example'] }), /"b\.example" is listed twice/)
    t.match(site({ [field]: ['x', 'a.example'] }), /\[1\]: no effect: it is the site's own name/)
    t.match(site({ [field]: Array.from({ length: 1001 }, (_, nth) => `h${nth}`) }), field)
  }
  t.match(
    site({ aliases: ['x'], redirect_aliases: ['x'] }),
    /redirect_aliases\[0\]: no effect beside/
  )
  t.match(site({ redirect_aliases: ['x'] }, '*.a.example'), /names no single host to redirect to/)
  t.equal(site({ redirect_aliases: ['*.x'], aliases: ['y'] }, '*.a.example'), '')
})

t.test('a field of an entry without effect beside its others is refused', async (t) => {
  const content: Record<string, unknown> = {
    file: '/x',
    index: 'x',
    try_extensions: true,
    gsub: { pattern: 'a', replacement: 'b' },
    title: 'x',
    cache_control: 'no-store',
    headers: { 'x-a': 'b' }
  }
  const proxied = { ...GET, proxy: PROXY }
  const login = { ...GET, auth: { login: true } }
  const logout = { ...GET, auth: { logout: true } }
  for (const [field, value] of Object.entries(content)) {
    const said = refusal('API:a.example:x', { ...proxied, [field]: value })
    t.match(said, new RegExp(`^${field}: no effect beside "proxy": `))
    t.match(
      refusal('API:a.example:x', { ...login, [field]: value }),
      new RegExp(`^${field}: .*login`)
    )
    t.match(refusal('API:a.example:x', { ...logout, [field]: value }), /logout/)
    t.equal(refusal('API:a.example:x', { ...GET, [field]: value }), '', field)
  }
  t.match(refusal('API:a.example:x', { ...login, proxy: PROXY }), /^proxy: .*login/)
  const both = refusal('API:a.example:x', { ...proxied, file: '/x', headers: { 'x-a': 'b' } })
  t.match(both, /^file: .*; headers: /)
  const file = { ...GET, file: '/x' }
  t.match(refusal('API:a.example:x', { ...file, index: 'x' }), /^index: .*"file"/)
  t.match(refusal('API:a.example:x', { ...file, gsub: content['gsub'] }), /^gsub: .*"file"/)
  t.match(refusal('API:a.example:x', { ...GET, rate_limit: {} }), /^rate_limit: .*method/)
})

t.test(
  'a method has the spelling of requests, and one that no request can have is refused',
  async (t) => {
    const places: [
      key: string,
      path: (method: string) => string,
      value: (method: string) => object
    ][] = [
      [
        'API:a.example:x',
        (method) => `methods.${method}`,
        (method) => ({ methods: { [method]: true } })
      ],
      ['API:a.example:x', (method) => `rate_limit.${method}`, limited],
      ['SITE:a.example', () => 'rate_limits[0].methods[1]', counted]
    ]
    for (const [key, path, value] of places) {
      for (const method of ['GET', 'M-SEARCH', 'QUERY', 'PROPFIND', 'TRACE'])
        t.equal(refusal(key, value(method)), '', method)
      for (const [method, meant] of [
        ['POTS', '; did you mean "POST"?'],
        ['CONNECT', ''],
        ['VERSION-CONTROL', '']
      ]) {
        const said = refusal(key, value(method ?? ''))
        t.ok(said.startsWith(`${path(method ?? '')}: no effect: `), said)
        t.ok(said.endsWith(`(501)${meant}`), said)
      }
      for (const method of ['get', 'M SEARCH', '-', 'A-', 'X\n'])
        t.match(refusal(key, value(method)), /method/)
    }
    t.equal(refusal('API:a.example:x', { methods: { GET: true, LINKS: false } }), '')
  }
)

t.test('fields with an effect beside proxy and login are accepted', async (t) => {
  const rate_limit = { GET: { limit: 1, period: 1 } }
  const pages = { error: { 404: 'x' }, css_file: '/x', favicon_file: '/y', rate_limit }
  const empty = { headers: {}, try_extensions: false }
  t.equal(refusal('API:a.example:x', { ...GET, ...pages, ...empty, proxy: PROXY }), '')
  t.equal(refusal('API:a.example:x', { ...GET, ...pages, ...empty, auth: { login: true } }), '')
  t.equal(refusal('API:a.example:x', { ...GET, proxy: PROXY, auth: ['joe'] }), '')
})

t.test('fields of users, API keys and files without effect are refused', async (t) => {
  t.match(refusal('USERS:a.example', { pass: '$argon2id$x', salt: 's' }, 'joe'), /^salt: no effect/)
  t.equal(refusal('USERS:a.example', { pass: 'ab', salt: 's' }, 'joe'), '')
  t.match(refusal('KEYS:a.example', { user: 'joe' }, 'secret'), /SHA-256/)
  t.equal(refusal('KEYS:a.example', { user: 'joe' }, 'ab'.repeat(32)), '')
  t.match(refusal('FILES:a.example:/x', 'x', 'type'), /content, mime and title/)
})
