import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { openRaw, portOf, type RawClient, type TestContext } from '@reliw/testing'

export const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

export type Exchange = readonly [request: IncomingMessage, response: ServerResponse]

/** A real server, a connection to it, and all requests that it has had. */
export interface Served {
  readonly server: Server
  readonly client: RawClient
  /** The exchange of that number, from 0, once its request has come. */
  readonly exchange: (at: number) => Promise<Exchange>
  readonly exchanges: readonly Exchange[]
}

export async function serve(t: TestContext): Promise<Served> {
  const exchanges: Exchange[] = []
  const server = createServer((...exchange) => void exchanges.push(exchange)).listen(0)
  await once(server, 'listening')
  const client = openRaw(portOf(server))
  t.teardown(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  const exchange = async (at: number): Promise<Exchange> => {
    for (;;) {
      const found = exchanges[at]
      if (found !== undefined) return found
      await once(server, 'request')
    }
  }
  return { server, client, exchange, exchanges }
}
