import { once } from 'node:events'
import { closeSync, createReadStream, openSync, type ReadStream, truncateSync } from 'node:fs'
import { open as openFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { connect } from 'node:tls'
import { createAuthority, type RawClient, tempDir, type TestContext, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { cutSlowReaders } from '../src/connections/slow-readers.ts'
import { listen, open, readPast } from './slow-server.ts'

/** More than the kernel takes of a response that nobody reads. */
const LARGE = 50_000_000
const TIMEOUT = 200

interface Served {
  readonly server: Server
  readonly port: number
  readonly cuts: (string | undefined)[]
}

/**
 * Starts a server that breaks off. What is asked for by `/clock` is large, and its cuts are not
 * listed.
 */
async function start(t: TestContext, handle: RequestListener, timeout = TIMEOUT): Promise<Served> {
  const server = createServer((request, response) => {
    if (request.url === '/clock') response.end(Buffer.alloc(LARGE))
    else handle(request, response)
  })
  const cuts: Served['cuts'] = []
  cutSlowReaders(server, timeout, ({ req }) => void (req.url !== '/clock' && cuts.push(req.url)))
  return { server, port: await listen(t, server), cuts }
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`
}

function largeFile(t: TestContext): string {
  const path = join(tempDir(t), 'large')
  closeSync(openSync(path, 'w'))
  truncateSync(path, LARGE)
  return path
}

/** Opens a client that asks and never reads. */
function send(t: TestContext, port: number, ...paths: string[]): RawClient {
  const client = open(t, port)
  client.socket.pause()
  client.write(paths.map(get).join(''))
  return client
}

/** Resolves when a client that does not read, from now on, has been cut off. */
async function outlast(t: TestContext, { server, port }: Served): Promise<void> {
  const connected = once(server, 'connection')
  const client = send(t, port, '/clock')
  const [socket] = await connected
  await once(socket, 'close')
  client.destroy()
}

test('a client that does not read is cut off, and the file is closed', async (t) => {
  const path = largeFile(t)
  const files: ReadStream[] = []
  const served = await start(t, (_request, response) => {
    const file = createReadStream(path)
    files.push(file)
    response.writeHead(200, { 'content-length': LARGE })
    pipeline(file, response, () => undefined)
  })
  for (let clients = 0; clients < 2; clients += 1) {
    const client = send(t, served.port, '/file')
    await waitFor(() => files[clients], 'the request')
    await waitFor(() => files[clients]?.closed, 'the end of the file')
    const broken = once(client.socket, 'error')
    client.socket.resume()
    t.match(await broken, [{ code: 'ECONNRESET' }], 'nobody takes it for the whole')
  }
  t.strictSame(served.cuts, ['/file', '/file'])
})

test('all callbacks of a response written in pieces are called', async (t) => {
  const path = largeFile(t)
  const closed: string[] = []
  const served = await start(t, async (_request, response) => {
    const file = await openFile(path)
    const piece = Buffer.alloc(256 * 1024)
    response.writeHead(200, { 'content-length': LARGE })
    let failure: unknown
    while (failure === undefined) {
      await file.read(piece, 0, piece.length)
      failure = await new Promise((resolve) =>
        response.write(piece, (error) => resolve(error ?? undefined))
      )
    }
    await file.close()
    closed.push('file')
  })
  send(t, served.port, '/file')
  await waitFor(() => closed.length > 0, 'the end of the response')
  t.strictSame(served.cuts, ['/file'])
})

test('all responses to a client that reads none of them are ended', async (t) => {
  const responses: ServerResponse[] = []
  const served = await start(t, (_request, response) => {
    responses.push(response)
    response.end(Buffer.alloc(LARGE))
  })
  send(t, served.port, '/a', '/b', '/c')
  await waitFor(() => responses.length > 0, 'a request')
  await waitFor(() => responses.every(({ destroyed }) => destroyed), 'the end of all responses')
  t.strictSame(served.cuts, ['/a'], 'there is one connection')
})

test('a client that does not read is cut off with TLS, too', async (t) => {
  const authority = await createAuthority()
  const cuts: (string | undefined)[] = []
  const server = createTlsServer(await authority.issue(['localhost']), (_request, response) => {
    response.end(Buffer.alloc(LARGE))
  })
  cutSlowReaders(server, TIMEOUT, ({ req }) => void cuts.push(req.url))
  const port = await listen(t, server)
  const client = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.cert })
  t.teardown(() => client.destroy())
  client.on('error', () => undefined)
  client.pause()
  const accepted = once(server, 'secureConnection')
  client.write(get('/secure'))
  const [socket] = await accepted
  await once(socket, 'close')
  t.strictSame(cuts, ['/secure'])
})

test('a response still being produced is not limited', async (t) => {
  const { promise: go, resolve } = Promise.withResolvers<void>()
  const served = await start(t, async (request, response) => {
    if (request.url === '/late-body') await new Promise((sent) => response.write('begun', sent))
    await go
    response.end('done')
  })
  const clients = ['/late', '/late-body'].map((path) => {
    const client = open(t, served.port)
    client.write(get(path))
    return client
  })
  await clients[1]?.read('begun')
  await outlast(t, served)
  await outlast(t, served)
  resolve()
  for (const client of clients) await client.read('done')
  t.strictSame(served.cuts, [])
})

test('data written after a pause is limited again', async (t) => {
  const { promise: go, resolve } = Promise.withResolvers<void>()
  const served = await start(t, async (_request, response) => {
    await go
    response.end(Buffer.alloc(LARGE))
  })
  const connected = once(served.server, 'connection')
  send(t, served.port, '/late')
  const [socket] = await connected
  await outlast(t, served)
  resolve()
  await once(socket, 'close')
  t.strictSame(served.cuts, ['/late'])
})

test('a client that pauses for less is not cut off, however long it takes', async (t) => {
  const served = await start(t, (_request, response) => response.end(Buffer.alloc(LARGE)), 500)
  const client = open(t, served.port)
  const pauses = setInterval(() => {
    client.socket.pause()
    setTimeout(() => client.socket.resume(), 40)
  }, 50)
  t.teardown(() => clearInterval(pauses))
  client.write(get('/large'))
  await readPast(client, LARGE)
  t.strictSame(served.cuts, [])
})

test('connections without a request are closed after keepAliveTimeout, as ever', async (t) => {
  const served = await start(t, (_request, response) => response.end('done'))
  served.server.keepAliveTimeout = 60_000
  const patient = open(t, served.port)
  patient.write(get('/a'))
  await patient.read('done')
  served.server.keepAliveTimeout = 1
  served.server.keepAliveTimeoutBuffer = 50
  const other = open(t, served.port)
  other.write(get('/b'))
  await other.read('done')
  t.equal(await other.readToEnd(), '')
  await outlast(t, served)
  patient.write(get('/c'))
  await patient.read('done')
  t.strictSame(served.cuts, [])
})

test('a connection that changed its protocol may be silent', async (t) => {
  const served = await start(t, (_request, response) => response.end())
  served.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.on('data', (data) => void socket.write(data)).on('error', () => undefined)
  })
  const client = open(t, served.port)
  client.write('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
  await client.read('101 Switching Protocols')
  await outlast(t, served)
  await outlast(t, served)
  client.write('still here')
  await client.read('still here')
  t.strictSame(served.cuts, [])
})

test('there may be no limit', async (t) => {
  const server = createServer()
  cutSlowReaders(server, 0)
  t.equal(server.timeout, 0)
  t.equal(server.listenerCount('timeout'), 0)
})
