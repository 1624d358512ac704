import { ByteSize, Duration } from '@reliw/options'
import * as z from 'zod'

/**
 * Bounds of the interval, in milliseconds. Below, the mean event loop delay rests on too few samples; above, relief
 * comes too late.
 */
const SHORTEST = 100
const LONGEST = 60_000

export const PressureOptions = z.strictObject({
  enabled: z
    .boolean()
    .prefault(true)
    .describe('Whether the process compares its usage of resources with its limits.'),
  interval: Duration.refine((ms) => ms >= SHORTEST && ms <= LONGEST, 'expected 100ms to 1m')
    .prefault('1s')
    .describe('Time between two checks, "100ms" to "1m".'),
  max_event_loop_delay: Duration.prefault('1s').describe(
    'Maximum mean delay of work that is due, over an interval; 0: unlimited.'
  ),
  max_event_loop_utilization: z
    .number()
    .min(0)
    .max(1)
    .prefault(0)
    .describe(
      'Maximum share of an interval in which the event loop is busy; 0: unlimited, because a busy server may be healthy.'
    ),
  max_heap: ByteSize.optional().describe(
    'Maximum size of long-lived JavaScript objects; 0: unlimited. Default: the size at which V8 ends the process.'
  ),
  max_rss: ByteSize.optional().describe(
    'Maximum memory of this process, mapped files not counted; 0: unlimited. Default: the limit of its cgroup, or the memory of the machine if that is less.'
  ),
  max_open_files: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Maximum number of open sockets and files; 0: unlimited. Default: the soft limit (ulimit -n).'
    )
})

/** The options as an operator writes them. */
export type PressureOptions = z.input<typeof PressureOptions>
