import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:http2'
import { openRaw, portOf, type RawClient, respond, startOrigin, waitFor } from '@reliw/testing'
import Fastify, { type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { auth } from '../src/index.ts'
import { counterKeysOf, type CounterKeys } from '../src/login/login-waits.ts'
import { Browser } from './browser.ts'
import { countHashes } from './count-hashes.ts'
import { basic } from './credentials.ts'
import { settingsFor } from './forward-fixtures.ts'
import { openStoreOf, putUsers } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

/** No more than may fail at one user before strange addresses wait. */
const CLIENTS = 20
/** Checked for so long that all who wait have left before the first two are done. */
const SLOW = `$argon2id$v=19$m=65536,t=10,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
const FORM = 'login=slow&password=wrong'

const addressOf = ({ headers }: FastifyRequest) => ({
  clientIp: headers['x-address']?.toString() ?? '192.0.2.200'
})

const REQUESTS = {
  form: (address: string) =>
    `POST /login HTTP/1.1\r\nHost: ${HOST}\r\nX-Address: ${address}\r\nContent-Length: ${FORM.length}\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\n\r\n${FORM}`,
  basic: (address: string) =>
    `GET /basic HTTP/1.1\r\nHost: ${HOST}\r\nX-Address: ${address}\r\n` +
    `Authorization: ${basic('slow', 'wrong')['authorization']}\r\n\r\n`
}

async function start(t: Test) {
  const { store } = await openStoreOf(t, 'embedded')
  await putUsers(store, { ada: await userOf('pw'), slow: { pass: SLOW } })
  const rules = { '/basic': { any: ['basic' as const] } }
  const { origin, port } = await startApp(t, { store }, rules, addressOf)
  const countOf = async (by: keyof CounterKeys, clientIp = ''): Promise<number> => {
    const attempt = { host: HOST, clientIp, user: 'slow', kind: 'password' } as const
    return Number(
      await store.driver.get(store.keys.limit(HOST, 'login', counterKeysOf(attempt)[by]))
    )
  }
  const logIn = () => new Browser(origin).logIn('ada', 'pw')
  return { port, countOf, logIn }
}

function open(t: Test, port: number): RawClient {
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  return client
}

for (const [kind, requestFrom] of Object.entries(REQUESTS))
  t.test(
    `clients that leave give up their place in the queue of password checks (${kind})`,
    async (t) => {
      const { port, countOf, logIn } = await start(t)
      const hashes = countHashes(t)
      const addresses = Array.from({ length: CLIENTS }, (_, n) => `192.0.2.${n}`)
      const clients = addresses.map((address) => {
        const client = open(t, port)
        client.write(requestFrom(address))
        return client
      })
      await waitFor(async () => (await countOf('user')) === CLIENTS, 'all to be counted')
      for (const { socket } of clients) socket.resetAndDestroy()
      t.equal((await logIn()).status, 303)
      t.ok(hashes() < CLIENTS / 2, `${hashes()} of ${CLIENTS + 1} passwords were hashed`)
      const judged = hashes() - 1
      await waitFor(async () => (await countOf('user')) === judged, 'the others to be forgiven')
      const counts = async (by: keyof CounterKeys): Promise<number[]> =>
        Promise.all(addresses.map(async (address) => countOf(by, address)))
      t.strictSame((await counts('both')).filter((count) => count > 0).length, judged)
      t.ok(
        (await counts('address')).every((count) => count === 1),
        'addresses keep their attempts'
      )
    }
  )

t.test('nor do the requests of a pipeline, whose responses get no `close`', async (t) => {
  const { port, countOf, logIn } = await start(t)
  const hashes = countHashes(t)
  const warnings: Error[] = []
  const warn = (warning: Error): void => void warnings.push(warning)
  process.on('warning', warn)
  t.teardown(() => process.off('warning', warn))
  const { socket, write } = open(t, port)
  write(Array.from({ length: CLIENTS }, (_, n) => REQUESTS.basic(`192.0.2.${n}`)).join(''))
  await waitFor(async () => (await countOf('user')) === CLIENTS, 'all to be counted')
  socket.resetAndDestroy()
  t.equal((await logIn()).status, 303)
  t.ok(hashes() < CLIENTS / 2, `${hashes()} of ${CLIENTS + 1} passwords were hashed`)
  t.strictSame(warnings, [])
})

t.test('the request to the auth server is aborted when the client leaves', async (t) => {
  const received = Promise.withResolvers<Socket>()
  const server = await startOrigin(t, (_request, connection) => received.resolve(connection))
  const { port, log } = await startApp(
    t,
    { forward: settingsFor(server.url) },
    {
      '/forward': { any: ['forward'] }
    }
  )
  const client = open(t, port)
  client.write(`GET /forward HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`)
  const closed = once(await received.promise, 'close')
  client.socket.resetAndDestroy()
  await closed
  t.notOk(log.some((line) => line.includes('auth failed')))
})

t.test('over HTTP/2 as well, of a stream that is cancelled', async (t) => {
  const received = Promise.withResolvers<Socket>()
  const server = await startOrigin(t, (_request, connection) => received.resolve(connection))
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(auth, { forward: settingsFor(server.url) })
  app.get('/forward', { config: { auth: { any: ['forward'] } } }, async () => 'in')
  await app.listen({ host: HOST, port: 0 })
  const session = connect(`http://${HOST}:${portOf(app.server)}`)
  t.teardown(() => session.destroy())
  const stream = session.request({ ':path': '/forward' })
  const closed = once(await received.promise, 'close')
  stream.close()
  await closed
  t.notOk(session.closed)
})

t.test('completed requests leave no listeners on their connection', async (t) => {
  const server = await startOrigin(t, respond('', { 'remote-user': 'ada' }))
  const { app, port } = await startApp(
    t,
    { forward: settingsFor(server.url) },
    {
      '/forward': { any: ['forward'] }
    }
  )
  const accepted = once(app.server, 'connection') as Promise<[Socket]>
  const client = open(t, port)
  const send = async (): Promise<void> => {
    client.write(`GET /forward HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`)
    t.match(await client.read('}'), /"ada"/)
  }
  await send()
  const [socket] = await accepted
  const before = socket.listenerCount('close')
  for (let n = 0; n < 20; n++) await send()
  t.equal(socket.listenerCount('close'), before)
  t.equal(server.accepted, 1)
})
