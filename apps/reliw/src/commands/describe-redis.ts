import { isIPv6 } from 'node:net'
import type { Settings } from '../config.ts'

type RedisSettings = NonNullable<Settings['redis']>

/** Names a Redis by its URL, or by its sentinels or cluster nodes; without credentials. */
export function describeRedis({
  cluster,
  sentinels,
  ssl,
  name,
  db,
  ...address
}: RedisSettings): string {
  if (cluster) return `Redis Cluster (${cluster.map(nameOf).join(', ')})`
  if (sentinels) return `Redis ${name} of Sentinel (${sentinels.map(nameOf).join(', ')})`
  return `Redis (${ssl ? 'rediss' : 'redis'}://${nameOf(address)}/${db})`
}

function nameOf({ host, port }: { host: string; port: number }): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`
}
