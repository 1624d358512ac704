import { tapResponses } from '@reliw/http'
import { openRaw, rawRequest, startOrigin, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

interface Seen {
  status: number
  size: number
  isComplete: boolean | undefined
}

test('a tap sees every kind of response of the server once, with all of its bytes', async (t) => {
  const origin = await startOrigin(t, async (request, connection) => {
    await request.body
    const { target } = request
    if (target.endsWith('upgrade'))
      connection.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'
      )
    else if (target.endsWith('chunked'))
      connection.write(
        'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' +
          '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'
      )
    else if (target.endsWith('endless'))
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabcde')
    else connection.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde')
  })
  const seen: Seen[] = []
  const { port } = await startServer(
    t,
    {
      'API:a.example': [
        ['^/api', 'api'],
        ['^/', 'page']
      ],
      'API:a.example:api': { methods: { GET: true }, proxy: { target: origin.url } },
      'API:a.example:page': { methods: { GET: true } },
      'FILES:a.example:/page.md': { content: '# A page' },
      'FILES:a.example:/large.bin': { content: 'x'.repeat(3_000_000) }
    },
    { metrics: { health_path: '/health' } },
    (app) =>
      tapResponses(app, (_reply, { status }) => {
        const one: Seen = { status, size: 0, isComplete: undefined }
        seen.push(one)
        return {
          onPiece: (bytes) => void (one.size += bytes.length),
          onEnd: (isComplete) => void (one.isComplete = isComplete)
        }
      })
  )
  for (const [head, status] of [
    ['/page.md', 200],
    ['/page.md HTTP/1.1\r\nIf-None-Match: *', 304],
    ['/large.bin', 200],
    ['/large.bin HTTP/1.1\r\nRange: bytes=1-3', 206],
    ['/large.bin HTTP/1.1\r\nRange: bytes=1-3,7-9', 206],
    ['/large.bin HTTP/1.1\r\nRange: bytes=9999999-', 416],
    ['/absent', 404],
    ['/api/length', 200],
    ['/api/chunked', 200],
    ['/%', 400]
  ] as const) {
    const line = head.includes('HTTP/1.1') ? head : `${head} HTTP/1.1`
    const response = await rawRequest(
      port,
      `GET ${line}\r\nHost: a.example\r\nConnection: close\r\n\r\n`
    )
    const final = response.replace(/^HTTP\/1.1 103 .*?\r\n\r\n/s, '')
    t.match(final, `HTTP/1.1 ${status} `, head)
    const body = final.slice(final.indexOf('\r\n\r\n') + 4)
    const size = head === '/api/chunked' ? 5 : body.length
    t.strictSame(seen.splice(0), [{ status, size, isComplete: true }], head)
  }
  const client = openRaw(port)
  client.write(
    'GET /api/upgrade HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'
  )
  t.match(await client.read('\r\n\r\n'), 'HTTP/1.1 101 ')
  client.destroy()
  t.strictSame(seen.splice(0), [{ status: 101, size: 0, isComplete: true }])
  const leaving = openRaw(port)
  leaving.write('GET /api/endless HTTP/1.1\r\nHost: a.example\r\n\r\n')
  await leaving.read('abcde')
  leaving.destroy()
  await waitFor(() => seen[0]?.isComplete === false, 'the end of the response')
})
