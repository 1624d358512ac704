import {
  openRaw,
  rawRequest,
  respond,
  startOrigin,
  type TestContext,
  waitFor
} from '@reliw/testing'
import { test } from 'tap'
import { type Server, startServer } from './start-server.ts'

interface Setup extends Server {
  /** Lets the origin answer. */
  release: () => void
  /** How many connections the origin has. */
  asked: () => number
}

/** A server with a page, and an upstream that answers when it is told to. */
async function start(t: TestContext): Promise<Setup> {
  const released = Promise.withResolvers<void>()
  const origin = await startOrigin(t, async (request, connection) => {
    await released.promise
    await respond('answer of the origin')(request, connection)
  })
  const methods = { GET: true, HEAD: true }
  const server = await startServer(t, {
    'API:a.example': [
      ['^/origin', 'origin'],
      ['^/', 'page']
    ],
    'API:a.example:origin': { methods, proxy: { target: origin.url } },
    'API:a.example:page': { methods },
    'FILES:a.example:/page.txt': { content: 'a page' }
  })
  t.teardown(released.resolve)
  return { ...server, release: released.resolve, asked: () => origin.connections }
}

function request(path: string, fields = '', version = '1.1', method = 'GET'): string {
  return `${method} ${path} HTTP/${version}\r\nHost: a.example\r\n${fields}\r\n`
}

for (const version of ['1.0', '1.1']) {
  test(`a client of HTTP/${version} that half-closes gets all its answers`, async (t) => {
    const { port, release, asked } = await start(t)
    const page = await rawRequest(port, request('/page.txt', '', version), { end: true })
    t.match(page, /a page$/)
    const client = openRaw(port)
    t.teardown(() => client.destroy())
    client.write(request('/origin', 'Connection: keep-alive\r\n', version) + request('/page.txt'))
    client.end()
    await waitFor(() => asked() === 1, 'the request')
    // The second: by then the client has been looked for.
    if (version === '1.1') await client.read('100 Continue\r\n\r\n')
    release()
    const responses = await client.readToEnd()
    t.match(responses, 'answer of the origin')
    t.match(responses, /a page$/)
  })
}

test('a disconnected client is noticed while its request is in flight', async (t) => {
  const { port, asked, line } = await start(t)
  const client = openRaw(port)
  client.write(request('/origin'))
  await waitFor(() => asked() === 1, 'the request')
  client.destroy()
  await waitFor(() => asked() === 0, 'the origin to be left')
  await line({ path: '/origin', aborted: true })
})

test('bytes after the last request of a connection do not cost its response', async (t) => {
  const { port, release, asked } = await start(t)
  for (const last of [
    request('/page.txt', '', '1.0'),
    request('/page.txt', 'Connection: close\r\n'),
    request('/page.txt') + request('/page.txt', 'Connection: close\r\n')
  ]) {
    t.match(await rawRequest(port, `${last}\r\nmore`), /^HTTP\/1\.1 200 OK[^]*a page$/)
  }
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(request('/origin', 'Connection: close\r\n'))
  await waitFor(() => asked() === 1, 'the request')
  client.write('x')
  release()
  t.match(await client.readToEnd(), /^HTTP\/1\.1 200 OK[^]*answer of the origin$/)
})

test('malformed bytes are answered 400 after the requests before them', async (t) => {
  const { port, release, asked, line } = await start(t)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(request('/origin') + request('/page.txt'))
  await waitFor(() => asked() === 1, 'the request')
  client.write('no request\r\n\r\n')
  client.write('nor this\r\n\r\n')
  release()
  t.match(await client.read('answer of the origin'), /^HTTP\/1\.1 200 OK\r\n/)
  t.match(await client.read('a page'), /^HTTP\/1\.1 200 OK\r\n/)
  t.match(await client.readToEnd(), /^HTTP\/1\.1 400 Bad Request\r\n/)
  await line({ msg: 'request refused', status: 400 })
})

test('an upgrade with a body ends the connection after its response', async (t) => {
  const { port } = await start(t)
  const fields = 'Connection: Upgrade\r\nUpgrade: x\r\nContent-Length: 4\r\n'
  const response = await rawRequest(
    port,
    `${request('/page.txt', fields)}body${request('/page.txt')}`
  )
  t.match(response, /^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n[^]*a page$/i)
  t.equal(response.split('HTTP/1.1 ').length, 2)
})
