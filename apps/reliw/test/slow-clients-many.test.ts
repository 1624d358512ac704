import { type RawClient, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { dribble, open } from '../../../packages/limits/test/slow-server.ts'
import { ask } from './cli/serving.ts'
import { HOST } from './protected-site.ts'
import { beginPost, openFiles, startImpatient } from './start-impatient.ts'

const EACH = 50

test('two hundred slow clients delay no other client, and leave nothing behind', async (t) => {
  const { port, log, upstream } = await startImpatient(t)
  const get = async (path: string): Promise<number> =>
    (await ask(port, path, { host: HOST })).status
  for (const path of ['/page', '/login', '/api/x']) t.equal(await get(path), 200, path)
  const before = openFiles()

  const slow = (bytes: string): RawClient[] =>
    Array.from({ length: EACH }, () => {
      const client = open(t, port)
      client.write(bytes)
      return client
    })
  const heads = slow('GET / HTTP/1.1\r\n')
  for (const client of heads) dribble(client, 'a', 100)
  const bodies = ['/login', '/api/y'].flatMap((path) => slow(beginPost(path, 'abc')))
  const readers = slow(`GET /large.bin HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`)
  for (const { socket } of readers) socket.pause()

  const clients = [...heads, ...bodies]
  const ended: string[] = []
  const all = clients.map(async (client) => ended.push(await client.readToEnd()))
  const served: number[] = []
  while (ended.length < all.length) served.push(await get('/page'))
  t.not(served.length, 0, 'a client that is not slow has asked')
  t.ok(
    served.every((status) => status === 200),
    'were all answered'
  )
  await Promise.all(all)
  for (const response of ended) t.match(response, /^HTTP\/1\.1 408 /)

  for (const client of clients) client.destroy()
  const count = (fields: object): number =>
    log.filter((line) => Object.entries(fields).every(([name, value]) => line[name] === value))
      .length
  for (const fields of [
    { msg: 'request refused', status: 408 },
    { msg: 'request', path: '/login', status: 408, aborted: true },
    { msg: 'request', path: '/api/y', status: 408, aborted: true },
    { msg: 'request', path: '/large.bin', status: 200, aborted: true }
  ])
    await waitFor(() => count(fields) === EACH, JSON.stringify(fields))
  for (const client of readers) client.destroy()
  await waitFor(() => openFiles() <= before, 'the end of all files')
  t.ok(upstream.connections <= 1, 'what was begun at the origin is over')
  t.notOk(
    log.some(({ level }) => Number(level) > 30),
    'and nothing to complain about'
  )
})
