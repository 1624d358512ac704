/**
 * How long a test waits before it counts as hung, in milliseconds. Nothing is expected of this time: a machine with much
 * else to do is slow, and no test may fail for that. A whole file has as long as `.taprc` says.
 */
export const HUNG_AFTER = 120_000
