import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { portOf, type TestContext } from '@reliw/testing'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server of lists, whose answers a test changes. It ends with the test. */
export interface ListSource {
  readonly url: string
  readonly requests: IncomingMessage[]
  answer: Answer
}

export async function startListSource(t: TestContext, answer: Answer): Promise<ListSource> {
  const server = createServer((request, response) => {
    source.requests.push(request)
    source.answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const source: ListSource = {
    url: `http://127.0.0.1:${portOf(server)}/list.txt`,
    requests: [],
    answer
  }
  return source
}

/** Sends a text with an entity tag, and 304 to a client that has it. */
export function textOf(text: string, etag?: string): Answer {
  return (request, response) => {
    if (etag !== undefined) response.setHeader('etag', etag)
    if (etag !== undefined && request.headers['if-none-match'] === etag)
      response.writeHead(304).end()
    else response.end(text)
  }
}
