import type { UpstreamInput } from '@reliw/model'
import { respond, startOrigin, waitFor, type Responder, type Origin } from '@reliw/testing'
import { test, type Test } from 'tap'
import { ask } from './answer.ts'
import { matchRest, openClient, startProxy, type Proxy } from './app.ts'

const HOST = 'shop.test'

const upgrade: Responder = (request, socket) => {
  if (request.header('upgrade') === undefined) return respond('ok')(request, socket)
  request.detach()
  socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
}

interface Three {
  proxy: Proxy
  origins: Origin[]
  /** How many requests each one got. */
  counts: () => number[]
}

async function startThree(
  t: Test,
  settings: UpstreamInput,
  weights: readonly number[] = [1, 1, 1],
  answer?: Responder
): Promise<Three> {
  const origins: Origin[] = []
  for (const name of ['a', 'b', 'c']) origins.push(await startOrigin(t, answer ?? respond(name)))
  const targets = origins.map(({ url }, at) => ({ target: url, weight: weights[at] ?? 1 }))
  const proxy = await startProxy(t, { [HOST]: { targets, ...settings } })
  return { proxy, origins, counts: () => origins.map(({ requests }) => requests.length) }
}

async function askTimes({ port }: Proxy, times: number, headers: string[] = []): Promise<string> {
  let names = ''
  for (let at = 0; at < times; at += 1) names += (await ask(port, { host: HOST, headers })).body
  return names
}

test('round robin: each in its turn', async (t) => {
  const { proxy, origins } = await startThree(t, { lb: 'round_robin' })
  t.equal(await askTimes(proxy, 9), 'abcabcabc')
  await matchRest(t, proxy, ...origins)
})

test('weighted: each its share, in turn', async (t) => {
  const { proxy, origins, counts } = await startThree(t, { lb: 'weighted' }, [3, 2, 1])
  const names = await askTimes(proxy, 12)
  t.same(counts(), [6, 4, 2])
  t.notMatch(names, /aaa/, 'no one has all its turns together')
  await matchRest(t, proxy, ...origins)
})

for (const lb of ['least_connections', 'p2c'] as const) {
  test(`${lb}: those that are busy are spared`, async (t) => {
    const { promise, resolve: release } = Promise.withResolvers<void>()
    const answer: Responder = async (request, socket) => {
      if (request.target === '/slow') await promise
      await respond('ok')(request, socket)
    }
    const { proxy, origins, counts } = await startThree(t, { lb }, [1, 1, 1], answer)
    const slow = Array.from({ length: 9 }, () => ask(proxy.port, { host: HOST, path: '/slow' }))
    await waitFor(() => counts().reduce((a, b) => a + b) === 9, 'the slow requests')
    if (lb === 'least_connections') t.same(counts(), [3, 3, 3])
    // Of two the less busy: to get a fifth one it takes another that has four.
    else t.ok(Math.max(...counts()) <= 5)
    release()
    await Promise.all(slow)
    await matchRest(t, proxy, ...origins)
  })
}

test('least connections: a tunnel is one', async (t) => {
  const settings: UpstreamInput = { lb: 'least_connections' }
  const { proxy, origins, counts } = await startThree(t, settings, [1, 1, 1], upgrade)
  const client = openClient(t, proxy)
  client.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`)
  await client.read('\r\n\r\n')
  await askTimes(proxy, 6)
  t.same(counts(), [1, 3, 3])
  client.destroy()
  await matchRest(t, proxy, ...origins)
})

test('hash: a client stays with its origin, whoever else goes', async (t) => {
  const settings: UpstreamInput = {
    lb: 'hash',
    hash_key: 'header:x-user',
    health: { fail_timeout: 60 }
  }
  const { proxy, origins } = await startThree(t, settings)
  const users = Array.from({ length: 60 }, (_, at) => `X-User: ${at}`)
  const places = new Map<string, string>()
  for (const user of users) places.set(user, await askTimes(proxy, 2, [user]))
  for (const place of places.values()) t.match(place, /^(aa|bb|cc)$/)
  t.equal(new Set(places.values()).size, 3, 'all of them have some')
  await origins[2]?.stop()
  for (const user of users) {
    const place = await askTimes(proxy, 2, [user])
    if (places.get(user) === 'cc') t.match(place, /^(aa|bb)$/)
    else t.equal(place, places.get(user))
  }
  await matchRest(t, proxy, ...origins)
})

test('an origin that fails again and again is left out, and comes back', async (t) => {
  const settings: UpstreamInput = { health: { max_fails: 2, fail_timeout: 0.2 } }
  const { proxy, origins } = await startThree(t, settings)
  const healthy = (): boolean[] | undefined =>
    proxy.app.upstreams()[0]?.origins.map((origin) => origin.healthy)
  await origins[1]?.stop()
  t.match(await askTimes(proxy, 12), /^[ac]{12}$/, 'nobody notices')
  await waitFor(async () => {
    await askTimes(proxy, 1)
    return healthy()?.[1] === false
  }, 'it to be out')
  await origins[1]?.start()
  await waitFor(() => healthy()?.[1], 'it to be back')
  t.match(await askTimes(proxy, 9), /b/)
  await matchRest(t, proxy, ...origins)
})
