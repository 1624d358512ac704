import { ByteSize, Duration } from '@reliw/options'
import * as z from 'zod'
import { RedisOptions } from './redis/options.ts'

export const StoreOptions = z.strictObject({
  redis: RedisOptions.optional().describe('Use Redis. Without it the store is a directory.'),
  dir: z
    .string()
    .min(1)
    .default('reliw-store')
    .describe(
      'Directory of the embedded store, made when missing; several processes may share it.'
    ),
  stale_if_error: Duration.prefault('5m').describe(
    'How long kept values may be served while the store cannot confirm them.'
  ),
  memory: ByteSize.optional().describe(
    'How much may be kept in memory, in bytes. Default: an eighth of the memory of the cgroup, or the machine; at most a quarter of what long-lived objects may take, and 128 MiB.'
  ),
  flush_interval: Duration.prefault('250ms').describe('How often counters are written.')
})

/** What a user writes. */
export type StoreOptions = z.input<typeof StoreOptions>
/** What the store runs on: durations in milliseconds, sizes in bytes. */
export type StoreSettings = z.output<typeof StoreOptions>
