// Requests of a pipeline for a large file, more than a client may get at once.

import { readdirSync, readFileSync, truncateSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openRaw, waitFor } from '@reliw/testing'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

const MIB = 2 ** 20
const GET = 'GET /big.bin HTTP/1.1\r\nhost: a.example\r\n\r\n'

function memoryOf(pid: number): number {
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

const onLinux = process.platform === 'linux' ? {} : { skip: 'needs /proc' }

t.test(
  '2,000 pipelined requests for a large file cost no more than their connections',
  onLinux,
  async (t) => {
    const place = createWorkplace(t)
    mkdirSync(join(place.dir, 'www', 'a.example'), { recursive: true })
    const file = join(place.dir, 'www', 'a.example', 'big.bin')
    writeFileSync(file, '')
    truncateSync(file, 64 * MIB)
    await place.reliw('set', 'API:a.example', '[["^/", "x"]]')
    await place.reliw('set', 'API:a.example:x', '{"methods": {"GET": true}}')
    const served = await place.serve()
    const pid = Number(served.child.pid)
    const timesOpen = (): number => readdirSync(`/proc/${pid}/fd`).length
    const first = openRaw(served.port)
    first.write(GET.replace('GET', 'HEAD'))
    t.match(await first.read('\r\n\r\n'), /^HTTP\/1.1 200 /)
    const [memory, files] = [memoryOf(pid), timesOpen()]
    const clients = Array.from({ length: 4 }, () => openRaw(served.port))
    for (const client of clients) {
      client.write(GET.repeat(500))
      await client.read('\r\n\r\n')
      client.socket.pause()
    }
    let [mostMemory, mostFiles] = [0, 0]
    for (let look = 0; look < 20; look++) {
      first.write(GET.replace('GET', 'HEAD'))
      t.match(await first.read('\r\n\r\n'), /^HTTP\/1.1 200 /, 'others are served')
      mostMemory = Math.max(mostMemory, memoryOf(pid) - memory)
      mostFiles = Math.max(mostFiles, timesOpen() - files)
    }
    t.ok(mostMemory < 100 * MIB, `${mostMemory / MIB} MiB`)
    t.ok(mostFiles < 40, `${mostFiles} descriptors`)
    for (const client of clients) client.destroy()
    await waitFor(() => timesOpen() <= files + 2, 'the files to be closed')
    first.destroy()
    t.equal(await served.stop(), 0)
  }
)
