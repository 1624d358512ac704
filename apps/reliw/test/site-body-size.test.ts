import { openRaw, respond, startOrigin } from '@reliw/testing'
import t from 'tap'
import { ask } from './cli/serving.ts'
import { startServer } from './start-server.ts'

const METHODS = { methods: { GET: true, POST: true } }

t.test('a site has a maximum size of request bodies, live', async (t) => {
  const { url: target } = await startOrigin(t, respond('from the origin'))
  const { port, set } = await startServer(
    t,
    {
      'API:a.example': [
        ['^/api', 'api'],
        ['^/own', 'own'],
        ['^/', 'page']
      ],
      'API:a.example:page': { ...METHODS, file: '/x.txt' },
      'API:a.example:api': { ...METHODS, proxy: { target } },
      'API:a.example:own': { ...METHODS, proxy: { target, max_body_size: 50 } },
      'FILES:a.example:/x.txt': { content: 'content' },
      'PROXY:b.example': { target }
    },
    { max_body_size: 100 }
  )
  const post = async (path: string, length: number, isChunked = false, host = 'a.example') => {
    const client = openRaw(port)
    const body = 'x'.repeat(length)
    const framing = isChunked ? 'transfer-encoding: chunked' : `content-length: ${length}`
    const sent = isChunked ? `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body
    client.write(`POST ${path} HTTP/1.1\r\nhost: ${host}\r\n${framing}\r\n\r\n${sent}`)
    const head = await client.read('\r\n\r\n')
    client.destroy()
    return Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1])
  }
  const check = async (limit: number): Promise<void> => {
    for (const [path, host] of [['/x'], ['/api'], ['/', 'b.example']] as const) {
      t.equal(await post(path, limit, false, host), 200, `${path} ${limit}`)
      t.equal(await post(path, limit + 1, false, host), 413, `${path} ${limit + 1}`)
    }
    t.equal(await post('/api', limit + 1, true), 413, 'chunked')
    t.equal(await post('/own', 51), 413, 'the limit of the upstream takes precedence')
  }
  await check(100)
  for (const host of ['a.example', 'b.example']) await set(`SITE:${host}`, { max_body_size: 10 })
  await check(10)
  for (const host of ['a.example', 'b.example'])
    await set(`SITE:${host}`, { max_body_size: '1KiB' })
  await check(1024)
  t.equal((await ask(port, '/x')).status, 200)
})
