import { rawRequest, respond, startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const methods = { GET: true }

/** The response to a request that came through a proxy which ends TLS, or did not. */
async function get(
  port: number,
  target: string,
  { host = 'a.example', proto = 'http', method = 'GET' } = {}
): Promise<string> {
  const fields = `X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: ${proto}\r\n`
  return rawRequest(
    port,
    `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${fields}Connection: close\r\n\r\n`
  )
}

const SITES = {
  'API:a.example': [['^/', 'page']],
  'API:a.example:page': { methods, auth: { any: ['basic'] } },
  'SITE:a.example': { https: 'redirect' },
  'DATA:a.example:.well-known/acme-challenge/token': 'of the CA',
  'SITE:b.example': { https: 'permanent' }
}

test('http is redirected to https, for content and upstreams', async (t) => {
  const origin = await startOrigin(t, respond('of the origin'))
  const { port, set } = await startServer(
    t,
    { ...SITES, 'PROXY:b.example': { target: origin.url } },
    { trusted_proxies: ['127.0.0.1'] }
  )
  t.match(
    await get(port, '/a%20b?x="', { host: 'A.example.:8080' }),
    /^HTTP\/1\.1 307 [^]*\r\nlocation: https:\/\/a\.example\/a%20b\?x=%22\r\n/i
  )
  t.match(await get(port, '/', { method: 'POST' }), /^HTTP\/1\.1 307 /)
  t.match(
    await get(port, '//c%2fd', { host: 'b.example' }),
    /^HTTP\/1\.1 308 [^]*\r\nlocation: https:\/\/b\.example\/\/c%2fd\r\n/i,
    'byte for byte'
  )
  t.equal(origin.requests.length, 0)
  t.match(await get(port, '/', { host: 'b.example', proto: 'https' }), /of the origin$/)
  t.match(await get(port, '/', { proto: 'https' }), /^HTTP\/1\.1 401 /)
  const token = '/.well-known/acme-challenge/token'
  t.match(await get(port, token), /^HTTP\/1\.1 200 [^]*of the CA$/)
  t.match(await get(port, '*', { method: 'OPTIONS' }), /^HTTP\/1\.1 204 /)
  await set('SITE:a.example', undefined)
  t.match(await get(port, '/'), /^HTTP\/1\.1 401 /, 'the next request')
})

test('security: only a trusted proxy can say that a client came over TLS', async (t) => {
  const { port } = await startServer(t, SITES)
  t.match(await get(port, '/', { proto: 'https' }), /^HTTP\/1\.1 307 /)
})
