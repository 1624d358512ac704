import { openRaw, rawRequest } from '@reliw/testing'
import t from 'tap'
import { createWorkplace, type Served } from './run-cli.ts'

let server: Served

t.before(async () => {
  server = await createWorkplace(t, { request_header_timeout: 1 }).serve()
})

/** The status and the request id of a response, which has to carry one. */
function read(response: string): { status: number; id: string } {
  const status = Number(/^HTTP\/1.1 (\d+) /.exec(response)?.[1])
  return { status, id: /^x-request-id: (\S+)\r$/im.exec(response)?.[1] ?? '' }
}

t.test('an invalid HTTP request gets an error page and one log line', async (t) => {
  const targets = ['/%zz', '/%2e%2e/x', '/%ff', '/a%00b', '/../..', `/${'x'.repeat(8192)}`]
  for (const target of targets) {
    const request = `GET ${target} HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n`
    const response = await rawRequest(server.port, request)
    const { status, id } = read(response)
    t.equal(status, target.length > 8000 ? 414 : 400, target.slice(0, 20))
    t.match(response, `Request id: <code>${id}</code>`)
    t.match(await server.line({ request_id: id }), { msg: 'request', status, path: target })
    t.equal(server.log.filter((line) => line['request_id'] === id).length, 1)
  }
})

t.test('a missing, invalid or repeated Host is refused', async (t) => {
  for (const hosts of ['host: a b', 'host: a_..b', 'host: a.example\r\nhost: b.example', 'x: y']) {
    const request = `GET / HTTP/1.1\r\n${hosts}\r\nconnection: close\r\n\r\n`
    t.equal(read(await rawRequest(server.port, request)).status, 400, hosts)
  }
})

const HEAD = 'GET / HTTP/1.1\r\nhost: a.example\r\n'
const refused: [string, string, number][] = [
  ['garbage', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ['no such version', 'GET / HTTP/9.9\r\n\r\n', 400],
  ['a broken header', `${HEAD}a b\r\n\r\n`, 400],
  ['two lengths', `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\n`, 400],
  ['a length beside chunks', `${HEAD}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`, 400],
  ['too large a head', `${HEAD}x: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ['a head that does not end', HEAD, 408]
]

for (const [what, bytes, expected] of refused) {
  t.test(
    `${what} is answered ${expected}, with a request id, and the connection closed`,
    async (t) => {
      const response = await rawRequest(server.port, bytes)
      const { status, id } = read(response)
      t.equal(status, expected)
      t.match(response, /^connection: close\r$/im)
      t.match(await server.line({ request_id: id }), {
        msg: 'request refused',
        status,
        client_ip: '127.0.0.1'
      })
    }
  )
}

t.test('a connection that is reset leaves nothing behind', async (t) => {
  for (let n = 0; n < 20; n++) {
    const client = openRaw(server.port)
    client.write(HEAD)
    client.socket.once('connect', () => client.socket.resetAndDestroy())
    await client.closed
  }
  const request = `${HEAD}connection: close\r\n\r\n`
  t.equal(read(await rawRequest(server.port, request)).status, 404)
  t.equal(await server.stop(), 0)
})
