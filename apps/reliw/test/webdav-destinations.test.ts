import { rawRequest, respond, startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const methods = { GET: true, MOVE: true, COPY: true, PUT: true }

function move(path: string, destination: string, method = 'MOVE'): string {
  return `${method} ${path} HTTP/1.1\r\nHost: a.example\r\nDestination: ${destination}\r\nConnection: close\r\n\r\n`
}

test('security: COPY and MOVE write nothing that another entry guards', async (t) => {
  const origin = await startOrigin(t, respond('moved'))
  const proxy = { target: origin.url }
  const { port } = await startServer(t, {
    'API:a.example': [
      ['^/private/', 'private'],
      ['^/', 'open']
    ],
    'API:a.example:open': { methods, proxy },
    'API:a.example:private': { methods, proxy, auth: ['admin'] }
  })
  for (const method of ['MOVE', 'COPY'])
    for (const destination of [
      '/open/b',
      'http://a.example/open/b',
      'https://A.example/open/%20b'
    ]) {
      const response = await rawRequest(port, move('/open/a', destination, method))
      t.match(response, /^HTTP\/1\.1 200 /, destination)
    }
  const { length } = origin.requests
  for (const destination of [
    '/private/b',
    'http://a.example/private/b',
    '//private/b',
    '/./private/b',
    '/open/../private/b',
    '/open/..%2fprivate/b',
    '/%70rivate/b',
    '/private%2fb',
    '/open/%2e%2e/private/b',
    `${origin.url}/private/b`,
    'http://other.example/b',
    'private/b',
    '/open/b, /private/b',
    ''
  ]) {
    const response = await rawRequest(port, move('/open/a', destination))
    t.match(response, /^HTTP\/1\.1 400 /, destination)
  }
  t.equal(origin.requests.length, length)
  t.match(await rawRequest(port, move('/open/a', '/private/b', 'GET')), /^HTTP\/1\.1 200 /)
})

test('security: a Destination stays beneath the prefixes of a whole host', async (t) => {
  const origin = await startOrigin(t, respond('moved'))
  const { port } = await startServer(t, {
    'PROXY:a.example': { target: origin.url, strip_prefix: '/dav', add_prefix: '/base' }
  })
  t.match(await rawRequest(port, move('/dav/a', '/dav/b')), /^HTTP\/1\.1 200 /)
  t.match(origin.requests[0]?.head, /\r\nDestination: \/base\/b\r\n/)
  for (const destination of [
    '/x',
    '/dav/../x',
    '/dav/..%2fx',
    '/dav/%2e%2e/x',
    '/base/x',
    `${origin.url}/x`
  ])
    t.match(await rawRequest(port, move('/dav/a', destination)), /^HTTP\/1\.1 400 /, destination)
  t.equal(origin.requests.length, 1)
})
