import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readlinkSync, renameSync, truncateSync, unlinkSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { openRaw, waitFor } from '@reliw/testing'
import t from 'tap'
import { HOST, startSite } from './start-site.ts'

const MiB = 1024 * 1024
const SIZE = 200 * MiB
const GET = `GET /large.bin HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`

/** How often a file is open in this process. */
function timesOpen(file: string): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return targets.filter((target) => target.startsWith(file)).length
}

for (const raw of [true, false]) {
  t.test(`a file above cache_max_size is served like any other (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw, cache_max_size: 1000 })
    const content = Uint8Array.from({ length: MiB }, (_, at) => at % 251)
    const file = site.write('large.bin', Buffer.from(content))
    const whole = await site.get('/large.bin')
    t.equal(whole.status, 200)
    t.equal(sha(whole.bytes), sha(Buffer.from(content)))
    const etag = String(whole.headers.etag)
    t.match(etag, /^"[0-9a-f]{64}"$/)
    const conditional = (name: string, value = etag) =>
      site.get('/large.bin', { headers: { [name]: value } })
    t.equal((await conditional('if-none-match')).status, 304)
    const date = String(whole.headers['last-modified'])
    t.equal((await conditional('if-modified-since', date)).status, 304)
    t.equal((await conditional('if-match', '"other"')).status, 412)
    const head = await site.get('/large.bin', { method: 'HEAD' })
    t.match(head, { status: 200, text: '', headers: { 'content-length': String(MiB), etag } })
    const same = { method: 'HEAD', headers: { 'if-none-match': etag } }
    t.match(await site.get('/large.bin', same), { status: 304, text: '', headers: { etag } })
    const part = await site.get('/large.bin', { headers: { range: 'bytes=500000-999999' } })
    t.match(part, { status: 206, headers: { 'content-range': `bytes 500000-999999/${MiB}` } })
    t.equal(sha(part.bytes), sha(Buffer.from(content.subarray(500_000, 1_000_000))))
    const beyond = await site.get('/large.bin', { headers: { range: `bytes=${MiB}-` } })
    t.match(beyond, { status: 416, headers: { 'content-range': `bytes */${MiB}` } })
    const older = { range: 'bytes=0-9', 'if-range': '"other"' }
    t.equal((await site.get('/large.bin', { headers: older })).status, 200)
    renameSync(site.write('new.bin', Buffer.alloc(2000, 1)), file)
    const replaced = await site.get('/large.bin')
    t.same(replaced.bytes, Buffer.alloc(2000, 1))
    t.not(replaced.headers.etag, etag)
    unlinkSync(file)
    t.equal((await site.get('/large.bin')).status, 404)
    t.equal(timesOpen(file), 0)
  })
}

t.test('a file that was replaced unnoticed is resolved again before it is served', async (t) => {
  const site = await startSite(t, { cache_max_size: 10 })
  const file = site.write('large.bin', 'the first content')
  t.equal((await site.get('/large.bin')).status, 200)
  // In one turn of the event loop no notice can arrive between the change and the response.
  const pending = site.app.inject({ url: '/large.bin', headers: { host: HOST } })
  renameSync(site.write('new.bin', 'another content'), file)
  t.equal((await pending).body, 'another content')
  const last = site.app.inject({ url: '/large.bin', headers: { host: HOST } })
  unlinkSync(file)
  t.equal((await last).statusCode, 404)
})

/** Reads in a process of its own, with a pause after each chunk, and prints how much there was. */
const SLOW_READER = `
  const socket = require('node:net').connect(+process.argv[1], '127.0.0.1')
  let size = 0
  socket.write(process.argv[2])
  socket.on('data', ({ length }) => {
    size += length
    socket.pause()
    setTimeout(() => socket.resume(), size % 8 === 0 ? 1 : 0)
  })
  socket.on('end', () => console.log(size))
`

t.test('a slow reader costs a file handle and two buffers, not the file', async (t) => {
  const site = await startSite(t)
  const file = site.write('large.bin', '')
  truncateSync(file, SIZE)
  await site.get('/large.bin', { method: 'HEAD' })
  const before = process.memoryUsage().rss
  const request = GET.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')
  const reader = spawn(process.execPath, ['-e', SLOW_READER, `${site.port}`, request])
  t.teardown(() => reader.kill('SIGKILL'))
  const received = text(reader.stdout)
  let peak = 0
  await waitFor(
    () => {
      peak = Math.max(peak, process.memoryUsage().rss)
      return reader.exitCode !== null
    },
    'the reader',
    40_000
  )
  t.ok(Number(await received) > SIZE)
  t.ok(peak - before < 40 * MiB, `${(peak - before) / MiB} MiB`)
  t.equal(timesOpen(file), 0)
})

t.test('the file is closed when the client leaves', async (t) => {
  const site = await startSite(t)
  const file = site.write('large.bin', '')
  truncateSync(file, SIZE)
  const clients = Array.from({ length: 5 }, () => openRaw(site.port))
  for (const client of clients) {
    client.write(GET)
    await client.read('\r\n\r\n')
    client.socket.pause()
  }
  await waitFor(() => timesOpen(file) === 5, 'the file to be open')
  for (const client of clients) client.destroy()
  await waitFor(() => timesOpen(file) === 0, 'the file to be closed')
  t.equal((await site.get('/large.bin', { method: 'HEAD' })).status, 200)
})

t.test('a file that is truncated while it is sent breaks the connection', async (t) => {
  const site = await startSite(t)
  const file = site.write('large.bin', '')
  truncateSync(file, SIZE)
  const client = openRaw(site.port)
  client.write(GET)
  t.match(await client.read('\r\n\r\n'), `content-length: ${SIZE}`)
  client.socket.pause()
  truncateSync(file, 10 * MiB)
  client.socket.resume()
  const rest = await client.readToEnd()
  t.ok(rest.length < SIZE)
  await waitFor(() => timesOpen(file) === 0, 'the file to be closed')
  t.equal(
    (await site.get('/large.bin', { method: 'HEAD' })).headers['content-length'],
    `${10 * MiB}`
  )
})

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
