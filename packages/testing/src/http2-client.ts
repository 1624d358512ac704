import { once } from 'node:events'
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import { text } from 'node:stream/consumers'
import type { TestContext } from './test-context.ts'

export interface Http2Response {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Sends one request; a body is sent with it where there is one. */
export type SendHttp2 = (headers: OutgoingHttpHeaders, body?: string) => Promise<Http2Response>

/** Opens an HTTP/2 connection without TLS to a server of loopback. It ends with the test. */
export function openHttp2(t: TestContext, port: number): SendHttp2 {
  const session = connect(`http://127.0.0.1:${port}`)
  t.teardown(() => session.destroy())
  return async (requestHeaders, body) => {
    const stream = session.request(requestHeaders, { endStream: body === undefined })
    const response = once(stream, 'response')
    if (body !== undefined) stream.end(body)
    const [headers] = (await response) as [IncomingHttpHeaders & { ':status'?: number }]
    return { status: headers[':status'] ?? 0, headers, text: await text(stream) }
  }
}
