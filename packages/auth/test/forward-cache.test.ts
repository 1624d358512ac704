import type { ForwardSettings } from '@reliw/model'
import { type Responder, startOrigin, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { DecisionCache } from '../src/forward/decision-cache.ts'
import { ForwardAuth, type ForwardRequest } from '../src/forward/forward-auth.ts'
import { headOf, requestFrom, settingsFor } from './forward-fixtures.ts'

const CACHE = {
  key_headers: ['authorization'],
  key_request: ['method', 'url', 'client_ip'] as const,
  ttl: 60_000,
  refusals: [403]
}

/** An auth server that admits whoever it is told, and counts how often it is asked. */
async function startCached(
  t: Test,
  changes: Partial<NonNullable<ForwardSettings['cache']>> = {},
  respond: Responder = (request, connection) => {
    const user = request.header('authorization') ?? 'nobody'
    connection.write(headOf(200, `Remote-User: ${user}`, 'Content-Length: 0'), 'latin1')
  },
  isInformed = (): boolean => true
): Promise<{
  ask: (headers?: readonly string[], request?: Partial<ForwardRequest>) => Promise<string>
  asked: () => number
  decisions: DecisionCache
  headers: (name: string) => (string | undefined)[]
}> {
  const server = await startOrigin(t, respond)
  const decisions = new DecisionCache(isInformed)
  const cache = { ...CACHE, key_request: [...CACHE.key_request], ...changes }
  const auth = new ForwardAuth(settingsFor(server.url, { cache }), decisions)
  t.teardown(() => auth.close())
  return {
    decisions,
    asked: () => server.requests.length,
    headers: (name) => server.requests.map((request) => request.header(name)),
    async ask(headers = [], request = {}) {
      const decision = await auth.authorize(requestFrom(headers, { site: 'a.example', ...request }))
      if (decision.kind === 'allowed') return decision.identity.user
      return decision.kind === 'response' ? String(decision.status) : decision.reason
    }
  }
}

const as = (user: string): string[] => ['Authorization', user]

t.test('equal requests share a response, and no others do', async (t) => {
  const { ask, asked } = await startCached(t)
  for (let times = 0; times < 3; times += 1) t.equal(await ask(as('ada')), 'ada')
  t.equal(asked(), 1)
  t.equal(await ask(as('bob')), 'bob')
  t.equal(await ask(), 'nobody')
  t.equal(asked(), 3)
  for (const other of [
    { method: 'GET' },
    { url: '/other' },
    { clientIp: '203.0.113.8' },
    { host: 'b.example' },
    { scheme: 'http' }
  ] as const)
    await ask(as('ada'), other)
  t.equal(asked(), 8)
})

t.test('parts of the request that are not named do not count', async (t) => {
  const { ask, asked } = await startCached(t, { key_request: ['method'] })
  for (const url of ['/', '/a.css', '/b.js']) await ask(as('ada'), { url, clientIp: url })
  t.equal(asked(), 1)
  await ask(as('ada'), { method: 'PUT' })
  t.equal(asked(), 2)
})

t.test(
  'the auth server sees only the headers of the key, so that no other can matter',
  async (t) => {
    const { ask, headers } = await startCached(t)
    await ask([...as('ada'), 'Cookie', 'session=1', 'X-Api-Key', 'secret'])
    t.same(headers('cookie'), [undefined])
    t.same(headers('x-api-key'), [undefined])
    t.same(headers('authorization'), ['ada'])
  }
)

t.test('named refusals are cached; others, failures and what sets cookies are not', async (t) => {
  const responses = [
    [403, 1],
    [401, 2],
    [302, 2],
    [500, 2]
  ] as const
  for (const [status, expected] of responses) {
    const lines = ['Location: https://sso.example/', 'Content-Length: 0']
    const { ask, asked } = await startCached(t, {}, (_request, connection) => {
      connection.write(headOf(status, ...lines))
    })
    for (let times = 0; times < 2; times += 1) await ask(as('ada'))
    t.equal(asked(), expected, String(status))
  }
  for (const status of [200, 403]) {
    const { ask, asked } = await startCached(t, {}, (_request, connection) => {
      connection.write(headOf(status, 'Set-Cookie: seen=1', 'Content-Length: 0'))
    })
    for (let times = 0; times < 2; times += 1) await ask(as('ada'))
    t.equal(asked(), 2, `${status} with a cookie`)
  }
})

t.test('a response is used for its time only', async (t) => {
  const { ask, asked } = await startCached(t, { ttl: 1 })
  await waitFor(async () => {
    await ask(as('ada'))
    return asked() === 2
  }, 'the second question')
})

t.test('responses are forgotten by site and user', async (t) => {
  const { ask, asked, decisions } = await startCached(t)
  const askAll = async (): Promise<number> => {
    const before = asked()
    for (const user of ['ada', 'bob']) await ask(as(user))
    await ask(as('ada'), { site: 'b.example' })
    return asked() - before
  }
  t.equal(await askAll(), 3)
  t.equal(await askAll(), 0)
  for (const [forgotten, expected] of [
    [{ host: 'a.example', user: 'ada' }, 1],
    [{ host: 'a.example', user: 'eve' }, 0],
    [{ host: 'a.example' }, 2],
    [{ host: 'c.example' }, 0],
    [{}, 3]
  ] as const) {
    decisions.forget(forgotten)
    t.equal(await askAll(), expected, JSON.stringify(forgotten))
  }
})

t.test('a response to a question before a revocation is not cached after it', async (t) => {
  const released = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const { ask, asked, decisions } = await startCached(t, {}, async (_request, connection) => {
    begun.resolve()
    await released.promise
    connection.write(headOf(200, 'Remote-User: ada', 'Content-Length: 0'))
  })
  const first = ask(as('ada'))
  await begun.promise
  decisions.forget({ host: 'a.example' })
  released.resolve()
  t.equal(await first, 'ada')
  t.equal(await ask(as('ada')), 'ada')
  t.equal(asked(), 2)
})

t.test('nothing is used or cached while revocations could be missed', async (t) => {
  let isInformed = true
  const { ask, asked } = await startCached(t, {}, undefined, () => isInformed)
  await ask(as('ada'))
  isInformed = false
  for (let times = 0; times < 2; times += 1) await ask(as('ada'))
  t.equal(asked(), 3)
  isInformed = true
  await ask(as('ada'))
  t.equal(asked(), 3)
})

t.test('the cache is bounded, however long and many the keys are', async (t) => {
  const cache = new DecisionCache()
  const body = Buffer.alloc(65_536)
  const decision = { kind: 'response', status: 403, headers: [], body } as const
  for (let at = 0; at < 1000; at += 1) cache.add(String(at), { host: 'a', decision }, 60_000, 0)
  t.equal(cache.get('0'), undefined)
  t.equal(cache.get('999'), decision)
  let count = 0
  for (let at = 0; at < 1000; at += 1) if (cache.get(String(at)) !== undefined) count += 1
  t.ok(count * body.length <= 16 * 1024 * 1024 && count > 100, String(count))
})
