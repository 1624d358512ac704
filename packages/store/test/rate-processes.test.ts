import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Take } from '@reliw/model'
import { startRedis, tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import type { StoreOptions } from '../src/index.ts'

const peer = new URL('rate-peer.ts', import.meta.url)

async function startPeer(t: Test, options: StoreOptions): Promise<ChildProcess> {
  const child = fork(peer, [JSON.stringify(options)], { execArgv: ['--conditions=@reliw/source'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}

async function allowedBy(child: ChildProcess, take: Take, times: number): Promise<number> {
  child.send({ take, times })
  const [allowed] = await once(child, 'message')
  return Number(allowed)
}

async function share(t: Test, options: StoreOptions): Promise<void> {
  const children = await Promise.all([startPeer(t, options), startPeer(t, options)])
  for (const algorithm of ['fixed', 'sliding', 'gcra'] as const) {
    const key = `RLW:LIMITS:a:${algorithm}`
    const take: Take = { key, algorithm, limit: 100, period: 86_400_000 }
    const counts = await Promise.all(children.map((child) => allowedBy(child, take, 400)))
    t.equal(counts[0]! + counts[1]!, 100, `${algorithm}: ${counts.join(' and ')}`)
  }
}

t.test('two processes share one budget exactly, in a directory', async (t) => {
  await share(t, { dir: tempDir(t) })
})

t.test('two processes share one budget exactly, in Redis', async (t) => {
  const { host, port } = await startRedis(t)
  await share(t, { redis: { host, port } })
})
