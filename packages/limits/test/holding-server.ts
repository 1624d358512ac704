import { openRaw, portOf, type RawClient, type TestContext, waitFor } from '@reliw/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import { limits, type LimitsOptions } from '../src/index.ts'

/** A server that serves /held once it is released, / and /health at once, and bodies when they are complete. */
export interface HoldingServer {
  app: FastifyInstance
  /** Opens a connection and sends bytes. It ends with the test. */
  open: (bytes: string) => RawClient
  /** Requests a path on a connection of its own. */
  send: (path: string, host?: string) => RawClient
  /** Serves all requests for /held, now and from now on. */
  release: () => void
  /** Waits until so many requests are in flight. */
  isTotal: (total: number) => Promise<void>
}

export async function startHolding(t: TestContext, options: LimitsOptions): Promise<HoldingServer> {
  const app = Fastify()
  const released = Promise.withResolvers<string>()
  t.teardown(() => {
    released.resolve('')
    return app.close()
  })
  await app.register(limits, options)
  app.addContentTypeParser('*', { parseAs: 'string' }, async () => 'a body')
  app.get('/held', () => released.promise)
  app.get('/', async () => 'served')
  app.post('/', async () => 'served')
  app.get('/health', { config: { limits: { exempt: true } } }, async () => 'healthy')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const open: HoldingServer['open'] = (bytes) => {
    const client = openRaw(portOf(app.server))
    t.teardown(() => client.destroy())
    client.write(bytes)
    return client
  }
  return {
    app,
    open,
    send: (path, host) => open(get(path, host)),
    release: () => released.resolve('released'),
    async isTotal(total) {
      await waitFor(() => app.limits.concurrency.total === total, `${total} in flight`)
    }
  }
}

export function get(path: string, host = 'a.example'): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
}

/** How many connections a server has. */
export async function connectionsOf({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}
