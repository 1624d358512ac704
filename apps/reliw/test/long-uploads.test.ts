import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { portOf, type RawClient, type TestContext, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { open } from '../../../packages/limits/test/slow-server.ts'
import { HOST } from './protected-site.ts'
import { beginPost, startImpatient } from './start-impatient.ts'

const PIECE = `400\r\n${'x'.repeat(1024)}\r\n`
const HEAD = `POST /api/x HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`

/** Resolves when a client that stops in its body, from now on, has been cut off. */
async function outlastSilence(t: TestContext, port: number): Promise<void> {
  const client = open(t, port)
  client.write(beginPost('/login', 'abc'))
  await client.read('408 Request Timeout\n')
  client.destroy()
}

/** An origin whose requests are left to the test. */
async function startReader(
  t: TestContext
): Promise<{ target: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    let length = 0
    request.on('data', (chunk: Buffer) => (length += chunk.length))
    request.on('end', () => response.end(`took ${length}`))
    request.pause()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close().closeAllConnections())
  return { target: `127.0.0.1:${portOf(server)}`, requests }
}

/** How many pieces a client has given to the kernel, which takes no more when nobody reads. */
async function writeUntilHeldBack({ socket, write }: RawClient): Promise<number> {
  let pieces = 0
  for (let isHeldBack = false; !isHeldBack;) {
    while (!socket.writableNeedDrain) {
      write(PIECE)
      pieces++
    }
    const drained = once(socket, 'drain').then(() => true)
    const late = new Promise<false>((resolve) => setTimeout(resolve, 200, false))
    isHeldBack = !(await Promise.race([drained, late]))
  }
  return pieces
}

test('an upload may take any time while data arrives', async (t) => {
  const { port, upstream } = await startImpatient(t)
  const client = open(t, port)
  client.write(HEAD)
  let pieces = 0
  const timer = setInterval(() => {
    client.write(PIECE)
    pieces++
  }, 20)
  t.teardown(() => clearInterval(timer))
  for (let times = 0; times < 3; times++) await outlastSilence(t, port)
  clearInterval(timer)
  client.write('0\r\n\r\n')
  t.match(await client.read('of the origin'), /^HTTP\/1\.1 200 /)
  t.equal((await upstream.requests[0]?.body)?.length, pieces * 1024)
})

test('a client is not cut off while the origin does not read its upload', async (t) => {
  const { port, set, line } = await startImpatient(t)
  const { target, requests } = await startReader(t)
  await set(`API:${HOST}:api`, {
    methods: { POST: true },
    proxy: { target, max_body_size: '1GiB' }
  })
  const client = open(t, port)
  client.write(HEAD)
  const pieces = await writeUntilHeldBack(client)
  const [request] = await waitFor(() => requests.length === 1 && requests, 'the request')
  await outlastSilence(t, port)
  await outlastSilence(t, port)
  request?.resume()
  client.write('0\r\n\r\n')
  t.match(await client.read(/took \d+/), `took ${pieces * 1024}`)
  await line({ msg: 'request', path: '/api/x', status: 200 })
})
