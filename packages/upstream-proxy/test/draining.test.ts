import type { Socket } from 'node:net'
import type { Store, UpstreamInput } from '@reliw/model'
import { openStore } from '@reliw/store'
import { type Origin, respond, startOrigin, tempDir, waitFor } from '@reliw/testing'
import { test, type Test } from 'tap'
import { ask, parseAnswer, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy, storeUpstreams } from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'
const HEALTH = '/health'

type Proxy = Awaited<ReturnType<typeof startProxy>>
type State = ReturnType<Proxy['app']['upstreams']>[number]

interface Started {
  proxy: Proxy
  store: Store
  origins: [Origin, Origin]
  /** The streams that the first origin has begun. */
  streams: Socket[]
  state: () => State | undefined
  /** Changes the definition, and waits until the server uses it. */
  define: (changes: UpstreamInput) => Promise<void>
}

/** Two origins, behind an upstream in a store; each names itself. */
async function startTwo(t: Test, settings: UpstreamInput = {}): Promise<Started> {
  const streams: Socket[] = []
  const first = await startOrigin(t, (request, socket) => {
    if (request.target === HEALTH) return respond('', {}, 500)(request, socket)
    if (request.target !== '/stream') return respond('first')(request, socket)
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbegun')
    streams.push(socket)
  })
  const second = await startOrigin(t, respond('second'))
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  const before = { targets: [first.url, second.url], ...settings }
  const proxy = await startProxy(t, { [HOST]: before }, { store })
  const find = (): State | undefined =>
    proxy.app.upstreams().find(({ upstream }) => upstream === HOST)
  const define = async (changes: UpstreamInput): Promise<void> => {
    const upstream = { ...before, ...changes }
    await storeUpstreams(store, { [HOST]: upstream })
    const isStored = async (): Promise<boolean> => {
      const stored = await store.sites.proxy(HOST)
      const { targets = [] } = upstream
      return targets.every((written, at) => {
        const { weight = 1, drain = false } = typeof written === 'object' ? written : {}
        const target = stored?.targets[at]
        return target?.weight === weight && (target.drain ?? false) === drain
      })
    }
    await waitFor(isStored, 'the change')
  }
  return { proxy, store, origins: [first, second], streams, state: find, define }
}

const checksOf = ({ requests }: Origin): number =>
  requests.filter(({ target }) => target === HEALTH).length

async function bodies({ proxy }: Started, count: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let at = 0; at < count; at += 1) {
    const { body } = await ask(proxy.port, { host: HOST })
    counts[body] = (counts[body] ?? 0) + 1
  }
  return counts
}

test('a drained target completes what is under way, and gets nothing else', async (t) => {
  const started = await startTwo(t)
  const { proxy, origins, streams, state, define } = started
  const [first, second] = origins
  const events = recordEvents(t, HOST)
  t.same(await bodies(started, 4), { first: 2, second: 2 })
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST, path: '/stream' }))
  await waitFor(() => streams.length === 1, 'the stream')
  await define({ targets: [{ target: first.url, drain: true }, second.url] })
  const before = first.requests.length
  const accepted = second.accepted
  t.same(await bodies(started, 10), { second: 10 })
  t.equal(first.requests.length, before, 'no further request')
  t.equal(second.accepted, accepted, 'the other origin kept its connections')
  t.match(state()?.origins, [
    { draining: true, healthy: true, inFlight: 1 },
    { draining: false, healthy: true }
  ])
  t.match(events.health, [{ origin: first.url.replace('http://', ''), change: 'draining' }])
  streams[0]?.write('ended')
  t.match(parseAnswer(await client.readToEnd()), { status: 200, body: 'begunended', isWhole: true })
  await define({})
  t.same(await bodies(started, 4), { first: 2, second: 2 }, 'used again')
  t.match(
    events.health.map(({ change }) => change),
    ['draining', 'undrained']
  )
  await matchRest(t, proxy, ...origins)
})

test('an upstream all of whose targets are drained is unavailable', async (t) => {
  const started = await startTwo(t)
  const { proxy, origins, define } = started
  await bodies(started, 2)
  await define({ targets: origins.map(({ url }) => ({ target: url, drain: true })) })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 503, origins[0])
  await define({})
  t.same(await bodies(started, 2), { first: 1, second: 1 })
})

test('a changed weight keeps connections, health and circuit of every target', async (t) => {
  const health = { path: HEALTH, interval: 0.05, unhealthy_threshold: 1 }
  const started = await startTwo(t, { lb: 'weighted', health })
  const { proxy, origins, state, define } = started
  const [first, second] = origins
  await bodies(started, 2)
  await waitFor(() => state()?.origins[0]?.healthy === false, 'the first to be unhealthy')
  const events = recordEvents(t, HOST)
  const before = { accepted: second.accepted, checks: checksOf(second) }
  await define({ targets: [{ target: first.url, weight: 9 }, second.url] })
  t.same(await bodies(started, 10), { second: 10 }, 'it is still known to be unhealthy')
  t.equal(state()?.origins[0]?.healthy, false)
  t.same(events.health, [], 'and did not become healthy in between')
  // Each check has a connection of its own.
  t.ok(second.accepted - before.accepted <= checksOf(second) - before.checks)
  await matchRest(t, proxy)
})

test('weights take effect at the next request', async (t) => {
  const started = await startTwo(t, { lb: 'weighted' })
  const { origins, define } = started
  const [first, second] = origins
  t.same(await bodies(started, 4), { first: 2, second: 2 })
  await define({ targets: [{ target: first.url, weight: 3 }, second.url] })
  t.same(await bodies(started, 8), { first: 6, second: 2 })
  t.same([first.accepted, second.accepted], [1, 1])
})

test('fields that concern requests alone keep the connections', async (t) => {
  const started = await startTwo(t)
  const { proxy, store, origins } = started
  await bodies(started, 2)
  const targets = origins.map(({ url }) => url)
  await storeUpstreams(store, { [HOST]: { targets, lb: 'hash', add_prefix: '/v2', retry: false } })
  await waitFor(async () => {
    await ask(proxy.port, { host: HOST, path: '/a' })
    return origins.some(({ requests }) => requests.at(-1)?.target === '/v2/a')
  }, 'the change')
  t.same(
    origins.map(({ accepted }) => accepted),
    [1, 1]
  )
  await matchRest(t, proxy, ...origins)
})

test('a removed target closes its connections, and no others', async (t) => {
  const started = await startTwo(t)
  const { proxy, store, origins } = started
  const [first, second] = origins
  await bodies(started, 2)
  await storeUpstreams(store, { [HOST]: { targets: [second.url] } })
  await waitFor(async () => {
    await ask(proxy.port, { host: HOST })
    return first.connections === 0
  }, 'the connections of the removed one to be closed')
  t.equal(second.accepted, 1)
  await matchRest(t, proxy, second)
})
