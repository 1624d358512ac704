import { join } from 'node:path'
import { tempDir, type RedisServer } from '@reliw/testing'
import type { Group } from '../../harness/groups.ts'
import type { LeftOut, Peer } from '../../harness/peer.ts'
import { NO_REDIS } from '../../harness/redis.ts'
import { writeSites } from '../../harness/sites.ts'
import { fastifyRateLimit } from '../../peers/fastify-rate-limit.ts'
import { reliw } from '../../peers/reliw.ts'
import { logIn } from './log-in.ts'
import { LIMIT, protectedSite, type Protection } from './protected-site.ts'

type Variant = Protection & { name: string }

/** What is measured. The first of each group is the base. */
const EMBEDDED: readonly Variant[] = [
  { name: 'plain' },
  { name: 'policy in the process', count: 'process' },
  { name: 'session', session: true },
  { name: 'policy in the process, session', count: 'process', session: true },
  { name: 'policy in the store', count: 'store' }
]
const ON_REDIS: readonly Variant[] = [
  { name: 'plain on Redis' },
  { name: 'policy in Redis', count: 'store' },
  { name: 'policy in Redis, session', count: 'store', session: true }
]

/** All servers, with the sites that they serve in their stores. */
export async function groupsOf(body: Buffer, redis: RedisServer | undefined): Promise<Group[]> {
  const embedded = EMBEDDED.map((variant) => onEmbedded(body, variant))
  const onRedis = ON_REDIS.map((variant) => onPrefix(body, variant, redis))
  return [
    { title: 'Embedded store', peers: await Promise.all(embedded) },
    { title: 'Redis', peers: await Promise.all(onRedis) },
    { title: 'For information: @fastify/rate-limit', peers: fastifyPeers(body, redis) }
  ]
}

async function onEmbedded(body: Buffer, variant: Variant): Promise<Peer> {
  const store = { dir: join(tempDir(), 'store') }
  await writeSites(store, [protectedSite(body, variant)])
  return peerOf(variant, { store })
}

/** One Redis has all sites, each under a prefix of its own. */
async function onPrefix(
  body: Buffer,
  variant: Variant,
  server: RedisServer | undefined
): Promise<Peer | LeftOut> {
  if (server === undefined) return { name: variant.name, reason: NO_REDIS }
  const prefix = variant.name.replaceAll(/\W+/g, '-')
  const redis = { host: server.host, port: server.port, prefix }
  await writeSites({ redis }, [protectedSite(body, variant)])
  return peerOf(variant, { redis })
}

function peerOf({ name, session }: Variant, sites: Parameters<typeof reliw>[1]): Peer {
  const peer = reliw(name, { ...sites, data_dir: tempDir() })
  return session === true ? { ...peer, enter: logIn } : peer
}

function fastifyPeers(body: Buffer, redis: RedisServer | undefined): (Peer | LeftOut)[] {
  const name = '@fastify/rate-limit'
  const shared = `${name} on Redis`
  return [
    fastifyRateLimit('fastify', body),
    fastifyRateLimit(name, body, { max: LIMIT }),
    redis === undefined
      ? { name: shared, reason: NO_REDIS }
      : fastifyRateLimit(shared, body, { max: LIMIT, redis: redis.port })
  ]
}
