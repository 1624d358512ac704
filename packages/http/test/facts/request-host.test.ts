import t from 'tap'
import { requestHost } from '../../src/index.ts'

const http1 = (...hosts: string[]) => ({
  headers: hosts[0] === undefined ? {} : { host: hosts[0] },
  httpVersionMajor: 1,
  rawHeaders: ['Accept', '*/*', ...hosts.flatMap((host) => ['HoSt', host]), 'From', 'Host']
})

const http2 = (headers: Record<string, string>) => ({
  headers,
  httpVersionMajor: 2,
  rawHeaders: Object.entries(headers).flat()
})

t.test('HTTP/1 names its host in one Host header', async (t) => {
  t.equal(requestHost(http1('A.example:80')), 'a.example')
  t.equal(requestHost(http1()), undefined, 'none')
  t.equal(requestHost(http1('')), undefined, 'an empty one')
  t.equal(requestHost(http1('a b')), undefined, 'a bad one')
})

t.test('a second Host header is refused even with the same value', async (t) => {
  t.equal(requestHost(http1('a.example', 'b.example')), undefined)
  t.equal(requestHost(http1('a.example', 'a.example')), undefined)
})

t.test('HTTP/2 names its host in :authority', async (t) => {
  t.equal(requestHost(http2({ ':authority': 'A.example:443' })), 'a.example')
  t.equal(requestHost(http2({ ':authority': 'a_b@c' })), undefined)
  t.equal(requestHost(http2({})), undefined)
})

t.test('a Host header beside :authority must name the same host', async (t) => {
  t.equal(requestHost(http2({ ':authority': 'a.example:443', host: 'A.example' })), 'a.example')
  t.equal(requestHost(http2({ ':authority': 'a.example', host: 'b.example' })), undefined)
  t.equal(requestHost(http2({ ':authority': 'a.example', host: '' })), undefined)
  t.equal(requestHost(http2({ host: 'a.example' })), 'a.example', 'as translated from HTTP/1')
})

t.test('an :authority in HTTP/1 is no authority', async (t) => {
  const request = http1('a.example')
  t.equal(
    requestHost({ ...request, headers: { host: 'a.example', ':authority': 'b' } }),
    'a.example'
  )
})
