import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { portOf, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { dribble, open, outlastSilence, post, readPast, startWatched } from './slow-server.ts'

/** Much more than a stream buffers. */
const LARGE = 4_000_000
/** More than the kernel takes of a response that nobody reads. */
const UNREAD = 20_000_000
const LIMITS = { bodyTimeout: 150, minBodyRate: 100_000, minRateGrace: 100 }

/**
 * Ways to keep a client waiting. Each resolves to the bytes that came, some time after `go` does.
 */
const readers: Record<string, (request: IncomingMessage, go: Promise<void>) => Promise<number>> = {
  async 'that begins late'(request, go) {
    await go
    return count(request)
  },
  async 'that pauses'(request, go) {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      if (bytes === 0) {
        request.pause()
        void go.then(() => request.resume())
      }
      bytes += chunk.length
    })
    await new Promise((resolve) => request.on('end', resolve))
    return bytes
  },
  async 'that pauses for every piece'(request, go) {
    let bytes = 0
    await go
    for await (const chunk of request) {
      await new Promise(setImmediate)
      bytes += (chunk as Buffer).length
    }
    return bytes
  },
  async 'that iterates, and takes its time'(request, go) {
    let bytes = 0
    for await (const chunk of request) {
      if (bytes === 0) await go
      bytes += (chunk as Buffer).length
    }
    return bytes
  },
  async 'that pipes into what is full'(request, go) {
    const full = request.pipe(new PassThrough())
    await go
    return count(full)
  }
}

async function count(stream: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0
  for await (const chunk of stream) bytes += chunk.length
  return bytes
}

for (const [name, read] of Object.entries(readers)) {
  test(`a client is not slow because of a reader ${name}`, async (t) => {
    const { promise: go, resolve } = Promise.withResolvers<void>()
    const watched = await startWatched(t, LIMITS, async (request, response) => {
      response.end(`got ${await read(request, go)}`)
    })
    const client = open(t, watched.port)
    client.write(post('/upload', `Content-Length: ${LARGE}`))
    client.write(Buffer.alloc(LARGE))
    await waitFor(() => watched.watch.size === 1, 'the request')
    await outlastSilence(t, watched)
    await outlastSilence(t, watched)
    resolve()
    await client.read(`got ${LARGE}`)
    t.strictSame(watched.cuts, [])
  })
}

test('a client that was held back has to continue once it is not', async (t) => {
  const { promise: go, resolve } = Promise.withResolvers<void>()
  const watched = await startWatched(t, LIMITS, (request) => {
    request.once('data', () => request.pause())
    void go.then(() => request.resume())
  })
  const client = open(t, watched.port)
  client.write(post('/upload', `Content-Length: ${LARGE}`, 'x'.repeat(1000)))
  await waitFor(() => watched.watch.size === 1, 'the request')
  await outlastSilence(t, watched)
  t.strictSame(watched.cuts, [])
  resolve()
  t.match(await client.readToEnd(), 'HTTP/1.1 408 ')
})

test('uploads far beyond the limit of discarded bodies are accepted while a handler reads them', async (t) => {
  const limits = { ...LIMITS, maxBodySize: 1000 }
  const watched = await startWatched(t, limits, async (request, response) => {
    response.end(`got ${await count(request)}`)
  })
  const client = open(t, watched.port)
  for (let uploads = 0; uploads < 3; uploads += 1) {
    client.write(post('/upload', `Content-Length: ${LARGE}`))
    client.write(Buffer.alloc(LARGE))
    await client.read(`got ${LARGE}`)
  }
  t.strictSame(watched.cuts, [])
})

test('a body discarded behind another request is limited, too', async (t) => {
  const watched = await startWatched(t, { maxBodySize: 1_000_000 }, (request, response) => {
    if (request.url === '/second') response.end()
    request.resume()
  })
  const client = open(t, watched.port)
  client.write('GET /first HTTP/1.1\r\nHost: a.test\r\n\r\n')
  client.write(post('/second', 'Content-Length: 9000000000'))
  dribble(client, Buffer.alloc(65_536), 1)
  await client.closed
  t.strictSame(watched.cuts, ['/second too large'])
})

test('each of several bodies in a row is measured by its own bytes', async (t) => {
  const watched = await startWatched(t, { bodyTimeout: 100 }, (request, response) => {
    request.resume().on('end', () => response.end(`got ${request.url}`))
  })
  const client = open(t, watched.port)
  client.write(
    post('/a', 'Content-Length: 3', 'abc') +
      post('/b', 'Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\n\r\n') +
      post('/c', 'Content-Length: 100000', 'x'.repeat(50_000))
  )
  t.match(await client.readToEnd(), /got \/a[^]*got \/b[^]*HTTP\/1.1 408 /)
  t.strictSame(watched.cuts, ['/c silent'])
})

test('a body that waits because responses are not read is not slow', async (t) => {
  const watched = await startWatched(t, LIMITS, (request, response) => {
    if (request.url === '/large') response.end(Buffer.alloc(UNREAD))
    else request.resume().on('end', () => response.end(`got ${request.url}`))
  })
  const client = open(t, watched.port)
  client.socket.pause()
  client.write('GET /large HTTP/1.1\r\nHost: a.test\r\n\r\n')
  client.write(post('/upload', 'Content-Length: 1000000', 'x'.repeat(1_000_000)))
  await waitFor(() => watched.watch.size === 1, 'the upload')
  await outlastSilence(t, watched)
  await outlastSilence(t, watched)
  client.socket.resume()
  await readPast(client, UNREAD)
  await client.read('got /upload')
  t.strictSame(watched.cuts, [])
})

test('many bodies are watched, and each is judged alone', async (t) => {
  const watched = await startWatched(t, { bodyTimeout: 300 }, (request, response) => {
    request.resume().on('end', () => response.end(`got ${request.url}`))
  })
  const clients = Array.from({ length: 60 }, (_, at) => {
    const client = open(t, portOf(watched.server))
    client.write(post(`/${at}`, 'Content-Length: 40'))
    return client
  })
  await waitFor(() => watched.watch.size === clients.length, 'the requests')
  const lively = clients.filter((_, at) => at % 3 === 0)
  for (const client of lively) dribble(client, 'x', 25)
  const responses = await Promise.all(
    clients.map((client) => (lively.includes(client) ? client.read(/got .+/) : client.readToEnd()))
  )
  t.equal(
    responses.filter((response) => response.startsWith('HTTP/1.1 200 ')).length,
    lively.length
  )
  t.equal(watched.cuts.length, clients.length - lively.length)
  await waitFor(() => watched.watch.size === 0, 'the next check')
})
