import { rawRequest, respond, startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const HOST = 'Host: a.example\r\nConnection: close\r\n\r\n'

test('CONNECT, TRACE and targets of other servers are refused', async (t) => {
  const origin = await startOrigin(t, respond('never'))
  const { port } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  for (const [line, response] of [
    ['CONNECT a.example:443 HTTP/1.1', /^HTTP\/1\.1 501 /],
    ['CONNECT 127.0.0.1:22 HTTP/1.1', /^HTTP\/1\.1 (400|501) /],
    ['TRACE / HTTP/1.1', /^HTTP\/1\.1 405 /],
    ['GET http://b.example/ HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['GET http://127.0.0.1:22/ HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['GET http://b.example@a.example/ HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['GET http://a.example:81/ HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['GET ftp://a.example/ HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['GET //other.example/%2e%2e HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['OPTIONS * HTTP/1.1', /^HTTP\/1\.1 204 /],
    ['GET * HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['GET a.example HTTP/1.1', /^HTTP\/1\.1 400 /]
  ] as const) {
    t.match(await rawRequest(port, `${line}\r\n${HOST}`), response, line)
  }
  t.equal(origin.accepted, 0)
})

test('ambiguous requests reach no origin', async (t) => {
  const origin = await startOrigin(t, respond('never'))
  const { port } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const chunks = '0\r\n\r\n'
  for (const [what, fields, body] of [
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 5', 'hello'],
    ['a list of lengths', 'Content-Length: 5, 5', 'hello'],
    ['a length beside chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked', chunks],
    ['another coding', 'Transfer-Encoding: gzip, chunked', chunks],
    ['a hidden coding', 'Transfer-Encoding: chunked, identity', chunks],
    ['a coding of another name', 'Transfer-Encoding : chunked', chunks],
    ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', chunks],
    ['a folded line', 'X-One: a\r\n Transfer-Encoding: chunked', chunks],
    ['a bare line feed', 'X-One: a\nTransfer-Encoding: chunked', chunks],
    ['a null', 'X-One: a\0b', '']
  ] as const) {
    const head = `POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n${fields}\r\n\r\n`
    t.match(await rawRequest(port, head + body), /^HTTP\/1\.1 (400|413) /, what)
  }
  t.equal(origin.requests.length, 0)
})
