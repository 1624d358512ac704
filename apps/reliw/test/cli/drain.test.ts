import { once } from 'node:events'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { openRaw, waitFor } from '@reliw/testing'
import t from 'tap'
import { createWorkplace, type Served, type Workplace } from './run-cli.ts'
import { addSite } from './serving.ts'

const SIZE = 64 * 1024 * 1024

/** A server with a large file. */
async function start(t: Parameters<typeof createWorkplace>[0], config = {}): Promise<Served> {
  const place: Workplace = createWorkplace(t, config)
  await addSite(place)
  mkdirSync(join(place.dir, 'www/a.example'), { recursive: true })
  const file = join(place.dir, 'www/a.example/large.bin')
  writeFileSync(file, '')
  truncateSync(file, SIZE)
  return place.serve()
}

/** Begins a download that goes on when the response is read. */
async function download(port: number, host = '127.0.0.1', agent?: Agent): Promise<IncomingMessage> {
  const client = get({ port, host, agent, path: '/large.bin', headers: { host: 'a.example' } })
  const [response] = (await once(client, 'response')) as [IncomingMessage]
  return response
}

async function sizeOf(response: IncomingMessage): Promise<number> {
  let size = 0
  for await (const chunk of response) size += (chunk as Buffer).length
  return size
}

t.test('a download in progress is finished before the server ends', async (t) => {
  const server = await start(t)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const [slow, kept] = [await download(server.port), await download(server.port, undefined, agent)]
  const exit = server.stop('SIGTERM')
  await server.line({ msg: 'draining' })
  t.equal(await openRaw(server.port).readToEnd(), '', 'no new connections')
  t.equal(await sizeOf(slow), SIZE)
  t.equal(await sizeOf(kept), SIZE)
  t.equal(await exit, 0)
  await server.line({ msg: 'closed' })
})

t.test(
  'idle connections are closed, the next response of others has Connection: close',
  async (t) => {
    const server = await start(t)
    const head = 'HTTP/1.1\r\nhost: a.example\r\n\r\n'
    const [idle, busy] = [openRaw(server.port), openRaw(server.port)]
    idle.write(`GET / ${head}`)
    await idle.read('</html>\n')
    busy.write(`GET /large.bin ${head}`)
    await busy.read('\r\n\r\n')
    busy.socket.pause()
    const exit = server.stop('SIGTERM')
    t.equal(await idle.readToEnd(), '')
    busy.write(`GET / ${head}`)
    busy.socket.resume()
    const rest = await busy.readToEnd()
    const next = rest.slice(SIZE)
    t.match(next, /^HTTP\/1.1 404 Not Found\r\n/)
    t.match(next.toLowerCase(), '\r\nconnection: close\r\n')
    t.equal(await exit, 0)
  }
)

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1')
)
t.test('the second address is drained too', { skip: !hasIpv6 && 'no ::1 here' }, async (t) => {
  const server = await start(t, { ipv6: '::1' })
  const slow = await download(server.port, '::1')
  const exit = server.stop('SIGTERM')
  await server.line({ msg: 'draining' })
  t.equal(await sizeOf(slow), SIZE)
  t.equal(await exit, 0)
})

t.test('requests that exceed drain_timeout are aborted', async (t) => {
  const server = await start(t, { drain_timeout: '100ms' })
  const slow = await download(server.port)
  const exit = server.stop('SIGINT')
  t.equal(await exit, 0)
  await t.rejects(sizeOf(slow))
})

t.test('a later second signal ends the server at once', async (t) => {
  const server = await start(t)
  const slow = await download(server.port)
  const exit = server.stop('SIGTERM')
  await server.line({ msg: 'draining' })
  await waitFor(() => {
    server.child.kill('SIGTERM')
    return server.child.exitCode !== null
  }, 'the end')
  t.equal(await exit, 1)
  await t.rejects(sizeOf(slow))
})
