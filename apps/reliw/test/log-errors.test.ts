import { rawRequest } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const HOST = 'a.example'

test('the access line of a refused request has the error code', async (t) => {
  const { port, line, set } = await startServer(t, {
    [`API:${HOST}`]: [
      ['^/gone', 'gone'],
      ['^/in', 'in'],
      ['^/app', 'app'],
      ['^/once', 'once'],
      ['^/', 'all']
    ],
    [`API:${HOST}:all`]: { methods: { GET: true } },
    [`API:${HOST}:in`]: { methods: { GET: true }, auth: { any: ['api_key'] } },
    [`API:${HOST}:app`]: { methods: { GET: true }, proxy: { target: '127.0.0.1:9' } },
    [`API:${HOST}:once`]: {
      methods: { GET: true },
      file: '/page.txt',
      rate_limit: { GET: { limit: 0, period: 60 } }
    },
    [`FILES:${HOST}:/page.txt`]: { content: 'text' }
  })
  const send = async (request: string, host = HOST): Promise<string> =>
    rawRequest(port, `${request} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  const refused: [request: string, status: number, code: string, host?: string][] = [
    ['GET /none', 404, 'RELIW_CONTENT_NOT_FOUND'],
    ['POST /page.txt', 405, 'RELIW_CONTENT_METHOD_NOT_ALLOWED'],
    ['GET /in', 401, 'RELIW_AUTH_UNAUTHENTICATED'],
    ['GET /app', 502, 'RELIW_UPSTREAM_BAD_GATEWAY'],
    ['GET /once', 429, 'RELIW_LIMITS_RATE_LIMITED'],
    ['GET /gone', 500, 'RELIW_STORE_INVALID_VALUE'],
    ['GET /bad-host', 400, 'RELIW_LIMITS_BAD_HOST', 'a..b'],
    ['GET /%', 400, 'RELIW_LIMITS_BAD_PATH']
  ]
  for (const [request, status, error, host] of refused) {
    t.match(await send(request, host), `HTTP/1.1 ${status} `, request)
    t.match(await line({ path: request.split(' ')[1], status }), { error }, request)
  }
  t.match(await send('GET /page.txt?good'), 'HTTP/1.1 200 ')
  t.equal((await line({ path: '/page.txt?good' }))['error'], undefined)
  await set('BANS:127.0.0.1', {})
  await send('GET /page.txt?banned')
  t.match(await line({ path: '/page.txt?banned' }), { error: 'RELIW_LIMITS_BANNED' })
})
