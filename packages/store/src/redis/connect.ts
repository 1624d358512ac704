import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import {
  Cluster,
  Redis,
  type RedisOptions as ConnectOptions,
  type SentinelConnectionOptions
} from 'ioredis'
import type { RedisSettings } from './options.ts'

/** ioredis' options, with replies in the format of RESP2. */
type PlainOptions = ConnectOptions & { replyMapping: 'legacy' }

/** How long ioredis waits for a connection to close, even for one that has never opened, in milliseconds. */
const DISCONNECT_TIMEOUT = 100
/** Longest pause between two connection attempts, in milliseconds. */
const MAX_PAUSE = 1000

/**
 * Options of every connection: it fails fast, so that a request never waits for an unavailable Redis, and it reconnects
 * forever. RESP2, because ioredis drops the push messages of RESP3.
 */
export function connectOptions(settings: RedisSettings): PlainOptions {
  return {
    protocol: 2,
    replyMapping: 'legacy',
    lazyConnect: true,
    connectTimeout: settings.timeout,
    commandTimeout: settings.timeout,
    disconnectTimeout: DISCONNECT_TIMEOUT,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    db: settings.cluster ? 0 : settings.db,
    retryStrategy: pauseBefore,
    ...login(settings.auth),
    ...(settings.ssl === false ? {} : { tls: tlsOptions(settings) })
  }
}

/** A connection to the server that takes writes: the standalone server, or the master that Sentinel names. */
export function connectSingle(settings: RedisSettings): Redis {
  const options = connectOptions(settings)
  if (!settings.sentinels)
    return new Redis({ ...options, host: settings.host, port: settings.port })
  const sentinel = login(settings.sentinel_auth)
  const addresses: Partial<SentinelConnectionOptions> = {
    sentinels: settings.sentinels,
    name: settings.name,
    role: 'master',
    failoverDetector: true,
    sentinelRetryStrategy: pauseBefore,
    ...(sentinel.username === undefined ? {} : { sentinelUsername: sentinel.username }),
    ...(sentinel.password === undefined ? {} : { sentinelPassword: sentinel.password })
  }
  return new Redis({ ...options, ...addresses } as PlainOptions)
}

export function connectCluster(settings: RedisSettings): Cluster {
  const { retryStrategy: _, lazyConnect: __, ...redisOptions } = connectOptions(settings)
  return new Cluster(settings.cluster ?? [], {
    lazyConnect: true,
    redisOptions,
    enableOfflineQueue: false,
    clusterRetryStrategy: pauseBefore,
    slotsRefreshTimeout: settings.timeout,
    slotsRefreshInterval: 5000,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    maxRedirections: 4,
    scaleReads: 'master'
  })
}

function pauseBefore(attempt: number): number {
  return Math.min(25 * 2 ** Math.min(attempt, 6), MAX_PAUSE)
}

function login(auth: RedisSettings['auth']): { username?: string; password?: string } {
  if (auth === undefined) return {}
  if (typeof auth === 'string') return { password: auth }
  return auth.user === undefined
    ? { password: auth.pass }
    : { username: auth.user, password: auth.pass }
}

function tlsOptions({ ssl, host }: RedisSettings): ConnectionOptions {
  if (typeof ssl === 'boolean') return { servername: host }
  return {
    ...(ssl.ca === undefined ? {} : { ca: readFileSync(ssl.ca) }),
    ...(ssl.cert === undefined ? {} : { cert: readFileSync(ssl.cert) }),
    ...(ssl.key === undefined ? {} : { key: readFileSync(ssl.key) }),
    ...(ssl.servername === undefined ? {} : { servername: ssl.servername })
  }
}
