import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { portOf, tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { refreshFile } from '../src/commands/trusted-proxies.ts'
import { readPublished } from '../src/trusted-proxies.ts'

/** Starts a server of lists; returns the URL of a list. */
async function publish(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${portOf(server)}/list`
}

t.test('the blocks that a provider publishes are written with source and date', async (t) => {
  const file = join(tempDir(t), 'proxies.json')
  const url = await publish(t, (_, response) => response.end('192.0.2.0/24\n2001:DB8::/32\r\n\n'))
  const now = new Date('2026-12-01T10:00:00Z')
  const [first] = await refreshFile(file, { cloudflare: [url] }, now)
  t.match(first, { provider: 'cloudflare', count: 2, added: ['192.0.2.0/24', '2001:db8::/32'] })
  t.ok(first !== undefined && first.removed.length > 20, 'compared with those of the package')
  t.same(JSON.parse(readFileSync(file, 'utf8')), {
    cloudflare: { sources: [url], date: '2026-12-01', blocks: ['192.0.2.0/24', '2001:db8::/32'] }
  })
  t.match(await refreshFile(file, { cloudflare: [url] }), [{ added: [], removed: [] }])
  t.equal(readPublished(file)?.cloudflare.blocks.length, 2)
})

t.test('whatever else is fetched leaves the former blocks in place', async (t) => {
  const dir = tempDir(t)
  const file = join(dir, 'proxies.json')
  const good = await publish(t, (_, response) => response.end('192.0.2.0/24\n'))
  await refreshFile(file, { cloudflare: [good] })
  const former = readFileSync(file, 'utf8')
  const bad: [string, RegExp, RequestListener][] = [
    ['an error page', /status 503/, (_, response) => response.writeHead(503).end('1.1.1.1')],
    ['HTML', /not a block: "<html>"/, (_, response) => response.end('<html>\n')],
    ['everyone', /not a block: "0\.0\.0\.0\/0"/, (_, response) => response.end('0.0.0.0/0\n')],
    ['nothing', /empty/, (_, response) => response.end()],
    ['too much', /larger than 65536/, (_, response) => response.end('192.0.2.0/24\n'.repeat(9000))],
    ['too many', /blocks/, (_, response) => response.end('192.0.2.0/24\n'.repeat(2000))],
    [
      'a redirect',
      /not fetched/,
      (_, response) => response.writeHead(302, { location: good }).end()
    ],
    ['a broken response', /not fetched/, (_, response) => response.destroy()]
  ]
  for (const [what, message, listener] of bad) {
    const sources = { cloudflare: [good, await publish(t, listener)] }
    await t.rejects(
      refreshFile(file, sources),
      { code: 'RELIW_OPERATIONS_NOT_REFRESHED', message },
      what
    )
    t.equal(readFileSync(file, 'utf8'), former, what)
  }
  t.same(readdirSync(dir), ['proxies.json'])
})

t.test('a file with other content is an error of the config', async (t) => {
  const file = join(tempDir(t), 'proxies.json')
  t.equal(readPublished(file), undefined)
  for (const text of ['', '{', '[]', '{"cloudflare": {"blocks": ["0.0.0.0/0"]}}']) {
    writeFileSync(file, text)
    t.throws(() => readPublished(file), { name: 'ConfigError', file })
  }
})
