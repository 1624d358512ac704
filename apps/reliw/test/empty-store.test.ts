import { type RedisServer, startRedis, waitFor } from '@reliw/testing'
import { test } from 'tap'
import type { Config } from '../src/index.ts'
import { ask } from './cli/serving.ts'
import { startServer } from './start-server.ts'

const SITE = {
  'API:a.example': [['^/', 'page']],
  'API:a.example:page': { methods: { GET: true }, file: '/a.txt' },
  'FILES:a.example:/a.txt': { content: 'text' }
}
const PAGE = /RELIW is running.*reliw import.*reliw set PROXY:b\.example /s
const stores = ['the embedded store', 'Redis']

for (const name of stores) {
  test(`an empty store says what to do until it has a site: ${name}`, async (t) => {
    const redis: RedisServer | undefined = name === 'Redis' ? await startRedis(t) : undefined
    const config: Config = redis === undefined ? {} : { redis: { port: redis.port } }
    const { port, set, line, app } = await startServer(t, { 'DATA:__:x': 'y' }, config)
    t.equal(await app.sites.wasEmpty, true)
    const empty = await ask(port, '/', { host: 'b.example' })
    t.match(empty, { status: 404, headers: { 'cache-control': 'no-store' }, text: PAGE })
    t.notMatch(empty.text, /127\.0\.0\.1|reliw-store|\/tmp/)
    t.match(await line({ vhost: 'b.example' }), { error: 'RELIW_CONTENT_NO_SITE', status: 404 })

    for (const [key, value] of Object.entries(SITE)) await set(key, value)
    t.equal((await ask(port, '/')).text, 'text')
    const unknown = await ask(port, '/other', { host: 'b.example' })
    t.equal(unknown.status, 404)
    t.notMatch(unknown.text, /RELIW|reliw|site yet|a\.example/)
    t.match(await line({ path: '/other' }), { error: 'RELIW_CONTENT_NO_SITE' })

    await set('PROXY:c.example', { target: '127.0.0.1:1' })
    for (const key of ['API:a.example', 'API:a.example:page']) await set(key, undefined)
    t.notMatch((await ask(port, '/', { host: 'b.example' })).text, /RELIW/)
    await set('PROXY:c.example', undefined)
    const again = async (): Promise<boolean> =>
      PAGE.test((await ask(port, '/', { host: 'b.example' })).text)
    await waitFor(again, 'the page of the empty store')
  })
}

test('a path that a site does not have is no lack of a site', async (t) => {
  const { port, line, app } = await startServer(t, {
    ...SITE,
    'API:a.example': [['/here', 'page', true]]
  })
  t.equal(await app.sites.wasEmpty, false)
  t.notMatch((await ask(port, '/none')).text, /RELIW/)
  t.match(await line({ path: '/none' }), { error: 'RELIW_CONTENT_NOT_FOUND' })
})
