import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type Random, seededRandom, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { createWorkplace, type Served } from './run-cli.ts'
import { addSite } from './serving.ts'

const CLIENTS = 40
const REQUEST = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'

async function start(t: Test): Promise<Served> {
  const place = createWorkplace(t)
  await addSite(place)
  return place.serve()
}

interface Count {
  answered: number
  /** Requests on connections that had had a response before. */
  lost: number
  /** First requests of new connections, which may come in the very moment in which the port is given up: how many depends on the machine. */
  refused: number
}

/** A connection; undefined where nobody listens any more. */
async function open(port: number): Promise<Socket | undefined> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => undefined)
  const [event] = await Promise.race([
    once(socket, 'connect').then(() => ['connect']),
    once(socket, 'close').then(() => ['close'])
  ]).catch(() => ['close'])
  return event === 'connect' ? socket : undefined
}

/** Sends a request and takes the response; undefined when the connection ends before it is whole. */
async function ask(socket: Socket): Promise<string | undefined> {
  let text = ''
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1')
    if (text.endsWith('</html>\n')) resolve(text)
  }
  const onClose = (): void => resolve(undefined)
  socket.on('data', onData).once('close', onClose).once('end', onClose)
  socket.write(REQUEST)
  const response = await promise
  socket.off('data', onData).off('close', onClose).off('end', onClose)
  return response
}

/** Asks again and again, as browsers and proxies do, until the server has gone. */
async function askOn(port: number, count: Count, random: Random): Promise<void> {
  for (;;) {
    const socket = await open(port)
    if (socket === undefined) return
    // A client that has seen the end of its connection does not send on it.
    for (let isNew = true; !socket.readableEnded && !socket.destroyed; isNew = false) {
      const response = await ask(socket)
      if (response !== undefined) count.answered++
      else if (isNew) count.refused++
      else count.lost++
      if (response === undefined || /\r\nconnection: close\r\n/i.test(response)) break
      await setTimeout(random.below(200))
    }
    socket.destroy()
  }
}

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
  t.test(`no request is lost when ${signal} ends a server under load`, async (t) => {
    const server = await start(t)
    const count: Count = { answered: 0, lost: 0, refused: 0 }
    const random = seededRandom(t)
    const clients = Array.from({ length: CLIENTS }, async () => askOn(server.port, count, random))
    await waitFor(() => count.answered >= 5 * CLIENTS, 'answers')
    const exit = server.stop(signal)
    await Promise.all(clients)
    t.comment(`${count.lost} lost, ${count.refused} refused, ${count.answered} answered`)
    t.ok(count.answered > CLIENTS)
    t.equal(count.lost, 0)
    t.equal(await exit, 0)
    const lines = server.log.filter(({ msg }) => msg === 'request')
    t.equal(lines.length, count.answered, 'each answer has its line in the log')
  })
}

t.test('connections that wait to be accepted are answered', async (t) => {
  const server = await start(t)
  // What comes while the process is stopped waits in the system.
  server.child.kill('SIGSTOP')
  const sockets = await Promise.all(Array.from({ length: 50 }, () => open(server.port)))
  const responses = sockets.map(async (socket) => socket && ask(socket))
  const exit = server.stop('SIGTERM')
  server.child.kill('SIGCONT')
  for (const response of await Promise.all(responses)) t.match(response, /^HTTP\/1\.1 404 /)
  t.equal(await exit, 0)
})

t.test('idle and unused connections do not keep it until drain_timeout', async (t) => {
  const server = await start(t)
  const [idle, unused] = [await open(server.port), await open(server.port)]
  if (idle === undefined || unused === undefined) throw new Error('no connection')
  await ask(idle)
  const ends = [once(idle.resume(), 'close'), once(unused.resume(), 'close')]
  const exit = server.stop('SIGTERM')
  await Promise.all(ends)
  t.equal(await exit, 0)
  await server.line({ msg: 'closed' })
})
