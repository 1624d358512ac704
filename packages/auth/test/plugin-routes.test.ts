import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { auth } from '../src/index.ts'
import { basic } from './credentials.ts'
import { userOf } from './stored-users.ts'

async function build(t: Test): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(auth, { users: { ada: await userOf('correct') } })
  return app
}

const BASIC = basic('ada', 'correct')

t.test('a rule guards a route however it is added', async (t) => {
  const app = await build(t)
  const rule = { any: ['basic' as const] }
  const config = { auth: rule }
  app.get('/get', { config }, async () => 'in')
  app.route({ method: ['GET', 'POST'], url: '/many', config, handler: async () => 'in' })
  await app.register(
    async (scope) => {
      scope.get('/', { config }, async () => 'in')
      scope.get('/deep/:id', { config }, async () => 'in')
      scope.get('/*', { config: { auth: { any: ['basic'] } } }, async () => 'in')
    },
    { prefix: '/scope' }
  )
  for (const url of ['/get', '/many', '/scope', '/scope/', '/scope/deep/1', '/scope/other']) {
    t.equal((await app.inject({ url })).statusCode, 401, url)
    t.equal((await app.inject({ method: 'HEAD', url })).statusCode, 401, `HEAD ${url}`)
    t.equal((await app.inject({ url, headers: BASIC })).body, 'in', url)
  }
  t.equal((await app.inject({ method: 'POST', url: '/many' })).statusCode, 401)
})

t.test('a protected body is not read before the request is authenticated', async (t) => {
  const app = await build(t)
  app.post('/post', { config: { auth: { any: ['basic'] } } }, async ({ body }) => body)
  const payload = '{"broken'
  const headers = { 'content-type': 'application/json' }
  const refused = await app.inject({ method: 'POST', url: '/post', payload, headers })
  t.equal(refused.statusCode, 401)
  const read = await app.inject({
    method: 'POST',
    url: '/post',
    payload,
    headers: { ...headers, ...BASIC }
  })
  t.equal(read.statusCode, 400)
})

t.test('a route with a rule that was added before the plugin responds with an error', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/early', { config: { auth: { any: ['basic'] } } }, async () => 'in')
  await app.register(auth, { users: { ada: await userOf('correct') } })
  t.not((await app.inject({ url: '/early' })).statusCode, 200)
  t.not((await app.inject({ url: '/early', headers: BASIC })).statusCode, 200)
})

t.test('refusals have a status and no details', async (t) => {
  const app = await build(t)
  app.get('/', { config: { auth: { any: ['basic'], users: ['bob'] } } }, async () => 'in')
  const nobody = await app.inject({ url: '/', headers: { host: 'a.example' } })
  t.same(nobody.json(), {
    statusCode: 401,
    code: 'RELIW_AUTH_UNAUTHENTICATED',
    error: 'Unauthorized',
    message: 'Unauthorized'
  })
  t.same(nobody.headers['www-authenticate'], ['Basic realm="a.example", charset="UTF-8"'])
  const another = await app.inject({ url: '/', headers: BASIC })
  t.same(another.json(), {
    statusCode: 403,
    code: 'RELIW_AUTH_FORBIDDEN',
    error: 'Forbidden',
    message: 'Forbidden'
  })
})

t.test('a request with an invalid host is refused', async (t) => {
  const app = await build(t)
  app.get('/', { config: { auth: { any: ['basic'] } } }, async () => 'in')
  for (const host of ['a..b', 'a b', '<script>', ':80', '"', 'a/b']) {
    const { statusCode } = await app.inject({ url: '/', headers: { host, ...BASIC } })
    t.equal(statusCode, 403, host)
  }
})

t.test(
  'a rule that names an authentication method without settings is a fault of the operator',
  async (t) => {
    const app = await build(t)
    app.get('/jwt', { config: { auth: { any: ['jwt'] } } }, async () => 'in')
    app.get('/forward', { config: { auth: { any: ['forward'] } } }, async () => 'in')
    for (const way of ['jwt', 'forward']) {
      const headers = { authorization: 'Bearer a.b.c' }
      const response = await app.inject({ url: `/${way}`, headers })
      t.equal(response.statusCode, 500)
      t.equal(response.json<{ code: string }>().code, 'RELIW_AUTH_MISCONFIGURED')
    }
  }
)

t.test('authorize() decides for handlers of other plugins', async (t) => {
  const app = await build(t)
  const rule = { any: ['basic' as const], users: undefined, groups: undefined, secondFactor: false }
  app.get('/', async (request, reply) => {
    if (!(await app.authorize(request, reply, rule))) return reply
    return request.identity
  })
  t.equal((await app.inject({ url: '/' })).statusCode, 401)
  t.match((await app.inject({ url: '/', headers: BASIC })).json(), { user: 'ada', method: 'basic' })
})
