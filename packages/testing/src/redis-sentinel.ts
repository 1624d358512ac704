import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOST, launch, type RedisServer } from './redis-server.ts'
import { startRedis } from './start-redis.ts'
import { tempDir } from './temp-dir.ts'
import type { TestContext } from './test-context.ts'
import { waitFor } from './wait-for.ts'

export interface RedisSentinelOptions {
  /** How many sentinels watch; any one of them may decide. Default 1. */
  sentinels?: number
}

export interface RedisSentinel {
  /** The name under which the sentinels know the master. */
  name: string
  /** The master and the replica as they were at the start. */
  master: RedisServer
  replica: RedisServer
  /** For `new Redis({ sentinels, name })`. */
  sentinels: { host: string; port: number }[]
  /**
   * Makes the other server the master; resolves when every sentinel names it. The old one still
   * takes itself for a master until they tell it otherwise, which takes them up to ten seconds.
   */
  failover: () => Promise<void>
  stop: () => Promise<void>
}

const NAME = 'reliw'
const TIMEOUT_MS = 30_000

/**
 * Starts a master, its replica and sentinels that take a silent master for dead after 500 ms.
 * Resolves when a failover is possible.
 */
export async function startSentinel(
  t: TestContext,
  { sentinels: count = 1 }: RedisSentinelOptions = {}
): Promise<RedisSentinel> {
  const master = await startRedis(t)
  const replica = await startRedis(t, { args: ['--replicaof', HOST, `${master.port}`] })
  await waitFor(() => isLinked(replica), 'the replica', TIMEOUT_MS)
  const watchers = await Promise.all(Array.from({ length: count }, () => watch(t, master)))
  await Promise.all(
    watchers.map((watcher) => waitFor(() => isReady(watcher, count), 'the sentinels', TIMEOUT_MS))
  )
  return {
    name: NAME,
    master,
    replica,
    sentinels: watchers.map(({ host, port }) => ({ host, port })),
    failover: () => failOver(watchers),
    stop: async () => {
      await Promise.all([...watchers, replica, master].map((server) => server.stop()))
    }
  }
}

function watch(t: TestContext, master: RedisServer): Promise<RedisServer> {
  const dir = tempDir(t)
  return launch(t, (port) => {
    const config = [
      `port ${port}`,
      `bind ${HOST}`,
      `sentinel monitor ${NAME} ${HOST} ${master.port} 1`,
      `sentinel down-after-milliseconds ${NAME} 500`,
      `sentinel failover-timeout ${NAME} 2000`
    ]
    // Sentinels insist on a file that they can rewrite.
    writeFileSync(join(dir, 'sentinel.conf'), `${config.join('\n')}\n`)
    return { port, dir, args: ['sentinel.conf', '--sentinel'] }
  })
}

async function failOver(watchers: RedisServer[]): Promise<void> {
  const [first] = watchers
  if (first === undefined) throw new Error('there is no sentinel')
  const before = await masterPort(first)
  // Refused for as long as the replica is not known to be a good one.
  await waitFor(() => first.command('SENTINEL', 'FAILOVER', NAME), 'the failover', TIMEOUT_MS)
  for (const watcher of watchers) {
    const hasSwitched = async (): Promise<boolean> => (await masterPort(watcher)) !== before
    await waitFor(hasSwitched, 'the new master', TIMEOUT_MS)
  }
}

async function masterPort(watcher: RedisServer): Promise<number> {
  const address = await watcher.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)
  return Array.isArray(address) ? Number(address[1]) : 0
}

async function isLinked(replica: RedisServer): Promise<boolean> {
  return String(await replica.command('INFO', 'replication')).includes('master_link_status:up')
}

async function isReady(watcher: RedisServer, count: number): Promise<boolean> {
  const info = String(await watcher.command('INFO', 'sentinel'))
  return info.includes(`slaves=1,sentinels=${count}`)
}
