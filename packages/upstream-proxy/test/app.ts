import { promisify } from 'node:util'
import { assumeFacts, type KnownFacts } from '@reliw/http'
import type { Operation, Store, UpstreamInput } from '@reliw/model'
import {
  openRaw,
  portOf,
  respond,
  startOrigin,
  waitFor,
  type Origin,
  type RawClient,
  type TestContext
} from '@reliw/testing'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Test } from 'tap'
import { upstreamProxy, type OriginState, type UpstreamProxyOptions } from '../src/index.ts'
import { type Answer, ask, parseAnswer, writeRequest } from './answer.ts'

/** The upstream that every app has beside those of its test, and that nothing is wrong with. */
const WELL = 'well.test'

/** An app that listens on a port of loopback, what it was asked, and what it has logged. */
export interface Proxy {
  app: FastifyInstance
  port: number
  /** All that came, in order. */
  requests: FastifyRequest[]
  /** Its log of level `warn` and above. */
  log: Record<string, unknown>[]
}

/** Options of the plugin, and what the app knows better than its requests. */
export type ProxyOptions = Omit<UpstreamProxyOptions, 'upstreams'> & {
  known?: (request: FastifyRequest) => KnownFacts
  /** Called before a response begins, in the midst of what the plugin does. */
  atResponse?: (request: FastifyRequest, reply: FastifyReply) => void
}

/**
 * Starts an app with the plugin; each upstream's name is a host. They are in the store, if there is
 * one. It ends with the test.
 *
 * @param forceCloseConnections which connections it does not wait for when it is closed
 */
export async function startProxy(
  t: TestContext,
  upstreams: Record<string, UpstreamInput>,
  { known, atResponse, ...options }: ProxyOptions = {},
  forceCloseConnections: true | 'idle' = true
): Promise<Proxy> {
  const well = await startOrigin(t, respond('well'))
  const log: Record<string, unknown>[] = []
  const stream = { write: (line: string) => void log.push(JSON.parse(line)) }
  const app = fastify({ logger: { level: 'warn', stream }, forceCloseConnections })
  t.teardown(() => app.close())
  const requests: FastifyRequest[] = []
  app.addHook('onRequest', async (request, reply) => {
    requests.push(request)
    // The headers of the server's own are looked up then.
    if (atResponse === undefined) return
    const get = (): FastifyInstance => {
      Object.defineProperty(reply, 'server', { value: app })
      atResponse(request, reply)
      return app
    }
    Object.defineProperty(reply, 'server', { get, configurable: true })
  })
  if (known !== undefined) assumeFacts(app, known)
  const all = { ...upstreams, [WELL]: { target: well.url } }
  await app.register(upstreamProxy, { ...options, upstreams: all })
  if (options.store !== undefined) await storeUpstreams(options.store, all)
  app.all('/*', async () => 'of the app itself')
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, port: portOf(app.server), requests, log }
}

/** Describes upstreams in a store. */
export async function storeUpstreams(
  { driver, keys }: Store,
  upstreams: Record<string, UpstreamInput>
): Promise<void> {
  const set = ([host, upstream]: [string, UpstreamInput]): Operation => {
    return { op: 'set', key: keys.proxy(host), value: JSON.stringify(upstream) }
  }
  await driver.write(Object.entries(upstreams).map(set))
}

/** A client's connection that stays. It ends with the test. */
export function openClient(t: TestContext, { port }: Proxy): RawClient {
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  return client
}

/** Asks an origin that answers nothing, until a request is answered without it: that is the answer. */
export async function askUntilRefused(
  t: TestContext,
  { port }: { readonly port: number },
  origin: Origin,
  host: string
): Promise<Answer> {
  for (;;) {
    const before = origin.requests.length
    const client = openRaw(port)
    t.teardown(() => client.destroy())
    client.write(writeRequest({ host }))
    const isRefused = (): boolean => client.socket.bytesRead > 0
    await waitFor(() => isRefused() || origin.requests.length > before, 'what becomes of a request')
    if (isRefused()) return parseAnswer(await client.readToEnd())
  }
}

/** The state of an upstream's only or first origin. */
export function stateOf({ app }: Proxy, upstream: string): OriginState {
  const state = app.upstreams().find((one) => one.upstream === upstream)?.origins[0]
  if (state === undefined) throw new Error(`nobody has asked for ${upstream}`)
  return state
}

/** An answer of the server itself, that tells nothing of what is behind it. */
export function matchRefusal(
  t: Test,
  answer: Answer,
  status: number,
  { port }: { readonly port: number }
): void {
  t.match(answer, { status, isWhole: true })
  const text = `${answer.head}\n${answer.body}`
  t.notMatch(text, /127\.0\.0\.1|localhost|ECONN|stack/i, 'no internals')
  t.notOk(text.includes(String(port)), 'no port')
}

/**
 * What holds after everything, once its clients are gone: other upstreams are served, nothing is
 * under way, and no connection is left, but idle ones to origins.
 */
export async function matchRest(
  t: Test,
  proxy: Proxy,
  ...origins: readonly Origin[]
): Promise<void> {
  const { app, port } = proxy
  t.equal((await ask(port, { host: WELL })).status, 200, 'others are served')
  const states = (): OriginState[] => app.upstreams().flatMap((one) => one.origins)
  await waitFor(
    () => states().every((one) => one.active + one.pending + one.inFlight + one.uploads === 0),
    'nothing to be under way'
  )
  const clients = promisify(app.server.getConnections.bind(app.server))
  await waitFor(async () => (await clients()) === 0, 'the clients’ connections to be closed')
  for (const origin of origins) {
    const own = (): OriginState[] => states().filter((one) => origin.url.endsWith(one.origin))
    const isEven = (): boolean =>
      origin.connections === own().reduce((sum, { idle }) => sum + idle, 0)
    await waitFor(isEven, 'the connections to origins to be closed, or idle')
  }
}
