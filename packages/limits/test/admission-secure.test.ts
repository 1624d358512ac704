import { once } from 'node:events'
import { request } from 'node:https'
import { json } from 'node:stream/consumers'
import { createAuthority, portOf } from '@reliw/testing'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { limits } from '../src/index.ts'

const trusted_proxies = ['192.0.2.1']

/** Whether a request without TLS counts as secure. */
async function isSecure(t: Test, ip: string, proto?: string): Promise<boolean> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(limits, { trusted_proxies })
  app.get('/', async ({ facts: { isSecure } }) => ({ isSecure }))
  const forwarded = proto === undefined ? {} : { 'x-forwarded-proto': proto }
  const headers = { host: 'a.example', ...forwarded }
  const response = await app.inject({ url: '/', remoteAddress: ip, headers })
  return response.json<{ isSecure: boolean }>().isSecure
}

t.test('a trusted proxy says whether the client came over TLS', async (t) => {
  for (const proto of ['https', 'HTTPS']) {
    t.equal(await isSecure(t, '192.0.2.1', proto), true, proto)
    t.equal(await isSecure(t, '::ffff:192.0.2.1', proto), true, proto)
  }
  for (const proto of ['http', '', 'httpsx', undefined]) {
    t.equal(await isSecure(t, '192.0.2.1', proto), false, proto ?? 'nothing')
  }
})

t.test('other clients are not trusted', async (t) => {
  t.equal(await isSecure(t, '192.0.2.2', 'https'), false)
  t.equal(await isSecure(t, '127.0.0.1', 'https'), false)
})

t.test('a request over TLS is secure, whatever its headers claim', async (t) => {
  const authority = await createAuthority()
  const app = Fastify({ https: await authority.issue(['a.example']) })
  t.teardown(() => app.close())
  await app.register(limits)
  app.get('/', async ({ facts: { isSecure } }) => ({ isSecure }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  for (const proto of ['https', 'http']) {
    const asked = request({
      port: portOf(app.server),
      host: '127.0.0.1',
      servername: 'a.example',
      ca: authority.cert,
      agent: false,
      headers: { host: 'a.example', 'x-forwarded-proto': proto }
    }).end()
    const [response] = await once(asked, 'response')
    t.same(await json(response), { isSecure: true }, proto)
  }
})
