import type { UpstreamInput } from '@reliw/model'
import { startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './answer.ts'
import { matchRefusal, matchRest, startProxy } from './app.ts'

const HOST = 'shop.test'
const ONCE: UpstreamInput = { retry: false, circuit_breaker: false }

const line = (name: string, length: number): string => `${name}: ${'x'.repeat(length)}\r\n`

for (const [what, bytes] of Object.entries({
  'HTTP/0.9': '<html>It works</html>',
  'nothing but an empty line': '\r\n\r\n',
  'an empty line before it': '\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'another version': 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
  'a header without a colon': 'HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n',
  'a blank before a colon': 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n',
  'a folded header': 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx',
  'a length and chunks':
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a coding that is not known': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
  'a header of more than 64 KiB': `HTTP/1.1 200 OK\r\n${line('X-A', 66_000)}\r\n`,
  'headers of more than 64 KiB': `HTTP/1.1 200 OK\r\n${line('X-A', 1000).repeat(66)}\r\n`,
  'a header that never ends': `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(66_000)}`,
  'an upgrade that nobody asked for':
    'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
})) {
  test(`${what} is no answer`, async (t) => {
    const origin = await startOrigin(t, (_request, socket) => void socket.write(bytes))
    const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...ONCE } })
    matchRefusal(t, await ask(proxy.port, { host: HOST }), 502, origin)
    matchRefusal(t, await ask(proxy.port, { host: HOST, method: 'POST' }), 502, origin)
    t.equal(origin.connections, 0, 'the connection is not used again')
    await matchRest(t, proxy, origin)
  })
}

for (const [what, bytes] of Object.entries({
  'a chunk without a size': 'zz\r\n',
  'a negative chunk': '-1\r\n',
  'a chunk longer than its size': '3\r\nbegun\r\n',
  'a chunk larger than a number': `${'f'.repeat(20)}\r\n`,
  'a chunk extension without an end': `5;${'x'.repeat(5000)}`,
  'trailers of more than 16 KiB': `0\r\n${line('X-A', 17_000)}\r\n`,
  'trailers that are none': '0\r\nX A: b\r\n\r\n'
})) {
  test(`a body that breaks off at ${what} is seen by the client`, async (t) => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    const origin = await startOrigin(t, (_request, socket) => void socket.write(head + bytes))
    const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...ONCE } })
    t.match(await ask(proxy.port, { host: HOST }), { isWhole: false })
    await matchRest(t, proxy, origin)
  })
}

test('informations without an end are no answer', async (t) => {
  const origin = await startOrigin(t, (_request, socket) => {
    const write = (): void => {
      if (socket.writable) socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(10), write)
    }
    write()
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...ONCE } })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 502, origin)
  await matchRest(t, proxy, origin)
})

test('line feeds alone are no ends of lines', async (t) => {
  const bytes = 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'
  const origin = await startOrigin(t, (_request, socket) => void socket.write(bytes))
  const upstream = { target: origin.url, timeouts: { headers: 0.1 }, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 504, origin)
  await matchRest(t, proxy, origin)
})

test('informations that come slowly do not put off a timeout', async (t) => {
  const origin = await startOrigin(t, (_request, socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20)
    socket.once('close', () => clearInterval(timer))
  })
  const upstream = { target: origin.url, timeouts: { headers: 0.1 }, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 504, origin)
  await matchRest(t, proxy, origin)
})

for (const [what, head] of Object.entries({
  'Trailer beside a length': 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nhi',
  'Trailer without a body': 'HTTP/1.1 204 No Content\r\nTrailer: X-Sum\r\n\r\n',
  'an early hint that is no link':
    'HTTP/1.1 103 Early Hints\r\nLink: <>;=\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
  'bytes above ASCII': 'HTTP/1.1 200 \xfcber\r\nX-A: \xe4\xf6\r\nContent-Length: 2\r\n\r\nhi',
  'a status that nobody knows': 'HTTP/1.1 999 \r\nContent-Length: 2\r\n\r\nhi'
})) {
  test(`${what} breaks nothing`, async (t) => {
    const origin = await startOrigin(t, (_request, socket) => void socket.write(head, 'latin1'))
    const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...ONCE } })
    const answer = await ask(proxy.port, { host: HOST })
    t.match(answer, { status: /^(200|204|999)$/, body: /^(hi)?$/, isWhole: true })
    await matchRest(t, proxy, origin)
  })
}
