import { rawRequest } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

/** Status and Location of a request, and the whole response. */
async function visit(
  port: number,
  target: string,
  { method = 'GET', host = 'a.example', fields = '', body = '' } = {}
): Promise<{ status: number; location: string | undefined; text: string }> {
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
  const head = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n`
  const text = await rawRequest(port, `${head}${fields}${length}\r\n${body}`)
  const location = /^location: (.*)\r$/im.exec(text)?.[1]
  return { status: Number(text.split(' ')[1]), location, text }
}

const methods = { GET: true }

test('moved folders and pages, and a host without www', async (t) => {
  const { port, set, line } = await startServer(t, {
    'API:www.a.example': [['^/', 'apex']],
    'API:www.a.example:apex': {
      methods: { GET: true, POST: true },
      redirect: { to: 'https://a.example${path}${query}', status: 308 }
    },
    'API:a.example': [
      ['/about.php', 'about', true],
      ['^/blog/(%d+)/([%w-]+)$', 'post'],
      ['^/docs(/.*)$', 'docs'],
      ['^/docs$', 'docs'],
      ['^/', 'page']
    ],
    'API:a.example:about': { methods, redirect: { to: '/about#us' } },
    'API:a.example:post': { methods, redirect: { to: '/%1/%2${query}', status: 301 } },
    'API:a.example:docs': {
      methods,
      cache_control: 'max-age=60',
      redirect: { to: '/handbook%1', status: 307 }
    },
    'API:a.example:page': { methods },
    'FILES:a.example:/page.txt': { content: 'a page' }
  })
  const www = { host: 'www.A.example.:8080' }
  for (const [target, location, status, options] of [
    ['/about.php?x=1', '/about#us', 302],
    ['/blog/2026/hello-you?x=%20"', '/2026/hello-you?x=%20%22', 301],
    ['/docs/a%20b/?x', '/handbook/a%20b/', 307],
    ['/docs', '/handbook/docs', 307],
    ['/a%20b?x=1', 'https://a.example/a%20b?x=1', 308, www],
    ['http://www.a.example/a?b', 'https://a.example/a?b', 308, { host: 'www.a.example' }],
    ['/', 'https://a.example/', 308, { ...www, method: 'POST', body: 'abc' }],
    ['/', 'https://a.example/', 308, { ...www, method: 'HEAD' }],
    ['/page.txt', undefined, 200],
    ['/about.php', undefined, 405, { method: 'POST' }],
    ['/about.php', undefined, 400, { host: 'a.example\r\nHost: evil.example' }],
    ['/docs/a%2fb', undefined, 400]
  ] as const) {
    const response = await visit(port, target, options)
    t.match(response, { status, location }, `${target}: ${response.text}`)
    if (status < 400) t.equal(response.location, location, 'exactly')
  }
  t.match((await visit(port, '/docs')).text, /\r\ncache-control: max-age=60\r\n/i)
  t.match(await line({ status: 302 }), { vhost: 'a.example', path: '/about.php' })

  await set('API:a.example:about', { methods, redirect: { to: '/about' } })
  t.match(await visit(port, '/about.php'), { location: '/about' }, 'the next request')
})

test('security: a redirect never leads to a host or scheme that the client chose', async (t) => {
  const { port } = await startServer(t, {
    'API:a.example': [
      ['^/one(.*)$', 'one'],
      ['^/two/(.*)$', 'two'],
      ['^/long/(.*)$', 'long'],
      ['^/lost', 'lost'],
      ['', 'all']
    ],
    'API:a.example:one': { methods, redirect: { to: '%1' } },
    'API:a.example:two': { methods, redirect: { to: '/%1${query}' } },
    'API:a.example:long': { methods, redirect: { to: '/%1%1%1' } },
    'API:a.example:lost': { methods, redirect: { to: '/%2' } },
    'API:a.example:all': { methods, redirect: { to: '${path}${query}' } }
  })
  for (const before of ['/one', '/one/', '/two/', '/two//', '/', '//', '///']) {
    for (const evil of [
      '/evil.example',
      'https://evil.example',
      '/%09/evil.example',
      '.evil.com'
    ]) {
      const { location, status } = await visit(port, `${before}${evil}?//x`)
      if (status === 400) continue
      t.equal(status, 302)
      t.match(location, /^\/(?![/\\])[\x21-\x7E]*$/, `${before}${evil}`)
      t.equal(new URL(location ?? '', 'http://a.example').host, 'a.example', `${location}`)
    }
  }
  const { text } = await visit(port, '/two/a?b=%0d%0aSet-Cookie:x')
  t.match(text, /\r\nlocation: \/a\?b=%0d%0aSet-Cookie:x\r\n/i)
  t.equal((await visit(port, `/long/${'a'.repeat(4000)}`)).status, 414)
  t.equal((await visit(port, '/lost')).status, 500, 'the route has no captures')
})

test('an entry with a redirect keeps its rules', async (t) => {
  const { port } = await startServer(t, {
    'API:a.example': [
      ['/login', 'login', true],
      ['^/', 'gone']
    ],
    'API:a.example:login': { methods: { GET: true, POST: true }, auth: { login: true } },
    'API:a.example:gone': {
      methods,
      auth: { any: ['basic'] },
      redirect: { to: 'https://b.example/secret' }
    }
  })
  const { status, text } = await visit(port, '/')
  t.equal(status, 401)
  t.notMatch(text, 'b.example')
})
