import { openStore } from '@reliw/store'
import { HUNG_AFTER, startOrigin, startRedis, tempDir, waitFor } from '@reliw/testing'
import { test, type Test } from 'tap'
import { forgetForwardAuth } from '../src/operations/forward-auth.ts'
import type { Config } from '../src/index.ts'
import { startServer } from './start-server.ts'

const HOST = '127.0.0.1'

for (const driver of ['embedded', 'Redis']) {
  test(`cached responses of an auth server end with one message: ${driver}`, async (t: Test) => {
    const redis = driver === 'Redis' ? { port: (await startRedis(t)).port } : undefined
    let status = 200
    const auth = await startOrigin(t, (request, socket) => {
      const user = request.header('x-user') ?? ''
      socket.write(
        `HTTP/1.1 ${status} Scripted\r\nRemote-User: ${user}\r\nContent-Length: 0\r\n\r\n`
      )
    })
    const forward = { url: auth.url, cache: { key_headers: ['x-user'], ttl: '1h' } }
    const dir = tempDir(t)
    const config: Config = redis === undefined ? { store: { dir } } : { redis }
    const { port, set, line } = await startServer(
      t,
      {
        [`SITE:${HOST}`]: { auth: { forward } },
        [`API:${HOST}`]: [['^/', 'page']],
        [`API:${HOST}:page`]: {
          methods: { GET: true },
          file: '/a.txt',
          auth: { any: ['forward'] }
        },
        [`FILES:${HOST}:/a.txt`]: { content: 'secret' }
      },
      config
    )
    const get = async (user: string): Promise<number> =>
      (await fetch(`http://${HOST}:${port}/`, { headers: { 'x-user': user } })).status
    const settled = async (): Promise<boolean> => {
      const before = auth.requests.length
      await get('ada')
      return auth.requests.length === before
    }
    await waitFor(settled, 'the store to be known to announce changes')
    t.same([await get('ada'), await get('bob')], [200, 200])
    status = 403
    const before = auth.requests.length
    t.same([await get('ada'), await get('bob')], [200, 200], 'cached')
    t.equal(auth.requests.length, before)

    const store = await openStore(redis === undefined ? { dir } : { redis })
    t.teardown(() => store.close())
    await store.ready(HUNG_AFTER)
    await forgetForwardAuth(store, { host: HOST, user: 'ada' })
    await waitFor(async () => (await get('ada')) === 403, 'the refusal')
    t.equal(await get('bob'), 200, 'that of another user is still cached')
    await line({ msg: 'audit', event: 'forget', vhost: HOST, user: 'ada', by: 'cli' })

    await set(`SITE:${HOST}`, { auth: { forward: { ...forward, timeout: 3 } } })
    await waitFor(async () => (await get('bob')) === 403, 'the changed settings')
  })
}
