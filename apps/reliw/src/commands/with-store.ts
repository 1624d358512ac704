import { resolve } from 'node:path'
import type { Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import { type LoadedConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'

/** Longest wait for Redis, in milliseconds. */
const PATIENCE = 3000

/**
 * Opens the configured store for one command.
 *
 * @throws UsageError when the store is not available
 */
export async function withStore<T>(
  { input, settings, file, dir }: LoadedConfig,
  act: (store: Store) => Promise<T>
): Promise<T> {
  const causes: string[] = []
  const store = await openStore(
    { ...input.store, dir: resolve(dir, settings.store.dir), redis: input.redis },
    { info: ignore, error: ignore, warn: (fields) => causes.push(causeOf(fields)) },
    { probesDisk: true }
  )
  try {
    if (!(await store.ready(PATIENCE))) {
      const { host, port } = { host: '127.0.0.1', port: 6379, ...input.redis }
      const reasons = causes.length === 0 ? '.' : `: ${causes.join('; ')}`
      throw new UsageError(`Redis (${file ?? 'defaults'}: ${host}:${port}) is not usable${reasons}`)
    }
    return await act(store)
  } finally {
    await store.close()
  }
}

function ignore(): void {
  // Log lines of the store are dropped: a command reports its result.
}

function causeOf(fields: { store?: { cause?: string } }): string {
  return fields.store?.cause ?? ''
}
