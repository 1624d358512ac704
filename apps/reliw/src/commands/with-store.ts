import { openStore, type Store } from '@reliw/store'
import { type LoadedConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'

/** How long a command waits for Redis, in milliseconds. */
const PATIENCE = 5000

/**
 * Opens the configured store for one command.
 *
 * @throws UsageError when it does not answer
 */
export async function withStore<T>(
  { input, file }: LoadedConfig,
  act: (store: Store) => Promise<T>
): Promise<T> {
  const store = openStore({ ...input.store, redis: input.redis })
  try {
    if (!(await store.ready(PATIENCE))) {
      const { host, port } = { host: '127.0.0.1', port: 6379, ...input.redis }
      throw new UsageError(`Redis does not answer (${file ?? 'defaults'}: ${host}:${port}).`)
    }
    return await act(store)
  } finally {
    await store.close()
  }
}
