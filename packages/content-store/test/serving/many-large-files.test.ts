// Buffers are lent to all clients of the process, and a response that a client does not read holds one.

import type { IncomingMessage, ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { giveBackBuffer, takeBuffer } from '../../src/serving/read-buffers.ts'
import { startSite } from './start-site.ts'

/** Lends a client all that it may have, until the test is over. */
function takeAll(t: Test, client: string): Buffer[] {
  const taken: Buffer[] = []
  t.teardown(() => {
    for (const buffer of taken) giveBackBuffer(buffer, client, true)
  })
  try {
    for (;;) taken.push(takeBuffer(client))
  } catch {
    return taken
  }
}

/** How many of each size. */
function sizesOf(buffers: Buffer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { length } of buffers) counts[length] = (counts[length] ?? 0) + 1
  return counts
}

const QUARTER = { 262_144: 16, 16_384: 768 }

t.test('one client gets a quarter of the buffers, again and again', async (t) => {
  for (let round = 0; round < 2; round++)
    await t.test('a round', async (t) => t.same(sizesOf(takeAll(t, '192.0.2.1')), QUARTER))
})

t.test('unknown clients share all buffers', async (t) => {
  t.same(sizesOf(takeAll(t, '')), { 262_144: 64, 16_384: 3072 })
})

t.test('a client that holds all its buffers does not block large files for others', async (t) => {
  const site = await startSite(t, {
    cache_max_size: 1000,
    known: ({ headers }) => ({ clientIp: String(headers['x-client']) })
  })
  site.write('a.bin', 'a'.repeat(3000))
  const request = async (client: string) => site.get('/a.bin', { headers: { 'x-client': client } })
  t.equal((await request('192.0.2.1')).status, 200)
  takeAll(t, '192.0.2.1')
  takeAll(t, '2001:db8:1:2::/64')
  t.match(await request('192.0.2.1'), { status: 503, headers: { 'retry-after': '5' } })
  t.equal((await request('2001:db8:1:2:3::4')).status, 503, 'a network of IPv6 is one client')
  t.equal((await request('192.0.2.2')).status, 200)
})

t.test('a response whose head cannot be written holds no buffer', async (t) => {
  const client = '192.0.2.3'
  const site = await startSite(t, { cache_max_size: 1000, known: () => ({ clientIp: client }) })
  site.write('a.bin', 'a'.repeat(3000))
  site.app.server.prependListener('request', throwInHead)
  t.equal((await site.get('/a.bin')).status, 500)
  t.same(sizesOf(takeAll(t, client)), QUARTER)
})

/** Makes writing the head of a 200 response throw. */
function throwInHead(_request: IncomingMessage, response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...values: unknown[]) => ServerResponse
  Object.assign(response, {
    writeHead(...values: unknown[]) {
      if (values[0] === 200) throw new Error('thrown on purpose')
      return writeHead(...values)
    }
  })
}
