import type { Config } from './config.ts'

/**
 * What a config says without effect, each with the reason, as in `store.dir: no effect beside "redis"`. A server
 * with such a config starts; `reliw check` calls it a mistake.
 */
export function idleOptions({ redis, store, metrics, tls_handshake_timeout }: Config): string[] {
  const found = [
    tls_handshake_timeout !== undefined &&
      'tls_handshake_timeout: no effect: TLS is not available yet',
    redis !== undefined && store?.dir !== undefined && 'store.dir: no effect beside "redis"',
    metrics?.disabled === true &&
      metrics.health_path !== undefined &&
      'metrics.health_path: no effect beside "disabled": true'
  ]
  return [...found.filter((line) => line !== false), ...idleOfRedis(redis ?? {})]
}

function idleOfRedis(redis: NonNullable<Config['redis']>): string[] {
  const { sentinels, cluster, host, port, db, name, sentinel_auth } = redis
  const several = sentinels === undefined ? 'cluster' : 'sentinels'
  const isSeveral = sentinels !== undefined || cluster !== undefined
  const found = [
    isSeveral && host !== undefined && `redis.host: no effect beside "${several}"`,
    isSeveral && port !== undefined && `redis.port: no effect beside "${several}"`,
    cluster !== undefined && db !== undefined && 'redis.db: no effect: a cluster has only 0',
    sentinels === undefined && name !== undefined && 'redis.name: no effect without "sentinels"',
    sentinels === undefined &&
      sentinel_auth !== undefined &&
      'redis.sentinel_auth: no effect without "sentinels"'
  ]
  return found.filter((line) => line !== false)
}
