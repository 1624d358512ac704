import { resolve } from 'node:path'
import type { Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import type { LoadedConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'
import { describeRedis } from './describe-redis.ts'

/** A Redis has this many times `redis.timeout` to connect, to log in and to announce changes. */
const STEPS = 3

/**
 * Opens the configured store for one command. If Redis is not available, this fails at the first failed connection to
 * it; with Sentinel or Cluster, where other nodes may respond, after three times `redis.timeout`.
 *
 * @throws UsageError when the store is not available
 */
export async function withStore<T>(
  { input, settings, file, dir }: LoadedConfig,
  act: (store: Store) => Promise<T>
): Promise<T> {
  const { redis } = settings
  const causes = new Set<string>()
  const failed = Promise.withResolvers<false>()
  const warn = (fields: object): void => {
    causes.add(causeOf(fields))
    if (!redis?.sentinels && !redis?.cluster) failed.resolve(false)
  }
  const store = await openStore(
    { ...input.store, dir: resolve(dir, settings.store.dir), redis: input.redis },
    { info: ignore, error: ignore, warn },
    { probesDisk: true }
  )
  try {
    if (redis && !(await Promise.race([store.ready(STEPS * redis.timeout), failed.promise]))) {
      const reasons = causes.size === 0 ? 'no response' : [...causes].join('; ')
      throw new UsageError(`${file}: ${describeRedis(redis)} is not available: ${reasons}`)
    }
    return await act(store)
  } finally {
    await store.close()
  }
}

function ignore(): void {
  // Log lines of the store are dropped: a command reports its result.
}

/** The cause in a log line; without the pause, in which alone those of several attempts may differ. */
function causeOf({ store }: { store?: { cause?: string } }): string {
  return store?.cause?.replace(/^Error: | Retrying from scratch after \d+ms\./g, '') ?? ''
}
