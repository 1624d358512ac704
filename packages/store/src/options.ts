import { ByteSize, Duration } from '@reliw/options'
import * as z from 'zod'
import { RedisOptions } from './redis/options.ts'

export const StoreOptions = z.strictObject({
  redis: RedisOptions.optional().describe(
    'Connection to Redis. Without it, the store is embedded: a directory.'
  ),
  dir: z
    .string()
    .min(1)
    .default('reliw-store')
    .describe(
      'Directory of the embedded store, created if missing; several processes may share it.'
    ),
  stale_if_error: Duration.prefault('5m').describe(
    'How long cached values may be served while the store cannot confirm them.'
  ),
  memory: ByteSize.optional().describe(
    'Maximum memory of cached values. Default: an eighth of the memory of the cgroup, or the machine, but at most a quarter of the maximum size of long-lived objects, and 128 MiB.'
  ),
  flush_interval: Duration.prefault('250ms').describe('Time between two writes of counters.')
})

/** Options as an operator writes them. */
export type StoreOptions = z.input<typeof StoreOptions>
/** Parsed options: durations in milliseconds, sizes in bytes. */
export type StoreSettings = z.output<typeof StoreOptions>
