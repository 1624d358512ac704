import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectHttp2, createSecureServer, type ServerHttp2Session } from 'node:http2'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createCertificate, portOf, type TestContext } from '@reliw/testing'
import { test } from 'tap'

const PROXY = join(import.meta.dirname, 'stalled-memory.ts')
const CLIENTS = 4
/** For each client, with a share of the blocks that are kept for others; in bytes. It was 46 MB. */
const ALLOWED = 2 * 1024 * 1024
/** In megabytes. */
const HEAP = 56

/** Bytes that the process holds, and that it has read. */
interface Told {
  held: number
  read: number
}

interface Proxy {
  port: number
  tell: () => Promise<Told>
}

/** Starts a proxy in a process of its own. It ends with the test. */
async function startProxy(t: TestContext, target: string, isHttp2 = false): Promise<Proxy> {
  const execArgv = ['--conditions=@reliw/source', '--expose-gc', `--max-old-space-size=${HEAP}`]
  const child = fork(PROXY, [target, isHttp2 ? 'http2' : ''], { execArgv })
  t.teardown(() => child.kill('SIGKILL'))
  const { port } = await message<{ port: number }>(child)
  const tell = async (): Promise<Told> => {
    child.send('tell')
    return message<Told>(child)
  }
  return { port, tell }
}

async function message<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController()
  const onExit = (code: number | null): void =>
    ended.abort(new Error(`the proxy has ended: ${String(code)}`))
  child.once('exit', onExit)
  try {
    const [told] = (await once(child, 'message', { signal: ended.signal })) as [T]
    return told
  } finally {
    child.off('exit', onExit)
  }
}

/** Writes the same bytes again and again, as fast as they are taken. */
function pour(socket: Socket, bytes: Buffer): void {
  const write = (): void => {
    while (socket.writable && socket.write(bytes));
  }
  socket.on('error', () => undefined).on('drain', write)
  write()
}

/** Waits until the proxy reads no more, and returns what it holds for each client then. */
async function stalled(proxy: Proxy, { held: before }: Told): Promise<number> {
  let [last, still] = [-1, 0]
  let least = Infinity
  while (still < 3) {
    const { held, read } = await proxy.tell()
    still = read === last ? still + 1 : 0
    // Some of what is garbage is counted for a while.
    least = Math.min(still === 0 ? Infinity : least, held)
    last = read
  }
  return (least - before) / CLIENTS
}

async function listen(t: TestContext, onConnection: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    onConnection(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${portOf(server)}`
}

/** Clients that send these bytes and read nothing. */
function openClients(t: TestContext, port: number, request: string): Socket[] {
  return Array.from({ length: CLIENTS }, () => {
    const socket = connect(port, '127.0.0.1').pause()
    socket.on('error', () => undefined).write(request)
    t.teardown(() => socket.destroy())
    return socket
  })
}

const CHUNKS = Buffer.from('1\r\nx\r\n'.repeat(10_000))

// HTTP/2, since its windows are small: the kernel takes megabytes for a client of HTTP/1 first.

test('clients that do not read hold little memory: chunks of one byte', async (t) => {
  let origins = 0
  const target = await listen(t, (socket) => {
    socket.resume().write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    origins++
    pour(socket, CHUNKS)
  })
  const proxy = await startProxy(t, target, true)
  const before = await proxy.tell()
  const session = connectHttp2(`http://127.0.0.1:${proxy.port}`)
  t.teardown(() => session.destroy())
  session.on('error', () => undefined)
  for (let at = 0; at < CLIENTS; at++)
    session.request({ ':path': '/', ':authority': 'shop.test' }).pause()
  const each = await stalled(proxy, before)
  t.equal(origins, CLIENTS)
  t.ok(each < ALLOWED, `${Math.round(each / 1024)} KiB for each client`)
})

test('origins that do not read hold little memory: uploads in chunks of one byte', async (t) => {
  const settings = { initialWindowSize: 1024 }
  const certificate = await createCertificate(['localhost'])
  const server = createSecureServer({ ...certificate, settings })
  let streams = 0
  server.on('stream', (stream) => {
    streams++
    stream.on('error', () => undefined)
  })
  const sessions: ServerHttp2Session[] = []
  server.on('session', (session) => void sessions.push(session))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  const proxy = await startProxy(t, `https://127.0.0.1:${portOf(server)}`)
  const before = await proxy.tell()
  const head = 'POST / HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n'
  for (const socket of openClients(t, proxy.port, head)) pour(socket, CHUNKS)
  const each = await stalled(proxy, before)
  t.equal(streams, CLIENTS)
  t.ok(each < ALLOWED, `${Math.round(each / 1024)} KiB for each client`)
})
