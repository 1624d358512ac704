import t from 'tap'
import { decodeSettings, InvalidValue, Keyspace } from '../src/index.ts'

const keys = new Keyspace('RLW')
const LONG = 'x'.repeat(8193)

function refusal(key: string, value: object): string {
  try {
    keys.check(`RLW:${key}`, Buffer.from(JSON.stringify(value)), '')
  } catch (error) {
    if (error instanceof InvalidValue) return error.issue
    throw error
  }
  return ''
}

const ofSite = (headers: unknown): string => refusal('SITE:a.example', { headers })
const ofEntry = (headers: unknown, more = {}): string =>
  refusal('API:a.example:x', { methods: { GET: true }, headers, ...more })
const ofUpstream = (headers: unknown): string =>
  refusal('PROXY:a.example', { target: 'localhost:3000', headers })

t.test(
  'rules with invalid names and values are refused with the place and the reason',
  async (t) => {
    for (const [field, headers, why] of [
      [
        'response.set',
        { 'x-a': 'b\r\nx-evil: 1' },
        /headers\.response\.set\["?x-a"?\]: not a header value/
      ],
      ['response.set', { 'x-a': 'a\u0000b' }, /not a header value/],
      ['response.set', { 'x-a': LONG }, /at most 8192 characters/],
      ['response.set', { 'x-a': [] }, /x-a/],
      ['response.set', { 'x a': 'b' }, /not a header name/],
      ['response.set', { ':status': '200' }, /not a header name/],
      ['response.set', { ETag: '"1"' }, /the server sets this header itself/],
      ['response.set', { Vary: 'Cookie' }, /the server sets this header itself/],
      ['response.set', { 'X-Request-ID': '1' }, /the server sets this header itself/],
      ['response.set', { Location: '/x' }, /the server sets this header itself/],
      ['response.add', { 'transfer-encoding': 'chunked' }, /the server sets this header itself/],
      ['response.default', { 'Content-Length': '1' }, /the server sets this header itself/],
      ['response.remove', ['connection'], /remove\[0\]: the server sets this header itself/],
      ['response.remove', ['sec-websocket-accept'], /the server sets this header itself/],
      ['response.add', { 'Content-Type': 'text/plain' }, /only one value: use `set`/],
      ['response.set', { 'Content-Type': ['a/b', 'c/d'] }, /only one value/],
      ['response.set', { 'X-A': '1', 'x-a': '2' }, /named twice in `set`/],
      ['request.set', { Host: 'other' }, /the server sets this header itself/],
      ['request.set', { 'Transfer-Encoding': 'chunked' }, /the server sets this header itself/],
      ['request.set', { 'X-Forwarded-For': '1.2.3.4' }, /the server sets this header itself/],
      ['request.set', { X_Forwarded_For: '1.2.3.4' }, /the server sets this header itself/],
      ['request.set', { 'Remote-User': 'admin' }, /the server sets this header itself/],
      ['request.remove', ['Upgrade'], /the server sets this header itself/]
    ] as const) {
      const [of = '', kind = ''] = field.split('.')
      const written = { [of]: { [kind]: headers } }
      for (const said of [
        ofSite(written),
        ofEntry(written, { proxy: { target: 'a' } }),
        ofUpstream(written)
      ])
        t.match(said, why, JSON.stringify(written).slice(0, 80))
    }
    t.match(
      ofSite({ response: { set: { 'x-a': '1' }, remove: ['X-A'] } }),
      /remove\[0\]: the header is named in `set` as well/
    )
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`x-${at}`, '1']))
    t.match(ofSite({ response: { set: many } }), /at most 64 headers/)
    t.match(ofSite({ responses: {} }), /Unknown key "responses": did you mean "response"/)
    t.match(ofSite({ 'x-a': 'b' }), /Unknown key "x-a"/)
    t.match(ofUpstream({ security: true }), /Unknown key "security"/)
    t.equal(
      ofSite({
        request: { set: { Authorization: 'Basic eA==' }, remove: ['Cookie'] },
        response: { add: { Link: ['</a>', '</b>'] }, default: { 'X-A': 'b' } },
        security: { hsts: false, frame_ancestors: "'none'" },
        cors: {
          origins: ['https://*.a.example', 'http://localhost:*', 'app://x'],
          credentials: true
        }
      }),
      ''
    )
  }
)

t.test('the plain headers of an entry stay valid, and are checked as before', async (t) => {
  t.equal(ofEntry({ 'X-A': 'b', location: '/x', response: 'text' }), '')
  t.equal(ofEntry({}), '')
  t.match(ofEntry({ etag: 'x' }), /headers\.etag: the server sets this header itself/)
  t.match(ofEntry({ 'x-a': 'ü\n' }), /headers\["?x-a"?\]: not a header value/)
  t.match(ofEntry({ 'x-a': 1 }), /headers/)
  t.match(ofEntry(['x']), /headers/)
  t.match(ofEntry({ 'x-a': 'b', security: true }), /Unknown key "x-a"/)
})

t.test('rules of an entry that have no effect are refused', async (t) => {
  const proxy = { target: 'localhost:3000' }
  const request = { set: { 'x-a': 'b' } }
  t.match(ofEntry({ request }), /headers.request: no effect without "proxy"/)
  t.equal(ofEntry({ request, response: request }, { proxy }), '')
  t.match(ofEntry({ 'x-a': 'b' }, { proxy }), /headers: no effect beside "proxy": .*"response"/)
  t.equal(ofEntry({ response: request }, { auth: { login: true } }), '')
  t.match(
    ofSite({ cors: { origins: ['*'] }, response: { set: { 'Access-Control-Max-Age': '1' } } }),
    /response\.set.*: no effect beside `cors`/
  )
})

t.test('invalid presets are refused with what to write instead', async (t) => {
  for (const [security, why] of [
    ['yes', /expected true, false or an object/],
    [{ hsts: { preload: true } }, /`preload` needs `include_subdomains`/],
    [{ hsts: { max_age: '500ms' } }, /whole seconds/],
    [{ referrer_policy: 'none' }, /no-referrer/],
    [{ frame_ancestors: "'self'; script-src *" }, /frame_ancestors: expected false, or sources/],
    [{ permissions_policy: 'a\r\nb' }, /permissions_policy: expected false, or a header value/],
    [{ nosnif: true }, /Unknown key "nosnif"/]
  ] as const)
    t.match(ofSite({ security }), why, JSON.stringify(security))
  for (const [cors, why] of [
    [true, /expected false, or an object/],
    [{ origins: [] }, /cors\.origins/],
    [{ origins: ['*'], credentials: true }, /cors\.origins\[0\]: not with `credentials`/],
    [
      { origins: ['https://a.example'], headers: ['*'], credentials: true },
      /headers\[0\]: not with/
    ],
    [{ origins: ['*', 'https://a.example'] }, /includes all others/],
    [{ origins: ['null'] }, /"null" is the origin of local files/],
    [{ origins: ['a.example'] }, /expected an origin such as/],
    [{ origins: ['https://a.example/'] }, /expected an origin such as/],
    [{ origins: ['https://*'] }, /expected an origin such as/],
    [{ origins: ['https://a.*.example'] }, /expected an origin such as/],
    [{ origins: ['https://u@a.example'] }, /expected an origin such as/],
    [{ origins: ['https://a.example:99999'] }, /expected an origin such as/],
    [{ origins: ['*'], methods: ['get'] }, /expected a method such as/],
    [{ origins: ['*'], headers: ['x y'] }, /not a header name/],
    [{ origins: ['*'], max_age: '2d' }, /at most "24h"/]
  ] as const)
    t.match(ofSite({ cors }), why, JSON.stringify(cors))
  const { headers } = decodeSettings(
    '',
    Buffer.from('{"headers":{"cors":{"origins":["HTTPS://A.Example:443","http://[::1]:8080"]}}}')
  )
  t.match(headers?.cors, { origins: ['https://a.example', 'http://[::1]:8080'] })
})
