import { once } from 'node:events'
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import { text } from 'node:stream/consumers'
import type { TestContext } from './test-context.ts'

export interface Http2Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Sends one request; a body is sent with it where there is one. */
export type AskHttp2 = (headers: OutgoingHttpHeaders, body?: string) => Promise<Http2Answer>

/** Opens an HTTP/2 connection without TLS to a server of loopback. It ends with the test. */
export function openHttp2(t: TestContext, port: number): AskHttp2 {
  const session = connect(`http://127.0.0.1:${port}`)
  t.teardown(() => session.destroy())
  return async (headers, body) => {
    const stream = session.request(headers, { endStream: body === undefined })
    const response = once(stream, 'response')
    if (body !== undefined) stream.end(body)
    const [answer] = (await response) as [IncomingHttpHeaders & { ':status'?: number }]
    return { status: answer[':status'] ?? 0, headers: answer, text: await text(stream) }
  }
}
