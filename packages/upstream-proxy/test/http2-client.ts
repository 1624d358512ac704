import {
  connect,
  type ClientHttp2Stream,
  type ClientSessionRequestOptions,
  type OutgoingHttpHeaders
} from 'node:http2'
import type { UpstreamInput } from '@reliw/model'
import type { TestContext } from '@reliw/testing'
import fastify from 'fastify'
import { upstreamProxy } from '../src/index.ts'

export const HOST = 'shop.test'

export type Send = (
  headers: OutgoingHttpHeaders,
  options?: ClientSessionRequestOptions
) => ClientHttp2Stream

/** Sends requests by HTTP/2 to an app with one upstream. It ends with the test. */
export async function startHttp2Client(
  t: TestContext,
  target: string,
  upstream: Omit<UpstreamInput, 'target'> = {}
): Promise<Send> {
  const app = fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(upstreamProxy, {
    upstreams: { [HOST]: { target, retry: false, ...upstream } }
  })
  const session = connect(await app.listen({ port: 0, host: '127.0.0.1' }))
  t.teardown(() => session.destroy())
  return (headers, options) => session.request({ ':authority': HOST, ...headers }, options)
}
