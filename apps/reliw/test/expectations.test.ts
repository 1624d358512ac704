import { openRaw, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { type Server, startServer } from './start-server.ts'

const HOST = 'a.example'

async function start(t: TestContext): Promise<Server> {
  const methods = { GET: true, POST: true }
  return startServer(
    t,
    {
      [`API:${HOST}`]: [
        ['^/closed', 'closed'],
        ['^/page', 'page']
      ],
      [`API:${HOST}:closed`]: { methods, auth: { any: ['basic'] } },
      [`API:${HOST}:page`]: { methods: { GET: true } },
      [`FILES:${HOST}:/page`]: { content: 'a page' }
    },
    { max_body_size: 1000 }
  )
}

/** What a client that waits to be asked for its body gets. */
async function post(
  t: TestContext,
  port: number,
  path: string,
  ...lines: string[]
): Promise<string> {
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(`POST ${path} HTTP/1.1\r\nHost: ${HOST}\r\n${lines.join('\r\n')}\r\n\r\n`)
  return client.readToEnd()
}

const refusals: [number, string, number][] = [
  [401, '/closed', 10],
  [404, '/nothing', 10],
  [405, '/page', 10],
  [413, '/page', 1001]
]
for (const [status, path, length] of refusals) {
  test(`a client refused with ${status} gets no 100 Continue`, async (t) => {
    const { port, line } = await start(t)
    const lines = ['Expect: 100-continue', `Content-Length: ${length}`]
    const response = await post(t, port, path, ...lines)
    t.match(response, new RegExp(`^HTTP/1\\.1 ${status} [^]*\\r\\nconnection: close\\r\\n`, 'i'))
    await line({ msg: 'request', path, status })
  })
}

test('an unsupported expectation gets an error page, and is logged', async (t) => {
  const { port, line } = await start(t)
  const response = await post(t, port, '/page', 'Expect: miracles', 'Content-Length: 4')
  t.match(response, /^HTTP\/1\.1 417 [^]*<\/html>\n$/)
  await line({ msg: 'request', path: '/page', status: 417 })
})
