import { openStore } from '@reliw/store'
import { portOf, tempDir } from '@reliw/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { contentStore, type ContentStoreOptions } from '../../src/index.ts'
import { type Response, sendRequest } from './send-request.ts'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

const HOST = 'a.example'
type Register = (app: FastifyInstance, options: ContentStoreOptions) => Promise<unknown>

async function start(
  t: Test,
  register: Register
): Promise<(path: string, method?: string) => Promise<Response>> {
  const store = await openStore({ dir: tempDir(t) })
  const dir = tempDir(t)
  mkdirSync(join(dir, HOST, 'deep/ü x'), { recursive: true })
  const app = Fastify()
  await register(app, { store, data_dir: dir })
  app.get('/other', async () => 'the app’s')
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await app.close()
    await store.close()
  })
  const entry = { methods: { GET: true }, index: 'index.html' }
  const file = (name: string, content: string) =>
    ({ op: 'hset', key: store.keys.file(HOST, name), fields: { content } }) as const
  await store.driver.write([
    file('/x.txt', 'good'),
    file('/index.html', 'home'),
    file('/static/x.txt', 'twice'),
    { op: 'set', key: store.keys.entry(HOST, 'all'), value: JSON.stringify(entry) },
    { op: 'set', key: store.keys.routes(HOST), value: '[["^/", "all"]]' }
  ])
  const port = portOf(app.server)
  return (path, method = 'GET') => sendRequest(port, path, { host: HOST, method })
}

const registrations: Record<string, Register> = {
  'its own option': async (app, options) =>
    app.register(contentStore, { ...options, prefix: '/static' }),
  'its own option, with a slash': async (app, options) =>
    app.register(contentStore, { ...options, prefix: '/static/' }),
  'the scope around': async (app, options) =>
    app.register(
      async (scope) => {
        await scope.register(contentStore, options)
      },
      {
        prefix: '/static'
      }
    ),
  both: async (app, options) =>
    app.register(
      async (scope) => {
        await scope.register(contentStore, { ...options, prefix: '/ic' })
      },
      { prefix: '/stat' }
    )
}

for (const [name, register] of Object.entries(registrations)) {
  t.test(`sites below a prefix are looked up without it: ${name}`, async (t) => {
    const base = name.startsWith('both') ? '/stat/ic' : '/static'
    const get = await start(t, register)
    t.match(await get(`${base}/x.txt`), { status: 200, text: 'good' })
    t.match(await get(`${base}/`), { status: 200, text: 'home' })
    t.match(await get(`${base}/static/x.txt`), { status: 200, text: 'twice' })
    t.match(await get(base), { status: 301, headers: { location: `${base}/` } })
    t.match(await get(`${base}?a=b`), { status: 301, headers: { location: `${base}/?a=b` } })
    t.match(await get(`${base}/deep`), { status: 301, headers: { location: `${base}/deep/` } })
    t.match(await get(`${base}/deep?x`), { status: 301, headers: { location: `${base}/deep/?x` } })
    t.match(await get(`${base}/missing`), { status: 404 })
    t.match(await get('/x.txt'), { status: 404 })
    t.match(await get(`${base}x/x.txt`), { status: 404 })
    t.match(await get('/other'), { status: 200, text: 'the app’s' })
  })
}

t.test('a redirect below a prefix never leads to another host', async (t) => {
  const get = await start(t, registrations['its own option'] as Register)
  for (const path of ['/static//deep', '//static/deep', '/static/deep/%C3%BC%20x']) {
    const { status, headers } = await get(path)
    if (status === 301) t.match(headers.location, /^\/static\/deep\//, path)
    else t.equal(status, 404, path)
  }
})

t.test('a path outside the prefix that an app passes on is not found', async (t) => {
  const get = await start(t, async (app, options) => {
    await app.register(contentStore, { ...options, prefix: '/static' })
    app.setNotFoundHandler(app.serveContent)
  })
  t.match(await get('/x.txt'), { status: 404, text: /404/ })
})

t.test('a scope whose prefix has a parameter is refused at registration', async (t) => {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  for (const prefix of ['/t/:tenant', '/:x', '/f/:name(^\\w+)', '/t/:a/b']) {
    const app = Fastify()
    t.teardown(() => app.close())
    app.register(
      async (scope) => {
        await scope.register(contentStore, { store, data_dir: tempDir(t) })
      },
      { prefix }
    )
    await t.rejects(async () => app.ready(), {
      message: `@reliw/content-store: the scope's prefix "${prefix}" has a parameter: sites need a fixed one, such as "/static"`
    })
  }
})

t.test('OPTIONS * gets a response without other plugins, below a prefix or not', async (t) => {
  const ends: Register[] = [
    async (app, options) => app.register(contentStore, options),
    async (app, options) => {
      await app.register(contentStore, { ...options, prefix: '/static' })
      app.setNotFoundHandler(app.serveContent)
    }
  ]
  for (const register of ends) {
    const get = await start(t, register)
    t.match(await get('*', 'OPTIONS'), { status: 204, headers: { allow: /GET.*OPTIONS/ } })
    t.match(await get('*', 'GET'), { status: 400 })
  }
})
