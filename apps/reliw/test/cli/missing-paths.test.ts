// A flood of paths that are not there, against a process with little memory.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { createWorkplace } from './run-cli.ts'

const CLI = resolve(import.meta.dirname, '../../src/cli.ts')
const MIB = 2 ** 20
/** As many as ended such a process when 128 MiB were kept whatever memory there was. */
const REQUESTS = 6000
/** Requests of a connection, all sent at once. */
const AT_ONCE = 100

interface SmallServer {
  pid: number
  port: number
  exitCode: () => number | null
}

/** A server with a heap of 64 MB, and defaults for all else, but that a busy machine is no pressure. */
async function startSmall(t: Test): Promise<SmallServer> {
  const place = createWorkplace(t, { pressure: { max_event_loop_delay: 0 } })
  mkdirSync(join(place.dir, 'www', 'a.example'), { recursive: true })
  writeFileSync(join(place.dir, 'www', 'a.example', 'there.txt'), 'there')
  await place.reliw('set', 'API:a.example', '[["^/", "x"]]')
  await place.reliw('set', 'API:a.example:x', '{"methods": {"GET": true}, "try_extensions": true}')
  const args = ['--max-old-space-size=64', '--conditions=@reliw/source', CLI, 'serve']
  const child = spawn(process.execPath, args, {
    cwd: place.dir,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => child.kill('SIGKILL'))
  const port = new Promise<number>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      // The last line is cut where the process is ended.
      if (!line.includes('"started"')) return
      const { msg, urls = [] } = JSON.parse(line) as { msg: string; urls?: string[] }
      if (msg === 'started') resolve(Number(new URL(urls[0] ?? '').port))
    })
  })
  return { pid: Number(child.pid), port: await port, exitCode: () => child.exitCode }
}

/** Asks for paths, each another, and counts the responses that are 404. */
async function flood({ port }: SmallServer, from: number, count: number): Promise<number> {
  let found = 0
  for (let n = from; n < from + count; n += AT_ONCE) {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    const paths = Array.from(
      { length: AT_ONCE },
      (_, at) => `/${'a-long-path/'.repeat(100)}${n + at}`
    )
    socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: a.example\r\n\r\n`).join(''))
    socket.write('GET / HTTP/1.1\r\nhost: none\r\nconnection: close\r\n\r\n')
    await once(socket, 'close')
    found += text.match(/HTTP\/1\.1 404 /g)?.length ?? 0
  }
  return found
}

t.test('6,000 long missing paths leave a small process alive, with bounded memory', async (t) => {
  const server = await startSmall(t)
  let unserved = 0
  let peak = 0
  const state = { isOver: false }
  const watch = async (): Promise<void> => {
    while (!state.isOver) {
      const { status } = await statusOf(server.port)
      if (status !== 200) unserved++
      peak = Math.max(peak, memoryOf(server))
    }
  }
  const watching = watch()
  const clients = 4
  const counts = await Promise.all(
    Array.from({ length: clients }, async (_, at) =>
      flood(server, at * (REQUESTS / clients), REQUESTS / clients)
    )
  )
  state.isOver = true
  await watching
  t.equal(server.exitCode(), null, 'it lives')
  const connections = REQUESTS / AT_ONCE
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    REQUESTS + connections
  )
  t.equal(unserved, 0)
  t.ok(peak < 256 * MIB, `${Math.round(peak / MIB)} MiB`)
})

/** Bytes that only the end of the process would free: mapped files count in a container only while there is room. */
function memoryOf({ pid }: SmallServer): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

async function statusOf(port: number): Promise<{ status: number }> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.write('GET /there.txt HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n')
  await once(socket, 'close')
  return { status: Number(/^HTTP\/1\.1 (\d+) /.exec(text)?.[1]) }
}
