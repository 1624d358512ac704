import type { RedisServer } from './redis-server.ts'
import { startRedis } from './start-redis.ts'
import type { TestContext } from './test-context.ts'
import { waitFor } from './wait-for.ts'

export interface RedisClusterOptions {
  /** Replicas of each master. Default 0. */
  replicas?: number
}

export interface RedisCluster {
  /** The three masters, then the replicas: one of each master, and so on. */
  nodes: RedisServer[]
  /** For `new Cluster(startupNodes)`: the masters. */
  startupNodes: { host: string; port: number }[]
  stop: () => Promise<void>
}

const MASTERS = 3
const SLOTS = 16_384
const TIMEOUT_MS = 30_000

/**
 * Starts a real Redis Cluster of three masters that serve all slots, and resolves when every node
 * says so. Redis itself waits two seconds before it does.
 */
export async function startCluster(
  t: TestContext,
  { replicas = 0 }: RedisClusterOptions = {}
): Promise<RedisCluster> {
  const count = MASTERS * (1 + replicas)
  const args = ['--cluster-node-timeout', '2000']
  const nodes = await Promise.all(
    Array.from({ length: count }, () => startRedis(t, { cluster: true, args }))
  )
  const masters = nodes.slice(0, MASTERS)
  await Promise.all(masters.map(assignSlots))
  await introduce(nodes)
  await Promise.all(nodes.slice(MASTERS).map((node, n) => follow(node, masters[n % MASTERS])))
  await Promise.all(
    nodes.map((node) => waitFor(() => isComplete(node, count), 'the cluster', TIMEOUT_MS))
  )
  return {
    nodes,
    startupNodes: masters.map(({ host, port }) => ({ host, port })),
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop())))
  }
}

async function assignSlots(node: RedisServer, index: number): Promise<void> {
  const first = Math.floor((SLOTS * index) / MASTERS)
  const last = Math.floor((SLOTS * (index + 1)) / MASTERS) - 1
  await node.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  await node.command('CLUSTER', 'ADDSLOTSRANGE', first, last)
}

/** Everybody meets everybody: faster than waiting for gossip. */
async function introduce(nodes: RedisServer[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    for (const other of nodes.slice(index + 1)) {
      await node.command('CLUSTER', 'MEET', other.host, other.port, other.busPort)
    }
  }
}

async function follow(replica: RedisServer, master?: RedisServer): Promise<void> {
  const id = String(await master?.command('CLUSTER', 'MYID'))
  // Refused for as long as the replica has not heard of the master.
  await waitFor(() => replica.command('CLUSTER', 'REPLICATE', id), 'the master', TIMEOUT_MS)
}

async function isComplete(node: RedisServer, count: number): Promise<boolean> {
  const cluster = String(await node.command('CLUSTER', 'INFO'))
  const replication = String(await node.command('INFO', 'replication'))
  return (
    cluster.includes('cluster_state:ok') &&
    cluster.includes(`cluster_known_nodes:${count}\r`) &&
    !replication.includes('master_link_status:down')
  )
}
