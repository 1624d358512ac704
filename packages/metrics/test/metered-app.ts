import { publisherOf } from '@reliw/http'
import { rawRequest, portOf, type TestContext, waitFor } from '@reliw/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import { metrics, type MetricsOptions } from '../src/index.ts'
import { type Exposition, readExposition } from './exposition.ts'
import { publishAs } from './published.ts'

/** An app that counts, and its listener for metrics. Both end with the test. */
export interface Metered {
  app: FastifyInstance
  /** Of the app. */
  port: number
  /** Of the listener. */
  url: string
  /** Sends the app a request on a connection of its own, and resolves to the whole response. */
  send: (requested?: RequestOptions) => Promise<string>
  scrape: () => Promise<Exposition>
  /** Publishes events as other plugins of the app do, or its store. */
  publish: (name: string, ...events: readonly object[]) => void
  /** Scrapes until it is as it should be: requests are counted a moment after their responses have come. */
  scrapeWhen: (is: (scrape: Exposition) => boolean, what?: string) => Promise<Exposition>
}

/** What is left out is a GET of / at a.example. */
export interface RequestOptions {
  method?: string
  path?: string
  host?: string
  body?: string
}

/** Serves `/code/<n>` with that status, and everything else with `served`. */
export async function startMetered(
  t: TestContext,
  options: MetricsOptions = {},
  prepare: (app: FastifyInstance) => void = () => undefined
): Promise<Metered> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(metrics, { port: 0, ...options })
  prepare(app)
  app.addContentTypeParser('*', { parseAs: 'string' }, async () => 'a body')
  app.addHttpMethod('PROPFIND')
  app.all('/*', async () => 'served')
  app.all<{ Params: { code: string } }>('/code/:code', async ({ params }, reply) => {
    // Fastify itself has none beyond 599.
    reply.hijack()
    reply.raw.statusCode = Number(params.code)
    reply.raw.end('served')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const url = (await app.metrics.listen()) ?? ''
  const port = portOf(app.server)
  const scrape: Metered['scrape'] = async () => scrapeOf(url)
  return {
    app,
    port,
    url,
    scrape,
    publish(name, ...events) {
      const ofStore = name.startsWith('store.') ? options.store?.publisher : undefined
      publishAs(ofStore ?? publisherOf(app), name, ...events)
    },
    send: async (requested) => rawRequest(port, requestOf(requested)),
    async scrapeWhen(is, what = 'the numbers') {
      return waitFor(
        async () => {
          const read = await scrape()
          return is(read) && read
        },
        what,
        15_000
      )
    }
  }
}

/** A request that is the last one of its connection. */
export function requestOf({
  method = 'GET',
  path = '/',
  host = 'a.example',
  body
}: RequestOptions = {}) {
  const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${length}\r\n${body ?? ''}`
}

/** What a listener shows, read strictly. */
export async function scrapeOf(url: string, accept = 'text/plain'): Promise<Exposition> {
  const response = await fetch(`${url}/metrics`, { headers: { accept, connection: 'close' } })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status} ${text}`)
  const isOpen = response.headers.get('content-type')?.startsWith('application/openmetrics-text')
  return readExposition(text, isOpen)
}
