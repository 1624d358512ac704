import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { StoreOptions } from '@reliw/store'
import { startRedis, tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'

/** What a peer has to request, and how often. */
export interface Order {
  method: 'GET' | 'POST' | 'PUT'
  host: string
  times: number
}

/** What came of it. */
export interface Asked {
  served: number
  refused: number
  /** Uses that the peer counted by itself, because the store took too long. */
  late: number
}

const PEER = new URL('rates-peer.ts', import.meta.url)
/** What `rates-peer.ts` allows, and how often each of two peers asks. */
const LIMIT = 20
const TIMES = 100
/** The machine may be too busy for the store to count in time. */
const ROUNDS = 20

async function startPeer(t: Test, options: StoreOptions): Promise<ChildProcess> {
  const child = fork(PEER, [JSON.stringify(options)], { execArgv: ['--conditions=@reliw/source'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}

async function sendOrder(peer: ChildProcess, order: Order): Promise<Asked> {
  peer.send(order)
  const [asked] = (await once(peer, 'message')) as [Asked]
  return asked
}

/** Both request a new site at once, until the store counted all of it. */
async function askBoth(peers: ChildProcess[], method: Order['method']): Promise<Asked[]> {
  for (let round = 0; round < ROUNDS; round++) {
    const order: Order = { method, host: `${method.toLowerCase()}-${round}.example`, times: TIMES }
    const asked = await Promise.all(peers.map((peer) => sendOrder(peer, order)))
    if (asked.every(({ late }) => late === 0)) return asked
  }
  throw new Error('the store was always late')
}

async function share(t: Test, options: StoreOptions): Promise<void> {
  const peers = await Promise.all([startPeer(t, options), startPeer(t, options)])
  for (const [method, what] of [
    ['GET', 'an entry’s limit'],
    ['POST', 'a steady rate'],
    ['PUT', 'a sliding window']
  ] as const) {
    const asked = await askBoth(peers, method)
    const sum = (key: keyof Asked): number => asked.reduce((all, one) => all + one[key], 0)
    t.equal(sum('served'), LIMIT, `${what}: ${asked.map(({ served }) => served).join(' and ')}`)
    t.equal(sum('refused'), 2 * TIMES - LIMIT)
  }
}

t.test('two servers share one budget exactly, in a directory', async (t) => {
  await share(t, { dir: tempDir(t) })
})

t.test('two servers share one budget exactly, in Redis', async (t) => {
  const { host, port } = await startRedis(t)
  await share(t, { redis: { host, port } })
})
