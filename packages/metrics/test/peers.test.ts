import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { rawRequest, type TestContext } from '@reliw/testing'
import t from 'tap'
import type { Family } from '../src/index.ts'
import { requestOf, startMetered } from './metered-app.ts'

const file = new URL('peer.ts', import.meta.url)

interface Peer {
  child: ChildProcess
  port: number
  /** Asks it over IPC. */
  snapshot: () => Promise<readonly Family[]>
}

async function startPeer(t: TestContext): Promise<Peer> {
  const child = fork(file, { execArgv: ['--conditions=@reliw/source'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    child,
    port,
    async snapshot() {
      const response = once(child, 'message') as Promise<[{ snapshot: Family[] }]>
      child.send('snapshot')
      return (await response)[0].snapshot
    }
  }
}

t.test('several processes are one scrape', { timeout: 30_000 }, async (t) => {
  const peers = [await startPeer(t), await startPeer(t)]
  const { send, scrapeWhen, url } = await startMetered(t, {
    is_site: () => true,
    version: '1',
    peers: async () => Promise.all(peers.map(({ snapshot }) => snapshot()))
  })
  await send()
  for (const [at, { port }] of peers.entries()) {
    for (let n = 0; n <= at; n++) await rawRequest(port, requestOf({ host: 'a.example' }))
    await rawRequest(port, requestOf({ host: `b${at}.example` }))
  }
  const name = 'reliw_request_duration_seconds_count'
  const read = await scrapeWhen((read) => read.value(name) === 6)
  t.strictSame(read.labels(name, 'host'), ['a.example', 'b0.example', 'b1.example'])
  t.equal(read.value(name, { host: 'a.example' }), 4)
  t.equal(read.samples(name, { host: 'a.example' }).length, 1, 'one series')
  t.equal(read.value('reliw_processes'), 3)
  t.equal(read.value('reliw_build_info', { version: '1' }), 1)
  t.equal(read.value('reliw_ready'), 1)
  t.equal(read.value('reliw_connections_accepted_total'), 6)
  t.ok(
    (read.value('process_resident_memory_bytes') ?? 0) > 1.5 * process.memoryUsage().rss,
    'the memory of all'
  )
  t.equal(read.samples('nodejs_version_info').length, 1)
  t.equal(read.value('nodejs_version_info'), 1)
  const status = (await (await fetch(`${url}/status`)).json()) as { workers: number }
  t.equal(status.workers, 3)
})

t.test('processes that are gone, or never respond, leave the others their values', async (t) => {
  const never = new Promise<never>(() => undefined)
  for (const [what, peers] of [
    ['gone', async () => Promise.reject(new Error('gone'))],
    ['hanging', () => never],
    [
      'throwing',
      () => {
        throw new Error('thrown')
      }
    ]
  ] as const) {
    await t.test(what, async (t) => {
      const { app, scrape, url } = await startMetered(t, { is_site: () => true, peers })
      const [first, status] = await Promise.all([scrape(), fetch(`${url}/status`)])
      t.equal(first.value('reliw_processes'), 1)
      t.equal(((await status.json()) as { workers: number }).workers, 1)
      const own = await app.metrics.snapshot()
      const failures = own.find(({ name }) => name === 'reliw_metrics_failures_total')
      t.strictSame(failures?.samples, [['', 1]], 'and that is told')
    })
  }
})
