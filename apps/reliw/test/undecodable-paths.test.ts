import { rawRequest } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

test('a path that the router cannot decode is refused and logged like any other', async (t) => {
  const { port, line } = await startServer(t, {
    'API:a.example': [['^/', 'page']],
    'API:a.example:page': { methods: { GET: true } }
  })
  const send = (path: string): Promise<string> =>
    rawRequest(port, `GET ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`)
  for (const path of ['/%zz', '/%E9', '/%', '/%C0%AE', '/a%00b']) {
    t.match(await send(path), /^HTTP\/1\.1 400 [^]*\r\nx-request-id: /, path)
    await line({ path, status: 400, vhost: 'a.example', client_ip: '127.0.0.1' })
  }
})
