import { Readable } from 'node:stream'
import { openHttp2, openRaw, portOf, rawRequest, type TestContext, waitFor } from '@reliw/testing'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyServerOptions
} from 'fastify'
import t from 'tap'
import {
  beginResponse,
  endBody,
  respond,
  type ResponseTap,
  tapResponses,
  useFacts,
  writeBody
} from '../../src/index.ts'

/** What a tap has seen of one response. */
interface Seen {
  status: number
  headers: string[]
  body: string
  isComplete: boolean | undefined
}

const RESPONSES: Record<string, (reply: FastifyReply) => unknown> = {
  whole: (reply) => respond(reply, 200, ['content-length', '4'], Buffer.from('body')),
  large: (reply) => respond(reply, 200, ['content-length', '20000'], Buffer.alloc(20_000, 'x')),
  text: (reply) => respond(reply, 200, ['content-length', '1'], Buffer.from([0xe9]), 'é'),
  none: (reply) => respond(reply, 304, ['etag', '"1"']),
  pieces(reply) {
    beginResponse(reply, 206, ['content-length', '6'])
    writeBody(reply, Buffer.from('ab'))
    writeBody(reply, Buffer.from('cd'))
    endBody(reply, Buffer.from('ef'))
  },
  sent: (reply) => reply.code(201).header('x-own', 'a').send('body'),
  bytes: (reply) => reply.send(Buffer.from('body')),
  stream: (reply) => reply.send(Readable.from([Buffer.from('bo'), Buffer.from('dy')])),
  web: (reply) => reply.send(new Response('body')),
  nothing: (reply) => reply.code(204).send(),
  redirect: (reply) => reply.redirect('/'),
  error: (reply) => reply.send(new Error('on purpose')),
  begun: (reply) => {
    beginResponse(reply, 200, ['content-length', '6'])
    writeBody(reply, Buffer.from('ab'))
  }
}

async function start(
  t: TestContext,
  tap?: ResponseTap,
  options: FastifyServerOptions = {}
): Promise<{ app: FastifyInstance; port: number; seen: Seen[] }> {
  const seen: Seen[] = []
  const app = Fastify(options)
  useFacts(app)
  tapResponses(app, (reply, head) => {
    const one: Seen = { ...head, headers: [...head.headers], body: '', isComplete: undefined }
    seen.push(one)
    const own = tap?.(reply, head)
    return {
      onPiece(bytes) {
        one.body += bytes.toString('latin1')
        own?.onPiece(bytes)
      },
      onEnd(isComplete) {
        if (one.isComplete !== undefined) throw new Error('the end came twice')
        one.isComplete = isComplete
      }
    }
  })
  app.all('/:name', (request, reply) => {
    void RESPONSES[(request.params as { name: string }).name]?.(reply)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => {
    app.server.closeAllConnections?.()
    return app.close()
  })
  return { app, port: portOf(app.server), seen }
}

const get = async (port: number, name: string, method = 'GET'): Promise<string> =>
  rawRequest(port, `${method} /${name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)

t.test('a tap sees head, body and end of every response, whichever plugin sends it', async (t) => {
  const { port, seen } = await start(t)
  for (const [name, status, body] of [
    ['whole', 200, 'body'],
    ['large', 200, 'x'.repeat(20_000)],
    ['text', 200, '\xe9'],
    ['none', 304, ''],
    ['pieces', 206, 'abcdef'],
    ['sent', 201, 'body'],
    ['bytes', 200, 'body'],
    ['stream', 200, 'body'],
    ['web', 200, 'body'],
    ['nothing', 204, ''],
    ['redirect', 302, ''],
    ['error', 500, /on purpose/]
  ] as const) {
    const response = await get(port, name)
    t.match(seen.pop(), { status, body, isComplete: true }, name)
    t.match(response, `HTTP/1.1 ${status} `, name)
    if (typeof body === 'string')
      t.ok(response.endsWith(`\r\n\r\n${body}`) || /chunked/.test(response))
    t.equal(seen.length, 0)
  }
  await get(port, 'whole', 'HEAD')
  t.match(seen.pop(), { status: 200, body: '', isComplete: true }, 'HEAD')
})

t.test('a tap sees the header list, and changes head and status', async (t) => {
  const { port, seen } = await start(t, (_reply, head) => {
    head.status = 203
    head.headers.push('x-tapped', 'yes', 'set-cookie', 'a=1', 'set-cookie', 'b=2')
    return undefined
  })
  for (const name of ['whole', 'pieces', 'sent', 'stream']) {
    const response = await get(port, name)
    t.match(response, /^HTTP\/1.1 203 .*x-tapped: yes\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n/s)
    t.match(response, name === 'pieces' ? 'abcdef' : /body|bo\r\n2\r\ndy/)
  }
  t.strictSame(seen[2]?.headers.slice(0, 2), ['x-own', 'a'])
})

t.test('a tap is notified that a response broke off', async (t) => {
  const { port, seen } = await start(t)
  const client = openRaw(port)
  client.write('GET /begun HTTP/1.1\r\nHost: a\r\n\r\n')
  await waitFor(() => seen[0]?.body === 'ab', 'the piece')
  t.equal(seen[0]?.isComplete, undefined)
  client.destroy()
  await waitFor(() => seen[0]?.isComplete === false, 'the end')
})

t.test('an error of a tap becomes the response, or breaks it off', async (t) => {
  let isHead = true
  const { port, seen } = await start(t, ({ request }) => {
    if (isHead && request.url !== '/error') throw new Error('refused by a tap')
    return {
      onPiece() {
        if (request.url !== '/error') throw new Error('refused by a tap')
      },
      onEnd: () => undefined
    }
  })
  const refused = /^HTTP\/1.1 500 .*\r\n\r\n/s
  // The error page is shown to the tap as well, which throws again: Fastify sends one without hooks.
  t.match(await get(port, 'whole'), refused)
  isHead = false
  t.notMatch(await get(port, 'pieces'), 'ab')
  t.match(seen.at(-1), { isComplete: false })
  t.match(await get(port, 'whole'), refused)
  t.match(await get(port, 'error'), refused)
  t.match(seen.at(-1), { isComplete: true })
})

t.test('taps see HTTP/2 responses', async (t) => {
  const { app, seen } = await start(t, undefined, { http2: true } as FastifyServerOptions)
  const request = openHttp2(t, portOf(app.server))
  for (const name of ['whole', 'pieces', 'sent']) {
    const { status, text: body } = await request({ ':path': `/${name}` })
    t.match(seen.pop(), { status, body, isComplete: true }, name)
    t.match(body, /^(body|abcdef)$/)
  }
})

t.test('a scope has its own taps beside those of the app', async (t) => {
  const app = Fastify()
  useFacts(app)
  const calls: string[] = []
  const note =
    (name: string): ResponseTap =>
    () =>
      void calls.push(name)
  tapResponses(app, note('app'))
  await app.register(async (scope) => {
    tapResponses(scope, note('scope'))
    scope.get('/in', async () => 'in')
  })
  app.get('/out', async (_request, reply) => respond(reply, 200, []))
  await app.inject('/in')
  t.strictSame(calls.splice(0), ['app', 'scope'])
  await app.inject('/out')
  t.strictSame(calls, ['app'])
})
