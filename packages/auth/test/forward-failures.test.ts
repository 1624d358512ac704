import t from 'tap'
import { freePort, seededRandom, waitFor, type Responder } from '@reliw/testing'
import type { ForwardDecision } from '../src/forward/forward-auth.ts'
import {
  respondsWith,
  forwardAuth,
  headOf,
  requestFrom,
  sends,
  startAuth,
  decisionOf
} from './forward-fixtures.ts'

const OK = headOf(200, 'Remote-User: alice', 'Content-Length: 0')

function failed(reason: string): ForwardDecision {
  return { kind: 'failed', reason }
}

function line(length: number): string {
  return `X-Filler: ${'x'.repeat(length)}`
}

function requestFailed(code: string): ForwardDecision {
  return failed(`request to the auth server failed: ${code}`)
}

t.test('a request is refused if the auth server refuses connections', async (t) => {
  const auth = forwardAuth(t, `http://127.0.0.1:${await freePort()}/`)
  t.same(await auth.authorize(requestFrom()), requestFailed('ECONNREFUSED'))
})

t.test('a request is refused if the name of the auth server does not resolve', async (t) => {
  // Where no name server answers, that takes longer than anybody would wait.
  const auth = forwardAuth(t, 'http://auth.invalid/', { timeout: 500 })
  t.equal((await auth.authorize(requestFrom())).kind, 'failed')
})

t.test('requests are allowed again when the auth server is back', async (t) => {
  const { auth, server } = await startAuth(t, sends(OK))
  t.equal((await auth.authorize(requestFrom())).kind, 'allowed')
  await server.stop()
  t.same(await auth.authorize(requestFrom()), requestFailed('ECONNREFUSED'))
  await server.start()
  t.equal((await auth.authorize(requestFrom())).kind, 'allowed')
})

t.test('a server that is too slow has failed, wherever it stops', async (t) => {
  const stops: Record<string, string> = {
    'before the response': '',
    'in the status line': 'HTTP/1.1 20',
    'in a header': 'HTTP/1.1 200 OK\r\nRemote-User: ali',
    'before the empty line': 'HTTP/1.1 200 OK\r\nRemote-User: alice\r\n',
    'after 100': headOf(100),
    'after 103': headOf(103, 'Link: </x>'),
    'in the body of 200': headOf(200, 'Remote-User: alice', 'Content-Length: 9') + 'abc',
    'in a chunk': headOf(200, 'Transfer-Encoding: chunked') + '5\r\nab',
    'before the last chunk': headOf(403, 'Transfer-Encoding: chunked') + '2\r\nab\r\n',
    'in the trailers': headOf(200, 'Transfer-Encoding: chunked') + '0\r\nA: b\r\n',
    'in a body without end': headOf(403, 'Connection: close') + 'abc'
  }
  for (const [where, bytes] of Object.entries(stops)) {
    const { auth } = await startAuth(t, sends(bytes), { timeout: 50 })
    t.same(
      await auth.authorize(requestFrom()),
      failed('the auth server took longer than 50 ms'),
      where
    )
  }
})

t.test('a trickle of bytes does not extend the timeout', async (t) => {
  for (const head of ['HTTP/1.1 200 OK\r\nX: ', headOf(403, 'Connection: close')]) {
    const trickle: Responder = (_request, connection) => {
      connection.write(head)
      const timer = setInterval(() => connection.write('x'), 5)
      connection.once('close', () => clearInterval(timer))
    }
    const { auth } = await startAuth(t, trickle, { timeout: 60 })
    t.same(await auth.authorize(requestFrom()), failed('the auth server took longer than 60 ms'))
  }
})

t.test('a late server’s connection is closed', async (t) => {
  const { auth, server } = await startAuth(t, () => undefined, { timeout: 50 })
  await auth.authorize(requestFrom())
  await t.resolves(waitFor(() => server.connections === 0, 'the connection to close'))
})

t.test('an incomplete response is a failure', async (t) => {
  const broken: Record<string, RegExp> = {
    '': /ECONNRESET/,
    'HTTP/1.1 200 OK\r\nRemote-User: alice': /ECONNRESET/,
    'HTTP/1.1 200 OK\r\nRemote-User: alice\r\n': /ECONNRESET/,
    [`${headOf(200, 'Remote-User: a', 'Content-Length: 3')}ab`]: /ECONNRESET|is incomplete/,
    [`${headOf(200, 'Transfer-Encoding: chunked')}2\r\nab\r\n`]: /ECONNRESET|is incomplete/,
    [headOf(302, 'Location: /login', 'Content-Length: 3')]: /ECONNRESET|is incomplete/
  }
  for (const [bytes, reason] of Object.entries(broken)) {
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const decision = await decisionOf(t, (_request, connection) => {
        connection.write(bytes, () => connection[leave]())
      })
      t.match(decision, { kind: 'failed', reason }, `${leave} after ${JSON.stringify(bytes)}`)
    }
  }
})

t.test('a response that ends with its connection is complete', async (t) => {
  const decision = await decisionOf(t, (_request, connection) => {
    connection.end(`${headOf(403, 'Connection: close')}no`)
  })
  t.match(decision, { kind: 'response', status: 403, body: Buffer.from('no') })
})

t.test('a response that is not HTTP is a failure', async (t) => {
  const user = 'Remote-User: alice'
  const nonsense = [
    'hello\r\n\r\n',
    'SSH-2.0-OpenSSH_9.2\r\n',
    '\x15\x03\x03\0\x02\x02\x28',
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 OK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 -200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nRemote-User\r\n\r\n',
    'HTTP/1.1 200 OK\r\nRemote User: alice\r\n\r\n',
    'HTTP/1.1 200 OK\r\n: alice\r\n\r\n',
    'HTTP/1.1 200 OK\r\nRemote-User : alice\r\n\r\n',
    'HTTP/1.1 200 OK\r\nRemote-User: a\0b\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nRemote-User: a\rb\r\nContent-Length: 0\r\n\r\n',
    headOf(200, user, 'Content-Length: -1'),
    headOf(200, user, 'Content-Length: 1x'),
    headOf(200, user, 'Content-Length: 1', 'Content-Length: 2'),
    `${headOf(200, user, 'Content-Length: 3', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    `${headOf(200, user, 'Transfer-Encoding: chunked')}xyz\r\n`,
    `${headOf(200, user, 'Transfer-Encoding: chunked')}2\r\nabc\r\n0\r\n\r\n`,
    `${headOf(200, user, 'Transfer-Encoding: chunked')}fffffffffffffffff\r\n`
  ]
  for (const bytes of nonsense) {
    const decision = await decisionOf(t, sends(bytes))
    t.match(decision, { kind: 'failed', reason: /: HPE_[A-Z_]+$/ }, JSON.stringify(bytes))
  }
})

t.test('a second response on the same connection is ignored, now and later', async (t) => {
  const eve = headOf(200, 'Remote-User: eve', 'Content-Length: 0')
  for (const first of [OK, `${headOf(200, 'Remote-User: alice', 'Content-Length: 2')}ok`]) {
    const { auth, server } = await startAuth(t, sends(first + eve))
    for (let i = 1; i <= 3; i += 1) {
      t.match(await auth.authorize(requestFrom()), { identity: { user: 'alice' } })
      t.equal(server.accepted, i, 'the connection is not used again')
    }
  }
})

t.test('a response that is followed by garbage is a failure', async (t) => {
  for (const more of ['garbage', 'x', '\0', 'HTTP/1.1 200 OK\r\n\0']) {
    const decision = await decisionOf(t, sends(OK + more))
    t.match(decision, { kind: 'failed', reason: /: HPE_[A-Z_]+$/ }, JSON.stringify(more))
  }
})

t.test('a switch of protocols is a failure', async (t) => {
  const upgrade = headOf(101, 'Connection: Upgrade', 'Upgrade: websocket', 'Remote-User: alice')
  t.same(await decisionOf(t, sends(upgrade)), failed('the auth server switched protocols'))
  t.equal((await decisionOf(t, sends(headOf(101, 'Remote-User: alice')))).kind, 'failed')
})

t.test('interim responses are skipped', async (t) => {
  const before = headOf(103, 'Remote-User: eve', 'Set-Cookie: a=1') + headOf(100)
  t.match(await decisionOf(t, sends(before + OK)), { identity: { user: 'alice' }, setCookies: [] })
})

t.test('the head of a response is bounded', async (t) => {
  t.equal((await decisionOf(t, respondsWith(200, line(15_000)))).kind, 'allowed')
  t.same(await decisionOf(t, respondsWith(200, line(17_000))), requestFailed('HPE_HEADER_OVERFLOW'))
  const many = Array.from({ length: 40 }, () => line(500))
  t.same(await decisionOf(t, respondsWith(200, ...many)), requestFailed('HPE_HEADER_OVERFLOW'))
  const endless: Responder = (_request, connection) => {
    connection.write('HTTP/1.1 200 OK\r\n')
    const more = (): void => {
      while (connection.writable && connection.write(`${line(4_000)}\r\n`));
    }
    connection.on('drain', more)
    more()
  }
  t.equal((await decisionOf(t, endless)).kind, 'failed')
})

t.test('no header is overlooked, however many there are', async (t) => {
  const filler = Array.from({ length: 2_100 }, () => 'a:')
  const decision = await decisionOf(
    t,
    respondsWith(200, 'Remote-User: a', ...filler, 'Remote-User: b')
  )
  t.same(decision, failed('the auth server sent several user names'))
})

t.test('the body of a response is limited to 64 KiB, announced or not, for 2xx too', async (t) => {
  const body = 'x'.repeat(65_536)
  const whole = `${headOf(403, `Content-Length: ${body.length}`)}${body}`
  t.match(await decisionOf(t, sends(whole)), { kind: 'response', body: Buffer.from(body) })
  for (const status of [200, 403]) {
    const chunk = `10001\r\n${body}x\r\n`
    for (const bytes of [
      `${headOf(status, `Content-Length: ${body.length + 1}`)}${body}x`,
      `${headOf(status, 'Transfer-Encoding: chunked')}${chunk}0\r\n\r\n`,
      `${headOf(status, 'Connection: close')}${body}x`
    ]) {
      t.same(
        await decisionOf(t, sends(bytes)),
        failed('the response of the auth server is longer than 65536 bytes')
      )
    }
  }
})

t.test('a body without end ends its connection', async (t) => {
  const closed = Promise.withResolvers<void>()
  const decision = await decisionOf(t, (_request, connection) => {
    connection.once('close', () => closed.resolve())
    connection.write(headOf(403, 'Connection: close'))
    const more = (): void => {
      while (connection.writable && connection.write(Buffer.alloc(16_384)));
    }
    connection.on('drain', more)
    more()
  })
  t.same(decision, failed('the response of the auth server is longer than 65536 bytes'))
  await t.resolves(closed.promise)
})

t.test('random bytes in a response never allow a request, and never throw', async (t) => {
  const random = seededRandom(t)
  const { auth } = await startAuth(t, (_request, connection) => {
    const bytes = Buffer.from(headOf(401, 'Remote-User: alice', 'Location: /login', 'X-Y: z'))
    for (let i = 0; i < 3; i += 1) bytes[12 + random.below(bytes.length - 12)] = random.below(256)
    connection.end(bytes)
  })
  const kinds = new Set<string>()
  for (let i = 0; i < 300; i += 1) kinds.add((await auth.authorize(requestFrom())).kind)
  t.notOk(kinds.has('allowed'))
  t.ok(kinds.has('failed'))
})
