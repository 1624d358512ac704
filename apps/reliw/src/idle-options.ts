import { isPublished } from '@reliw/limits/trusted-proxies'
import { idleMethods } from '@reliw/model'
import type { Config } from './config.ts'

/**
 * The options of a config that have no effect, each with the reason, such as `store.dir: no effect beside "redis"`. A
 * server with such a config starts; `reliw check` reports them as validation issues.
 */
export function idleOptions(input: Config): string[] {
  const { redis, store, metrics, tls_handshake_timeout, rate_limits: policies = [] } = input
  const found = [
    tls_handshake_timeout !== undefined &&
      'tls_handshake_timeout: no effect: TLS is not available yet',
    ...['proxy_protocol', 'client_ip_header'].map(
      (key) =>
        (input.trusted_proxies ?? []).length === 0 &&
        input[key as keyof Config] !== undefined &&
        `${key}: no effect without "trusted_proxies"`
    ),
    input.trusted_proxies_file !== undefined &&
      !input.trusted_proxies?.some(isPublished) &&
      'trusted_proxies_file: no effect without "cloudflare" in "trusted_proxies"',
    redis !== undefined && store?.dir !== undefined && 'store.dir: no effect beside "redis"',
    metrics?.disabled === true &&
      metrics.health_path !== undefined &&
      'metrics.health_path: no effect beside "disabled": true'
  ]
  return [
    ...found.filter((line) => line !== false),
    ...policies.flatMap((policy, at) => idleMethods(policy, `rate_limits[${at}]`)),
    ...idleConcurrency(input),
    ...idleOfRedis(redis ?? {})
  ]
}

/** One host cannot have more concurrent requests than all hosts together. */
function idleConcurrency({
  fork_limit,
  max_concurrent_requests: max = fork_limit,
  max_concurrent_per_host: ofHost
}: Config): string[] {
  if (ofHost === undefined || max === undefined || ofHost < max) return []
  const all = fork_limit === undefined ? 'max_concurrent_requests' : 'fork_limit'
  return [`max_concurrent_per_host: no effect: "${all}" already limits all requests to ${max}`]
}

function idleOfRedis(redis: NonNullable<Config['redis']>): string[] {
  const { sentinels, cluster, host, port, db, name, sentinel_auth, ssl } = redis
  const { cert, key } = typeof ssl === 'object' ? ssl : {}
  const several = sentinels === undefined ? 'cluster' : 'sentinels'
  const isSeveral = sentinels !== undefined || cluster !== undefined
  const found = [
    isSeveral && host !== undefined && `redis.host: no effect beside "${several}"`,
    isSeveral && port !== undefined && `redis.port: no effect beside "${several}"`,
    cluster !== undefined && db !== undefined && 'redis.db: no effect: a cluster has only 0',
    sentinels === undefined && name !== undefined && 'redis.name: no effect without "sentinels"',
    sentinels === undefined &&
      sentinel_auth !== undefined &&
      'redis.sentinel_auth: no effect without "sentinels"',
    cert !== undefined && key === undefined && 'redis.ssl.cert: no effect without "key"',
    key !== undefined && cert === undefined && 'redis.ssl.key: no effect without "cert"'
  ]
  return found.filter((line) => line !== false)
}
