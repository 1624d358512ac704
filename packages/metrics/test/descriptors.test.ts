import { once } from 'node:events'
import { openRaw, tempDir, type RawClient, waitFor } from '@reliw/testing'
import t from 'tap'
import { readExposition } from './exposition.ts'
import { scrapeOf } from './metered-app.ts'
import { startWatched } from './watched.ts'

/** A little more than the process needs. */
const DESCRIPTORS = 80

async function get(client: RawClient, path: string): Promise<{ head: string; body: string }> {
  client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/plain\r\n\r\n`)
  const head = await client.read('\r\n\r\n')
  const body = (await client.read('\r\n0\r\n\r\n')).replace(/^[\da-f]+\r\n/, '').slice(0, -7)
  return { head, body: body.replaceAll(/\r\n[\da-f]+\r\n/g, '') }
}

t.test('a process without descriptors is scraped, and lives', { timeout: 30_000 }, async (t) => {
  const { child, run, url } = await startWatched(t, { dir: tempDir(t) }, DESCRIPTORS)
  const port = Number(new URL(url).port)
  await scrapeOf(url)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  t.match((await get(client, '/livez')).body, 'alive')
  t.equal(await run('exhaust'), 'EMFILE')
  for (let n = 0; n < 3; n++) {
    const { head, body } = await get(client, '/metrics')
    t.match(head, /^HTTP\/1.1 200 /)
    const read = readExposition(body)
    t.equal(read.value('reliw_processes'), 1)
  }
  const status = await get(client, '/status')
  t.match(status.head, /^HTTP\/1.1 200 /)
  t.match(JSON.parse(status.body), { status: 'ready', workers: 1 })
  const refused = openRaw(port)
  await once(refused.socket, 'connect')
  await run('release')
  refused.destroy()
  const after = await waitFor(async () => scrapeOf(url), 'a connection')
  t.ok((after.value('process_open_fds') ?? 0) > 3)
  t.equal(after.value('process_max_fds'), DESCRIPTORS)
  t.equal(child.exitCode, null)
})
