import { once } from 'node:events'
import { fork, type ChildProcess } from 'node:child_process'
import { tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openFor } from './contract.ts'

const peer = new URL('peer.ts', import.meta.url)

/** Another process on the same directory; it does what it is told and answers when it is done. */
async function startPeer(t: Test, dir: string): Promise<ChildProcess> {
  const child = fork(peer, [dir], { execArgv: ['--conditions=@reliw/source'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}

async function tell(child: ChildProcess, order: object): Promise<void> {
  child.send(order)
  await once(child, 'message')
}

t.test('a value written by another process is read by the next request', async (t) => {
  const dir = tempDir(t)
  const store = await openFor(t, { dir })
  const child = await startPeer(t, dir)
  for (let n = 0; n < 50; n++) {
    const value = JSON.stringify([['/', `entry${n}`, true]])
    await tell(child, { set: [store.keys.routes('a.example'), value] })
    t.equal((await store.sites.routes('a.example'))?.match('/'), `entry${n}`)
  }
})

t.test('counters of several processes are exact', async (t) => {
  const dir = tempDir(t)
  const store = await openFor(t, { dir })
  const children = await Promise.all([startPeer(t, dir), startPeer(t, dir), startPeer(t, dir)])
  await Promise.all(children.map((child) => tell(child, { count: ['RLW:METRICS:a:total', 500] })))
  t.equal(String(await store.driver.hashField('RLW:METRICS:a:total', 'n')), '1500')
})

t.test('a process that is killed while it writes harms nobody', async (t) => {
  const dir = tempDir(t)
  const store = await openFor(t, { dir })
  for (let round = 0; round < 3; round++) {
    const child = await startPeer(t, dir)
    child.send({ storm: 'RLW:DATA:a.example:x' })
    await waitFor(() => store.driver.get('RLW:DATA:a.example:x'), 'its first write')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await store.driver.write([{ op: 'set', key: 'RLW:DATA:a.example:y', value: `${round}` }])
    t.equal(String(await store.driver.get('RLW:DATA:a.example:y')), `${round}`)
    await store.driver.write([{ op: 'delete', key: 'RLW:DATA:a.example:x' }])
  }
})

t.test('messages reach other processes', async (t) => {
  const dir = tempDir(t)
  const store = await openFor(t, { dir })
  const child = await startPeer(t, dir)
  const heard: string[] = []
  await store.driver.subscribe('RLW:CTL', (message) => heard.push(message))
  await tell(child, { publish: ['RLW:CTL', 'hello'] })
  await waitFor(() => heard.includes('hello'), 'the message')
  t.pass()
})

t.test(
  'a process that missed more changes than the history holds suspects all cached values',
  async (t) => {
    const dir = tempDir(t)
    const store = await openFor(t, { dir })
    await store.sites.routes('a.example')
    const child = await startPeer(t, dir)
    const { epoch } = { epoch: store.statistics.invalidations }
    await tell(child, { churn: 1500 })
    await tell(child, { set: [store.keys.routes('a.example'), '[["/", "late", true]]'] })
    t.equal((await store.sites.routes('a.example'))?.match('/'), 'late')
    t.ok(store.statistics.invalidations >= epoch)
  }
)
