import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { portOf, respond, startOrigin, tempDir, waitFor, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import type { Config } from '../src/index.ts'
import { curl, noCurl } from './curl.ts'
import { type Server, startServer } from './start-server.ts'

/** What fails otherwise waits for this long, in seconds: until the test has timed out. */
const FOREVER = '600'
const options = { skip: noCurl }

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

/** A server whose site answers with the digest of what was sent. */
async function start(t: TestContext, config: Config = {}): Promise<Server> {
  const origin = createServer((request, response) => {
    const hash = createHash('sha256')
    request.on('data', (chunk: Buffer) => hash.update(chunk))
    request.on('end', () => response.end(hash.digest('hex')))
  })
  await once(origin.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => origin.close().closeAllConnections())
  const target = `127.0.0.1:${portOf(origin)}`
  return startServer(t, { 'PROXY:a.example': { target } }, config)
}

test('an upload of unknown length is streamed to the origin', options, async (t) => {
  const origin = await startOrigin(t, respond('done'))
  const { port } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const { input, outcome } = curl(t, port, '/', '-T', '-', '-H', 'Expect:')
  input.write('the first part')
  const request = await waitFor(() => origin.requests[0], 'the request')
  await waitFor(() => request.bodyLength === 14, 'the first part')
  input.end(', and the rest')
  t.match(await outcome, { code: 0, stdout: 'done' })
  t.equal(request.method, 'PUT')
  t.equal(request.header('transfer-encoding'), 'chunked')
  t.equal(String(await request.body), 'the first part, and the rest')
})

test('a large upload arrives as it was sent', options, async (t) => {
  const { port } = await start(t, { max_body_size: '50MiB' })
  const file = join(tempDir(t), 'large')
  const content = randomBytes(50 * 1024 * 1024)
  writeFileSync(file, content)
  for (const args of [
    ['--data-binary', `@${file}`],
    ['-T', file, '-H', 'Transfer-Encoding: chunked']
  ]) {
    t.match(await curl(t, port, '/', ...args).outcome, { code: 0, stdout: sha256(content) })
  }
})

test('a client that waits for 100 Continue gets it from the server itself', options, async (t) => {
  const origin = await startOrigin(t, respond('done'))
  const { port } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const args = ['-v', '--expect100-timeout', FOREVER, '-H', 'Expect: 100-continue', '-d', 'body']
  const { code, stdout, stderr } = await curl(t, port, '/', ...args).outcome
  t.match({ code, stdout }, { code: 0, stdout: 'done' })
  t.match(stderr, '< HTTP/1.1 100 Continue')
  t.equal(origin.requests[0]?.header('expect'), undefined)
})

for (const [what, args] of Object.entries({
  'that says its length': ['-H', 'Expect:'],
  'of unknown length': ['-H', 'Expect:', '-H', 'Transfer-Encoding: chunked'],
  'that waits': ['-H', 'Expect: 100-continue', '--expect100-timeout', FOREVER]
})) {
  test(`too large an upload ${what} is refused so that curl sees it`, options, async (t) => {
    const { port, line } = await start(t, { max_body_size: 1_000_000 })
    const file = join(tempDir(t), 'large')
    writeFileSync(file, Buffer.alloc(5_000_000))
    const all = ['--data-binary', `@${file}`, '-w', '%{http_code}', '-o', '/dev/null', ...args]
    t.match(await curl(t, port, '/', ...all).outcome, { code: 0, stdout: '413' })
    t.match(await line({ status: 413 }), { path: '/', method: 'POST', aborted: undefined })
  })
}

test("the limit of an upstream takes precedence over the server's", options, async (t) => {
  const server = await start(t, { max_body_size: 10 })
  const origin = await startOrigin(t, respond('done'))
  await server.set('PROXY:a.example', { target: origin.url, max_body_size: 20 })
  for (const [length, status] of [
    [20, '200'],
    [21, '413']
  ] as const) {
    const args = ['-d', 'x'.repeat(length), '-w', '%{http_code}', '-o', '/dev/null']
    t.match(await curl(t, server.port, '/', ...args).outcome, { code: 0, stdout: status })
  }
})

test('HEAD has the headers of GET, and no body', options, async (t) => {
  const origin = await startOrigin(t, respond('twelve bytes', { etag: '"1"' }))
  const { port, line } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const { code, stdout } = await curl(t, port, '/', '-I').outcome
  t.equal(code, 0)
  t.match(stdout, /^HTTP\/1\.1 200 .*\r\ncontent-length: 12\r\netag: "1"\r\n[^]*\r\n\r\n$/i)
  t.match(await line({ method: 'HEAD' }), { status: 200, size: 0 })
})

test('a client of HTTP/1.0 gets a response without chunks', options, async (t) => {
  const origin = await startOrigin(t, (_request, connection) => {
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    connection.write('5\r\nhello\r\n0\r\n\r\n')
  })
  const { port } = await startServer(t, { 'PROXY:a.example': { target: origin.url } })
  const { code, stdout } = await curl(t, port, '/', '--http1.0', '-i').outcome
  t.equal(code, 0)
  t.match(stdout, /\r\n\r\nhello$/)
  t.notMatch(stdout, /transfer-encoding/i)
  t.equal(origin.requests[0]?.header('via')?.startsWith('1.0 '), true)
})
