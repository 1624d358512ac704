import { openHttp2, portOf, rawRequest, type TestContext } from '@reliw/testing'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyServerOptions
} from 'fastify'
import t from 'tap'
import {
  beginResponse,
  endBody,
  type HeaderSettings,
  inform,
  readHeaderRules,
  respond,
  useFacts,
  useHeaderRules,
  useOutlet
} from '../src/index.ts'

const rules = (own: Partial<HeaderSettings['response']>): HeaderSettings => ({
  response: { set: {}, add: {}, remove: [], default: {}, ...own }
})

const RESPONSES: Record<string, (reply: FastifyReply) => unknown> = {
  whole: (reply) => respond(reply, 200, ['X-Set', 'own', 'content-length', '0'], Buffer.alloc(0)),
  pieces(reply) {
    inform(reply, 103, ['link', '</a>'])
    beginResponse(reply, 200, ['x-set', 'own', 'x-gone', 'own', 'content-length', '0'])
    endBody(reply)
  },
  sent: (reply) => reply.header('x-set', 'plugin').header('vary', 'Accept').send('body'),
  cookies: (reply) => reply.header('set-cookie', 'plugin=1').send('body'),
  failed: (reply) => reply.send(new Error('on purpose')),
  policy: (reply) => reply.header('content-security-policy', "script-src 'self'").send('body')
}

async function start(
  t: TestContext,
  find: Parameters<typeof useHeaderRules>[1],
  options: FastifyServerOptions = {}
): Promise<{ app: FastifyInstance; port: number; get: (name: string) => Promise<string> }> {
  const app = Fastify(options)
  useFacts(app)
  useOutlet(app)
  useHeaderRules(app)
  useHeaderRules(app, find)
  useHeaderRules(app, () => rules({ set: { 'x-second': ['never'] } }))
  app.addHook('preHandler', async (request) => readHeaderRules(request))
  app.all('/:name', (request, reply) => {
    void RESPONSES[(request.params as { name: string }).name]?.(reply)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const port = portOf(app.server)
  const get = async (name: string): Promise<string> =>
    rawRequest(
      port,
      `GET /${name} HTTP/1.1\r\nHost: a\r\nOrigin: https://x\r\nConnection: close\r\n\r\n`
    )
  return { app, port, get }
}

const RULES: HeaderSettings = {
  ...rules({
    set: { 'x-set': ['rule'] },
    add: { 'set-cookie': ['rule=1'] },
    remove: ['x-gone'],
    default: { 'x-default': ['rule'] }
  }),
  security: {},
  cors: {
    origins: ['https://x'],
    methods: ['GET'],
    headers: [],
    exposed_headers: [],
    credentials: false,
    max_age: 1000
  }
}

for (const [what, find] of [
  ['known at once', () => RULES],
  ['read first', async () => RULES]
] as const)
  t.test(`rules that are ${what} apply to responses of the outlet and of Fastify`, async (t) => {
    const { get } = await start(t, find)
    for (const name of Object.keys(RESPONSES)) {
      const response = await get(name)
      t.match(response, /\r\nx-set: (rule|plugin)\r\n/i, name)
      t.equal(response.match(/\r\nx-set: /gi)?.length, 1, name)
      t.match(response, '\r\nset-cookie: rule=1\r\n', name)
      t.match(response, '\r\nx-default: rule\r\n', name)
      t.match(response, '\r\naccess-control-allow-origin: https://x\r\n', name)
      t.match(response, "\r\ncontent-security-policy: frame-ancestors 'self'\r\n", name)
      t.match(response, '\r\nreferrer-policy: ', name)
      t.notMatch(response, /x-gone|x-second/i, name)
    }
    t.match(await get('sent'), /\r\nx-set: plugin\r\nvary: Accept, Origin\r\n/)
    t.match(await get('cookies'), '\r\nset-cookie: plugin=1\r\n')
    t.match(await get('policy'), "\r\ncontent-security-policy: script-src 'self'\r\n")
    t.match(
      await get('pieces'),
      /^HTTP\/1.1 103 [^\r]*\r\nlink: <\/a>\r\n\r\n/,
      'not to interim ones'
    )
  })

t.test('rules that cannot be read do not fail a response', async (t) => {
  for (const find of [
    () => {
      throw new Error('unavailable')
    },
    async () => {
      throw new Error('unavailable')
    },
    () => undefined
  ]) {
    const { get } = await start(t, find)
    for (const name of ['whole', 'sent']) {
      const response = await get(name)
      t.match(response, /^HTTP\/1.1 200 .*\r\nx-set: (own|plugin)\r\n/is)
      t.notMatch(response, /referrer-policy/)
    }
  }
})

t.test('rules apply over HTTP/2', async (t) => {
  const { port } = await start(t, () => RULES, { http2: true } as FastifyServerOptions)
  const send = openHttp2(t, port)
  for (const name of ['whole', 'pieces', 'sent', 'policy']) {
    const { status, headers } = await send({ ':path': `/${name}`, ':authority': 'a' })
    t.equal(status, 200)
    t.match(headers, { 'x-default': 'rule', 'set-cookie': ['rule=1'], vary: /Origin$/ }, name)
    t.match(headers['content-security-policy'], "frame-ancestors 'self'", name)
  }
})
