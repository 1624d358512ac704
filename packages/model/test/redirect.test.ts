import { compilePattern } from '@reliw/lua-pattern'
import { test } from 'tap'
import { Entry, InvalidValue, Keyspace, LocationTooLong, MissingCapture } from '../src/index.ts'

const keys = new Keyspace('RLW')
const methods = { GET: true }

/** What `reliw set` says about an entry with these fields; empty when it is valid. */
function issueOf(fields: object): string {
  try {
    keys.check(keys.entry('a', 'e'), Buffer.from(JSON.stringify({ methods, ...fields })))
    return ''
  } catch (error) {
    if (error instanceof InvalidValue) return error.issue
    throw error
  }
}

/** The location for a request of a.example. */
function locate(
  to: string,
  pattern: string | undefined,
  path: string,
  query = '',
  host = 'a.example'
): string | undefined {
  const { redirect } = Entry.parse({ methods, redirect: { to } })
  return redirect?.to.locate(
    { host, subdomain: 'b', path, query },
    pattern ? compilePattern(pattern) : undefined
  )
}

test('variables stand for parts of the request', async (t) => {
  const all: [to: string, pattern: string | undefined, path: string, query: string, is: string][] =
    [
      ['/new', undefined, '/old', '?a=1', '/new'],
      ['/new${query}', undefined, '/old', '?a=1&b=%20', '/new?a=1&b=%20'],
      ['/new${query}#top', undefined, '/old', '', '/new#top'],
      ['/new?x=1${query}', undefined, '/old', '?a=1', '/new?x=1&a=1'],
      ['/new?${query}', undefined, '/old', '?a=1', '/new?a=1'],
      ['/new${path}', undefined, '/old/', '', '/new/old/'],
      ['/new/${path}', undefined, '/old/', '', '/new/old/'],
      ['/new/%1', '^/old/(.*)$', '/old/a/b c.html', '?', '/new/a/b%20c.html'],
      ['/%2/%1', '^/(%d+)/(%a+)$', '/2026/may', '', '/may/2026'],
      ['/x%0', '/b.*', '/a/b/c', '', '/x/b/c'],
      ['%1', '^/old(/.*)$', '/old/a', '', '/a'],
      ['%1', '^/old', '/old/a', '', '/old'],
      ['/x?q=%1&r=${path}', '^/(.*)$', '/a&b=c', '', '/x?q=a%26b%3Dc&r=/a%26b%3Dc'],
      ['https://${host}${path}${query}', '^/', '/a', '?b', 'https://a.example/a?b'],
      ['HTTPS://www.${host}:8443/', '^/', '/a', '?b', 'https://www.a.example:8443/'],
      ['https://${subdomain}.b.example/${subdomain}', '^/', '/', '', 'https://b.b.example/b'],
      ['https://b.example/${host}', '^/', '/a', '', 'https://b.example/a.example'],
      ['https://b.example', '^/', '/a', '', 'https://b.example'],
      ['/caf\u00e9/100%%/%%C3%%A9"$', '^/', '/', '', '/caf%C3%A9/100%/%C3%A9%22$']
    ]
  for (const [to, pattern, path, query, is] of all)
    t.equal(locate(to, pattern, path, query), is, `${to} for ${path}${query}`)
  t.equal(locate('https://${host}/', '^/', '/', '', '::1'), 'https://[::1]/')
})

test('security: a client chooses neither host nor scheme, and adds no header', async (t) => {
  const paths = [
    '//evil.example',
    '/\\evil.example',
    '///evil.example/%2F',
    '/https://evil.example'
  ]
  for (const to of ['%1', '/%1', '${path}', '%0']) {
    for (const path of paths) {
      const location = locate(to, '^/?(.*)$', path) ?? ''
      t.match(location, /^\/(?![/\\])/, `${to} for ${path}`)
      t.equal(new URL(location, 'https://a.example').host, 'a.example', location)
    }
  }
  t.equal(
    locate('/%1', '^/(.*)$', '/a\r\nSet-Cookie: b\u00e9"<>\\^`{|}%', '?\r\n#\u00e9"%41'),
    '/a%0D%0ASet-Cookie:%20b%C3%A9%22%3C%3E%5C%5E%60%7B%7C%7D%25'
  )
  t.equal(locate('/${query}', '^/', '/', '?a\r\n#\u00e9"%41\\'), '/?a%0D%0A%23%E9%22%41%5C')
  t.throws(() => locate('/%1%1%1', '^/(.*)$', `/${'a'.repeat(4000)}`), new LocationTooLong())
  t.throws(
    () => locate('/%1${query}', '^/(.*)$', '/', `?${'"'.repeat(4000)}`),
    new LocationTooLong()
  )
  t.throws(() => locate('/%2', '^/(.*)$', '/a'), new MissingCapture(2))
})

test('redirects that a client could turn to another host, and mistakes, are refused', async (t) => {
  const refused: [to: unknown, issue: RegExp][] = [
    ['//b.example/', /leads to another host: write its URL/],
    ['https://%1/', /only \$\{host\} and \$\{subdomain\} may be used in the host/],
    ['https://b.example%1', /write a slash behind the host/],
    ['https://b.example:%1/', /may be used in the host/],
    ['https://${subdomain}/', /expected a domain after \$\{subdomain\}/],
    ['https://${subdomain}.example/', /expected a domain after/],
    ['https://${subdomain}.${host}/', /expected a domain after/],
    ['https://${path}', /is not a host/],
    ['https://', /"" is not a host/],
    ['https:///x', /"" is not a host/],
    ['https://a@b.example/', /"a@b.example" is not a host/],
    ['https://b.example\\@c.example/', /only \$\{host\}/],
    ['https://m\u00fcller.example/', /xn--/],
    ['javascript:alert(1)', /expected a path such as "\/new", or a URL/],
    ['new', /expected a path/],
    ['${host}/x', /expected a path/],
    ['${query}', /expected a path/],
    ['/a\r\nb', /control characters/],
    ['/caf%C3', /"%%" for a percent sign/],
    ['/a%', /"%%" for a percent sign/],
    ['/${path', /none of the variables/],
    ['/${uri}', /"\$\{uri\}" is none of the variables \$\{host\}, \$\{subdomain\}, /],
    ['/${query}/x', /only "#…" may follow/],
    ['/${query}${query}', /only "#…" may follow/],
    ['/#${query}', /no effect after "#"/],
    ['', /to: /],
    [`/${'a'.repeat(2048)}`, /to: /],
    [undefined, /to: /]
  ]
  for (const [to, issue] of refused) t.match(issueOf({ redirect: { to } }), issue, String(to))
  t.match(issueOf({ redirect: { to: '/', status: 300 } }), /status: expected 301, 302, 303, 307/)
  t.match(issueOf({ redirect: { to: '/', when: 1 } }), /when/)
  t.equal(issueOf({ redirect: { to: '/', status: 308 }, cache_control: 'max-age=60' }), '')
})

test('fields that have no effect beside a redirect are refused', async (t) => {
  const redirect = { to: '/new' }
  const fields = {
    file: '/x',
    index: 'index.html',
    try_extensions: true,
    gsub: { pattern: 'a', replacement: 'b' },
    title: 'x',
    headers: { a: 'b' },
    proxy: { target: 'localhost' }
  }
  for (const [name, value] of Object.entries(fields))
    t.match(
      issueOf({ redirect, [name]: value }),
      `${name}: no effect beside "redirect": no content is sent`
    )
  t.match(
    issueOf({ methods: { GET: true, POST: true }, redirect, auth: { login: true } }),
    'redirect: no effect beside "auth": {"login": true}'
  )
  t.equal(issueOf({ redirect, auth: ['ann'], error: { '405': 'x' }, css_file: '/x.css' }), '')
})
