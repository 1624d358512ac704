import { type RawClient, type TestContext, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { dribble, open } from '../../../packages/limits/test/slow-server.ts'
import { HOST } from './protected-site.ts'
import { beginPost, openFiles, startImpatient } from './start-impatient.ts'

/** A client that sends a piece, and then a byte again and again. */
function dribbler(t: TestContext, port: number, bytes: string): RawClient {
  const client = open(t, port)
  client.write(bytes)
  dribble(client, 'a', 20)
  return client
}

/** What a client is told until the server wants to hear no more. */
async function endOf(client: RawClient): Promise<string> {
  const response = await client.readToEnd()
  client.destroy()
  return response
}

const REFUSED = /^HTTP\/1\.1 408 Request Timeout\r\nconnection: close\r\n/

test('a head that comes too slowly ends with 408', async (t) => {
  const { port, line } = await startImpatient(t)
  const heads = ['GET /', 'GET / HTTP/1.1\r\n', `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-Slow: `]
  const clients = heads.map((bytes) => dribbler(t, port, bytes))
  for (const client of clients) t.match(await endOf(client), REFUSED)
  t.match(await line({ msg: 'request refused', status: 408 }), { client_ip: HOST, request_id: /./ })
})

test('a connection without a request is closed', async (t) => {
  const { port } = await startImpatient(t)
  t.equal(await endOf(open(t, port)), '')
})

test('a stalled body ends with 408 if a handler waits for it', async (t) => {
  const { port, line, upstream } = await startImpatient(t)
  const stop = async (path: string): Promise<void> => {
    const client = open(t, port)
    client.write(beginPost(path, 'login=ada&pass'))
    t.match(await endOf(client), REFUSED, path)
    t.match(await line({ msg: 'request', path, status: 408 }), { aborted: true, method: 'POST' })
  }
  await Promise.all(['/login', '/api/x'].map(stop))
  await line({ msg: 'slow client cut off' })
  await waitFor(() => upstream.connections === 0, 'the end at the origin')
  t.equal(upstream.errors.length, 1, 'which did not get a whole request')
})

test('an unread body ends the connection after the response', async (t) => {
  const { port, log } = await startImpatient(t)
  const expected = { '/page': /^HTTP\/1\.1 200 [^]*a page$/, '/none': /^HTTP\/1\.1 404 / }
  const cases = Object.entries(expected).map(async ([path, response]) => {
    const client = open(t, port)
    client.write(beginPost(path, 'abc'))
    t.match(await endOf(client), response)
  })
  await Promise.all(cases)
  t.equal(log.filter(({ msg }) => msg === 'slow client cut off').length, 2)
})

test('a body that takes too long ends with 408, however steadily it comes', async (t) => {
  const limits = { request_timeout: '1s', request_body_timeout: '10s' }
  const { port, line } = await startImpatient(t, limits)
  const paths = ['/login', '/api/x']
  const clients = paths.map((path) => dribbler(t, port, beginPost(path, 'login=')))
  for (const client of clients) t.match(await endOf(client), /^HTTP\/1\.1 408 /)
  for (const path of paths) t.match(await line({ msg: 'request', path }), { aborted: true })
})

test('a client that never reads a large file is cut off, and the file is closed', async (t) => {
  const { port, line } = await startImpatient(t)
  const before = openFiles()
  const client = open(t, port)
  client.socket.pause()
  client.write(`GET /large.bin HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`)
  t.match(await line({ msg: 'request', path: '/large.bin' }), { status: 200, aborted: true })
  client.destroy()
  await waitFor(() => openFiles() <= before, 'the end of the file')
})
