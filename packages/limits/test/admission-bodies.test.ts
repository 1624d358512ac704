import { openRaw, portOf } from '@reliw/testing'
import t from 'tap'
import { buildApp, type LimitedApp } from './limited-app.ts'

/** The status of an upload of so many bytes. */
async function upload(
  { app }: LimitedApp,
  url: string,
  bytes: number,
  method: 'POST' | 'GET' = 'POST'
): Promise<number> {
  const headers = { host: 'a.example', 'content-type': 'text/plain' }
  const response = await app.inject({ method, url, headers, payload: 'x'.repeat(bytes) })
  return response.statusCode
}

t.test('a body with too large a Content-Length is refused', async (t) => {
  const app = await buildApp(t, { max_body_size: '100B' })
  t.equal(await upload(app, '/', 100), 200)
  t.equal(await upload(app, '/', 101), 413)
  t.equal(await upload(app, '/', 101, 'GET'), 413, 'whatever the method')
})

t.test('the upstream of an entry has limits of its own', async (t) => {
  const entries = { '/api': { proxy: { target: '127.0.0.1:1' } } }
  const app = await buildApp(t, { max_body_size: '100B' }, { entries })
  t.equal(await upload(app, '/api', 101), 200)
  t.equal(await upload(app, '/', 101), 413)
})

t.test('no client is exempt, and no budget is used', async (t) => {
  const rate_limits = [{ name: 'once', limit: 1, period: '1d', scope: 'route' as const }]
  const app = await buildApp(t, { max_body_size: '100B', rate_limits })
  for (let n = 0; n < 3; n++) t.equal(await upload(app, '/', 101), 413)
  t.equal(await upload(app, '/', 99), 200)
  const allowing = await buildApp(t, { max_body_size: '100B', allow: ['127.0.0.0/8'] })
  t.equal(await upload(allowing, '/', 101), 413)
})

t.test('the refusal does not wait for the body, and ends the connection', async (t) => {
  const { app } = await buildApp(t)
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = openRaw(portOf(app.server))
  t.teardown(() => client.destroy())
  client.write(
    'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Type: a/b\r\nContent-Length: 5242881\r\n\r\nabc'
  )
  const response = await client.readToEnd()
  t.match(response, /^HTTP\/1\.1 413 [^]*\r\nconnection: close\r\n[^]*RELIW_LIMITS_BODY_TOO_LARGE/)
})
