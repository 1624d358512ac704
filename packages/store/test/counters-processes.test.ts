import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Store } from '@reliw/model'
import { startRedis, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import type { StoreOptions } from '../src/index.ts'
import { openFor } from './contract.ts'

const peer = new URL('counting-peer.ts', import.meta.url)

interface Counting {
  child: ChildProcess
  /** What it had counted in all, each time it began a write. */
  totals: () => number[]
}

/** Starts another process that counts, and waits until it has written a few times. */
async function startCounting(t: Test, options: StoreOptions, key: string): Promise<Counting> {
  const child = fork(peer, [JSON.stringify(options), key], {
    execArgv: ['--conditions=@reliw/source'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc']
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const totals = (): number[] => said.split('\n').slice(0, -1).map(Number)
  await waitFor(() => totals().length >= 5, 'its writes')
  return { child, totals }
}

async function stored(store: Store, key: string): Promise<number> {
  return Number(await store.driver.hashField(key, 'n'))
}

async function losesLittle(t: Test, options: StoreOptions): Promise<void> {
  const store = await openFor(t, options)
  const keys = ['a', 'b', 'c'].map((host) => store.keys.metrics(host, 'total'))
  await Promise.all(
    keys.map(async (key) => {
      const { child, totals } = await startCounting(t, options, key)
      child.kill('SIGKILL')
      await once(child, 'close')
      const expected = totals().slice(-2)
      const found = await stored(store, key)
      t.ok(expected.includes(found), `${found} is one of ${expected.join(', ')}`)
    })
  )
}

async function losesNothing(t: Test, options: StoreOptions): Promise<void> {
  const store = await openFor(t, options)
  const key = store.keys.metrics('closed.example', 'total')
  const { child, totals } = await startCounting(t, options, key)
  child.send('end')
  await once(child, 'close')
  t.equal(child.exitCode, 0)
  t.equal(await stored(store, key), totals().at(-1))
}

t.test('a process that is killed loses its last interval at most', async (t) => {
  await t.test('in a directory', async (t) => losesLittle(t, { dir: tempDir(t) }))
  await t.test('in Redis', async (t) => {
    const { host, port } = await startRedis(t)
    await losesLittle(t, { redis: { host, port } })
  })
})

t.test('a process that closes its store loses nothing', async (t) => {
  await t.test('in a directory', async (t) => losesNothing(t, { dir: tempDir(t) }))
  await t.test('in Redis', async (t) => {
    const { host, port } = await startRedis(t)
    await losesNothing(t, { redis: { host, port } })
  })
})
