import { existsSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { openRaw, startRedis, waitFor } from '@reliw/testing'
import t from 'tap'
import { createWorkplace, type Workplace } from './run-cli.ts'
import { addSite, ask } from './serving.ts'

const stores: Record<string, (t: Parameters<typeof createWorkplace>[0]) => Promise<Workplace>> = {
  'the embedded store': async (t) => createWorkplace(t),
  Redis: async (t) => createWorkplace(t, { redis: { port: (await startRedis(t)).port } })
}

for (const [name, create] of Object.entries(stores)) {
  t.test(`with ${name}, a write of another process is live at the next request`, async (t) => {
    const place = await create(t)
    const { port, stop } = await place.serve()
    t.equal((await ask(port, '/now.txt')).status, 404)
    await addSite(place)
    t.equal((await ask(port, '/now.txt')).status, 404)
    for (const text of ['one', 'two', 'three']) {
      await place.reliw('set', 'FILES:a.example:/now.txt', 'content', text)
      t.match(await ask(port, '/now.txt'), { status: 200, text })
    }
    await place.reliw('del', 'API:a.example')
    t.equal((await ask(port, '/now.txt')).status, 404)
    t.equal(await stop(), 0)
  })
}

t.test('each request has one log line', async (t) => {
  const place = createWorkplace(t, { log_headers: ['User-Agent', 'x-mine'] })
  await addSite(place)
  await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'text')
  const { port, line, log } = await place.serve()
  const headers = { 'user-agent': 'me', 'x-mine': 'yes', cookie: 'secret', referer: 'x' }
  const response = await ask(port, '/a.txt?q=1', headers)
  const one = await line({ msg: 'request', path: '/a.txt?q=1' })
  t.match(one, {
    level: 30,
    ts: Number,
    vhost: 'a.example',
    method: 'GET',
    status: 200,
    size: 4,
    time: Number,
    client_ip: '127.0.0.1',
    request_id: response.headers['x-request-id'],
    'user-agent': 'me',
    'x-mine': 'yes'
  })
  t.notMatch(JSON.stringify(one), /secret|referer/)
  await ask(port, '/a.txt', { range: 'bytes=0-1' })
  t.match(await line({ msg: 'request', status: 206 }), { size: 2 })
  const missing = await ask(port, '/none')
  const { size } = await line({ msg: 'request', path: '/none' })
  t.equal(size, Buffer.byteLength(missing.text))
  t.match(missing.text, missing.headers['x-request-id'])
  t.equal(log.filter(({ msg }) => msg === 'request').length, 3)
})

t.test('the log is written to the configured file', async (t) => {
  const place = createWorkplace(t, { log_file: 'logs/access.log' })
  const file = join(place.dir, 'logs/access.log')
  const child = place.spawn(['serve'])
  await waitFor(() => existsSync(file) && /listening/.test(readFileSync(file, 'utf8')), 'the log')
  child.kill('SIGTERM')
  await waitFor(() => /"closed"/.test(readFileSync(file, 'utf8')), 'the last line')
})

t.test('a port in use is an error that ends the process', async (t) => {
  const { port } = await createWorkplace(t).serve()
  const redis = await startRedis(t)
  for (const config of [{}, { redis: { port: redis.port } }]) {
    const { runAlone } = createWorkplace(t, { ...config, port })
    t.match(await runAlone(['serve']), {
      code: 1,
      stderr: /EADDRINUSE.*:\d+\. Is RELIW running/
    })
  }
})

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1')
)
t.test('the server listens on a second address', { skip: !hasIpv6 && 'no ::1 here' }, async (t) => {
  const place = createWorkplace(t, { ipv6: '::1' })
  await addSite(place)
  await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'text')
  const { urls, port, line, stop } = await place.serve()
  t.same(urls, [`http://127.0.0.1:${port}`, `http://[::1]:${port}`])
  const client = openRaw(port, '::1')
  client.write('GET /a.txt HTTP/1.1\r\nhost: a.example\r\n\r\n')
  t.match(await client.read('\r\n\r\ntext'), 'HTTP/1.1 200 OK')
  await line({ msg: 'request', client_ip: '::1' })
  client.write('nonsense\r\n\r\n')
  t.match(await client.readToEnd(), 'HTTP/1.1 400 Bad Request')
  t.equal(await stop(), 0)
})

t.test('a connection ends after as many requests as are configured', async (t) => {
  const place = createWorkplace(t, { requests_per_fork: 3 })
  await addSite(place)
  await place.reliw('set', 'FILES:a.example:/a.txt', 'content', 'the end')
  const { port } = await place.serve()
  for (const [path, end] of [
    ['/a.txt', 'the end'],
    ['/none', '</html>\n']
  ] as const) {
    const client = openRaw(port)
    for (const connection of ['keep-alive', 'keep-alive', 'close']) {
      client.write(`GET ${path} HTTP/1.1\r\nhost: a.example\r\n\r\n`)
      t.match((await client.read(end)).toLowerCase(), `connection: ${connection}`)
    }
    t.equal(await client.readToEnd(), '')
  }
})
