import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort, respond, startOrigin, startRedis, tempDir } from '@reliw/testing'
import t from 'tap'
import { ask } from './cli/serving.ts'
import { startServer } from './start-server.ts'

const GET = { methods: { GET: true } }

for (const driver of ['embedded', 'redis']) {
  t.test(`a site names the pages of its errors (${driver})`, async (t) => {
    const data_dir = tempDir(t)
    const write = (name: string, content: string): void => {
      const file = join(data_dir, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
    const redis = driver === 'redis' ? { port: (await startRedis(t)).port } : undefined
    const closed = { target: `127.0.0.1:${await freePort()}` }
    const origin = await startOrigin(t, respond("the origin's own", {}, 500))
    const error_pages = { 404: '/404.html', '4xx': 'other.md', '5xx': '/5xx.json' }
    const values = {
      'API:a.example': [
        ['^/own', 'own'],
        ['^/closed', 'closed'],
        ['^/login', 'guarded'],
        ['^/', 'all']
      ],
      'API:a.example:all': GET,
      'API:a.example:own': { ...GET, error: { 404: '<p>of the entry' } },
      'API:a.example:closed': { ...GET, proxy: closed },
      'API:a.example:guarded': { ...GET, auth: { any: ['api_key'] } },
      'SITE:a.example': { error_pages },
      'PROXY:b.example': closed,
      'SITE:b.example': { error_pages },
      'PROXY:c.example': { target: origin.url },
      'SITE:c.example': { error_pages },
      WAF: { 'a.example': JSON.stringify({ query: ['attack'] }) }
    }
    const config = { data_dir, ...(redis && { redis }) }
    const { port, set, log, line } = await startServer(t, values, config)
    const get = async (path: string, host = 'a.example') => ask(port, path, { host })

    t.match(await get('/x'), { status: 404, text: /<h1>404 Not Found/ }, 'there is no page yet')
    await line({ msg: 'error page cannot be used' })
    await get('/x')
    const said = log.filter(({ msg }) => msg === 'error page cannot be used')
    t.match(said, [{ content: { vhost: 'a.example', file: '/404.html', reason: /no such file/ } }])
    t.equal(said.length, 1, 'reported once')

    write('a.example/404.html', '<h1>Lost</h1>${request_id}, ${request_id}')
    write('__/5xx.json', '{"error":true}')
    await set('FILES:a.example:/other.md', { content: '# Refused' })
    const lost = await get('/x')
    const id = String(lost.headers['x-request-id'])
    t.match(lost, {
      status: 404,
      text: `<h1>Lost</h1>${id}, ${id}`,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }
    })
    t.notOk(lost.headers.etag)
    t.equal((await get('/404.html')).status, 200, 'a file like any other')
    t.match(await get('/own'), { status: 404, text: /of the entry/ })
    t.match(await get('/login'), { status: 401, text: /<h1 id="refused">Refused/ })
    t.match(await get('/?attack'), { status: 403, text: /Refused/ })
    t.match(await get('/%2e%2e'), { status: 400, text: /Refused/ })
    for (const host of ['a.example', 'b.example']) {
      t.match(await get('/closed', host), {
        status: 502,
        text: '{"error":true}',
        headers: { 'content-type': /^application\/json/ }
      })
    }
    t.match(await get('/', 'c.example'), { status: 500, text: "the origin's own" })
    t.match(await get('/', 'd.example'), { status: 404, text: /<h1>404/ }, 'another host')

    write('a.example/404.html', 'changed')
    t.equal((await get('/x')).text, 'changed')
    await set('SITE:a.example', { error_pages: { '4xx': '/404.html' } })
    t.equal((await get('/?attack')).text, 'changed')
    t.match(await get('/closed'), { status: 502, text: /<h1>502/ })
  })
}

t.test('an error page that cannot be used is replaced by the built-in one', async (t) => {
  const data_dir = tempDir(t)
  const dir = join(data_dir, 'a.example')
  mkdirSync(join(dir, 'folder'), { recursive: true })
  const outside = join(tempDir(t), 'x.html')
  writeFileSync(outside, 'outside')
  symlinkSync(outside, join(dir, 'link.html'))
  writeFileSync(join(dir, 'large.html'), 'x'.repeat(2000))
  writeFileSync(join(dir, 'page.lua'), 'x')
  writeFileSync(join(dir, '.hidden.html'), 'x')
  const values = { 'API:a.example': [['^/', 'all']], 'API:a.example:all': GET }
  const { port, set } = await startServer(t, values, { data_dir, cache_max_size: 1000 })
  const files = ['/folder', '/link.html', '/large.html', '/page.lua', '/.hidden.html', '/../x']
  for (const file of files) {
    await set('SITE:a.example', { error_pages: { '4xx': file, 404: file } })
    const reply = await ask(port, '/x')
    t.match(reply, { status: 404, text: /<h1>404 Not Found/ }, file)
    t.equal(reply.headers['content-type'], 'text/html; charset=utf-8')
  }
  await set('SITE:a.example', { error_pages: { '6xx': '/x' } })
  t.match(await ask(port, '/x'), { status: 404, text: /<h1>404 Not Found/ }, 'an invalid value')
})
