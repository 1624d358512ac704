import { openRaw, rawRequest, respond, startOrigin, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './cli/serving.ts'
import { startServer } from './start-server.ts'
import { closeOf, exchange, openWebSocket, startEcho } from './websockets.ts'

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'

test('a proxied request has one line, like any other', async (t) => {
  const origin = await startOrigin(t, respond('thirteen byte', {}, 201))
  const { port, line, log } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const { headers } = await ask(port, '/a?b=c', { 'user-agent': 'me', cookie: 's3cret' })
  t.match(await line({ msg: 'request' }), {
    level: 30,
    vhost: 'a.example',
    method: 'GET',
    path: '/a?b=c',
    status: 201,
    size: 13,
    time: Number,
    client_ip: '127.0.0.1',
    request_id: headers['x-request-id'],
    'user-agent': 'me',
    aborted: undefined
  })
  t.equal(log.filter(({ msg }) => msg === 'request').length, 1)
  t.notMatch(JSON.stringify(log), /s3cret/)
})

test('the size is that of the body, without chunks', async (t) => {
  const origin = await startOrigin(t, (_request, connection) => {
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    connection.write('5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n')
  })
  const { port, line } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  t.match(await ask(port, '/'), { text: 'firstsecond' })
  t.match(await line({ msg: 'request' }), { status: 200, size: 11 })
})

test('an incomplete response is logged as aborted, whichever side ended it', async (t) => {
  const origin = await startOrigin(t, async ({ target }, connection) => {
    connection.write(`${HEAD}partly`)
    if (target === '/origin') connection.end()
  })
  const { port, line, log } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const client = openRaw(port)
  client.write('GET /client HTTP/1.1\r\nHost: a.example\r\n\r\n')
  await client.read('partly')
  client.destroy()
  t.match(await line({ path: '/client' }), { status: 200, size: 6, aborted: true })
  const request = 'GET /origin HTTP/1.1\r\nHost: a.example\r\n\r\n'
  t.match(await rawRequest(port, request), /\r\n\r\npartly$/)
  const { request_id: id, ...access } = await line({ path: '/origin' })
  t.match(access, { status: 200, size: 6, aborted: true })
  const complaints = log.filter(({ level }) => Number(level) > 30)
  t.match(complaints, [
    { msg: 'response broke off', request_id: id, upstream: { name: 'a.example' } }
  ])
})

test('a client that disconnects before the response is logged', async (t) => {
  const origin = await startOrigin(t, () => undefined)
  const { port, line } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const client = openRaw(port)
  client.write('GET /gone HTTP/1.1\r\nHost: a.example\r\n\r\n')
  await waitFor(() => origin.requests.length === 1, 'the request')
  client.destroy()
  t.match(await line({ path: '/gone' }), { size: 0, aborted: true })
  await waitFor(() => origin.connections === 0, 'the end of the origin’s connection')
})

test('a WebSocket has one line, when it ends', async (t) => {
  const origin = await startEcho(t)
  const { port, line, log } = await startServer(t, { 'PROXY:a.example': { target: origin.target } })
  const socket = await openWebSocket(t, port, { path: '/chat' })
  await exchange(socket, 'x'.repeat(100))
  const requests = () => log.filter(({ msg }) => msg === 'request')
  t.equal(requests().length, 0, 'none while it is open')
  const closed = closeOf(socket)
  socket.close(1000)
  await closed
  t.match(await line({ msg: 'request' }), {
    vhost: 'a.example',
    method: 'GET',
    path: '/chat',
    status: 101,
    // Frames: 100 bytes and a head of 2, and a close of 2 and 2.
    size: 106,
    aborted: undefined
  })
  t.equal(requests().length, 1)
})
