import t from 'tap'
import type { Socket } from 'node:net'
import { startOrigin, waitFor } from '@reliw/testing'
import type { ForwardDecision } from '../src/forward/forward-auth.ts'
import {
  respondsWith,
  forwardAuth,
  headOf,
  requestFrom,
  sends,
  settingsFor,
  startAuth
} from './forward-fixtures.ts'
import { startApp } from './start-app.ts'

const OK = headOf(200, 'Remote-User: alice', 'Content-Length: 0')

t.test('one connection serves one request after the other', async (t) => {
  const { auth, server } = await startAuth(t, respondsWith(200))
  for (let i = 0; i < 20; i += 1) await auth.authorize(requestFrom())
  t.equal(server.requests.length, 20)
  t.equal(server.accepted, 1)
})

t.test('refusals and their bodies leave the connection usable', async (t) => {
  const { auth, server } = await startAuth(t, sends(`${headOf(403, 'Content-Length: 2')}no`))
  for (let i = 0; i < 5; i += 1) t.equal((await auth.authorize(requestFrom())).kind, 'response')
  t.equal(server.accepted, 1)
})

t.test('a request on a connection that the server just closed is sent once more', async (t) => {
  const { auth, server } = await startAuth(t, (request, connection) => {
    // The second on each connection finds it closed.
    const before = server.requests.filter((one) => one.connection === request.connection)
    if (before.length > 1) connection.resetAndDestroy()
    else connection.write(OK)
  })
  t.equal((await auth.authorize(requestFrom())).kind, 'allowed')
  t.equal((await auth.authorize(requestFrom())).kind, 'allowed')
  t.equal(server.accepted, 2)
  t.equal(server.requests.length, 3)
})

t.test('a new connection that is closed is not tried again', async (t) => {
  const { auth, server } = await startAuth(t, (_request, connection) => {
    connection.resetAndDestroy()
  })
  t.equal((await auth.authorize(requestFrom())).kind, 'failed')
  t.equal(server.accepted, 1)
})

t.test('a request is not repeated after its response has begun', async (t) => {
  let sent = 0
  const { auth } = await startAuth(t, (_request, connection) => {
    sent += 1
    if (sent === 1) connection.write(OK)
    else connection.end(`${headOf(200, 'Content-Length: 5')}ab`)
  })
  await auth.authorize(requestFrom())
  t.equal((await auth.authorize(requestFrom())).kind, 'failed')
  t.equal(sent, 2)
})

t.test('bytes that arrive without a request are no response to the next one', async (t) => {
  const idle = Promise.withResolvers<Socket>()
  const { auth, server } = await startAuth(t, (request, connection) => {
    connection.write(
      request.header('x-first') === undefined ? responseFor('bob') : responseFor('alice')
    )
    idle.resolve(connection)
  })
  const first = await auth.authorize(requestFrom(['X-First', '1']))
  t.match(first, { identity: { user: 'alice' } })
  const connection = await idle.promise
  // The next question would find this, if the connection were used for it.
  connection.write(responseFor('admin'))
  await waitFor(() => server.connections === 0, 'the connection to be given up')
  t.match(await auth.authorize(requestFrom()), { identity: { user: 'bob' } })
  t.equal(server.accepted, 2)
})

t.test('the responses to many concurrent requests are not mixed up', async (t) => {
  const { auth } = await startAuth(t, (request, connection) => {
    connection.write(responseFor(request.header('x-forwarded-uri')?.slice(1) ?? ''))
  })
  const names = Array.from({ length: 300 }, (_, i) => `user-${i}`)
  const decisions = await Promise.all(
    names.map((name) => auth.authorize(requestFrom([], { url: `/${name}` })))
  )
  t.same(decisions.map(userOf), names)
})

t.test('there are 64 connections at most; others wait for their turn', async (t) => {
  const held: Socket[] = []
  const { auth, server } = await startAuth(t, (_request, connection) => void held.push(connection))
  const decisions = Array.from({ length: 100 }, () => auth.authorize(requestFrom()))
  await waitFor(() => held.length === 64, '64 requests')
  t.equal(server.accepted, 64)
  // Each response lets the next one go, on the same connection.
  while (server.requests.length < 100 || held.length > 0) {
    held.shift()?.write(OK)
    await waitFor(() => held.length > 0 || server.requests.length === 100, 'another request')
  }
  t.ok((await Promise.all(decisions)).every(({ kind }) => kind === 'allowed'))
  t.equal(server.accepted, 64)
})

t.test('no request is sent for clients that left while waiting', async (t) => {
  const held: Socket[] = []
  const { auth, server } = await startAuth(t, (_request, connection) => void held.push(connection))
  const leaving = new Set<() => void>()
  const whenLeft = (listener: () => void): (() => void) => {
    leaving.add(listener)
    return () => void leaving.delete(listener)
  }
  const first = Array.from({ length: 64 }, () => auth.authorize(requestFrom()))
  const others = Array.from({ length: 36 }, () => auth.authorize(requestFrom([], { whenLeft })))
  await waitFor(() => held.length === 64, '64 requests')
  for (const listener of leaving) listener()
  const reason = 'the client has left'
  for (const decision of await Promise.all(others)) t.same(decision, { kind: 'failed', reason })
  t.equal(leaving.size, 0)
  for (const connection of held) connection.write(OK)
  t.ok((await Promise.all(first)).every(({ kind }) => kind === 'allowed'))
  t.equal(server.requests.length, 64)
})

t.test('at most 576 requests are pending; the next fails at once', async (t) => {
  const held: Socket[] = []
  const { auth, server } = await startAuth(t, (_request, connection) => void held.push(connection))
  const decisions = Array.from({ length: 576 }, () => auth.authorize(requestFrom()))
  const full = { kind: 'failed', reason: 'too many requests are waiting for the auth server' }
  t.same(await auth.authorize(requestFrom()), full)
  await waitFor(() => held.length === 64, '64 requests')
  await server.stop()
  t.ok((await Promise.all(decisions)).every(({ kind }) => kind === 'failed'))
})

t.test(
  'the timeout includes waiting: a request that waits too long fails and makes room',
  async (t) => {
    let isAwake = false
    const { auth } = await startAuth(
      t,
      (_request, connection) => void (isAwake && connection.write(OK)),
      { timeout: 300 }
    )
    for (let round = 0; round < 2; round += 1) {
      const decisions = await Promise.all(
        Array.from({ length: 576 }, () => auth.authorize(requestFrom()))
      )
      const reasons = decisions.map((decision) =>
        decision.kind === 'failed' ? decision.reason : ''
      )
      t.same([...new Set(reasons)], ['the auth server took longer than 300 ms'])
    }
    isAwake = true
    await t.resolves(
      waitFor(
        async () => (await auth.authorize(requestFrom())).kind === 'allowed',
        'a response in time'
      )
    )
  }
)

t.test('pending requests are completed after closing, and new ones fail', async (t) => {
  const held: Socket[] = []
  const { auth, server } = await startAuth(t, (_request, connection) => {
    if (server.requests.length > 64) connection.write(OK)
    else held.push(connection)
  })
  const decisions = Array.from({ length: 80 }, () => auth.authorize(requestFrom()))
  await waitFor(() => held.length === 64, '64 requests')
  auth.close()
  auth.close()
  t.same(await auth.authorize(requestFrom()), { kind: 'failed', reason: 'forward-auth is closed' })
  for (const connection of held) connection.write(OK)
  t.ok((await Promise.all(decisions)).every(({ kind }) => kind === 'allowed'))
  t.equal(server.requests.length, 80)
  await waitFor(() => server.connections === 0, 'the connections to close')
})

t.test('closing ends connections without work, too', async (t) => {
  const { auth, server } = await startAuth(t, respondsWith(200))
  await auth.authorize(requestFrom())
  t.equal(server.connections, 1)
  auth.close()
  await waitFor(() => server.connections === 0, 'the connection to close')
})

t.test('an app that closes ends its connections without work', async (t) => {
  const server = await startOrigin(t, respondsWith(200, 'Remote-User: alice'))
  const rules = { '/forward': { any: ['forward' as const] } }
  const { app, origin } = await startApp(t, { forward: settingsFor(server.url) }, rules)
  t.equal((await fetch(`${origin}/forward`)).status, 200)
  t.equal(server.connections, 1)
  app.server.closeAllConnections()
  await app.close()
  await waitFor(() => server.connections === 0, 'the connection to close')
})

t.test('auth servers may have IPv6 addresses and names', async (t) => {
  const { server } = await startAuth(
    t,
    respondsWith(200, 'Remote-User: alice'),
    {},
    { host: '::1' }
  )
  const decision = await forwardAuth(t, `http://[::1]:${server.port}`).authorize(requestFrom())
  t.equal(userOf(decision), 'alice')
  t.equal(server.requests[0]?.target, '/')
  t.equal(server.requests[0]?.header('host'), `[::1]:${server.port}`)
  const byName = await startAuth(t, respondsWith(200, 'Remote-User: bob'))
  const local = forwardAuth(t, `http://LOCALHOST:${byName.server.port}/a`)
  t.equal(userOf(await local.authorize(requestFrom())), 'bob')
  t.equal(byName.server.requests[0]?.header('host'), `localhost:${byName.server.port}`)
})

function responseFor(user: string): string {
  return headOf(200, `Remote-User: ${user}`, 'Content-Length: 0')
}

function userOf(decision: ForwardDecision): string | undefined {
  return decision.kind === 'allowed' ? decision.identity.user : decision.kind
}
