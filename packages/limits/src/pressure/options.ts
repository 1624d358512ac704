import { ByteSize, Duration } from '@reliw/options'
import * as z from 'zod'

/** Shorter, and the delay of the event loop is a mean of few; longer, and help comes too late. */
const SHORTEST = 100
const LONGEST = 60_000

export const PressureOptions = z.strictObject({
  enabled: z
    .boolean()
    .prefault(true)
    .describe('Whether the process looks at what it uses of its limits.'),
  interval: Duration.refine((ms) => ms >= SHORTEST && ms <= LONGEST, 'expected 100ms to 1m')
    .prefault('1s')
    .describe('How often it looks, "100ms" to "1m".'),
  max_event_loop_delay: Duration.prefault('1s').describe(
    'The mean time, over an interval, that whatever is due may wait for its turn; 0 for any.'
  ),
  max_event_loop_utilization: z
    .number()
    .min(0)
    .max(1)
    .prefault(0)
    .describe(
      'The part of an interval that may be spent at work. 0 for all of it: a busy server is well.'
    ),
  max_heap: ByteSize.optional().describe(
    'How much memory long-lived JavaScript objects may take; 0 for any. Default: what V8 ends at.'
  ),
  max_rss: ByteSize.optional().describe(
    'How much memory this process may take, mapped files not counted; 0 for any. Default: the ' +
      'limit of its cgroup, or the memory of the machine if that is less.'
  ),
  max_open_files: z
    .int()
    .min(0)
    .optional()
    .describe(
      'How many sockets and files may be open; 0 for any. Default: the soft limit (ulimit -n).'
    )
})

/** What a user writes. */
export type PressureOptions = z.input<typeof PressureOptions>
