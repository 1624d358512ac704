import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:tls'
import { createAuthority, waitFor } from '@reliw/testing'
import Fastify from 'fastify'
import { test } from 'tap'
import { BodyWatch } from '../src/connections/body-watch.ts'
import { endSlowRequest } from '../src/connections/end-slow-request.ts'
import { dribble, listen, open, outlastSilence, post, startWatched } from './slow-server.ts'

const HANDLED: RequestListener = (request, response) => {
  request.resume().on('end', () => response.end(`got ${request.url}`))
}
const CHUNKED = 'Transfer-Encoding: chunked'

test('a client that stops in the middle of its body gets 408', async (t) => {
  const watched = await startWatched(t, { bodyTimeout: 100 }, HANDLED)
  for (const [framing, part] of [
    ['Content-Length: 10', '01234'],
    ['Content-Length: 10', ''],
    [CHUNKED, '5\r\n01234\r\n'],
    [CHUNKED, '5\r\n01'],
    [CHUNKED, '']
  ] as const) {
    const client = open(t, watched.port)
    client.write(post('/a', framing, part))
    t.equal(
      await client.readToEnd(),
      [
        'HTTP/1.1 408 Request Timeout',
        'connection: close',
        'content-type: text/plain; charset=utf-8',
        'content-length: 20',
        'x-request-id: id-of-a',
        '',
        '408 Request Timeout\n'
      ].join('\r\n'),
      `${framing}, ${part}`
    )
  }
  t.strictSame(new Set(watched.cuts), new Set(['/a silent']))
})

test('a response to HEAD has no body', async (t) => {
  const { port } = await startWatched(t, { bodyTimeout: 50 }, HANDLED)
  const client = open(t, port)
  client.write('HEAD / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\n')
  t.match(await client.readToEnd(), /^HTTP\/1.1 408 [^]*\r\n\r\n$/)
})

test('a request that claims another version of HTTP is watched too', async (t) => {
  const { port, cuts } = await startWatched(t, { bodyTimeout: 50 }, HANDLED)
  const client = open(t, port)
  client.write('POST /two HTTP/2.0\r\nHost: a.test\r\nContent-Length: 1\r\n\r\n')
  t.match(await client.readToEnd(), 'HTTP/1.1 408 ')
  t.strictSame(cuts, ['/two silent'])
})

test('a client that sends a byte now and then is too slow', async (t) => {
  const limits = { minBodyRate: 10_000, minRateGrace: 100 }
  const { port, cuts } = await startWatched(t, limits, HANDLED)
  for (const [path, framing, byte] of [
    ['/length', 'Content-Length: 100000', 'x'],
    ['/chunked', CHUNKED, '1\r\nx\r\n']
  ] as const) {
    const client = open(t, port)
    client.write(post(path, framing))
    dribble(client, byte)
    t.match(await client.readToEnd(), 'HTTP/1.1 408 ')
  }
  t.strictSame(cuts, ['/length too slow', '/chunked too slow'])
})

test('the limits apply whether a handler reads by events, by iteration or not at all', async (t) => {
  const { port, cuts } = await startWatched(
    t,
    { minBodyRate: 10_000, minRateGrace: 100 },
    async (request, response) => {
      if (request.url === '/readable') request.on('readable', () => void request.read())
      if (request.url !== '/iterated') return
      const chunks = await request.toArray().catch(() => [])
      response.end(`${chunks.length}`)
    }
  )
  for (const path of ['/iterated', '/readable', '/unread']) {
    const client = open(t, port)
    client.write(post(path, 'Content-Length: 100000', 'begun'))
    dribble(client, 'x')
    t.match(await client.readToEnd(), 'HTTP/1.1 408 ', path)
  }
  t.strictSame(cuts, ['/iterated too slow', '/readable too slow', '/unread too slow'])
})

test('a fast beginning does not make up for slowness without end', async (t) => {
  const limits = { minBodyRate: 10_000, minRateGrace: 100, bodyTimeout: 300 }
  const { port, cuts } = await startWatched(t, limits, HANDLED)
  const client = open(t, port)
  client.write(post('/fast-first', 'Content-Length: 2000000', 'x'.repeat(1_000_000)))
  dribble(client, 'x')
  t.match(await client.readToEnd(), 'HTTP/1.1 408 ')
  t.strictSame(cuts, ['/fast-first too slow'])
})

test('body bytes that arrive with the head count', async (t) => {
  const limits = { minBodyRate: 10_000, minRateGrace: 50, bodyTimeout: 300 }
  const watched = await startWatched(t, limits, HANDLED)
  const client = open(t, watched.port)
  client.write(post('/first', 'Content-Length: 10000', 'x'.repeat(5000)))
  t.match(await client.readToEnd(), 'HTTP/1.1 408 ')
  t.strictSame(watched.cuts, ['/first silent'], 'it may be silent for as long as any other')
})

test('a request may be limited as a whole, however fast it comes', async (t) => {
  const { port, cuts } = await startWatched(t, { requestTimeout: 200 }, HANDLED)
  const client = open(t, port)
  client.write(post('/endless', CHUNKED))
  dribble(client, `400\r\n${'x'.repeat(1024)}\r\n`, 1)
  t.match(await client.readToEnd(), 'HTTP/1.1 408 ')
  t.strictSame(cuts, ['/endless too long'])
})

test('the rest of a body is discarded after the response, up to a limit', async (t) => {
  const watched = await startWatched(t, { maxBodySize: 1_000_000 }, (_request, response) => {
    response.end('no need')
  })
  const client = open(t, watched.port)
  client.write(post('/a', 'Content-Length: 900000', 'x'.repeat(500_000)))
  await client.read('no need')
  client.write('x'.repeat(400_000))
  client.write(post('/b', 'Content-Length: 9000000000'))
  await client.read('no need')
  dribble(client, Buffer.alloc(65_536), 1)
  await client.closed
  t.strictSame(watched.cuts, ['/b too large'])
})

test('the rest of a body has to arrive after the response, too', async (t) => {
  const watched = await startWatched(t, { bodyTimeout: 100 }, (_request, response) => {
    response.end('no need')
  })
  const client = open(t, watched.port)
  client.socket.on('error', (error) => t.fail('a finished response is not reset', { error }))
  client.write(post('/a', 'Content-Length: 9', 'x'))
  t.match(await client.readToEnd(), /no need$/, 'and no second response comes')
  t.strictSame(watched.cuts, ['/a silent'])
})

test('a response that has begun is reset', async (t) => {
  const watched = await startWatched(t, { bodyTimeout: 100 }, (_request, response) => {
    response.write('begun')
  })
  const client = open(t, watched.port)
  const broken = once(client.socket, 'error')
  client.write(post('/a', 'Content-Length: 9', 'x'))
  await client.read('begun')
  t.match(await broken, [{ code: 'ECONNRESET' }], 'nobody takes it for the whole')
  t.strictSame(watched.cuts, ['/a silent'])
})

test('nothing more is processed for a client that got 408', async (t) => {
  const handled: IncomingMessage[] = []
  const ended: string[] = []
  const watched = await startWatched(t, { bodyTimeout: 100 }, (request, response) => {
    handled.push(request)
    request.resume().on('end', () => ended.push('body'))
    response.on('close', () => ended.push('response'))
  })
  const client = open(t, watched.port)
  client.write(post('/a', 'Content-Length: 10', 'x'))
  await client.readToEnd()
  client.write(`xxxxxxxxx${post('/b', 'Content-Length: 0')}`)
  await waitFor(() => ended.length > 0, 'the end of the request')
  t.strictSame(ended, ['response'])
  t.equal(handled.length, 1)
})

test('writing to a response that was ended gives no error', async (t) => {
  const watched = await startWatched(t, { bodyTimeout: 100 }, async (_request, response) => {
    await waitFor(() => watched.cuts.length > 0, 'the cut')
    response.writeHead(200, { 'content-length': 4 }).write('la')
    response.end('te')
  })
  const client = open(t, watched.port)
  client.write(post('/a', 'Content-Length: 10', 'x'))
  t.match(await client.readToEnd(), /^HTTP\/1.1 408 [^]*408 Request Timeout\n$/)
})

test('a request that comes in time leaves no trace', async (t) => {
  const watched = await startWatched(t, { bodyTimeout: 200 }, HANDLED)
  const client = open(t, watched.port)
  for (const path of ['/a', '/b', '/c']) {
    client.write(post(path, 'Content-Length: 10', '01234'))
    await waitFor(() => watched.watch.size === 1, 'the request')
    client.write('56789')
    await client.read(`got ${path}`)
    await waitFor(() => watched.watch.size === 0, 'the next check')
  }
  await outlastSilence(t, watched)
  client.write(post('/d', 'Content-Length: 1', 'x'))
  await client.read('got /d')
  t.strictSame(watched.cuts, [])
})

test('a complete body is released', async (t) => {
  const { port, watch } = await startWatched(t, { interval: 600_000 }, HANDLED)
  const clients = ['/a', '/b', '/c'].map((path) => ({ path, client: open(t, port) }))
  for (const { path, client } of clients) client.write(post(path, 'Content-Length: 10', '01234'))
  await waitFor(() => watch.size === 3, 'the requests')
  for (const [at, { path, client }] of clients.entries()) {
    client.write('56789')
    await client.read(`got ${path}`)
    t.equal(watch.size, 2 - at)
  }
})

test('a request without a body is not watched', async (t) => {
  const sizes: number[] = []
  const watched = await startWatched(t, {}, (_request, response) => {
    sizes.push(watched.watch.size)
    response.end('done')
  })
  const client = open(t, watched.port)
  for (const head of ['GET / HTTP/1.1', 'POST / HTTP/1.1\r\nContent-Length: 0']) {
    client.write(`${head}\r\nHost: a.test\r\n\r\n`)
    await client.read('done')
  }
  t.strictSame(sizes, [0, 0])
})

test('requests of HTTP/2 share their connection, and are left alone', async (t) => {
  const watch = new BodyWatch({}, () => t.fail('nobody is cut off'))
  t.teardown(() => watch.close())
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  app.addHook('onRequest', async ({ raw }, reply) => {
    reply.header('size', watch.size)
    watch.watch(raw as never, reply.raw as never)
  })
  app.get('/', async () => 'no need')
  const client = connectHttp2(await app.listen({ port: 0, host: '127.0.0.1' }))
  t.teardown(() => client.destroy())
  for (let requests = 0; requests < 2; requests += 1) {
    const stream = client.request({ 'content-length': 10 }, { endStream: false })
    t.match(await once(stream, 'response'), [{ size: '0' }])
  }
})

test('requests that came by no connection are not watched', async (t) => {
  const watch = new BodyWatch({}, () => t.fail('nobody is cut off'))
  t.teardown(() => watch.close())
  const app = Fastify()
  app.addHook('onRequest', async ({ raw }, reply) => watch.watch(raw, reply.raw))
  app.post('/', async () => ({ size: watch.size }))
  const { body } = await app.inject({ method: 'POST', url: '/', payload: { any: 'thing' } })
  t.equal(body, '{"size":0}')
})

test('bodies that come by TLS are watched like others', async (t) => {
  const authority = await createAuthority()
  const { promise: go, resolve } = Promise.withResolvers<void>()
  const cuts: (string | undefined)[] = []
  const watch = new BodyWatch({ bodyTimeout: 100, interval: 10 }, (request, response) => {
    cuts.push(request.url)
    endSlowRequest(response)
  })
  t.teardown(() => watch.close())
  const server = createTlsServer(await authority.issue(['localhost']), (request, response) => {
    watch.watch(request, response)
    if (request.url === '/full') void go.then(() => HANDLED(request, response))
  })
  const port = await listen(t, server)
  const send = (bytes: string): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, servername: 'localhost' })
    t.teardown(() => socket.destroy())
    socket.on('error', () => undefined).write(bytes)
    return once(socket, 'data').then(String)
  }
  const full = send(post('/full', 'Content-Length: 1000000', 'x'.repeat(1_000_000)))
  await waitFor(() => watch.size === 1, 'the request')
  const stalled = post('/stalled', 'Content-Length: 10', '01234')
  t.match(await send(stalled), 'HTTP/1.1 408 ')
  resolve()
  t.match(await full, 'got /full')
  t.strictSame(cuts, ['/stalled'])
})
