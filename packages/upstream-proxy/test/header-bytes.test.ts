import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import { setImmediate as turn } from 'node:timers/promises'
import { createCertificate, openRaw, portOf, startOrigin, type TestContext } from '@reliw/testing'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { test } from 'tap'
import { ask, headerOf, writeRequest } from './answer.ts'
import { matchRest, openClient, startProxy } from './app.ts'
import { HOST, startHttp2Client } from './http2-client.ts'

const utf8 = (text: string): string => Buffer.from(text).toString('latin1')

/** Values as bytes, one character each. */
const VALUES = {
  'Chinese in UTF-8': utf8('attachment; filename="中文.pdf"'),
  'é in UTF-8': utf8('attachment; filename="é.pdf"'),
  'a byte of Latin-1': 'attachment; filename="\xe9.pdf"',
  'UTF-8 that would end a line when it is cut to one byte': utf8('a; filename="ĊĊ.pdf"'),
  'every byte that a value may have': `a${Array.from({ length: 128 }, (_, at) => String.fromCharCode(128 + at)).join('')}z`
}

/** For each form of an answer with a Content-Disposition: everything before its empty line. */
const FORMS: Record<string, (value: string) => string> = {
  'after the length': (value) =>
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Disposition: ${value}`,
  'before the length': (value) =>
    `HTTP/1.1 200 OK\r\nContent-Disposition: ${value}\r\nContent-Length: 2`,
  'in other letters': (value) =>
    `HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 2\r\ncONTENT-dISPOSITION: ${value}`,
  'of a 304': (value) => `HTTP/1.1 304 Not\r\nContent-Length: 9\r\nContent-Disposition: ${value}`,
  'of a 204': (value) => `HTTP/1.1 204 No\r\nContent-Length: 0\r\nContent-Disposition: ${value}`,
  'of an interim response': (value) =>
    `HTTP/1.1 103 Early\r\nContent-Disposition: ${value}\r\n\r\n` +
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Disposition: ${value}`
}

const later = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Any: @\r\n\r\n'

const bytesOf = (form: string, value: string): string => {
  const head = FORMS[form]?.(value) ?? ''
  return `${head}\r\n\r\n${head.includes(' 200 ') ? 'hi' : ''}`
}

for (const form of Object.keys(FORMS)) {
  test(`a Content-Disposition ${form} has the bytes that the origin sent`, async (t) => {
    const values = Object.entries(VALUES)
    const origin = await startOrigin(t, ({ target }, socket) => {
      const [, value = ''] = values[Number(target.slice(1))] ?? []
      socket.write(bytesOf(form, value), 'latin1')
    })
    const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
    for (const [at, [what, value]] of values.entries()) {
      const answer = await ask(proxy.port, { host: HOST, path: `/${at}` })
      t.equal(headerOf(answer, 'content-disposition'), value, what)
      for (const one of answer.informations) t.ok(one.endsWith(`: ${value}`), `interim: ${what}`)
      t.ok(answer.isWhole)
    }
    await matchRest(t, proxy, origin)
  })
}

test('header bytes of requests come to the origin unchanged', async (t) => {
  const origin = await startOrigin(t, (_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  for (const [what, value] of Object.entries(VALUES)) {
    const headers = [`Content-Disposition: ${value}`, `X-Any: ${value}`]
    await ask(proxy.port, { host: HOST, method: 'POST', body: 'hi', headers })
    const received = origin.requests.at(-1)?.headers ?? []
    t.equal(received.filter(([, one]) => one === value).length, 2, what)
  }
  await matchRest(t, proxy, origin)
})

/** An HTTP/2 origin that answers with fields and `hi`. */
async function startHttp2Origin(t: TestContext, fields: () => string[]): Promise<string> {
  const server = createSecureServer(await createCertificate(['localhost']))
  server.on('stream', (stream) => {
    stream.respond([':status', '200', ...fields()])
    stream.end('hi')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return `https://127.0.0.1:${portOf(server)}`
}

test('header bytes of HTTP/2 origins come to the client unchanged', async (t) => {
  let value = ''
  const url = await startHttp2Origin(t, () => [
    'content-length',
    '2',
    'content-disposition',
    value,
    'x-any',
    value
  ])
  const proxy = await startProxy(t, { [HOST]: { target: url, tls_no_verify: true } })
  for (const [what, one] of Object.entries(VALUES)) {
    value = one
    const answer = await ask(proxy.port, { host: HOST })
    t.match(answer, { status: 200, body: 'hi', isWhole: true })
    t.equal(headerOf(answer, 'content-disposition'), value, what)
    t.equal(headerOf(answer, 'x-any'), value, what)
  }
})

test('header bytes come to HTTP/2 clients unchanged', async (t) => {
  let value = ''
  const origin = await startOrigin(t, (_request, socket) => {
    socket.write(bytesOf('of an interim response', value), 'latin1')
  })
  const send = await startHttp2Client(t, origin.url)
  for (const [what, one] of Object.entries(VALUES)) {
    value = one
    const stream = send({ ':path': '/' })
    const hints: unknown[] = []
    stream.on('headers', (headers) => hints.push(headers['content-disposition']))
    const [headers] = await once(stream, 'response')
    t.equal(headers['content-disposition'], value, what)
    t.same(hints, [value], what)
    stream.resume()
    await once(stream, 'close')
  }
})

/** Sets fields of the response, and adds none to the answer. */
function setFields(_request: FastifyRequest, { raw }: FastifyReply): void {
  raw.setHeader('X-Own', 'ours').setHeader('X-List', ['1', '2']).setHeader('Connection', 'close')
}

test('fields of an answer stay as they came beside those that the response has already', async (t) => {
  const fields = 'Cookie: a=1\r\nX-Any: \xe9\r\ncookie: b=2\r\nX-Own: theirs\r\nx-any: 2'
  const origin = await startOrigin(t, (_request, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${fields}\r\nContent-Length: 2\r\n\r\nhi`, 'latin1')
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, { atResponse: setFields })
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST }, 'keep-alive'))
  const answer = await client.readToEnd()
  t.ok(answer.includes(`\r\n${fields}\r\n`), 'byte for byte')
  t.ok(answer.includes('\r\nX-List: 1\r\nX-List: 2\r\n'))
  t.same(answer.match(/^(?:connection|x-own): .*$/gim), ['Connection: close', 'X-Own: theirs'])
  await matchRest(t, proxy, origin)
})

test('fields that HTTP/2 wants once are one list for its clients', async (t) => {
  const twice = [
    'Content-Type',
    'ETag',
    'Location',
    'Age',
    'Retry-After',
    'Content-Encoding',
    'Link'
  ]
  const fields = twice.map((name) => `${name}: a\r\n${name}: b\r\n`).join('')
  const origin = await startOrigin(t, (_request, socket) => {
    socket.write(
      `HTTP/1.1 103 Early\r\n${fields}\r\nHTTP/1.1 200 OK\r\n${fields}` +
        'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nhi'
    )
  })
  const send = await startHttp2Client(t, origin.url)
  const stream = send({ ':path': '/' })
  const [[hint], [headers]] = await Promise.all([once(stream, 'headers'), once(stream, 'response')])
  t.match(headers, {
    ':status': 200,
    'content-type': 'a, b',
    etag: 'a, b',
    'set-cookie': ['a=1', 'b=2']
  })
  t.match(hint, { ':status': 103, 'content-type': 'a, b', link: 'a, b' })
  t.same(await stream.setEncoding('utf8').toArray(), ['hi'])
})

for (const [what, head, status, body] of [
  ['a status above 599', 'HTTP/1.1 999 No', 500, 'hello'],
  ['a 205 with a body', 'HTTP/1.1 205 Reset', 205, '']
] as const) {
  test(`${what} ends nothing but its exchange for an HTTP/2 client`, async (t) => {
    const origin = await startOrigin(t, (_request, socket) => {
      socket.write(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n`)
      setImmediate(() => socket.write('4\r\nello\r\n0\r\n\r\n'))
    })
    const send = await startHttp2Client(t, origin.url)
    for (let requests = 0; requests < 3; requests++) {
      const stream = send({ ':path': '/' })
      const [headers] = await once(stream, 'response')
      t.equal(headers[':status'], status)
      t.equal((await stream.setEncoding('utf8').toArray()).join(''), body)
    }
  })
}

test('a pipeline gets answers with such bytes in its order', async (t) => {
  const value = VALUES['Chinese in UTF-8']
  const origin = await startOrigin(t, (_request, socket) => {
    socket.write(bytesOf('of an interim response', value), 'latin1')
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const client = openRaw(proxy.port)
  t.teardown(() => client.destroy())
  const question = writeRequest({ host: HOST }, 'keep-alive')
  client.write(question + question + writeRequest({ host: HOST }))
  const all = await client.readToEnd()
  t.same(
    [...all.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['103', '200', '103', '200', '103', '200']
  )
  t.equal(all.split(`isposition: ${value}`).length - 1, 6)
})

for (const [what, head, rest] of [
  ['in chunks', later, '2\r\nhi\r\n0\r\n\r\n'],
  ['until the connection is closed', 'HTTP/1.1 203 a\tb\r\nX-Any: @\r\n\r\n', 'hi'],
  [
    'after an Expect',
    'HTTP/1.1 200 OK\r\nExpect: x\r\nContent-Length: 2\r\nX-Any: @\r\n\r\n',
    'hi'
  ],
  ['of nothing', 'HTTP/1.1 203 OK\r\nX-Any: @\r\n\r\n', ''],
  ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Any: @\r\n\r\n', 'hi']
] as const) {
  test(`header bytes are the same when the body comes later: ${what}`, async (t) => {
    const values = Object.entries(VALUES)
    const origin = await startOrigin(t, async ({ target }, socket) => {
      socket.write(head.replace('@', values[Number(target.slice(1))]?.[1] ?? ''), 'latin1')
      for (let turns = 0; turns < 20; turns++) await turn()
      socket.end(rest)
    })
    const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
    for (const [at, [name, value]] of values.entries()) {
      const answer = await ask(proxy.port, { host: HOST, path: `/${at}` })
      t.equal(headerOf(answer, 'x-any'), value, name)
      t.equal(answer.body, rest === '' ? '' : 'hi')
    }
  })
}
