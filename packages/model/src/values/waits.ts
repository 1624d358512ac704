import { Duration } from '@reliw/options'
import * as z from 'zod'

/** Longest duration in milliseconds: 24 days, slightly less than a timer's maximum. */
export const LONGEST_WAIT = 24 * 86_400_000

const TIMEOUT = 'expected more than 0, and at most "24d"'

/** A duration of at most 24 days; 0 is allowed. */
export const Pause = Duration.pipe(z.int().max(LONGEST_WAIT, 'expected at most "24d"'))
/** A duration of more than 0 and at most 24 days. */
export const Timeout = Duration.pipe(z.int().min(1, TIMEOUT).max(LONGEST_WAIT, TIMEOUT))
