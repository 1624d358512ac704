import t from 'tap'
import type { Socket } from 'node:net'
import { startOrigin, waitFor } from '@reliw/testing'
import type { ForwardVerdict } from '../src/forward/forward-auth.ts'
import {
  answers,
  forwardAuth,
  headOf,
  requestFrom,
  sends,
  settingsFor,
  startAuth
} from './forward-fixtures.ts'
import { startApp } from './start-app.ts'

const OK = headOf(200, 'Remote-User: alice', 'Content-Length: 0')

t.test('one connection serves one question after the other', async (t) => {
  const { auth, server } = await startAuth(t, answers(200))
  for (let i = 0; i < 20; i += 1) await auth.ask(requestFrom())
  t.equal(server.requests.length, 20)
  t.equal(server.accepted, 1)
})

t.test('refusals and their bodies leave the connection usable', async (t) => {
  const { auth, server } = await startAuth(t, sends(`${headOf(403, 'Content-Length: 2')}no`))
  for (let i = 0; i < 5; i += 1) t.equal((await auth.ask(requestFrom())).kind, 'answer')
  t.equal(server.accepted, 1)
})

t.test('a question on a connection that the server just closed is asked once more', async (t) => {
  const { auth, server } = await startAuth(t, (request, connection) => {
    // The second on each connection finds it closed.
    const before = server.requests.filter((one) => one.connection === request.connection)
    if (before.length > 1) connection.resetAndDestroy()
    else connection.write(OK)
  })
  t.equal((await auth.ask(requestFrom())).kind, 'allowed')
  t.equal((await auth.ask(requestFrom())).kind, 'allowed')
  t.equal(server.accepted, 2)
  t.equal(server.requests.length, 3)
})

t.test('a new connection that is closed is not tried again', async (t) => {
  const { auth, server } = await startAuth(t, (_request, connection) => {
    connection.resetAndDestroy()
  })
  t.equal((await auth.ask(requestFrom())).kind, 'failed')
  t.equal(server.accepted, 1)
})

t.test('after an answer has begun nothing is asked again', async (t) => {
  let asked = 0
  const { auth } = await startAuth(t, (_request, connection) => {
    asked += 1
    if (asked === 1) connection.write(OK)
    else connection.end(`${headOf(200, 'Content-Length: 5')}ab`)
  })
  await auth.ask(requestFrom())
  t.equal((await auth.ask(requestFrom())).kind, 'failed')
  t.equal(asked, 2)
})

t.test('what comes while nothing was asked is nobody’s answer', async (t) => {
  const idle = Promise.withResolvers<Socket>()
  const { auth, server } = await startAuth(t, (request, connection) => {
    connection.write(request.header('x-first') === undefined ? answerTo('bob') : answerTo('alice'))
    idle.resolve(connection)
  })
  const first = await auth.ask(requestFrom(['X-First', '1']))
  t.match(first, { identity: { user: 'alice' } })
  const connection = await idle.promise
  // The next question would find this, if the connection were used for it.
  connection.write(answerTo('admin'))
  await waitFor(() => server.connections === 0, 'the connection to be given up')
  t.match(await auth.ask(requestFrom()), { identity: { user: 'bob' } })
  t.equal(server.accepted, 2)
})

t.test('the answers of many questions at once go to who asked', async (t) => {
  const { auth } = await startAuth(t, (request, connection) => {
    connection.write(answerTo(request.header('x-forwarded-uri')?.slice(1) ?? ''))
  })
  const names = Array.from({ length: 300 }, (_, i) => `user-${i}`)
  const verdicts = await Promise.all(
    names.map((name) => auth.ask(requestFrom([], { url: `/${name}` })))
  )
  t.same(verdicts.map(userOf), names)
})

t.test('there are 64 connections at most; others wait for their turn', async (t) => {
  const held: Socket[] = []
  const { auth, server } = await startAuth(t, (_request, connection) => void held.push(connection))
  const verdicts = Array.from({ length: 100 }, () => auth.ask(requestFrom()))
  await waitFor(() => held.length === 64, '64 questions')
  t.equal(server.accepted, 64)
  // Each answer lets the next one go, on the same connection.
  while (server.requests.length < 100 || held.length > 0) {
    held.shift()?.write(OK)
    await waitFor(() => held.length > 0 || server.requests.length === 100, 'another question')
  }
  t.ok((await Promise.all(verdicts)).every(({ kind }) => kind === 'allowed'))
  t.equal(server.accepted, 64)
})

t.test('nothing is asked about clients that left before their turn came', async (t) => {
  const held: Socket[] = []
  const { auth, server } = await startAuth(t, (_request, connection) => void held.push(connection))
  const leaving = new Set<() => void>()
  const whenLeft = (tell: () => void): (() => void) => {
    leaving.add(tell)
    return () => void leaving.delete(tell)
  }
  const first = Array.from({ length: 64 }, () => auth.ask(requestFrom()))
  const others = Array.from({ length: 36 }, () => auth.ask(requestFrom([], { whenLeft })))
  await waitFor(() => held.length === 64, '64 questions')
  for (const tell of leaving) tell()
  const reason = 'the client has left'
  for (const verdict of await Promise.all(others)) t.same(verdict, { kind: 'failed', reason })
  t.equal(leaving.size, 0)
  for (const connection of held) connection.write(OK)
  t.ok((await Promise.all(first)).every(({ kind }) => kind === 'allowed'))
  t.equal(server.requests.length, 64)
})

t.test('576 questions are under way at most; the next has failed at once', async (t) => {
  const held: Socket[] = []
  const { auth, server } = await startAuth(t, (_request, connection) => void held.push(connection))
  const verdicts = Array.from({ length: 576 }, () => auth.ask(requestFrom()))
  const full = { kind: 'failed', reason: 'too many requests wait for the auth server' }
  t.same(await auth.ask(requestFrom()), full)
  await waitFor(() => held.length === 64, '64 questions')
  await server.stop()
  t.ok((await Promise.all(verdicts)).every(({ kind }) => kind === 'failed'))
})

t.test('waiting counts: who waits too long has failed, and leaves room', async (t) => {
  let isAwake = false
  const { auth } = await startAuth(
    t,
    (_request, connection) => void (isAwake && connection.write(OK)),
    { timeout: 300 }
  )
  for (let round = 0; round < 2; round += 1) {
    const verdicts = await Promise.all(Array.from({ length: 576 }, () => auth.ask(requestFrom())))
    const reasons = verdicts.map((verdict) => (verdict.kind === 'failed' ? verdict.reason : ''))
    t.same([...new Set(reasons)], ['the auth server took longer than 300 ms'])
  }
  isAwake = true
  await t.resolves(
    waitFor(async () => (await auth.ask(requestFrom())).kind === 'allowed', 'a question in time')
  )
})

t.test('when it is closed, what is asked already is answered, and nothing else', async (t) => {
  const held: Socket[] = []
  const { auth, server } = await startAuth(t, (_request, connection) => {
    if (server.requests.length > 64) connection.write(OK)
    else held.push(connection)
  })
  const verdicts = Array.from({ length: 80 }, () => auth.ask(requestFrom()))
  await waitFor(() => held.length === 64, '64 questions')
  auth.close()
  auth.close()
  t.same(await auth.ask(requestFrom()), { kind: 'failed', reason: 'forward-auth is closed' })
  for (const connection of held) connection.write(OK)
  t.ok((await Promise.all(verdicts)).every(({ kind }) => kind === 'allowed'))
  t.equal(server.requests.length, 80)
  await waitFor(() => server.connections === 0, 'the connections to close')
})

t.test('closing ends connections without work, too', async (t) => {
  const { auth, server } = await startAuth(t, answers(200))
  await auth.ask(requestFrom())
  t.equal(server.connections, 1)
  auth.close()
  await waitFor(() => server.connections === 0, 'the connection to close')
})

t.test('an app that closes ends its connections without work', async (t) => {
  const server = await startOrigin(t, answers(200, 'Remote-User: alice'))
  const rules = { '/forward': { any: ['forward' as const] } }
  const { app, origin } = await startApp(t, { forward: settingsFor(server.url) }, rules)
  t.equal((await fetch(`${origin}/forward`)).status, 200)
  t.equal(server.connections, 1)
  app.server.closeAllConnections()
  await app.close()
  await waitFor(() => server.connections === 0, 'the connection to close')
})

t.test('servers are asked by IPv6 addresses and by names', async (t) => {
  const { server } = await startAuth(t, answers(200, 'Remote-User: alice'), {}, { host: '::1' })
  const verdict = await forwardAuth(t, `http://[::1]:${server.port}`).ask(requestFrom())
  t.equal(userOf(verdict), 'alice')
  t.equal(server.requests[0]?.target, '/')
  t.equal(server.requests[0]?.header('host'), `[::1]:${server.port}`)
  const byName = await startAuth(t, answers(200, 'Remote-User: bob'))
  const local = forwardAuth(t, `http://LOCALHOST:${byName.server.port}/a`)
  t.equal(userOf(await local.ask(requestFrom())), 'bob')
  t.equal(byName.server.requests[0]?.header('host'), `localhost:${byName.server.port}`)
})

function answerTo(user: string): string {
  return headOf(200, `Remote-User: ${user}`, 'Content-Length: 0')
}

function userOf(verdict: ForwardVerdict): string | undefined {
  return verdict.kind === 'allowed' ? verdict.identity.user : verdict.kind
}
